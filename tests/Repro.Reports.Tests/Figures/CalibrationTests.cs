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

    // statsmodels 0.14: proportion_confint(k, n, method="wilson"), printed to six digits; (0, 10) and (10, 10) are 0, z^2/(n + z^2) and its mirror.
    [Theory]
    [InlineData(8, 10, 0.490162, 0.943318)]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(10, 10, 0.722467, 1)]
    public void Whiskers_are_wilson_intervals(int happened, int total, double low, double high)
    {
        var interval = Calibration.Wilson(happened, total);
        Assert.Equal(low, interval.Low, 1e-6);
        Assert.Equal(high, interval.High, 1e-6);
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
