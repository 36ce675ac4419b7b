using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Results;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Runs;

/// <summary>What one sees first: what ran, how it ended, its score beside the published number, and what that does and does not show.</summary>
internal static class FirstScreen
{
    public static List<Block> Compose(RunReportInput input, IReadOnlyList<ClaimReading> claims)
    {
        var run = input.Run;
        var blocks = new List<Block> { new KeyFigures([.. Figures(input, claims)]) };
        if (input.ProfileDescription.Length > 0) blocks.Add(new Paragraph(Words.Strong($"Profile {run.Profile}:") + (" " + input.ProfileDescription)));
        blocks.AddRange(State(run));
        if (Missing(run) is { } missing) blocks.Add(new Note(NoteKind.Warning, missing));
        blocks.AddRange(input.Warnings.Select(warning => new Note(NoteKind.Warning, warning)));
        foreach (var attempt in run.Attempts.Where(attempt => !attempt.SameConditions))
            blocks.Add(new Note(NoteKind.Warning, $"Attempt {attempt.Number} was resumed under other conditions than {RunSections.Writer(run, attempt)} ({string.Join("; ", attempt.Differences)}), so a run without the interruption need not give the same bits."));
        var concerned = ClaimReading.ByNearness(claims);
        if (input.Papers.Count == 0) blocks.Add(new Note(NoteKind.Information, $"The experiment '{run.Experiment}' has no paper card, so nothing is compared."));
        else if (concerned.Count == 0) blocks.Add(new Note(NoteKind.Information, $"No claim of {(input.Papers.Count == 1 ? "the paper's card" : "the experiment's cards")} asks for the options of this run."));
        else blocks.AddRange(Comparison(concerned));
        return blocks;
    }

    private static IEnumerable<KeyFigure> Figures(RunReportInput input, IReadOnlyList<ClaimReading> claims)
    {
        var run = input.Run;
        yield return new KeyFigure("state", run.StateWord, $"profile {run.Profile}, seed {run.Seed}");
        var words = MetricWords.Of(input.MainMetric);
        var reading = ClaimReading.ByNearness(claims).FirstOrDefault(claim => claim.Claim.Metric == input.MainMetric && claim.Claim.Value is not null);
        var unit = reading?.Claim.Unit ?? words.Unit;
        if (run.Scores.TryGetValue(input.MainMetric, out var score))
            yield return new KeyFigure(words.ToString(), Numbers.WithUnit(score, unit), "this run alone: n = 1");
        else
            yield return new KeyFigure(words.ToString(), "none", run.State switch
            {
                RunState.Completed when run.TestIsSealed && TestSeal.Covers(input.MainMetric) => "sealed: nothing of test is shown here",
                RunState.Completed => "the run did not measure it",
                RunState.Planned or RunState.Running or RunState.Paused => "measured when the run completes",
                _ => "the run did not complete",
            });
        if (input.Floor is { } floor && run.Scores.TryGetValue(floor, out var real))
            yield return new KeyFigure(MetricWords.Of(floor).ToString(), Numbers.WithUnit(real, unit), $"the {words} of as many real examples");
        if (reading is { Claim: { } claim })
        {
            yield return new KeyFigure("published", JudgementText.Paper(claim), $"{reading.Name}, {claim.Stands}; {reading.Standing}");
        }
        if (input.BestPossible.TryGetValue(input.MainMetric, out var best)) yield return new KeyFigure("expected of a perfect model", Numbers.WithUnit(best, unit), $"the {words} in the mean over draws of these generated data; one run may come out better");
        yield return new KeyFigure("trained", Numbers.Duration(run.Trained), run.Attempts.Count == 1 ? "in one attempt" : $"in {run.Attempts.Count} attempts");
        if (run.WaitingShare is { } waiting) yield return new KeyFigure("waiting for data", $"{Numbers.Write(100 * waiting)} %", "of the training time");
        if (run.Attempts.Count > 0) yield return new KeyFigure("on", run.Attempts[^1].Environment.Gpu ?? run.Attempts[^1].Environment.Device, $"{run.Attempts[^1].Environment.Cpu}, {run.Attempts[^1].Environment.Threads} {(run.Attempts[^1].Environment.Threads == 1 ? "thread" : "threads")}");
    }

