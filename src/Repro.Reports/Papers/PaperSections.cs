using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Runs;

namespace Repro.Reports.Papers;

/// <summary>The first screen of a paper's report, and its shorter sections; an empty one is left out.</summary>
internal static class PaperSections
{
    public static List<Block> FirstScreen(PaperReportInput input)
    {
        var (own, transfer) = (input.Judgements.Where(judged => !judged.Claim.Transfer).ToList(), input.Judgements.Where(judged => judged.Claim.Transfer).ToList());
        var figures = new List<KeyFigure> { new($"{own.Count} {(own.Count == 1 ? "claim" : "claims")} of the paper", Summary(own), "as the paper tested them") };
        if (transfer.Count > 0) figures.Add(new KeyFigure($"{transfer.Count} transfer {(transfer.Count == 1 ? "claim" : "claims")}", Summary(transfer), "tested elsewhere than in the paper"));
        figures.Add(new KeyFigure("runs", Numbers.Whole(input.Runs.Count), $"{Numbers.Whole(input.Judgements.SelectMany(judged => judged.RunIds).Distinct().Count())} of them judged"));
        figures.Add(new KeyFigure("trained", $"{Numbers.Write(input.Runs.Sum(run => run.Hours))} hours", $"{Numbers.Write(input.Runs.Sum(run => run.GpuHours))} GPU hours"));
        var blocks = new List<Block> { new KeyFigures(figures) };
        blocks.AddRange(input.Judgements.Where(judged => judged.Freeze.State == FreezeState.Unknown)
            .GroupBy(judged => judged.Freeze.Sentence).Select(group => new Note(NoteKind.Warning, $"{string.Join(", ", group.Select(judged => judged.Claim.Id))}: {group.Key}")));
        blocks.Add(new Table("Claims, verdicts, and what they rest on", ["claim", "verdict", "the paper", "ours", "n", "cost"],
            // What was tested is what one came to read.
            [.. input.Judgements.OrderByDescending(judged => judged.Count > 0).Select(Row)]) { Name = "claims" });
        blocks.Add(new Paragraph("Ours: the mean with Student's 95 % interval. A verdict holds the interval that is named in the claim's own section against a region that was fixed beforehand: the tolerance around the paper's value, or one side of 0 where an order is claimed."));
        return blocks;
    }

    public static IEnumerable<Block> Untested(PaperReportInput input)
    {
        var rows = input.Judgements.Where(judged => judged.Verdict is Verdict.NotComparable or Verdict.NotJudged || judged.Count == 0).ToList();
        if (rows.Count == 0) yield break;
        yield return new Table("Claims without a judged run, and what would test them", ["claim", "why", "what would test it", "the command"], [.. rows.Select(judged => (IReadOnlyList<Words>)[
            Words.Link(judged.Claim.Id, $"#claim-{judged.Claim.Id}"), judged.Reason, judged.Verdict == Verdict.NotJudged ? "–" : judged.Needed?.Sentence ?? "–",
            judged.Verdict == Verdict.NotJudged ? "–" : Words.Code(string.Join("; ", ClaimCommand.Of(judged.Claim, input.Card.Experiment, input.Searches))),
        ])]);
    }

    public static IEnumerable<Block> Checks(PaperReportInput input)
    {
        if (input.Folders.Count == 0) yield break;
        yield return new Paragraph("What is asked of the recipe before anything is trained: the loss at the beginning, leaks across the batch, whether one batch can be learnt, whether a seed seeds. Where they were skipped, nobody looked.");
        yield return new Table("Checks before training", ["evidence", "checks"], [.. input.Folders.Select(folder => (IReadOnlyList<Words>)[folder.Name, folder.Checks.Length > 0 ? folder.Checks : "not recorded"])]);
    }

