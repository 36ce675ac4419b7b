using Repro.Reports.Claims;
using Repro.Results;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Runs;

/// <summary>
/// What one run says of one claim. One run never reproduces anything: it is one draw, and so is the paper's number. It can be of the claim's
/// setting (then the verdict is inconclusive at n = 1), of a smaller one (not comparable at this scale), or about something else.
/// </summary>
/// <param name="Concerns">The run has the options that the claim asks for.</param>
/// <param name="Ours">The run's value of the claim's metric; null where it has none.</param>
/// <param name="Verdict">Null where the run does not concern the claim.</param>
/// <param name="Reason">The rule that made the verdict, with its numbers.</param>
/// <param name="Differences">From the setting that the claim asks for.</param>
public sealed record ClaimReading(Claim Claim, bool Concerns, double? Ours, Verdict? Verdict, string Reason, IReadOnlyList<OptionDifference> Differences)
{
    /// <summary>The card that the claim is on: <c>multi30k</c>; empty where nobody said it.</summary>
    public string Card { get; init; } = "";

    /// <summary>As reports name the claim: <c>multi30k/multi30k-bleu</c>.</summary>
    public string Name => Card.Length > 0 ? $"{Card}/{Claim.Id}" : Claim.Id;

    /// <summary>How the run stands to the published number, in few words.</summary>
    public string Standing => Verdict switch
    {
        Claims.Verdict.NotComparable => "not comparable at this scale",
        Claims.Verdict.NotJudged => "shown and not judged",
        _ => "inconclusive at n = 1",
    };

    /// <summary>
    /// Readings of the claims that concern the run, the nearest first: the one from whose setting the fewest options differ, among equals one that is judged, then a number, then what the
    /// paper itself tested.
    /// </summary>
    public static IReadOnlyList<ClaimReading> ByNearness(IEnumerable<ClaimReading> readings) =>
    [
        .. readings.Where(reading => reading.Concerns).OrderBy(reading => reading.Differences.Count).ThenBy(reading => reading.Verdict == Claims.Verdict.NotJudged)
            .ThenBy(reading => reading.Claim.Kind != ClaimKind.Value).ThenBy(reading => reading.Claim.Transfer),
    ];

    /// <param name="subject">The run's experiment, whose profiles claims ask for.</param>
    public static ClaimReading Read(Claim claim, RunRecord run, StudySubject subject)
    {
        var scope = ClaimScope.Of(claim, run.Options.ToDictionary(option => option.Key, option => option.Value), subject);
        if (scope.Setting is null) return new ClaimReading(claim, false, null, null, $"asks for {string.Join(", ", scope.Missing)}", []);
        var ours = run.State == RunState.Completed && run.Scores.TryGetValue(claim.Metric, out var score) ? score : (double?)null;
        if (claim.Uncertain is { } uncertain) return new ClaimReading(claim, true, ours, Claims.Verdict.NotJudged, $"The paper's value is shown and not judged: {uncertain.TrimEnd('.')}.", scope.Differences);
        if (scope.Differences.Count > 0)
        {
            var names = string.Join(", ", scope.Differences.Select(d => $"{d.Name} = {d.Ours} (asked: {d.Paper})"));
            return new ClaimReading(claim, true, ours, Claims.Verdict.NotComparable, $"The run is of another setting than the claim's: {names}.", scope.Differences);
        }
        return new ClaimReading(claim, true, ours, Claims.Verdict.Inconclusive, Why(claim, run, ours), []);
    }

    private static string Why(Claim claim, RunRecord run, double? ours)
    {
        if (ours is null)
            return run.State == RunState.Completed ? $"The run has no {claim.Metric}." : $"The run is {run.StateWord} and has no final {claim.Metric}.";
        var n = claim.LargestN is { } largest ? $"n = 1 of at most {largest}" : "n = 1";
        if (claim.Kind != ClaimKind.Value) return $"{n}, and one run alone shows no {OptionText.Write(claim.Kind)}.";
        // A difference of percentages in percent would be taken for a relative one.
        var points = claim.Unit == "%" ? "percentage points" : claim.Unit;
        var difference = ours.Value - claim.Value!.Value;
        var within = claim.Tolerance is { } tolerance
            ? $" (the tolerance is {Numbers.Write(tolerance)} {points}; both this run and the paper's number are single draws)"
            : " (the card states no tolerance)";
        return $"{n}, and one run decides nothing. It differs by {(difference < 0 ? "−" : "+")}{Numbers.Write(Math.Abs(difference))} {points}{within}.";
    }
}
