using System.Text;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>
/// <c>runs/</c> of an exported sweep: under what every attempt ran and, of runs that a verdict may stand on, what they said of examples. <c>runs.sha256</c> beside it
/// has the digest of every file, one a line as sha256sum writes it.
/// </summary>
internal static class SweepRecords
{
    public const string Folder = "runs", Digests = "runs.sha256";

    /// <summary>
    /// Whether the runs of a trial keep predictions and samples in an export: those of a confirmation and of an ablation's arms do. A search may have thousands, and
    /// nothing is judged by one of them.
    /// </summary>
    public static bool KeepsEvidence(TrialStatus trial) => trial.Origin is TrialOrigin.Confirmation or TrialOrigin.Arm;

    /// <summary>Copies what the folders of a sweep's attempts have of it.</summary>
    /// <param name="runs">The sweep's folder; it need not be there.</param>
    /// <param name="export">The folder of the export.</param>
    public static void Copy(SweepState state, string runs, string export)
    {
        foreach (var trial in state.Trials)
        {
            foreach (var run in trial.Runs)
            {
                for (var attempt = 1; attempt <= run.Attempt; attempt++)
                {
                    var (folder, evidence) = (Path.Combine(runs, run.Key.ToString(), $"attempt-{attempt}"), attempt == run.Attempt && KeepsEvidence(trial));
                    if (!Directory.Exists(folder)) continue;
                    foreach (var file in Directory.EnumerateFiles(folder).Where(file => EvidenceFile.Is(file) ? evidence : Path.GetExtension(file) is ".json" or ".diff"))
                        CopyFile(file, Path.Combine(export, Folder, run.Key.ToString(), $"attempt-{attempt}", Path.GetFileName(file)));
                }
            }
        }
    }

    /// <summary>Copies an export's records to where the sweep's runs have their folders.</summary>
    public static void Restore(string export, string runs)
    {
        foreach (var file in Files(export)) CopyFile(file, Path.Combine(runs, Path.GetRelativePath(Path.Combine(export, Folder), file)));
    }

    /// <summary>Writes the digests of all records.</summary>
    /// <returns>The digest of that file.</returns>
    public static string Seal(string export)
    {
        var text = new StringBuilder();
        foreach (var (path, file) in Files(export).Select(file => (Path: Name(export, file), File: file)).OrderBy(record => record.Path, StringComparer.Ordinal))
            text.Append(FileDigest.Of(file)).Append("  ").Append(path).Append('\n');
        var digests = Path.Combine(export, Digests);
        DurableFile.Write(digests, Encoding.UTF8.GetBytes(text.ToString()));
        return FileDigest.Of(digests);
    }

    /// <summary>What of the records is not what was exported, as sentences; none where all is.</summary>
    /// <param name="sealedAs">The digest of the file of digests, as the export's head has it.</param>
    public static IEnumerable<string> Faults(string export, string sealedAs)
    {
        var digests = Path.Combine(export, Digests);
        if (!File.Exists(digests))
        {
            yield return $"{Digests} is missing";
            yield break;
        }
        if (FileDigest.Of(digests) != sealedAs)
        {
            yield return $"{Digests} is not what was exported: its digest differs from the one in sweep.json";
            yield break;
        }
        var recorded = File.ReadLines(digests).Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[1], parts => parts[0]);
        var there = Files(export).ToDictionary(file => Name(export, file));
        foreach (var (path, digest) in recorded)
        {
            if (!there.TryGetValue(path, out var file)) yield return $"{path} is missing";
            else if (FileDigest.Of(file) != digest) yield return $"{path} is not what was exported: its digest differs from the one in {Digests}";
        }
        foreach (var path in there.Keys.Where(path => !recorded.ContainsKey(path)).Order(StringComparer.Ordinal)) yield return $"{path} was not exported: {Digests} does not name it";
    }

    /// <summary>Files of predictions and samples in an export, and their bytes together.</summary>
    public static (int Files, long Bytes) Evidence(string export) =>
        Files(export).Where(EvidenceFile.Is).Select(file => new FileInfo(file).Length).Aggregate((Files: 0, Bytes: 0L), (sum, bytes) => (sum.Files + 1, sum.Bytes + bytes));

    private static IEnumerable<string> Files(string export) => Path.Combine(export, Folder) is var records && Directory.Exists(records) ? Directory.EnumerateFiles(records, "*", SearchOption.AllDirectories) : [];

    private static string Name(string export, string file) => Path.GetRelativePath(export, file).Replace('\\', '/');

    private static void CopyFile(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }
}
