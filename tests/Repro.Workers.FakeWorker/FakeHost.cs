using System.Runtime.InteropServices;
using Repro.Results.Stores;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Workers.FakeWorker;

/// <summary>A host with fake workers.</summary>
public static class FakeHost
{
    public static string Program { get; } = typeof(FakeHost).Assembly.Location;

    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <param name="options">What all trials have, as <see cref="FakeOptions"/> reads it.</param>
    public static Study Study(string options = "steps=10", int trials = 4, int seeds = 1, string pruner = "none", string space = "offset=0..1", string sampler = "random", RetryLimits? retries = null, long most = 1_000_000) => new()
    {
        Experiment = "fake", Profile = "smoke", Fixed = Configuration.Parse(options), Space = new SearchSpace([CompactForm.Parse(space)]), Sampler = sampler,
        Pruner = pruner, Rungs = (2, most), Objective = new Objective("loss", ObjectiveDirection.Minimize), Trials = trials, Seeds = seeds,
        Retries = retries ?? new RetryLimits(),
    };

    public static IWorker StartWorker(Slot slot, Action<string> log) => WorkerProcess.Start([Dotnet, Program, "work"], slot.Environment, log);

    /// <summary>Trains the sweep's six trials, which begin here where they have not.</summary>
    public static async Task<int> Run(string store, string sweep, string folder, TextWriter output)
    {
        using var opened = new SqliteStore(store);
        var study = Study(KilledSweep, trials: 6);
        new Coordinator(opened, sweep, study, host: null, TimeProvider.System).Decide([decision => decision.Create(7, null)]);
        var settings = new HostSettings
        {
            Folder = folder, Slots = [new Slot("a", "cpu", null, 1), new Slot("b", "cpu", null, 1)], StartWorker = StartWorker, StoreLock = Path.Combine(folder, "lock-of-the-store"),
        };
        var said = new Lock();
        var outcome = await new LocalHost(opened, sweep, study, settings, Say).Run();
        return outcome.End == HostEnd.Finished ? 0 : 1;

        void Say(HostEvent happened)
        {
            lock (said)
            {
                output.WriteLine(happened.ToString());
                output.Flush();
            }
        }
    }

    /// <summary>Options of the sweep that is killed.</summary>
    public const string KilledSweep = "steps=40,checkpoint_every=7,points=3,fault=deaf,fault_at=20";
}
