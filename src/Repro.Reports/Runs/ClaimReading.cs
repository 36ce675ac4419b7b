using Repro.Results;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Runs;

namespace Repro.Reports.Runs;

/// <summary>What is found of a claim. Always computed, never typed in.</summary>
public enum Verdict
{
    Reproduced,
    NotReproduced,

    /// <summary>The runs at hand do not decide.</summary>
    Inconclusive,

    /// <summary>The runs at hand are of another setting than the paper's.</summary>
    NotComparable,
}

/// <summary>
/// What one run says of one claim. One run never reproduces anything: it is one draw, and so is the paper's number. It can be of the claim's
/// setting (then the verdict is inconclusive at n = 1), of a smaller one (not comparable at this scale), or about something else.
/// </summary>
/// <param name="Concerns">The run has the options that the claim asks for.</param>
/// <param name="Ours">The run's value of the claim's metric; null where it has none.</param>
/// <param name="Verdict">Null where the run does not concern the claim.</param>
/// <param name="Reason">The rule that made the verdict, with its numbers.</param>
/// <param name="Differences">From the paper's setting for this claim.</param>
public sealed record ClaimReading(Claim Claim, bool Concerns, double? Ours, Verdict? Verdict, string Reason, IReadOnlyList<OptionDifference> Differences)
{
    /// <param name="schema">The experiment's options, whose defaults are the paper's setting.</param>
    public static ClaimReading Read(Claim claim, RunRecord run, IReadOnlyList<OptionInfo> schema)
    {
        var options = run.Options.ToDictionary(option => option.Key, option => option.Value);
        var asked = claim.Options.Where(option => !options.TryGetValue(option.Key, out var ours) || !OptionDifference.IsOneOf(ours, option.Value)).ToList();
        if (asked.Count > 0)
        {
            var wants = string.Join(", ", asked.Select(option => $"{option.Key} = {option.Value} (this run: {options.GetValueOrDefault(option.Key, "no such option")})"));
            return new ClaimReading(claim, false, null, null, $"asks for {wants}", []);
        }
        var differences = OptionDifference.From(run, schema, claim.Options);
        var ours = run.State == RunState.Completed && run.Scores.TryGetValue(claim.Metric, out var score) ? score : (double?)null;
        if (differences.Count > 0)
        {
            var names = string.Join(", ", differences.Select(d => $"{d.Name} = {d.Ours} (paper: {d.Paper})"));
            return new ClaimReading(claim, true, ours, Runs.Verdict.NotComparable, $"The run is of another setting than the paper's: {names}.", differences);
        }
        return new ClaimReading(claim, true, ours, Runs.Verdict.Inconclusive, Why(claim, run, ours), []);
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
