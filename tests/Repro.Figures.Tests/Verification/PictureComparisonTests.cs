using Repro.Figures.Gnuplot;
using Repro.Figures.Images;
using Repro.Figures.Verification;

namespace Repro.Figures.Tests.Verification;

public sealed class PictureComparisonTests
{
    private static readonly PictureTolerance Tolerance = new(Level: 10, Share: 0.02);

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(10, 50, 0, true)]
    [InlineData(11, 2, 2, true)]
    [InlineData(11, 3, 3, false)]
    [InlineData(255, 3, 3, false)]
    public void Pixels_count_as_different_beyond_the_level_and_pictures_beyond_the_share(int by, int pixels, long differing, bool within)
    {
        var old = new RgbImage(10, 10);
        var changed = new RgbImage(10, 10);
        for (var i = 0; i < pixels; i++) changed.Pixels[i * 3 + i % 3] = (byte)by;
        var comparison = PictureComparison.Of(old, changed, Tolerance);
        Assert.Equal((100, differing, pixels > 0 ? by : 0), (comparison.Pixels, comparison.Differing, comparison.Largest));
        Assert.Equal(within, comparison.Within(Tolerance));
    }

    [Fact]
    public void Pictures_of_different_sizes_are_never_the_same()
    {
        var comparison = PictureComparison.Of(new RgbImage(4, 4), new RgbImage(8, 2), new PictureTolerance(255, 1));
        Assert.False(comparison.Within(new PictureTolerance(255, 1)));
        Assert.Equal("the sizes differ: 4 x 4 pixels and 8 x 2", comparison.Say(Tolerance));
    }

    [Fact]
    public void The_finding_names_the_share_the_level_and_the_tolerance()
    {
        var changed = new RgbImage(10, 10);
        changed.Pixels[0] = 99;
        Assert.Equal("1 of 100 pixels (1.000 %) differ by more than 10 of 255, the largest by 99; within the tolerance of 2.000 %", PictureComparison.Of(new RgbImage(10, 10), changed, Tolerance).Say(Tolerance));
    }

    [SkippableFact]
    public void Another_value_at_one_point_is_beyond_the_default_tolerance_and_the_same_figure_within()
    {
        var renderer = GnuplotRenderer.Find();
        Skip.If(renderer is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        var folder = Directory.CreateTempSubdirectory("repro-figures-").FullName;
        try
        {
            Figure Of(string name, double middle) => new(name, "t", new Axis("x"), new Axis("y", Min: 0, Max: 10), [new Line("a", 0, [0, 1, 2, 3, 4], [1, 2, middle, 4, 5])]);
            var files = new[] { Of("one", 3), Of("same", 3), Of("other", 4) }.Select(figure => renderer!.Render(figure, folder, FigureFormat.Png)[0]).ToList();
            Assert.True(PictureComparison.Of(files[0], files[1], PictureTolerance.Default).Within(PictureTolerance.Default));
            Assert.False(PictureComparison.Of(files[0], files[2], PictureTolerance.Default).Within(PictureTolerance.Default));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
