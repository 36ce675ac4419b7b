using System.Globalization;
using Repro.Figures;
using Repro.Reports.Runs;

namespace Repro.Reports.Figures;

/// <summary>Whether what a model says of its own certainty is so: how often its central intervals hold the truth, or how often what it calls likely happens.</summary>
public static class Calibration
{
    /// <summary>Bins of equal width that probabilities fall into.</summary>
    public const int Bins = 10;

    private const int ModelColour = 1, DiagonalColour = 6;

    // The 97.5 % point of the standard normal distribution.
    private const double Z = 1.959963984540054;

    private const double CountsAt = -0.08, Edge = -0.15;

    /// <summary>Central intervals: the share that holds the truth beside the share that should.</summary>
    /// <param name="name">Of the figure's file.</param>
    /// <param name="covered">Of each nominal level, in (0, 1), how many of <paramref name="total"/> truths lay inside.</param>
    public static Figure OfIntervals(string name, string title, IReadOnlyList<(double Level, int Covered)> covered, int total)
    {
        var farthest = covered.MaxBy(level => Math.Abs(((double)level.Covered / total) - level.Level));
        return Draw(name, title, new Axis("nominal level of the interval", Min: 0, Max: 1), "share that holds the truth", [.. covered.Select(level => new Bin(level.Level, level.Covered, total))], counts: false) with
        {
            Caption = $"On the diagonal an interval called 80 % holds 80 % of the truths; below it the model is too sure. n = {total:#,0} truths at every level. "
                + $"Farthest from it: {Percent(farthest.Level)} intervals hold {Percent((double)farthest.Covered / total)}. {Whiskers}",
        };
    }

    /// <summary>Probabilities: how often it happened beside how likely it was called, in <see cref="Bins"/> bins of equal width (DeGroot and Fienberg 1983).</summary>
    /// <param name="name">Of the figure's file.</param>
    /// <param name="predictions">The probability, 0 to 1, and whether it happened. For classes: of the predicted class, and whether it was right.</param>
    public static Figure OfProbabilities(string name, string title, IReadOnlyList<(double Probability, bool Happened)> predictions)
    {
        if (predictions.Count == 0 || predictions.Any(item => !(item.Probability is >= 0 and <= 1))) throw new ArgumentException($"Calibration takes probabilities from 0 to 1; it was given {predictions.Count} predictions, some of them others or none at all.", nameof(predictions));
        var bins = predictions.GroupBy(item => Math.Min(Bins - 1, (int)(item.Probability * Bins))).OrderBy(bin => bin.Key)
            .Select(bin => new Bin(bin.Average(item => item.Probability), bin.Count(item => item.Happened), bin.Count())).ToList();
        // Guo et al. 2017, "On calibration of modern neural networks", equation (3).
        var error = bins.Sum(bin => bin.Total * Math.Abs(bin.Share - bin.Called)) / predictions.Count;
        return Draw(name, title, new Axis("probability called", Min: 0, Max: 1), "share that happened", bins, counts: true) with
        {
            Caption = $"On the diagonal what is called 80 % likely happens 80 % of the time; below it the model is too sure. n = {predictions.Count:#,0} predictions in {Bins} bins of equal width, "
                + $"their numbers along the bottom; a point stands at the mean of its bin. Expected calibration error {Percent(error)}. {Whiskers}",
        };
    }

    private const string Whiskers = "Whiskers are 95 % Wilson intervals.";

    private sealed record Bin(double Called, int Happened, int Total)
    {
        public double Share => (double)Happened / Total;
    }

    private static Figure Draw(string name, string title, Axis x, string share, IReadOnlyList<Bin> bins, bool counts)
    {
        var called = bins.Select(bin => bin.Called).ToList();
        var wilson = bins.Select(bin => Wilson(bin.Happened, bin.Total)).ToList();
        var marks = new List<Mark>
        {
            new Line("perfect", DiagonalColour, [0, 1], [0, 1], Dashed: true),
            new Intervals("", ModelColour, called, [.. wilson.Select(interval => interval.Low)], [.. wilson.Select(interval => interval.High)]),
            new Line("the model", ModelColour, called, [.. bins.Select(bin => bin.Share)]),
            new Points("the model", ModelColour, called, [.. bins.Select(bin => bin.Share)]),
        };
        if (counts) marks.Add(new Texts(DiagonalColour, called, [.. bins.Select(_ => CountsAt)], [.. bins.Select(bin => Count(bin.Total))]));
        return new Figure(name, title, x, new Axis(share, Min: counts ? Edge : 0, Max: 1.02), marks) { Width = 300, Height = 280 };
    }

    /// <summary>The 95 % interval of a share (Wilson 1927, "Probable inference"), which stays within 0 and 1 and holds at small n.</summary>
    internal static (double Low, double High) Wilson(int happened, int total)
    {
        var (share, z2) = ((double)happened / total, Z * Z);
        var centre = (share + (z2 / (2 * total))) / (1 + (z2 / total));
        var half = Z / (1 + (z2 / total)) * Math.Sqrt((share * (1 - share) / total) + (z2 / (4.0 * total * total)));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    private static string Count(int count) => count < 10_000 ? count.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{count / 1000}k");

    private static string Percent(double share) => $"{Numbers.Write(Math.Round(100 * share, 2))} %";
}
