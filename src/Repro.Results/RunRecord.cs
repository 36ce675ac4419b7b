using System.Text.Json.Serialization;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results;

/// <summary>Everything that is stored of a run but the bulk data (checkpoints, predictions), as read from its folder.</summary>
public sealed record RunRecord
{
    public required string Id { get; init; }

    public required string Experiment { get; init; }

    public required string Profile { get; init; }

    /// <summary>Every option by name, as text that reads back as the same value; in the experiment's order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Options { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The one command that does this run again.</summary>
    public required string Command { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required RunState State { get; init; }

    /// <summary>The newest attempt ended without a word: its process was killed, or the machine went down. The state is then <see cref="RunState.Failed"/>.</summary>
    public bool Interrupted { get; init; }

    /// <summary>The state as people and programs read it: <c>completed</c>, <c>failed</c>; <c>interrupted</c> where no error ended the run.</summary>
    public string StateWord => Interrupted ? "interrupted" : State.ToString().ToLowerInvariant();

    /// <summary>In order; more than one where the run was resumed.</summary>
    public required IReadOnlyList<RunAttempt> Attempts { get; init; }

    /// <summary>Ordered by step, then name.</summary>
    public required IReadOnlyList<MetricPoint> Metrics { get; init; }

    /// <summary>Final metrics by name; empty unless completed.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>What the recipe's checks found before the first step; empty where the run was started without them.</summary>
    public IReadOnlyList<RecordedCheck> Checks { get; init; } = [];

    public string? Failure { get; init; }

    /// <summary>Of what class that is; null where it did not fail, or was not recorded.</summary>
    public FailureClass? FailureClass { get; init; }

    /// <summary>Share of training time spent waiting for data, 0 to 1; null until the run ended.</summary>
    public double? WaitingShare { get; init; }

    /// <summary>Training time of all attempts together.</summary>
    public TimeSpan Trained { get; init; }

    /// <summary>Full path of the run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Full path of the folder with its predictions: the run's own, and of a sweep's run the newest attempt's.</summary>
    public string PredictionFolder { get => field ?? Folder; init; }

    /// <summary>It computed test for a sweep, and nothing of that may be shown: <see cref="TestSeal"/>.</summary>
    public bool TestIsSealed { get; private init; }

    /// <summary>The record without anything of the test split, which its files may have all the same.</summary>
    public RunRecord Seal() => this with
    {
        TestIsSealed = true,
        Metrics = [.. Metrics.Where(point => !TestSeal.Covers(point.Name))],
        Scores = Scores.Where(score => !TestSeal.Covers(score.Key)).ToDictionary(),
        Messages = [.. Messages.Where(message => !TestSeal.CoversWords(message))],
    };
}

/// <summary>One try at a run.</summary>
/// <param name="Number">From 1.</param>
/// <param name="ResumedFrom">Step of the checkpoint it went on from; null where it began anew.</param>
/// <param name="SameConditions">
/// False where a condition of <see cref="RunEnvironment.DifferencesFrom"/> (engine, its build, CPU capability, BLAS, threads, device, GPU, the program's build)
/// differs from the attempt that wrote the checkpoint it went on from, see <see cref="WriterOf"/>: identical bits are then not promised. True where it
/// began anew.
/// </param>
/// <param name="Checkpoints">Those recorded, in order of their steps.</param>
public sealed record RunAttempt(
    int Number, DateTimeOffset Started, long? ResumedFrom, bool SameConditions, RunEnvironment Environment, IReadOnlyList<RecordedCheckpoint> Checkpoints)
{
    /// <summary>What differs from the attempt that wrote the checkpoint, as <c>threads 2 -> 4</c>; empty where <see cref="SameConditions"/>.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>
    /// The newest attempt of <paramref name="earlier"/> that recorded a checkpoint at <paramref name="step"/>: attempts after it that recorded none left
    /// nothing behind. Null where none did, as for a null step.
    /// </summary>
    public static RunAttempt? WriterOf(IEnumerable<RunAttempt> earlier, long? step) =>
        earlier.LastOrDefault(attempt => attempt.Checkpoints.Any(checkpoint => checkpoint.Step == step));
}

/// <summary>What a check of the recipe found.</summary>
/// <param name="Value">What was measured; NaN where the answer is no number.</param>
/// <param name="Verdict">passed, look, not_applicable; never failed: such a run is not started.</param>
public sealed record RecordedCheck(string Name, string Question, double Value, string Expected, string Verdict, string Detail);

/// <param name="File">Relative to the run's folder.</param>
/// <param name="Sha256">As the checkpoint file states it.</param>
public sealed record RecordedCheckpoint(long Step, string File, string Sha256, long Bytes);

/// <summary>The conditions under which an attempt executed.</summary>
public sealed record RunEnvironment
{
    /// <summary>Full hash, or null outside a git checkout.</summary>
    public string? Commit { get; init; }

