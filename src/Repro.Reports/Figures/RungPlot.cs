using System.Globalization;
using Repro.Figures;
using Repro.Studies.Runs;

namespace Repro.Reports.Figures;

/// <summary>What a pruner did: every trial's objective up to where it was cut, over the rungs at which the pruner looked.</summary>
public static class RungPlot
{
    private const int PrunedColour = 5, CompletedColour = 0, CutColour = 3, RungColour = 6;

    // A median pruner looks at every evaluation; a wall of lines would say nothing.
    private const int MostRungs = 10;

    // Of the pruned, and of the completed: more lie over each other.
    private const int Most = 60;

    /// <param name="curves">Of trials that reported anything, by number.</param>
    /// <param name="rungs">Steps at which the pruner decided, ascending.</param>
    /// <returns>Null where no trial was cut: there is nothing to see that the curves do not show.</returns>
    public static Figure? Of(SearchedTrials trials, IReadOnlyList<TrialCurve> curves, IReadOnlyList<long> rungs, string pruner)
    {
        var finite = curves.Select(curve => curve with { Points = [.. curve.Points.Where(point => double.IsFinite(point.Value))] }).Where(curve => curve.Points.Count > 0).ToList();
        var cut = finite.Where(curve => curve.End == RunState.Pruned).ToList();
        if (cut.Count == 0) return null;
        var survived = finite.Where(curve => curve.End == RunState.Completed && curve.Trial != trials.Best?.Number).ToList();
        var (shownCut, shownSurvived) = (Thinning.Evenly(cut, Most), Thinning.Evenly(survived, Most));
        var marks = new List<Mark>();
        var at = rungs.Count <= MostRungs ? rungs : [];
        var log = rungs.Count > 2 && rungs.Count <= MostRungs && rungs[0] > 0 && rungs[^1] / rungs[0] >= 8;
        marks.AddRange(at.Select(rung => new Reference("", RungColour, rung, Vertical: true)));
        // A trial that was cut at its first value is where it was cut, and nothing else.
        marks.AddRange(shownCut.Where(curve => curve.Points.Count > 1).Select((curve, i) => TrialCurves.Draw(i == 0 ? "pruned" : "", PrunedColour, curve)));
        marks.AddRange(shownSurvived.Select((curve, i) => TrialCurves.Draw(i == 0 ? "completed" : "", CompletedColour, curve)));
        marks.AddRange(finite.Where(curve => curve.Trial == trials.Best?.Number).Select(curve => TrialCurves.Draw(TrialMarks.BestLabel(trials), TrialMarks.BestColour, curve)));
        var ends = shownCut.Select(curve => curve.Points[^1]).ToList();
        marks.Add(new Points("cut here", CutColour, [.. ends.Select(end => (double)end.Step)], [.. ends.Select(end => end.Value)]));

        var steps = cut.Sum(curve => curve.Points[^1].Step);
        var whole = finite.Where(curve => curve.End == RunState.Completed).Select(curve => curve.Points[^1].Step).DefaultIfEmpty(0).Max();
        var some = shownCut.Count < cut.Count || shownSurvived.Count < survived.Count
            ? $" Drawn are {shownCut.Count} of the pruned and {shownSurvived.Count} of the other completed trials, evenly over their numbers." : "";
        var where = at.Count > 0 ? $" at the rungs of {pruner} (dashed: {string.Join(", ", at.Select(rung => rung.ToString("#,0", CultureInfo.InvariantCulture)))} steps)" : $" by {pruner}";
        var cost = whole > 0 ? $" The pruned trials took {(100.0 * steps / (whole * cut.Count)).ToString("0", CultureInfo.InvariantCulture)} % of the steps that whole runs would have taken." : "";
        var x = new Axis(log ? "optimizer steps (logarithmic)" : "optimizer steps", log);
        return new Figure("rungs", $"{trials.Words.Sentence} up to where trials were cut", x, trials.Axis(marks.SelectMany(TrialCurves.Values)), log ? Positive(marks) : marks)
        {
            Caption = $"{cut.Count:#,0} of {trials.All.Count:#,0} trials were pruned{where}; {trials.Better}.{cost}{some}",
        };
    }

    // Step 0, before the first update, has no place on a logarithmic axis.
    private static List<Mark> Positive(List<Mark> marks) => [.. marks.Select(mark => mark switch
    {
        Line line when line.X.Any(step => step <= 0) => line with { X = [.. line.X.Where(step => step > 0)], Y = [.. line.Y.Where((_, i) => line.X[i] > 0)] },
        Points points when points.X.Any(step => step <= 0) => points with { X = [.. points.X.Where(step => step > 0)], Y = [.. points.Y.Where((_, i) => points.X[i] > 0)] },
        _ => mark,
    }).Where(mark => mark is not (Line { X.Count: 0 } or Points { X.Count: 0 }))];
}
