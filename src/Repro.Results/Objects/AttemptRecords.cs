using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Objects;

/// <summary>
/// What an attempt leaves beside its checkpoints, as objects beside theirs: under what it ran, its predictions and samples, its log. Reports and exports on machines that
/// do not see its folder read it; no run depends on it, and no digest of it is recorded.
/// </summary>
/// <param name="sweep">Its folder among the objects, as <see cref="CheckpointObjects"/> has it.</param>
public sealed class AttemptRecords(IObjectStore objects, string sweep)
{
    /// <summary>In an attempt's folder: all that the run's attempts on the machine of this one had logged by its end.</summary>
    public const string Log = "log.txt";

    // A store does not list its keys.
    private static readonly string[] Conditions = [AttemptEnvironment.DiffName, AttemptEnvironment.FileName];
    private static readonly string[] Others =
        [.. ((string[])["train", "validation", "test"]).SelectMany(split => new[] { EvidenceFile.Predictions(split), EvidenceFile.Samples(split) }), Log];

    /// <summary>Sends what the attempt's folder has of it, over what was sent before.</summary>
    /// <exception cref="StorageException">The store refuses or cannot be reached.</exception>
    public void Upload(RunKey run, int attempt, string folder, CancellationToken stop = default)
    {
        foreach (var name in Conditions.Concat(Others).Where(name => File.Exists(Path.Combine(folder, name)))) objects.Put(KeyOf(run, attempt, name), Path.Combine(folder, name), stop);
    }

    /// <summary>Brings to this machine what its folders lack, and what was sent.</summary>
    /// <param name="folder">The sweep's, with <c>RUN/attempt-N</c>.</param>
    /// <param name="conditionsOnly">Neither predictions and samples nor the log.</param>
    /// <exception cref="StorageException">The store cannot be reached, or this machine's disk refuses.</exception>
    public void Fetch(IEnumerable<(RunKey Run, int Attempt)> attempts, string folder, bool conditionsOnly, CancellationToken stop = default) => CodeBundle.ForEach(attempts, one =>
    {
        foreach (var name in conditionsOnly ? Conditions : Conditions.Concat(Others))
        {
            var file = Path.Combine(FolderOf(folder, one.Run, one.Attempt), name);
            if (!File.Exists(file)) objects.Get(KeyOf(one.Run, one.Attempt, name), file, stop);
        }
    }, stop);

    /// <summary>An attempt's folder in that of its sweep.</summary>
    public static string FolderOf(string sweep, RunKey run, int attempt) => Path.Combine(sweep, run.ToString(), $"attempt-{attempt}");

    private string KeyOf(RunKey run, int attempt, string name) => $"sweeps/{sweep}/{run}/attempt-{attempt}/{name}";
}
