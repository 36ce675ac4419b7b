using System.Globalization;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;

namespace Repro.Shared;

/// <summary>A sweep of real training, in a folder and a store of its own, executed by hosts that are processes.</summary>
/// <param name="program">Starts <c>repro</c> as it is shipped.</param>
/// <param name="folder">For runs, study and, without a server, the store; made by the caller.</param>
/// <param name="postgres">Address of an empty database; null is SQLite.</param>
internal sealed class LiveSweep(IReadOnlyList<string> program, string folder, string? postgres = null)
{
    public const int Trials = 4;

    private const string Sweep = "live";

    /// <summary>As many on one core as on many: slots are part of the conditions under which bits are the same.</summary>
    public static int Slots { get; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Of each trial; 200 take less than a second on an idle core.</summary>
    public long Steps { get; init; } = 200;

    /// <summary>Seconds between checkpoints of a run.</summary>
    public double CheckpointEvery { get; init; } = 0.2;

    /// <summary>After which the others take over from a host that says nothing; a busy machine keeps a host from its work for a good part of two seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Marks its processes.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("N");

    public bool IsShared => postgres is not null;

    private string Runs => Path.Combine(folder, "runs");

    private string Database => Path.Combine(folder, "sweeps.db");

    /// <summary>Starts a host: of a new sweep, or of this one where it has begun.</summary>
    public SweepProcess Start()
    {
        var study = Path.Combine(folder, "live.yaml");
        // Kills count as crashes of the run, and here there may be many; a study in earnest allows two.
        if (!File.Exists(study))
        {
            File.WriteAllText(
                study,
                $$"""
                experiment: resnet
                profile: smoke
                parameters:
                  learning_rate: log:1e-3..1e-1
                  steps: {role: fixed, value: {{Steps}}}
                objective: {metric: validation_error, direction: minimize}
                budget: {trials: {{Trials}}}
                retries: {crash: 1000}
                """);
        }
        string[] words = HasBegun() ? ["resume", Sweep] : ["sweep", study, "--name", Sweep, "--seed", "7", "--skip-checks"];
        return new SweepProcess(
            [
                .. program, .. words, "--json", "--slots", $"{Slots}", "--device", "cpu", "--checkpoint-every", CheckpointEvery.ToString(CultureInfo.InvariantCulture),
                "--lease", Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture), "--runs", Runs, "--store", postgres ?? $"sqlite:{Database}",
            ],
            Mark);
    }

    /// <summary>Whether every trial of the budget is completed.</summary>
    public bool IsDone() => Read((_, events) => events.OfType<RunCompleted>().Count() == Trials, otherwise: false);

    /// <summary>How it stands, with the files of its runs.</summary>
    public ChaosRecord Record() => Read((store, events) => new ChaosRecord(events, run => store.Metrics(Sweep, run), Path.Combine(Runs, Sweep)), new ChaosRecord([], _ => [], ""));

    private bool HasBegun() => Read((_, events) => events.Count > 0, otherwise: false);

    private T Read<T>(Func<ISweepStore, IReadOnlyList<SweepEvent>, T> read, T otherwise)
    {
        if (postgres is null && !File.Exists(Database)) return otherwise;
        using ISweepStore store = postgres is { } address ? new PostgresStore(address) : new SqliteStore(Database);
        return read(store, store.Read(Sweep));
    }
}
