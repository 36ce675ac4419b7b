using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Runs;

namespace Repro.Reports.Figures;

/// <summary>The objective of one trial while it trained.</summary>
/// <param name="Points">By step, over its runs; as far as it came.</param>
/// <param name="End">How it ended.</param>
public sealed record TrialCurve(int Trial, RunState End, IReadOnlyList<(long Step, double Value)> Points);

/// <summary>The objective of every trial while training: one line a trial, none longer than the trial.</summary>
public static class TrialCurves
{
    // More lines than this are one dark area, and more points in one than a column has room for only make the file larger.
    internal const int MostLines = 200, MostPoints = 120;

    /// <param name="curves">By number.</param>
    /// <returns>Null where none has a finite value.</returns>
    public static Figure? Of(SearchedTrials trials, IReadOnlyList<TrialCurve> curves, int seeds = 1)
    {
        var measured = curves.Where(curve => curve.Points.Any(point => double.IsFinite(point.Value))).ToList();
        if (measured.Count == 0) return null;
        var others = measured.Where(curve => curve.Trial != trials.Best?.Number && curve.Trial != trials.Paper?.Number).ToList();
        var shown = Thinning.Evenly(others, MostLines);
        var marks = shown.Select((curve, i) => Draw(i == 0 ? "other trials" : "", TrialMarks.OtherColour, curve)).ToList();
        foreach (var curve in measured.Where(curve => curve.Trial == trials.Paper?.Number && trials.Paper != trials.Best)) marks.Add(Draw(TrialMarks.PaperLabel(trials), TrialMarks.PaperColour, curve));
        foreach (var curve in measured.Where(curve => curve.Trial == trials.Best?.Number)) marks.Add(Draw(TrialMarks.BestLabel(trials), TrialMarks.BestColour, curve));
        var drawn = others.Count > shown.Count ? $"{marks.Count} of {measured.Count:#,0} trials, evenly over their numbers" : measured.Count == 1 ? "The one trial that measured it" : $"All {measured.Count} trials that measured it";
        return new Figure("curves", $"{trials.Words.Sentence} while training", new Axis("optimizer steps"), trials.Axis(marks.SelectMany(Values).Where(double.IsFinite)), marks)
        {
            Caption = $"{drawn}, as far as each came; {trials.Better}.{(seeds > 1 ? $" Each line is the mean over {seeds} seeds." : "")}",
        };
    }

    internal static Mark Draw(string label, int colour, TrialCurve curve)
    {
        var points = Thinning.Evenly(curve.Points, MostPoints);
        return points.Count == 1 ? new Points(label, colour, [points[0].Step], [points[0].Value]) : new Line(label, colour, [.. points.Select(point => (double)point.Step)], [.. points.Select(point => point.Value)]);
    }

    internal static IEnumerable<double> Values(Mark mark) => mark switch { Line line => line.Y, Points points => points.Y, _ => [] };
}
