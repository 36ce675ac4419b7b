namespace Repro.Figures.Tests;

public sealed class ForecastFanTests
{
    // 0, 1 ... 100: the quantile p is 100 p.
    private static readonly double[] Hundred = [.. Enumerable.Range(0, 101).Select(i => (double)i)];

    [Fact]
    public void The_bands_are_the_central_intervals_of_the_samples_the_widest_first()
    {
        var figure = ForecastFan.Of("fan", "Fan", "hour", "load (MW)", [(-1, 40), (0, 50)], [50, 99], [1, 2], [Hundred, [.. Hundred.Reverse()]]);
        FigureRules.Check(figure);
        var bands = figure.Marks.OfType<Band>().ToList();
        Assert.Equal([(2.5, 97.5), (10, 90), (25, 75)], bands.Select(band => (Math.Round(band.Low[1], 9), Math.Round(band.High[1], 9))));
        Assert.Equal([50.0, 50], figure.Marks.OfType<Line>().Single(line => line.Label.StartsWith("median", StringComparison.Ordinal)).Y);
        Assert.Equal((0.5, true), figure.Marks.OfType<Reference>().Select(reference => (reference.At, reference.Vertical)).Single());
        Assert.Contains("Of the truth's 2 values 1 lie in the 50 % band, 1 in the 80 % band and 1 in the 95 % band", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void One_sample_is_no_distribution() => Assert.Throws<ArgumentException>(() => ForecastFan.Of("fan", "Fan", "hour", "load", [], [], [1], [[5]]));
}
