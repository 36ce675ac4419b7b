using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class CalibrationTests
{
    [Fact]
    public void Probabilities_fall_into_ten_bins_and_stand_at_the_mean_of_each()
    {
        var figure = Calibration.OfProbabilities("calibration", "Calibration", [(0.12, false), (0.18, true), (0.95, true), (1, true)]);
        FigureRules.Check(figure);
        var points = figure.Marks.OfType<Points>().Single();
        Assert.Equal([(0.15, 0.5), (0.975, 1)], points.X.Zip(points.Y));
        Assert.Equal(["2", "2"], figure.Marks.OfType<Texts>().Single().Words);
        // (2 |0.5 - 0.15| + 2 |1 - 0.975|) / 4
        Assert.Contains("Expected calibration error 18.75 %", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("n = 4 predictions", figure.Caption, StringComparison.Ordinal);
    }

    // By definition (Wilson 1927) the ends are the probabilities p whose own normal interval p +- z sqrt(p (1 - p) / n) just reaches what was observed.
    [Theory]
    [InlineData(8, 10)]
    [InlineData(1, 40)]
    [InlineData(250, 500)]
    public void Whiskers_are_wilson_intervals(int happened, int total)
    {
        var (low, high) = Calibration.Wilson(happened, total);
        var share = (double)happened / total;
        Assert.True(low < share && share < high);
        foreach (var p in new[] { low, high }) Assert.Equal(1.959964, Math.Abs(share - p) / Math.Sqrt(p * (1 - p) / total), 1e-5);
    }

    [Fact]
    public void What_never_or_always_happened_has_whiskers_to_one_side()
    {
        // z^2 / (n + z^2) with z^2 = 3.841459.
        Assert.Equal((0, 0.277533), Rounded(Calibration.Wilson(0, 10)));
        Assert.Equal((0.722467, 1), Rounded(Calibration.Wilson(10, 10)));

        static (double, double) Rounded((double Low, double High) interval) => (Math.Round(interval.Low, 6), Math.Round(interval.High, 6));
    }

    [Fact]
    public void Intervals_stand_at_their_nominal_level_with_the_share_that_they_hold()
    {
        var figure = Calibration.OfIntervals("coverage", "Coverage", [(0.5, 45), (0.8, 60), (0.95, 90)], 100);
        FigureRules.Check(figure);
        Assert.Equal([(0.5, 0.45), (0.8, 0.6), (0.95, 0.9)], figure.Marks.OfType<Points>().Single() is var points ? points.X.Zip(points.Y) : []);
        Assert.Contains("Farthest from it: 80 % intervals hold 60 %", figure.Caption, StringComparison.Ordinal);
        Assert.Equal(([0.0, 1.0], true), figure.Marks.OfType<Line>().Where(line => line.Dashed).Select(line => (line.X.ToArray(), line.X.SequenceEqual(line.Y))).Single(), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2);
    }

    [Fact]
    public void What_is_no_probability_is_refused() => Assert.Throws<ArgumentException>(() => Calibration.OfProbabilities("calibration", "Calibration", [(1.2, true)]));
}
