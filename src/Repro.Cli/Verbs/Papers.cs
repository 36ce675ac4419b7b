using Repro.Reports.Papers;
using Repro.Studies.Papers;

namespace Repro.Cli.Verbs;

/// <summary>The cards under <c>papers/</c>.</summary>
internal static class Papers
{
    public static string Folder => Path.Combine(ProgramRoot.Path, "papers");

    /// <summary>The card of an experiment, whose name it has; null where there is none.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The card breaks a rule.</exception>
    public static PaperCard? Of(Surroundings surroundings, string experiment)
    {
        var file = Path.Combine(Folder, experiment + ".md");
        return File.Exists(file) ? Read(surroundings, file) : null;
    }

    /// <summary>All cards, by name.</summary>
    /// <exception cref="Repro.Studies.BadInputException">One breaks a rule.</exception>
    public static IReadOnlyList<PaperCard> All(Surroundings surroundings) =>
        Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, "*.md").Order(StringComparer.Ordinal).Select(file => Read(surroundings, file))] : [];

    public static IReadOnlyList<Claim> Claims(Surroundings surroundings, string experiment) => Of(surroundings, experiment)?.Claims ?? [];

    private static PaperCard Read(Surroundings surroundings, string file) => PaperCardReader.Read(file, name =>
        surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == name) is not { } experiment ? null
            : new CardSubject(experiment.Subject, [.. experiment.Studies.Select(s => $"{name}/{s.Name}"), .. experiment.Ablations.Select(a => $"{name}/{a.Name}")], experiment.Metrics));
}
