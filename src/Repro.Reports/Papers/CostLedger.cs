using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Runs;

namespace Repro.Reports.Papers;

/// <summary>What every run of a paper cost, those that failed or were pruned included.</summary>
internal static class CostLedger
{
    private const int MarkdownRows = 20;

    public static IEnumerable<Block> Of(PaperReportInput input)
    {
        if (input.Runs.Count == 0) yield break;
        var groups = input.Runs.GroupBy(run => (run.Folder, run.Role, State: run.Run.StateWord)).OrderBy(group => group.Key.Folder, StringComparer.Ordinal).ThenBy(group => group.Key.Role).ThenBy(group => group.Key.State, StringComparer.Ordinal);
        var rows = groups.Select(group => (IReadOnlyList<Words>)[
            Words.Link(group.Key.Folder, PaperSections.Anchor(group.Key.Folder)), Role(group.Key.Role), group.Key.State, Numbers.Whole(group.Count()), Numbers.Whole(group.Sum(run => run.Run.Attempts.Count)), Numbers.Write(group.Sum(run => run.Hours)), Numbers.Write(group.Sum(run => run.GpuHours)),
        ]).ToList();
        rows.Add(["all", "", "", Numbers.Whole(input.Runs.Count), Numbers.Whole(input.Runs.Sum(run => run.Run.Attempts.Count)), Numbers.Write(input.Runs.Sum(run => run.Hours)), Numbers.Write(input.Runs.Sum(run => run.GpuHours))]);
        yield return new Table("Costs by what the runs were for", ["folder", "for", "ended", "runs", "attempts", "hours", "GPU hours"], rows) { Name = "costs" };
        yield return new Paragraph("Hours are training time as the runs measured it; what an attempt trained after its last checkpoint, and then trained again, is counted once.");
        yield return new Details($"Every run: {Numbers.Whole(input.Runs.Count)}", [
            new Table("Every run and what it cost", ["run", "for", "ended", "attempts", "hours", "GPU hours", "why it ended so"], [.. input.Runs.Select(run => (IReadOnlyList<Words>)[
                Words.Code(run.Run.Id), Role(run.Role), run.Run.StateWord, Numbers.Whole(run.Run.Attempts.Count), Numbers.Write(run.Hours), Numbers.Write(run.GpuHours), run.Run.State == RunState.Completed ? "–" : run.Run.Failure ?? "–",
            ])]) { MarkdownRows = MarkdownRows },
        ]);
    }

    private static string Role(EvidenceRole role) => OptionText.Write(role);
}
