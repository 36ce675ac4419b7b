using Repro.Cli.Verbs;
using Repro.Reports.Claims;
using Repro.Results.Provenance;
using Repro.Studies.Papers;
using Repro.Studies.StudyFiles;
using Repro.Training.Datasets;

namespace Repro.Cli.Judging;

/// <summary>A paper's claims held against what is exported of it.</summary>
internal sealed record PaperFindings(PaperCard Card, StudySubject Subject, PaperEvidence Evidence, IReadOnlyList<Judgement> Judgements)
{
    /// <summary>Where committed results lie: <c>results/</c> beside the program's sources.</summary>
    public static string Results => Path.Combine(ProgramRoot.Path, "results");

    /// <summary>Data of a run that are not those that the registry knows by their name.</summary>
    private static string? Unknown(EvidenceRun run) => run.Run.Attempts.SelectMany(attempt => attempt.Environment.DataSets)
        .Where(set => DatasetRegistry.Entries.FirstOrDefault(entry => entry.Name == set.Name) is { } known && !known.Is(set.Identity))
        .Select(set => $"{set.Name} with the identity {set.Identity[..Math.Min(12, set.Identity.Length)]}, which are not the records of {set.Name}").FirstOrDefault();

    /// <param name="results">The folder with one folder a paper.</param>
    /// <exception cref="Studies.BadInputException">The card or an export breaks a rule.</exception>
    public static PaperFindings Of(Surroundings surroundings, PaperCard card, string results, Action<string>? each = null)
    {
        var subject = ChosenExperiment.Find(surroundings, card.Experiment).Subject;
        var evidence = PaperEvidence.Gather(surroundings, card.Experiment, Path.Combine(results, card.Name), each);
        var git = new GitHistory(ProgramRoot.Path);
        var path = $"papers/{card.Name}.md";
        var history = new CardHistory(path, commit => git.FileAt(commit, path));
        return new PaperFindings(card, subject, evidence, [.. card.Claims.Select(claim => Judge.Of(ClaimEvidence.Of(claim, evidence.Runs, subject, history.Of, Unknown)))]);
    }
}