    // A completed run has measured something at its last step, of which it has a checkpoint.
    private static string? Missing(RunRecord run)
    {
        if (run.State != RunState.Completed) return null;
        var trained = run.Attempts.SelectMany(attempt => attempt.Checkpoints).Select(checkpoint => checkpoint.Step).DefaultIfEmpty(0).Max();
        var measured = run.Metrics.Select(point => point.Step).DefaultIfEmpty(0).Max();
        return measured < trained ? $"The run trained to step {trained}, but its measured values end at step {measured}: metrics.jsonl has lost rows, and the curves below are not whole." : null;
    }

    private static IEnumerable<Block> State(RunRecord run)
    {
        switch (run.State)
        {
            case RunState.Failed when run.Interrupted:
                yield return new Note(NoteKind.Warning, Words.FromString($"The run was interrupted, and nothing below is final. {run.Failure} To go on: ") + Resume(run));
                break;
            case RunState.Paused:
                yield return new Note(NoteKind.Warning, Words.FromString("The run is paused, and nothing below is final. To go on: ") + Resume(run));
                break;
            case RunState.Failed:
                yield return new Note(NoteKind.Failure, $"The run failed: {run.Failure ?? "it left no reason."}");
                break;
            case RunState.Completed:
                if (run.Failure is { } failure) yield return new Note(NoteKind.Warning, failure);
                break;
            default:
                yield return new Note(NoteKind.Warning, $"The run is {run.StateWord}; nothing below is final.");
                break;
        }
    }

    private static Words Resume(RunRecord run) => Words.Code($"./repro run {run.Experiment} --resume {run.Id}");

    /// <param name="claims">The nearest first.</param>
    private static IEnumerable<Block> Comparison(IReadOnlyList<ClaimReading> claims)
    {
        var nearest = claims[0];
        yield return Standing(claims);
        yield return new Table("What this run says of the claims that concern it",
            ["claim", "published", "this run", "verdict"],
            claims.Select(reading => (IReadOnlyList<Words>)[
                new Words([new Word(reading.Claim.Statement), new Word($" ({reading.Name}, {reading.Claim.Stands}{(reading.Claim.Transfer ? "; a transfer claim" : "")})")]),
                JudgementText.Paper(reading.Claim),
                reading.Ours is { } ours ? $"{Numbers.WithUnit(ours, reading.Claim.Unit)} ({MetricWords.Of(reading.Claim.Metric)})" : "–",
                Words.Strong(VerdictWord(reading.Verdict) + ".") + (" " + (reading.Verdict == Verdict.NotComparable && reading.Differences.SequenceEqual(nearest.Differences)
                    ? $"The differences are those above; the paper tested it at: {reading.Claim.Scale.TrimEnd('.')}." : reading.Reason)),
            ]).ToList());
    }

    // A run that has the setting of any claim on the page is not called incomparable for the others'.
    private static Note Standing(IReadOnlyList<ClaimReading> claims)
    {
        var own = claims.Where(claim => claim.Differences.Count == 0).ToList();
        var judged = own.Where(claim => claim.Verdict != Verdict.NotJudged).ToList();
        if (own.Count == 0)
        {
            var differing = claims[0].Differences;
            return new Note(NoteKind.Warning, $"Not comparable at this scale. {differing.Count} {(differing.Count == 1 ? "option differs" : "options differ")} from the setting of {claims[0].Name}, the claim that comes nearest: "
                + $"{string.Join("; ", differing.Select(d => $"{d.Name} = {d.Ours} (asked: {d.Paper})"))}. Published numbers are shown for orientation only.");
        }
        if (judged.Count == 0) return new Note(NoteKind.Information, $"The run has the setting of {Names(own)}, whose published {(own.Count == 1 ? "number is" : "numbers are")} shown and not judged.");
        return judged.TrueForAll(claim => claim.Ours is null) ? new Note(NoteKind.Information, $"The run has the setting of {Names(judged)}, but no final score to set beside {(judged.Count == 1 ? "it" : "them")}.")
            : new Note(NoteKind.Information, $"The run has the setting of {Names(judged)}. This is one run, n = 1: inconclusive, whatever its number. One run is one draw, and so is the paper's.");
    }

    private static string Names(IReadOnlyList<ClaimReading> claims) => string.Join(", ", claims.Select(claim => claim.Name));

    private static string VerdictWord(Verdict? verdict) => VerdictWords.Of(verdict ?? Verdict.Inconclusive) is var words ? char.ToUpperInvariant(words[0]) + words[1..] : "";
}
