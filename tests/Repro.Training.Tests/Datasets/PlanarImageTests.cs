using Repro.Figures.Images;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets;

public sealed class PlanarImageTests
{
    private static readonly RgbImage Picture = new(2, 1, [10, 20, 30, 40, 50, 60]);

    [Fact]
    public void Colours_become_planes_and_back()
    {
        var shape = new ImageShape(3, 1, 2);
        var planes = PlanarImage.FromRgb(Picture, shape);
        Assert.Equal([10, 40, 20, 50, 30, 60], planes);
        Assert.Equal(Picture.Pixels, PlanarImage.ToRgb(shape, planes).Pixels);
    }

    [Fact]
    public void One_channel_takes_the_luma_and_leaves_grey_as_it_is()
    {
        var grey = PlanarImage.FromRgb(new RgbImage(2, 1, [77, 77, 77, 255, 0, 0]), new ImageShape(1, 1, 2));
        Assert.Equal([77, 76], grey); // 0.299 x 255 = 76.2
    }

    [Fact]
    public void Numbers_are_drawn_between_two_bounds_and_cut_off_beyond()
    {
        var image = PlanarImage.ToRgb(new ImageShape(1, 1, 5), [-3, -2, 0, 2, 9], low: -2, high: 2);
        Assert.Equal([0, 0, 128, 255, 255], image.Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void A_picture_of_another_size_is_refused() =>
        Assert.Contains("resize", Assert.Throws<ArgumentException>(() => PlanarImage.FromRgb(Picture, new ImageShape(3, 2, 2))).Message);
}
