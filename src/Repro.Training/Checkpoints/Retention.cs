using System.Globalization;

namespace Repro.Training.Checkpoints;

/// <summary>
/// Which checkpoints are kept, the one place where that is decided: the newest two of a run. The last one is written when training ends, so a completed run
/// keeps its final state and one fallback; the best parameters on validation are inside every checkpoint, and need no file of their own.
/// </summary>
public static class Retention
{
    /// <summary>Checkpoints of a run that are kept.</summary>
    public const int Kept = 2;

    private const string Prefix = "step-", Extension = ".safetensors";

    /// <summary><c>step-000000123.safetensors</c>; nine digits, so that names sort as steps do.</summary>
    public static string FileName(long step) => $"{Prefix}{step:000000000}{Extension}";

    /// <summary>The step in a checkpoint's file name; null where the file is no checkpoint.</summary>
    public static long? StepOf(string file)
    {
        var name = Path.GetFileName(file);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? step : null;
    }

    /// <summary>Those of a run's files that need not be kept: its checkpoints but the newest <see cref="Kept"/>. Other files are never among them.</summary>
    /// <param name="files">Of one run, from all its attempts; at the same step a later one counts as newer.</param>
    public static IReadOnlyList<string> Superseded(IEnumerable<string> files) =>
        files.Select((file, index) => (File: file, Step: StepOf(file), Index: index))
            .Where(entry => entry.Step is not null)
            .OrderByDescending(entry => entry.Step).ThenByDescending(entry => entry.Index)
            .Skip(Kept)
            .Select(entry => entry.File)
            .ToList();
}
