using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Shared;

/// <summary>The sweep that chaos disturbs, in a folder and a store of its own: real training, short enough for several rounds a minute.</summary>
/// <param name="program">Starts <c>repro</c> as it is shipped.</param>
/// <param name="folder">For runs, study and, without a server, the store; made by the caller.</param>
/// <param name="postgres">Address of an empty database; null is SQLite.</param>
internal sealed class ChaosSweep(IReadOnlyList<string> program, string folder, string? postgres = null)
{
    public const int Trials = 4;

    /// <summary>After which the others take over from a host that says nothing; a busy machine keeps a host from its work for a good part of it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private const string Sweep = "chaos";

    // As many on one core as on many: slots are part of the conditions under which bits are the same.
    private static readonly int Slots = Math.Min(2, Environment.ProcessorCount);

    // Kills count as crashes of the run, and here there may be many; a study in earnest allows two.
    private const string Study =
        """
        experiment: resnet
        profile: smoke
        parameters:
          learning_rate: log:1e-3..1e-1
          steps: {role: fixed, value: 240}
        objective: {metric: validation_error, direction: minimize}
        budget: {trials: 4}
        retries: {crash: 1000}
        """;

    public string Folder => folder;

    public string RunsFolder => Path.Combine(folder, "runs");

    /// <summary>Marks its processes.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("N");

    public bool IsShared => postgres is not null;

    private string Address => postgres ?? $"sqlite:{Database}";

    private string Database => Path.Combine(folder, "sweeps.db");

    /// <summary>Starts a host: of a new sweep, or of this one where it has begun.</summary>
    public SweepProcess Start()
    {
        var study = Path.Combine(folder, "chaos.yaml");
        if (!File.Exists(study)) File.WriteAllText(study, Study);
        string[] words = HasBegun() ? ["resume", Sweep] : ["sweep", study, "--name", Sweep, "--seed", "7", "--skip-checks"];
        return new SweepProcess(
            [.. program, .. words, "--json", "--slots", $"{Slots}", "--device", "cpu", "--checkpoint-every", "0.2", "--lease", $"{Lease.TotalSeconds}", "--runs", RunsFolder, "--store", Address], Mark);
    }

    /// <summary>Whether every trial of the budget is completed.</summary>
    public bool IsDone() => Read((_, events) => events.OfType<RunCompleted>().Count() == Trials, otherwise: false);

    /// <summary>How it stands, with the files of its runs.</summary>
    public ChaosRecord Record() => Read((store, events) => new ChaosRecord(events, run => store.Metrics(Sweep, run), Path.Combine(RunsFolder, Sweep)), new ChaosRecord([], _ => [], ""));

    private bool HasBegun() => Read((_, events) => events.Count > 0, otherwise: false);

    private T Read<T>(Func<ISweepStore, IReadOnlyList<SweepEvent>, T> read, T otherwise)
    {
        if (postgres is null && !File.Exists(Database)) return otherwise;
        using ISweepStore store = postgres is { } address ? new PostgresStore(address) : new SqliteStore(Database);
        return read(store, store.Read(Sweep));
    }
}
