using System.Globalization;
using Repro.Reports.Documents;
using Repro.Results;
using Repro.Studies.Options;

namespace Repro.Reports.Runs;

/// <summary>The sections of a run's report below the first screen; an empty one is left out.</summary>
internal static class RunSections
{
    private const int MessagesShown = 12;

    public static IEnumerable<Block> OtherClaims(RunReportInput input, IReadOnlyList<ClaimReading> claims)
    {
        var others = claims.Where(claim => !claim.Concerns).ToList();
        if (others.Count == 0) yield break;
        yield return new Details($"{others.Count} of {claims.Count} claims {(others.Count == 1 ? "asks" : "ask")} for other options than this run's",
        [
            new Table("Claims that this run does not speak to", ["claim", "where it stands", "why this run says nothing"],
                others.Select(reading => (IReadOnlyList<Words>)[Words.Code(reading.Name) + $" {reading.Claim.Statement}", reading.Claim.Stands, reading.Reason]).ToList()),
        ]);
    }

    /// <param name="nearest">The claim whose setting the options stand beside; null sets them beside the defaults.</param>
    public static IEnumerable<Block> Options(RunReportInput input, ClaimReading? nearest)
    {
        var options = input.Run.Options;
        if (options.Count == 0) yield break;
        var found = nearest?.Differences ?? OptionDifference.From(input.Run, input.Options);
        var differences = found.ToDictionary(d => d.Name);
        var infos = input.Options.ToDictionary(info => info.Name);
        var setting = nearest is null ? $"those of {(input.Subject.Defaults is "default" ? "the defaults" : $"the {input.Subject.Defaults}")}" : $"what {nearest.Name} asks for";
        yield return new Paragraph(differences.Count == 0
            ? nearest is null ? $"All options are {setting}." : $"Every option has the value that the claim {nearest.Name} asks for."
            : $"{differences.Count} of {options.Count} options {(differences.Count == 1 ? "differs" : "differ")} from {setting}; {(differences.Count == 1 ? "it comes" : "they come")} first.");
        var recorded = options.Select(option => option.Key).ToHashSet();
        // What a claim asks for and the run does not record may have been anything.
        var rows = found.Where(d => !recorded.Contains(d.Name)).Select(d => KeyValuePair.Create(d.Name, d.Ours)).Concat(options.OrderByDescending(option => differences.ContainsKey(option.Key))).Select(option =>
        {
            var (name, value) = option;
            var info = infos.GetValueOrDefault(name);
            var difference = differences.GetValueOrDefault(name);
            return (IReadOnlyList<Words>)[
                Words.Code(name),
                difference is not null ? Words.Strong(value) : value,
                info is null ? "unknown to this version" : difference is not null ? Words.FromString($"{difference.Paper} (differs)") : "the same",
                info?.Source ?? "",
                info?.Description ?? "",
            ];
        });
        yield return new Table(nearest is null ? "Options of the run beside the defaults" : "Options of the run beside those of the nearest claim", ["option", "this run", nearest is null ? input.Subject.Defaults : nearest.Claim.Id, "source of the default", "meaning"], rows.ToList());
    }

    public static IEnumerable<Block> Checks(RunRecord run)
    {
        if (run.Checks.Count == 0) yield break;
        yield return new Paragraph(Words.FromString("Checked before the first step; a run that fails a check is not started. The pictures to look at are in ") + Words.Code("checks/") + ".");
        yield return new Table("Checks of the recipe", ["check", "verdict", "measured", "must be", "question", "finding"],
            run.Checks.Select(check => (IReadOnlyList<Words>)[
                Words.Code(check.Name), Words.Strong(check.Verdict.Replace('_', ' ')), double.IsNaN(check.Value) ? "–" : Numbers.Write(check.Value),
                check.Verdict == "passed" ? check.Expected : "–", check.Question, check.Detail,
            ]).ToList());
    }

