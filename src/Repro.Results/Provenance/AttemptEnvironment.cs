using System.Text;
using System.Text.Json;
using Repro.Results.Runs;

namespace Repro.Results.Provenance;

/// <summary>Under what conditions an attempt of a sweep's run executed: <c>environment.json</c> in the attempt's folder.</summary>
/// <param name="ResumedFrom">Step of the checkpoint that it went on from; null where it began anew.</param>
/// <param name="Differences">What differs from the attempt that wrote that checkpoint; see <see cref="RunEnvironment.DifferencesFrom"/>.</param>
public sealed record AttemptEnvironment(long? ResumedFrom, IReadOnlyList<string> Differences, RunEnvironment Environment)
{
    /// <summary>In the attempt's folder.</summary>
    public const string FileName = "environment.json", DiffName = "dirty.diff";

    /// <summary>Writes, in place of what the folder had.</summary>
    /// <param name="dirtyDiff">The difference of the working tree from the commit, written beside it; null or empty where there is none.</param>
    /// <exception cref="StorageException">The disk is full or refuses.</exception>
    public void Write(string folder, string? dirtyDiff = null)
    {
        if (!string.IsNullOrEmpty(dirtyDiff)) DurableFile.Write(Path.Combine(folder, DiffName), Encoding.UTF8.GetBytes(dirtyDiff));
        DurableFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Indented));
    }

    /// <summary>Null where the folder has none, or one that was damaged: then nothing is known of its conditions.</summary>
    public static AttemptEnvironment? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<AttemptEnvironment>(File.ReadAllBytes(file), RunJson.Indented);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
