using Repro.Studies.Runs;

namespace Repro.Studies.Sweeps;

/// <summary>
/// The one rule by which whatever shows a run of a sweep goes. What is of the test split, be it a score, a curve, a prediction or a sample, is left out until it is opened.
/// Of a search: once every run of the confirmation has ended, where somebody asks; each showing is counted in the log.
/// Of a comparison whose arms were all fixed beforehand: once all of it has ended, without a count; before that where somebody asks, counted.
/// </summary>
/// <remarks>Runs of <c>repro run</c> choose nothing, and measure test openly.</remarks>
public static class TestSeal
{
    /// <summary>The split that is sealed.</summary>
    public const string Split = "test";

    private const string Prefix = Split + "_";

    /// <summary>Whether a metric is of the test split: <c>test_error</c>.</summary>
    public static bool Covers(string metric) => metric.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether a sentence names a metric of the test split, and so tells something of it.</summary>
    public static bool CoversWords(string sentence) => sentence.Split([' ', '\t', '\'', '"', ':', ',', '(', '=']).Any(Covers);

    /// <summary>Runs of the confirmation that have completed with a test score.</summary>
    public static int Computed(SweepState state) =>
        state.Confirmation?.Runs.Count(run => run.State == RunState.Completed && run.Scores.Keys.Any(Covers)) ?? 0;

    /// <summary>Runs of a comparison that reads test (<see cref="Study.ReadsTest"/>) which have completed with a test score; no others of an ablation have any.</summary>
    public static int Compared(SweepState state) => state.Arms.SelectMany(trial => trial.Runs).Count(run => run.State == RunState.Completed && run.Scores.Keys.Any(Covers));

    /// <summary>Whether such a comparison is over: nothing of it can be changed any more by who looks, so that it is shown without being asked for, and not counted.</summary>
    /// <remarks>Of a part of a declared comparison too (<c>ablate --arms</c>): whoever looks may choose which parts come next, and its report says so.</remarks>
    public static bool ComparisonIsOver(SweepState state) => Compared(state) > 0 && state.Arms.All(trial => trial.Done);

    /// <summary>Whether test scores may be shown to who asks for them: the confirmation is over, and has some, or a comparison has some. A run that failed or was cancelled has ended.</summary>
    public static bool MayBeOpened(SweepState state) => (state.Confirmation is { Done: true } && Computed(state) > 0) || Compared(state) > 0;

    /// <summary>Whether test scores may stand in what is made of an export without anybody asking: they were shown before, and that was counted; or a comparison is over.</summary>
    public static bool WasOpened(SweepState state) => (MayBeOpened(state) && state.TestReadings > 0) || ComparisonIsOver(state);

    /// <summary>Why they may not be shown, with the command that helps; null where they may.</summary>
    /// <param name="study">What the sweep executes.</param>
    public static string? Complaint(SweepState state, Study study, string sweep)
    {
        if (MayBeOpened(state)) return null;
        if (study.ReadsTest) return OfComparison(state, sweep);
        if (state.Confirmation is not { } confirmation)
            return $"Test is sealed: no choice of {sweep} was confirmed, so test has not been computed. Choose: ./repro sweep {sweep} --confirm 5";
        if (!confirmation.Done)
        {
            var ended = confirmation.Runs.Count(run => run.Done);
            return $"Test is sealed until every run of the confirmation has ended: of trial {confirmation.Number} of {sweep}, {ended} of {confirmation.Runs.Count} {(ended == 1 ? "has" : "have")}. To go on: ./repro resume {sweep}";
        }
        return confirmation.Runs.Any(run => run.State == RunState.Completed) ? $"There is nothing to show: the runs of the confirmed choice of {sweep}, trial {confirmation.Number}, computed no test score. Its other scores: ./repro status {sweep} --trial {confirmation.Number}"
            : $"Test is sealed: no run of a confirmed choice of {sweep} has completed, so test has not been computed. The choice is trial {confirmation.Number}: ./repro resume {sweep} --trial {confirmation.Number}";
    }

    // In a comparison nothing is chosen, so that there is nothing to confirm: its own runs have to go on.
    private static string OfComparison(SweepState state, string sweep)
    {
        if (state.Arms.SelectMany(trial => trial.Runs).Any(run => run.State == RunState.Completed))
            return $"There is nothing to show: the runs of the comparison {sweep} that have completed computed no test score. Their other scores: ./repro status {sweep}";
        // Runs that have failed or were cancelled are tried again where their trial is named.
        var again = state.Arms.All(trial => trial.Done) ? state.Arms.FirstOrDefault() : null;
        return $"Test is sealed: no run of the comparison {sweep} has completed, so test has not been computed. To go on: ./repro resume {sweep}{(again is null ? "" : $" --trial {again.Number}")}";
    }
}
