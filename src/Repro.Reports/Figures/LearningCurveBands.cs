using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>The runs of one setting that differ in their seeds alone.</summary>
/// <param name="Label">Short: it stands at the end of the line.</param>
/// <param name="Runs">A metric of each run, by step.</param>
public sealed record CurveGroup(string Label, IReadOnlyList<IReadOnlyList<MetricPoint>> Runs);

/// <summary>A metric while training: the mean over the seeds of each setting, with its interval.</summary>
public static class LearningCurveBands
{
    /// <summary>More lines than this cannot be told apart by their colours.</summary>
    public const int MostGroups = 7;

    private const double Level = 0.95;

    /// <param name="name">Of the figure's file.</param>
    /// <param name="groups">At most <see cref="MostGroups"/>.</param>
    /// <param name="paper">What the paper states of the same metric and split.</param>
    /// <returns>Null where no group has a step at which all of its runs measured something finite.</returns>
    public static Figure? Of(string name, string metric, IReadOnlyList<CurveGroup> groups, PaperValue? paper = null)
    {
        if (groups.Count > MostGroups) throw new ArgumentException($"There are {groups.Count} curves, but only {MostGroups} can be told apart.", nameof(groups));
        var words = MetricWords.Of(metric);
        var settings = groups.Select((group, i) => (Group: group, Colour: i, Steps: Steps([.. group.Runs.Where(run => run.Count > 0)]))).Where(setting => setting.Steps.Exists(step => step.Values.TrueForAll(double.IsFinite))).ToList();
        if (settings.Count == 0) return null;
        var means = settings.SelectMany(setting => setting.Steps).Where(step => step.Values.TrueForAll(double.IsFinite)).Select(step => step.Values.Average()).ToList();
        var y = new Axis(words.Label, LearningCurves.NeedsLog(words.Quantity, means));
        // Where the interval of a positive quantity passes zero, a logarithmic axis has no place for its end.
        var least = y.Log ? means.Min() / 10 : double.NegativeInfinity;
        var (bands, lines, ends) = (new List<Mark>(), new List<Mark>(), new List<string>());
        foreach (var (group, colour, steps) in settings)
        {
            var x = steps.Select(step => (double)step.Step).ToList();
            var mean = steps.Select(step => step.Values.TrueForAll(double.IsFinite) ? step.Values.Average() : double.NaN).ToList();
            if (steps[0].Values.Count > 1)
            {
                var intervals = steps.Select(step => step.Values.TrueForAll(double.IsFinite) ? StudentT.Mean(step.Values, Level) : null).ToList();
                bands.Add(new Band(group.Label, colour, x, [.. intervals.Select(interval => interval is null ? double.NaN : y.Log && interval.Low <= 0 ? least : interval.Low)], [.. intervals.Select(interval => interval?.High ?? double.NaN)]));
            }
            lines.Add(steps.Count == 1 ? new Points(group.Label, colour, x, mean) : new Line(group.Label, colour, x, mean));
            ends.Add(End(group.Label, words.Unit, steps[^1]));
        }
        List<Mark> marks = [.. bands, .. lines];
        if (paper is not null) marks.Add(paper.Line(words.Unit));
        var band = bands.Count > 0 ? " Bands are 95 % Student-t intervals of the mean at each step by itself." : "";
        var broken = means.Count < settings.Sum(setting => setting.Steps.Count) ? " A line breaks where a run was not finite." : "";
        return new Figure(name, $"{words.Sentence} while training, mean over seeds", new Axis("optimizer steps"), y, marks)
        {
            Height = 260,
            Caption = $"At the last step that all runs have: {string.Join("; ", ends)}.{band}{broken}",
        };
    }

    /// <summary>Steps that every run has: a mean over those that happened to come further would be another mean.</summary>
    private static List<(long Step, List<double> Values)> Steps(List<IReadOnlyList<MetricPoint>> runs) =>
        runs.SelectMany(run => run.DistinctBy(point => point.Step)).GroupBy(point => point.Step).Where(step => step.Count() == runs.Count).OrderBy(step => step.Key)
            .Select(step => (step.Key, step.Select(point => point.Value).ToList())).ToList();

    private static string End(string label, string unit, (long Step, List<double> Values) last)
    {
        var seeds = $"n = {last.Values.Count}";
        if (!last.Values.TrueForAll(double.IsFinite)) return $"{label} not finite ({seeds}, step {last.Step:#,0})";
        var interval = last.Values.Count > 1 && StudentT.Mean(last.Values, Level) is { } found ? $" [{Numbers.Write(found.Low)}, {Numbers.Write(found.High)}]" : "";
        return $"{label} {Numbers.WithUnit(last.Values.Average(), unit)}{interval} ({seeds}, step {last.Step:#,0})";
    }
}
