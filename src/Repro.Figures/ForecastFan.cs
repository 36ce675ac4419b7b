using System.Globalization;
using Repro.Studies.Statistics;

namespace Repro.Figures;

/// <summary>A series up to now, and what a model says of what comes: the median and central intervals of its samples, beside what came.</summary>
public static class ForecastFan
{
    private const int HistoryColour = 6, ForecastColour = 0, TruthColour = 1;

    // The widest first: the narrower lie on it and darken it.
    private static readonly double[] Levels = [0.95, 0.8, 0.5];

    /// <param name="name">Of the figure's file.</param>
    /// <param name="x">What time is counted in: <c>hour</c>.</param>
    /// <param name="y">The quantity with its unit in parentheses.</param>
    /// <param name="history">(time, value) by time; the forecast begins after the last.</param>
    /// <param name="truth">What came, at the times of the forecast; empty where nobody knows.</param>
    /// <param name="times">Of the forecast.</param>
    /// <param name="samples">Of each time the values that the model drew; at least two, finite.</param>
    public static Figure Of(
        string name, string title, string x, string y, IReadOnlyList<(double Time, double Value)> history, IReadOnlyList<double> truth, IReadOnlyList<double> times, IReadOnlyList<IReadOnlyList<double>> samples)
    {
        if (samples.Count != times.Count || samples.Any(values => values.Count < 2)) throw new ArgumentException($"A fan takes two samples or more at each of its {times.Count} times; it was given {samples.Count} lists.", nameof(samples));
        var sorted = samples.Select(values => values.Order().ToArray()).ToList();
        var marks = new List<Mark>();
        foreach (var level in Levels)
        {
            marks.Add(new Band("median; 50, 80, 95 %", ForecastColour, times, [.. sorted.Select(values => Quantiles.Of<double>(values, (1 - level) / 2))], [.. sorted.Select(values => Quantiles.Of<double>(values, (1 + level) / 2))]));
        }
        if (history.Count > 0)
        {
            marks.Add(new Line("history", HistoryColour, [.. history.Select(point => point.Time)], [.. history.Select(point => point.Value)]));
            marks.Add(new Reference("", HistoryColour, (history[^1].Time + times[0]) / 2, Vertical: true));
        }
        marks.Add(new Line("median; 50, 80, 95 %", ForecastColour, times, [.. sorted.Select(values => Quantiles.Of<double>(values, 0.5))]));
        var caption = $"The bands hold the central 50, 80 and 95 % of {samples.Min(values => values.Count).ToString("#,0", CultureInfo.InvariantCulture)} samples at each of {times.Count} times; the dashed line is where the forecast begins.";
        if (truth.Count > 0)
        {
            marks.Add(new Line("truth", TruthColour, [.. times.Take(truth.Count)], truth));
            caption += $" Of the truth's {truth.Count} values {Inside(sorted, truth, 0.5)} lie in the 50 % band, {Inside(sorted, truth, 0.8)} in the 80 % band and {Inside(sorted, truth, 0.95)} in the 95 % band.";
        }
        return new Figure(name, title, new Axis(x), new Axis(y), marks) { Height = 240, Caption = caption };
    }

    private static string Inside(List<double[]> sorted, IReadOnlyList<double> truth, double level) =>
        truth.Where((value, i) => value >= Quantiles.Of<double>(sorted[i], (1 - level) / 2) && value <= Quantiles.Of<double>(sorted[i], (1 + level) / 2)).Count().ToString(CultureInfo.InvariantCulture);
}
