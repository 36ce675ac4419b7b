using Repro.Reports.Papers;
using Repro.Studies.Papers;
using Repro.Training;

namespace Repro.Cli.Verbs;

/// <summary>The cards under <c>papers/</c>.</summary>
internal static class Papers
{
    public static string Folder => Path.Combine(ProgramRoot.Path, "papers");

    /// <summary>The card of a paper's name; null where there is none, or this build has not its experiment.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The card breaks a rule.</exception>
    public static PaperCard? OfKnown(Surroundings surroundings, string paper)
    {
        var file = Path.Combine(Folder, paper + ".md");
        return File.Exists(file) && PaperCardReader.Read(file).Experiment is var name && surroundings.Experiments().Any(experiment => experiment.Name == name) ? Read(surroundings, file) : null;
    }

    /// <summary>Each card by its file, read when it is asked for.</summary>
    public static IReadOnlyList<(string Name, Func<PaperCard> Read)> Each(Surroundings surroundings) =>
        Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, "*.md").Order(StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file), (Func<PaperCard>)(() => Read(surroundings, file))))] : [];

    /// <summary>All cards, by name.</summary>
    /// <exception cref="Repro.Studies.BadInputException">One breaks a rule.</exception>
    public static IReadOnlyList<PaperCard> All(Surroundings surroundings) =>
        [.. Each(surroundings).Select(card => card.Read())];

    /// <summary>Claims of every card that this experiment reproduces, those of the card of its own name first.</summary>
    /// <exception cref="Repro.Studies.BadInputException">One of the cards breaks a rule.</exception>
    public static IReadOnlyList<Claim> ClaimsOfEach(Surroundings surroundings, string experiment) => [.. OfEach(surroundings, experiment).SelectMany(card => card.Card.Claims)];

    /// <summary>Every card that this experiment reproduces, that of its own name first.</summary>
    /// <exception cref="Repro.Studies.BadInputException">One of the cards breaks a rule.</exception>
    /// <param name="unreadable">Told of a card of another name that does not say which experiment it is about, which is then passed over; null: such a card is refused.</param>
    public static IReadOnlyList<(string Name, PaperCard Card)> OfEach(Surroundings surroundings, string experiment, Action<string>? unreadable = null)
    {
        // Which experiment a card is about can be read without knowing any; what else it says is held against that one alone.
        return [.. Each(surroundings).Where(card => IsOf(card.Name)).Select(card => (card.Name, card.Read())).OrderBy(card => card.Name != experiment)];

        bool IsOf(string paper)
        {
            try
            {
                return ExperimentOf(paper) == experiment;
            }
            catch (Repro.Studies.BadInputException e) when (unreadable is not null && paper != experiment)
            {
                unreadable(e.Message);
                return false;
            }
        }
    }

    /// <summary>The experiment that reproduces a paper; null where there is no such card.</summary>
    public static string? ExperimentOf(string paper) => paper.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && File.Exists(Path.Combine(Folder, paper + ".md")) ? PaperCardReader.Read(Path.Combine(Folder, paper + ".md")).Experiment : null;

    /// <summary>The experiment that is meant by a person who named a paper in its place, and what to say; null where no card has that name, or its experiment has it too.</summary>
    public static (string Experiment, string Sentence)? NotAnExperiment(IReadOnlyList<Experiment> experiments, string paper) =>
        ExperimentOf(paper) is { } about && about != paper && experiments.Any(e => e.Name == about)
            ? (about, $"There is no experiment '{paper}'; the card of that name, papers/{paper}.md, is about the experiment '{about}'.")
            : null;

    private static PaperCard Read(Surroundings surroundings, string file) => PaperCardReader.Read(file, name =>
        surroundings.Experiments().FirstOrDefault(experiment => experiment.Name == name) is not { } experiment ? null
            : new CardSubject(experiment.Subject, [.. experiment.Studies.Select(s => $"{name}/{s.Name}"), .. experiment.Ablations.Select(a => $"{name}/{a.Name}")], experiment.Metrics));
}