    /// <summary>The working tree differed from the commit; the difference itself is in <c>attempt-n/dirty.diff</c>.</summary>
    public bool Dirty { get; init; }

    /// <summary>What computes: <c>Repro.Torch over libtorch 1.13.1</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>Hash over the shim and libtorch's libraries' build identifiers.</summary>
    public required string EngineBuild { get; init; }

    /// <summary>The instruction set that libtorch chose: AVX2, AVX512.</summary>
    public required string CpuCapability { get; init; }

    public required string Blas { get; init; }

    /// <summary>Model of the processor.</summary>
    public required string Cpu { get; init; }

    /// <summary>Logical processors that the process may use.</summary>
    public int Cores { get; init; }

    /// <summary>Memory of the machine, or of the container where that is less.</summary>
    public long MemoryBytes { get; init; }

    public required string Device { get; init; }

    /// <summary>Name and driver; null without one.</summary>
    public string? Gpu { get; init; }

    public required int Threads { get; init; }

    public required string OperatingSystem { get; init; }

    public required string DotNet { get; init; }

    /// <summary>Hash over the program's own assemblies: equal for equal code, built in the same place.</summary>
    public string Program { get; init; } = "";

    /// <summary>The word of <see cref="DifferencesFrom"/> for another <see cref="Program"/>: then not only last digits may differ.</summary>
    public const string AnotherProgram = "another build of this program";

    /// <summary>Library to version.</summary>
    public IReadOnlyDictionary<string, string> Packages { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<DataSetUsed> DataSets { get; init; } = [];

    /// <summary>Largest resident memory of the process, which in a sweep may have trained other runs before; 0 until the attempt ended.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>
    /// What differs from <paramref name="before"/> among the conditions under which equal bits are promised, as <c>threads 2 -> 4</c>; empty where
    /// nothing does.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(RunEnvironment before)
    {
        var differences = new List<string>();
        Compare("engine", before.Engine, Engine);
        if (before.Engine == Engine && before.EngineBuild != EngineBuild) differences.Add("another build of the engine");
        Compare("CPU capability", before.CpuCapability, CpuCapability);
        Compare("BLAS", before.Blas, Blas);
        Compare("threads", before.Threads.ToString(), Threads.ToString());
        Compare("device", before.Device, Device);
        if (Device != "cpu") Compare("GPU", before.Gpu ?? "none", Gpu ?? "none");
        if (before.Program != Program) differences.Add(AnotherProgram);
        return differences;

        void Compare(string name, string was, string now)
        {
            if (was != now) differences.Add($"{name} {was} -> {now}");
        }
    }
}

/// <summary>A data set that an attempt read, or what it was measured with.</summary>
/// <param name="Identity">Order-independent hash of the records: equal for a reshuffled copy.</param>
/// <param name="FileOrder">Hash of the records in the order of the files.</param>
/// <param name="Examples">Of a yardstick, those that it was made from.</param>
public sealed record DataSetUsed(string Name, string Identity, string FileOrder, int Examples)
{
    /// <summary>Recorded where it is no data set but what an evaluation measured with, such as a classifier whose features distances are of: nobody can fetch it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Yardstick { get; init; }

    /// <summary>Whether it is one. Records of before this was told apart have one hash in both places, and capitals in the name, which no data set has.</summary>
    [JsonIgnore]
    public bool IsYardstick => Yardstick || (Identity == FileOrder && Name.Any(char.IsAsciiLetterUpper));
}