    public static IEnumerable<Block> Time(RunReportInput input)
    {
        var run = input.Run;
        var rows = new List<IReadOnlyList<Words>>
        {
            new Words[] { "created", Numbers.Time(run.Created) },
            new Words[] { "trained, all attempts together", Numbers.Duration(run.Trained) },
            new Words[] { "share of it spent waiting for data", run.WaitingShare is { } share ? $"{Numbers.Write(100 * share)} %" : "known when the run ends" },
        };
        if (run.Metrics.Count > 0)
        {
            var last = run.Metrics.MaxBy(point => point.Step);
            rows.Add([Words.FromString("last step measured"), Numbers.Whole(last.Step)]);
            if (run.Trained > TimeSpan.Zero && last.Step > 0) rows.Add(["steps a second", Numbers.Write(last.Step / run.Trained.TotalSeconds)]);
        }
        foreach (var score in run.Scores.OrderByDescending(score => score.Key == input.MainMetric).ThenBy(score => score.Key, StringComparer.Ordinal))
        {
            var unit = MetricWords.Of(score.Key).Unit;
            var best = input.BestPossible.TryGetValue(score.Key, out var possible) ? $" (expected of a perfect model: {Numbers.WithUnit(possible, unit)})" : "";
            rows.Add([Words.FromString("final ") + Words.Code(score.Key), Numbers.WithUnit(score.Value, unit) + best]);
        }
        yield return new Table("Time, waiting and final scores", ["quantity", "value"], rows);
    }

    public static IEnumerable<Block> Attempts(RunRecord run)
    {
        if (run.Attempts.Count == 0) yield break;
        yield return new Table("Attempts and resumes, in order", ["attempt", "started", "began from", "conditions", "checkpoints recorded"],
            run.Attempts.Select((attempt, i) => (IReadOnlyList<Words>)[
                attempt.Number.ToString(CultureInfo.InvariantCulture),
                Numbers.Time(attempt.Started),
                attempt.ResumedFrom is { } step ? $"the checkpoint at step {Numbers.Whole(step)}" : "the beginning",
                Conditions(run, i),
                attempt.Checkpoints.Count == 0 ? "none" : $"{attempt.Checkpoints.Count}, the last at step {Numbers.Whole(attempt.Checkpoints[^1].Step)}",
            ]).ToList());
    }

    private static Words Conditions(RunRecord run, int index)
    {
        var attempt = run.Attempts[index];
        if (index == 0) return "the first";
        if (attempt.ResumedFrom is null) return "begun anew: nothing of an earlier attempt is in its bits";
        var writer = Writer(run, attempt);
        return attempt.SameConditions
            ? Words.FromString($"those of {writer}")
            : Words.Strong("Other conditions") + $" than {writer}: identical bits are not promised. Changed: {string.Join("; ", attempt.Differences)}.";
    }

    /// <summary>Whose conditions an attempt's are compared with, for people: <c>attempt 1, which wrote the checkpoint</c>.</summary>
    public static string Writer(RunRecord run, RunAttempt attempt) =>
        RunAttempt.WriterOf(run.Attempts.TakeWhile(earlier => earlier.Number < attempt.Number), attempt.ResumedFrom) is { } writer
            ? $"attempt {writer.Number}, which wrote the checkpoint"
            : "the attempt that wrote the checkpoint";

    public static IEnumerable<Block> Messages(RunRecord run)
    {
        if (run.Messages.Count == 0) yield break;
        var list = new BulletList(run.Messages.Select(Words.FromString).ToList());
        yield return run.Messages.Count <= MessagesShown ? list : new Details($"{run.Messages.Count} messages", [list]);
    }

    /// <summary>Once in a report, on its first screen.</summary>
    public static IEnumerable<Block> Commands(RunRecord run) =>
    [
        new Paragraph("The run again, from the same commit and data; and this report with its figures, from the stored run:"),
        new CodeBlock($"{run.Command}\n./repro report {run.Id}"),
    ];
}
