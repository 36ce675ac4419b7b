using Repro.Results.Stores;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>A sweep in memory, with a clock that stands until it is set, and as many hosts as a test wants.</summary>
internal sealed class SweepFixture
{
    private static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public SweepFixture(Study? study = null, bool paper = false)
    {
        Study = study ?? Search();
        Store = new MemoryStore(Time);
        Person = new Coordinator(Store, "sweep", Study, host: null, Time);
        Person.Decide(d =>
        {
            d.Create(seed: 7, paper ? Configuration.Parse("rate=0.1") : null);
            return 0;
        });
    }

    public Study Study { get; }

    public Clock Time { get; } = new(Day);

    public MemoryStore Store { get; }

    public Coordinator Person { get; }

    public SweepState State => Person.Refresh();

    /// <summary>A host with a lease of ten seconds.</summary>
    public Coordinator Host(string name)
    {
        Store.Renew("sweep", name, TimeSpan.FromSeconds(10));
        return new Coordinator(Store, "sweep", Study, name, Time);
    }

    public static Study Search(int trials = 4, string pruner = "none", int seeds = 1, RetryLimits? retries = null) => new()
    {
        Experiment = "net", Profile = "sweep", Space = new SearchSpace([CompactForm.Parse("rate=log:0.001..1")]), Pruner = pruner, Rungs = (1, 64),
        Objective = new Objective("loss", ObjectiveDirection.Minimize), Trials = trials, Seeds = seeds, Retries = retries ?? new RetryLimits(),
    };

    public static Dictionary<string, double> Loss(double value) => new() { ["loss"] = value };

    internal sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