    public static IEnumerable<Block> Environments(PaperReportInput input)
    {
        var attempts = input.Runs.SelectMany(run => run.Run.Attempts.Select(attempt => (run.Folder, Key: Describe(attempt.Environment)))).ToList();
        if (attempts.Count == 0) yield break;
        yield return new Paragraph("Equal bits are promised for an equal engine build, processor capability, BLAS, number of threads and program: a run made again under others ends near its number, and not at it.");
        // Most numbers need nothing but the data.
        var measured = input.Runs.SelectMany(run => run.Run.Attempts).SelectMany(attempt => attempt.Environment.DataSets).Any(set => set.IsYardstick);
        yield return new Table("What the attempts ran under", ["commit", "engine (build)", "processor and device", "BLAS, threads", "data (identity)", .. measured ? (string[])["measured with (identity)"] : [], "attempts of"],
            [.. attempts.GroupBy(attempt => attempt.Key).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (IReadOnlyList<Words>)[
                .. group.Key.Split('\t').Take(measured ? 6 : 5).Select((cell, i) => i is 0 or 4 or 5 ? Words.Code(cell) : Words.FromString(cell)),
                string.Join(", ", group.GroupBy(attempt => attempt.Folder).OrderBy(folder => folder.Key, StringComparer.Ordinal).Select(folder => $"{folder.Key} ({folder.Count()})")),
            ])]) { Name = "environment" };
    }

    public static IEnumerable<Block> Folders(PaperReportInput input)
    {
        if (input.Folders.Count == 0) yield break;
        yield return new Paragraph("Each folder beside this report is one exported run or sweep: what it was asked, every event, every measured value, what each attempt ran under. A digest tells whether it was changed.");
        yield return new Table("Exported runs and sweeps", ["folder", "what it is", "question", "the command", "test scores"], [.. input.Folders.Select(folder => (IReadOnlyList<Words>)[
            folder.HasReport ? Words.Link(folder.Name, $"{Uri.EscapeDataString(folder.Name)}/report.md") : folder.Name, folder.What, folder.Question.Length > 0 ? folder.Question : "–", Words.Code(folder.Command),
            folder.ReadsTest && folder.TestReadings is null or 0 ? "read by the runs, at their end" : folder.TestReadings switch { null => "measured openly", 0 => "never shown", 1 => "shown once", var n => $"shown {Numbers.Whole(n.Value)} times" },
        ])]) { RowIds = [.. input.Folders.Select(folder => Anchor(folder.Name)[1..])] };
    }

    private static IReadOnlyList<Words> Row(Judgement judged) =>
    [
        Words.Link(judged.Claim.Id, $"#claim-{judged.Claim.Id}") + $" {judged.Claim.Statement} ({judged.Claim.Stands}{(judged.Claim.Transfer ? "; transfer" : "")})",
        VerdictWords.Badge(judged.Verdict), JudgementText.Paper(judged.Claim), JudgementText.Ours(judged), JudgementText.Count(judged),
        judged.Hours > 0 ? $"{Numbers.Write(judged.Hours)} h, {Numbers.Write(judged.GpuHours)} GPU h" : "–",
    ];

    /// <summary>Where the row of a folder is: names of folders may have what anchors may not.</summary>
    internal static string Anchor(string folder) => "#folder-" + string.Concat(folder.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));

    internal static string Summary(IReadOnlyList<Judgement> judgements) => judgements.Count == 0 ? "none"
        : string.Join(", ", judgements.GroupBy(judged => (judged.Verdict, Untested: judged.Verdict == Verdict.Inconclusive && judged.Test.Length == 0)).OrderBy(group => group.Key)
            .Select(group => $"{Numbers.Whole(group.Count())} {VerdictWords.Of(group.Key.Verdict)}{(group.Key.Untested ? " for want of runs" : "")}"));

    private static string Describe(RunEnvironment environment) => string.Join('\t',
        environment.Commit is { } commit ? commit[..Math.Min(9, commit.Length)] + (environment.Dirty ? "+dirty" : "") : "not recorded",
        $"{environment.Engine} ({environment.EngineBuild})", $"{environment.Gpu ?? environment.Device}; {environment.Cpu}, {environment.CpuCapability}", $"{environment.Blas}, {Numbers.Whole(environment.Threads)}",
        Used(environment, yardsticks: false), Used(environment, yardsticks: true));

    private static string Used(RunEnvironment environment, bool yardsticks) =>
        string.Join(", ", environment.DataSets.Where(set => set.IsYardstick == yardsticks).Select(set => $"{set.Name} {set.Identity[..Math.Min(12, set.Identity.Length)]}")) is { Length: > 0 } sets ? sets : "none";
}
