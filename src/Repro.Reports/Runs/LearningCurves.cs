using Repro.Figures;
using Repro.Studies.Runs;

namespace Repro.Reports.Runs;

/// <summary>Turns the metrics of a run into figures: one a quantity, with the splits as lines.</summary>
public static class LearningCurves
{
    // More points than this are a band of noise; their mean says more, and the range is drawn around it.
    private const int MostPoints = 400, Slices = 160;

    // Layer norms of a deep net would be dozens of figures of one line each.
    private const int MostLines = 8;

    /// <param name="metrics">Ordered by step.</param>
    /// <param name="mainMetric">Its quantity comes first.</param>
    /// <param name="claims">Claims with a value that concern the run: their values are drawn as reference lines.</param>
    /// <param name="best">The value of <paramref name="mainMetric"/> to expect of a perfect model; drawn as a reference line. Null: not known.</param>
    public static IReadOnlyList<Figure> Of(IReadOnlyList<MetricPoint> metrics, string mainMetric, IReadOnlyList<ClaimReading> claims, double? best = null)
    {
        var main = MetricWords.Of(mainMetric).Quantity;
        return metrics
            .GroupBy(point => point.Name)
            .Select(series => (Words: MetricWords.Of(series.Key), Points: Corners(series.Key, series.OrderBy(point => point.Step).ToList())))
            .Where(series => series.Points.Exists(point => double.IsFinite(point.Value)))
            .GroupBy(series => series.Words.Split.Length > 0 ? series.Words.Quantity : series.Words.Quantity.Split('/')[0])
            .OrderByDescending(group => group.Key == main).ThenByDescending(group => group.Key == "loss").ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Draw(group.Key, group.OrderBy(series => series.Words.Colour).ToList(), claims, group.Key == main ? best : null))
            .ToList();
    }

    private static Figure Draw(string quantity, List<(MetricWords Words, List<MetricPoint> Points)> all, IReadOnlyList<ClaimReading> claims, double? best)
    {
        var series = all.Take(MostLines).ToList();
        var words = series[0].Words with { Quantity = quantity };
        var unit = claims.FirstOrDefault(reading => series.Exists(s => Name(s.Words) == reading.Claim.Metric))?.Claim.Unit ?? words.Unit;
        var marks = new List<Mark>();
        var described = new List<string>();
        for (var i = 0; i < series.Count; i++)
        {
            var (seriesWords, points) = series[i];
            var colour = seriesWords.Split.Length > 0 ? seriesWords.Colour : i;
            // Where there is but one line, the axis names it.
            var label = seriesWords.Split.Length > 0 ? seriesWords.Split : series.Count > 1 ? seriesWords.Title : "";
            marks.AddRange(Marks(label, colour, points, out var note));
            var finite = points.Where(point => double.IsFinite(point.Value)).ToList();
            var lost = points.Count - finite.Count;
            described.Add($"{(label.Length > 0 ? label : words.Title)}: {note}first {Numbers.Write(finite[0].Value)}, last {Numbers.Write(finite[^1].Value)}, lowest {Numbers.Write(finite.Min(p => p.Value))}"
                + (lost > 0 ? $", {lost} not finite" : ""));
        }
        foreach (var claim in claims.Select(reading => reading.Claim).Where(claim => claim.Value is not null).DistinctBy(claim => (claim.Metric, claim.Value)))
        {
            if (series.Find(s => Name(s.Words) == claim.Metric) is { Words: { } matched })
                marks.Add(new Reference($"paper, {claim.Stands}: {claim.Published} {claim.Unit}".TrimEnd(), matched.Split.Length > 0 ? matched.Colour : 6, claim.Value!.Value));
        }
        if (best is { } lowest) marks.Add(new Reference($"perfect model: {Numbers.WithUnit(lowest, unit)}", 6, lowest));
        var title = char.ToUpperInvariant(words.Title[0]) + words.Title[1..] + " while training";
        if (series.Find(s => s.Words.Split == "train") is { Points: { Count: > 2 } trained }) described.Add(MeanOver(trained));
        var left = all.Count > series.Count ? $" {all.Count - series.Count} more series are in the run's metrics." : "";
        return new Figure("curve-" + FileName(quantity), title, new Axis("optimizer steps"), new Axis(unit.Length > 0 ? $"{words.Title} ({unit})" : words.Title, Log: NeedsLog(quantity, series.SelectMany(s => s.Points).Select(point => point.Value))), marks)
        {
            Height = 260,
            Caption = string.Join("; ", described) + "." + left,
        };
    }

    // A rate that stays the same for thousands of steps is drawn by its corners; means over slices would turn its jumps into slopes.
    private static List<MetricPoint> Corners(string name, List<MetricPoint> points) => name != "learning_rate" ? points :
        points.Where((point, i) => i == 0 || i == points.Count - 1 || points[i - 1].Value != point.Value || points[i + 1].Value != point.Value).ToList();

    private static string MeanOver(List<MetricPoint> trained)
    {
        var steps = trained.Skip(1).Zip(trained.Skip(2), (a, b) => b.Step - a.Step).GroupBy(gap => gap).OrderByDescending(gaps => gaps.Count()).ThenBy(gaps => gaps.Key).First().Key;
        return steps == 1 ? "each point of train is one step"
            : $"each point of train is the mean over the {steps} steps up to it{(trained[0].Step == 1 ? ", the first is step 1 alone" : "")}";
    }

    private static IEnumerable<Mark> Marks(string label, int colour, List<MetricPoint> points, out string note)
    {
        note = "";
        if (points.Count <= MostPoints) return [new Line(label, colour, points.Select(p => (double)p.Step).ToList(), points.Select(p => p.Value).ToList())];
        var (first, last) = (points[0].Step, points[^1].Step);
        var slices = points.GroupBy(p => (int)Math.Min(Slices - 1, (p.Step - first) * Slices / Math.Max(1, last - first))).ToList();
        // A slice with a value that is not finite has no mean: the line breaks there, as the run did.
        var x = slices.Select(slice => slice.Average(p => (double)p.Step)).ToList();
        note = $"{points.Count} values, drawn as mean and range of about {(last - first) / Slices} steps, ";
        return
        [
            new Band("", colour, x, slices.Select(slice => slice.Min(p => p.Value)).ToList(), slices.Select(slice => slice.Max(p => p.Value)).ToList()),
            new Line(label, colour, x, slices.Select(slice => slice.Average(p => p.Value)).ToList()),
        ];
    }

    // Losses and rates fall over decades; on a linear axis the end of training would be one flat line. Errors are read against zero.
    internal static bool NeedsLog(string quantity, IEnumerable<double> all)
    {
        if (quantity is "error" or "accuracy") return false;
        var values = all.Where(double.IsFinite).ToList();
        return values.Count > 0 && values.Min() > 0 && values.Max() / values.Min() > 20;
    }

    private static string Name(MetricWords words) => words.Split.Length > 0 ? $"{words.Split}_{words.Quantity}" : words.Quantity;

    private static string FileName(string quantity) => string.Concat(quantity.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
