using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Options;

namespace Repro.Cli.Sweeping;

/// <summary>
/// Exported runs and sweeps as they are committed, by the names that they had where they were made: reports print those, and a fresh checkout has neither the runs nor the store.
/// Only the heads of the exports are read.
/// </summary>
/// <param name="results">Has a folder for each paper; need not be there.</param>
internal sealed class CommittedExports(string results)
{
    private const int Shown = 8;

    private readonly Lazy<List<(string Name, string Folder)>> _all = new(() => [.. Directory.Exists(results) ? Below(results) : []]);

    /// <summary>
    /// The export of the sweep with this very name or the run with this very id: its folder as commands take it, within the working directory where it lies there and in full elsewhere; of
    /// SWEEP/TRIAL the folder of the sweep, with the trial behind it. Null where there is none.
    /// </summary>
    /// <exception cref="BadInputException">Several have the name; lists them.</exception>
    public string? Find(string text)
    {
        var named = _all.Value.Where(export => export.Name == text).ToList();
        if (named.Count > 1) throw new BadInputException($"'{text}' is committed in {named.Count} folders; name one of them: {string.Join(", ", named.Select(export => AsNamed(export.Folder)))}.");
        if (named.Count == 1) return AsNamed(named[0].Folder);
        return text.LastIndexOf('/') is > 0 and var slash && text[(slash + 1)..].All(character => char.IsAsciiDigit(character) || character == '-') && Find(text[..slash]) is { } sweep && SweepFolder.Find(sweep) is not null ? sweep + text[slash..] : null;
    }

    /// <summary>The names that there are, nearest first, as the end of a refusal; empty where there are none.</summary>
    public string Nearest(string text)
    {
        var names = NearestWords.Order(text, _all.Value.Select(export => export.Name).Distinct());
        return names.Count == 0 ? "" : $" Committed runs and sweeps, nearest first: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? $" and {names.Count - Shown} more" : "")}.";
    }

    private static IEnumerable<(string Name, string Folder)> Below(string folder)
    {
        foreach (var place in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (SweepFolder.Find(place) is null && !RunFolderReader.IsRun(place))
            {
                foreach (var export in Below(place)) yield return export;
            }
            else if (NameOf(place) is { } name) yield return (name, place);
        }
    }

    private static string? NameOf(string place)
    {
        try
        {
            return SweepFolder.Find(place) is { } export ? SweepFolder.NameOf(export) : RunFolderReader.IdOf(place);
        }
        catch (BadInputException)
        {
            // What cannot be read is not what was asked for.
            return null;
        }
    }

    private static string AsNamed(string folder) =>
        Path.GetRelativePath(Directory.GetCurrentDirectory(), folder) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : folder;
}
