using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Figures;

/// <summary>
/// Every completed trial as a line through its hyperparameters and its objective (Inselberg 1985, "The plane with parallel coordinates"). Where the dark lines meet
/// on an axis, good trials agree on its value.
/// </summary>
public static class ParallelCoordinates
{
    // Both numbers are in the caption: the best ones are what one looks for, and the others say what is not among them.
    private const int MostBest = 60, MostOthers = 240;

    private const int AxisColour = 6;
    private const double Below = 1.06, Above = -0.06;

    // More names than this along an axis would lie over each other.
    private const int MostNames = 6;

    /// <returns>Null where fewer than two trials have completed, or nothing was searched.</returns>
    public static Figure? Of(SearchedTrials trials)
    {
        var space = trials.Space.Parameters;
        if (trials.Completed.Count < 2 || space.Count == 0) return null;
        var values = WithoutDiverged(trials);
        var (low, high, beyond) = (values.Min(), values.Max(), trials.Completed.Count - values.Count);
        var log = trials.Axis(values).Log;
        var (shown, rule) = Choose(trials);

        // The y axis names its rows (with nothing, so that it has no numbers), and names run downwards: 0 is its top.
        var marks = new List<Mark>();
        // The best lie on top: they are drawn last.
        foreach (var (trial, rank) in shown.OrderByDescending(item => item.Rank).Where(item => item.Trial != trials.Best && item.Trial != trials.Paper))
            marks.Add(Path(trial, "", TrialMarks.OtherColour) with { Shade = rank });
        if (trials.Paper is { Objective: not null } paper && paper != trials.Best) marks.Add(Path(paper, TrialMarks.PaperLabel(trials), TrialMarks.PaperColour));
        marks.Add(Path(trials.Best!, TrialMarks.BestLabel(trials), TrialMarks.BestColour));
        for (var i = 0; i <= space.Count; i++) marks.Add(new Line("", AxisColour, [i, i], [0, 1]));
        var least = trials.Direction == ObjectiveDirection.Minimize;
        marks.AddRange(Ends(space, (beyond > 0 && !least ? "≤ " : "") + Written(low), (beyond > 0 && least ? "≥ " : "") + Written(high)));

        return new Figure("parallel", $"{trials.Words.Sentence} and what was searched", new Axis("", Min: -0.35, Max: space.Count + 0.35)
        {
            Categories = [.. space.Select(parameter => Slices.IsLogarithmic(parameter) ? $"{Slices.Title(parameter.Name)} (log)" : Slices.Title(parameter.Name)), log ? $"{trials.Words.Label}, log" : trials.Words.Label],
        },
            new Axis("", Min: -0.14, Max: 1.14) { Categories = [""] }, marks)
        {
            Height = 270,
            Frame = false,
            // Ranks rather than values: a few diverged trials would leave all others one colour.
            Colours = marks.Exists(mark => mark.Shade is not null) ? new ColourScale("rank (1 is best)", 1, trials.Completed.Count) : null,
            Caption = $"One line a completed trial, {rule}; {trials.Better}. Every axis runs from the lowest value that could be drawn to the highest, and the objective's over {(beyond == 0 ? "all completed trials" : $"all completed trials but {beyond} far worse than the rest, which lie at its end")}. A line has a gap where a hyperparameter plays no part.",
        };

        Line Path(SearchedTrial trial, string label, int colour) => new(label, colour, [.. Enumerable.Range(0, space.Count + 1).Select(i => (double)i)],
            [.. space.Select(parameter => trial.Configuration.TryGet(parameter.Name, out var text) ? 1 - Unit(parameter, text) : double.NaN), Place(Math.Clamp(trial.Objective!.Value, low, high))]);

        double Place(double value) => high == low ? 0.5 : 1 - (log ? Math.Log(value / low) / Math.Log(high / low) : (value - low) / (high - low));
    }

    // A diverged trial's perplexity of 1e15 would press all others into one point: values end three times as far from the best as three quarters of the trials do.
    private static List<double> WithoutDiverged(SearchedTrials trials)
    {
        var values = trials.Completed.Select(trial => trial.Objective!.Value).OrderBy(trials.Loss).ToList();
        if (values.Count < 8) return values;
        var log = trials.Axis(values).Log;
        double From(double value) => Math.Abs(log ? Math.Log(value / values[0]) : value - values[0]);
        var most = 3 * From(values[(values.Count - 1) * 3 / 4]);
        return [.. values.TakeWhile(value => From(value) <= most)];
    }

    private static (IReadOnlyList<(SearchedTrial Trial, int Rank)> Shown, string Rule) Choose(SearchedTrials trials)
    {
        var ranked = trials.Completed.OrderBy(trial => trials.Loss(trial.Objective!.Value)).Select((trial, i) => (trial, i + 1)).ToList();
        if (ranked.Count <= MostBest + MostOthers) return (ranked, $"all {ranked.Count} of them");
        return ([.. ranked.Take(MostBest), .. Thinning.Evenly(ranked[MostBest..], MostOthers)], $"the {MostBest} best of {ranked.Count:#,0} and {MostOthers} more, evenly over the ranks of the others");
    }

    // Choices reach from end to end of their axis; numbers stand as they are drawn.
    private static double Unit(Hyperparameter parameter, string text) =>
        parameter is Categorical { Values.Count: > 1 } choice ? ((choice.UnitOf(text) * choice.Values.Count) - 0.5) / (choice.Values.Count - 1) : parameter.UnitOf(text);

    private static IEnumerable<Texts> Ends(IReadOnlyList<Hyperparameter> space, string low, string high)
    {
        var (bottom, top, beside) = (new List<(double, double, string)>(), new List<(double, double, string)>(), new List<(double, double, string)>());
        for (var i = 0; i < space.Count; i++)
        {
            var (from, to) = Range(space[i]);
            bottom.Add((i, Below, from));
            if (to.Length > 0) top.Add((i, Above, to));
            if (space[i] is Categorical { Values.Count: > 2 and <= MostNames } choice) beside.AddRange(choice.Values.Skip(1).SkipLast(1).Select(value => ((double)i, 1 - Unit(choice, value), value)));
        }
        bottom.Add((space.Count, Below, low));
        top.Add((space.Count, Above, high));
        foreach (var (places, side) in new[] { (bottom, TextSide.Centre), (top, TextSide.Centre), (beside, TextSide.Right) })
        {
            if (places.Count > 0) yield return new Texts(AxisColour, [.. places.Select(place => place.Item1)], [.. places.Select(place => place.Item2)], [.. places.Select(place => place.Item3)], side);
        }
    }

    private static (string From, string To) Range(Hyperparameter parameter) => parameter switch
    {
        FloatRange range => (Written(range.Low), Written(range.High)),
        IntRange range => (Written(range.Low), Written(range.High)),
        Categorical { Values.Count: 1 } choice => (choice.Values[0], ""),
        Categorical choice => (choice.Values[0], choice.Values[^1]),
        _ => ("", ""),
    };

    private static string Written(double value) => Numbers.Write(value).Replace("E−0", "e−", StringComparison.Ordinal).Replace("E+0", "e", StringComparison.Ordinal);
}
