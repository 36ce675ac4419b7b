using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;

namespace Repro.Training.Tests.Datasets.Batches;

public sealed class PixelNormalizationTests
{
    // Sizes with and without a rest after whole vectors.
    private static readonly ImageShape[] Shapes = [new(3, 8, 8), new(2, 5, 7), new(1, 28, 28)];

    [Fact]
    public void The_mean_image_is_subtracted_and_one_deviation_divides_all()
    {
        foreach (var shape in Shapes)
        {
            var split = Split(shape);
            int[] examples = [0, 2, 3, 7];
            var normalization = PixelNormalization.PerPixelMean(split, examples);

            var means = Enumerable.Range(0, shape.Size).Select(i => examples.Average(e => (double)split.Image(e)[i])).ToArray();
            var deviation = Math.Sqrt(Enumerable.Range(0, shape.Size).Average(i => examples.Average(e => Math.Pow(split.Image(e)[i] - means[i], 2))));
            AssertNormalizes(split, normalization, means, Enumerable.Repeat(deviation, shape.Channels).ToArray());
        }
    }

    [Fact]
    public void Each_channel_has_its_own_mean_and_deviation()
    {
        foreach (var shape in Shapes)
        {
            var split = Split(shape);
            int[] examples = [1, 4, 5];
            var normalization = PixelNormalization.PerChannel(split, examples);

            var plane = shape.Height * shape.Width;
            var values = Enumerable.Range(0, shape.Channels).Select(c => examples.SelectMany(e => split.Image(e).Slice(c * plane, plane).ToArray()).Select(b => (double)b).ToArray()).ToArray();
            var means = values.Select(v => v.Average()).ToArray();
            var deviations = values.Zip(means, (v, mean) => Math.Sqrt(v.Average(x => (x - mean) * (x - mean)))).ToArray();
            AssertNormalizes(split, normalization, Enumerable.Range(0, shape.Size).Select(i => means[i / plane]).ToArray(), deviations);
        }
    }

    [Fact]
    public void Examples_held_back_have_no_part_in_it()
    {
        var split = Split(Shapes[0]);
        var before = PixelNormalization.PerPixelMean(split, [0, 1, 2]);
        split.Pixels.AsSpan(3 * Shapes[0].Size).Fill(255);
        Assert.Equal(before.Mean, PixelNormalization.PerPixelMean(split, [0, 1, 2]).Mean);
        Assert.NotEqual(before.Mean, PixelNormalization.PerPixelMean(split, [0, 1, 3]).Mean);
    }

    [Fact]
    public void The_order_of_the_examples_changes_no_bit()
    {
        var split = Split(Shapes[0]);
        var (a, b) = (PixelNormalization.PerPixelMean(split, [0, 1, 2, 5, 6]), PixelNormalization.PerPixelMean(split, [6, 2, 5, 0, 1]));
        Assert.Equal(a.Mean, b.Mean);
        Assert.Equal(a.Deviation, b.Deviation);
    }

    [Fact]
    public void A_pixel_that_never_changes_gives_zeros_and_no_division_by_zero()
    {
        var shape = new ImageShape(1, 4, 4);
        var split = ImageSplit.FromFileOrder("train", shape, [0, 1], Enumerable.Repeat((byte)9, 32).ToArray());
        foreach (var normalization in new[] { PixelNormalization.PerPixelMean(split, [0, 1]), PixelNormalization.PerChannel(split, [0, 1]) })
        {
            var pixels = new float[16];
            normalization.Apply(split.Image(0), pixels);
            Assert.All(pixels, pixel => Assert.Equal(0, pixel));
        }
    }

    [Fact]
    public void It_can_be_made_anew_from_its_numbers()
    {
        var split = Split(Shapes[0]);
        var normalization = PixelNormalization.PerChannel(split, [0, 1, 2]);
        var again = PixelNormalization.Of(Shapes[0], normalization.Mean, normalization.Deviation);
        var (a, b) = (new float[Shapes[0].Size], new float[Shapes[0].Size]);
        normalization.Apply(split.Image(5), a);
        again.Apply(split.Image(5), b);
        Assert.Equal(a, b);
        Assert.Throws<ArgumentException>(() => PixelNormalization.Of(Shapes[0], normalization.Mean, [1, 0, 1]));
    }

    [SkippableFact]
    public void The_channel_statistics_of_cifar_are_the_well_known_ones()
    {
        var train = TinyData.Real("cifar-10").Train;
        var normalization = PixelNormalization.PerChannel(train, Enumerable.Range(0, train.Count).ToArray());
        // As published with many recipes: (0.4914, 0.4822, 0.4465) and (0.2470, 0.2435, 0.2616) of 255.
        double[] means = [0.4914, 0.4822, 0.4465];
        double[] deviations = [0.2470, 0.2435, 0.2616];
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal(means[c], normalization.Mean[c * 1024] / 255, 4);
            Assert.Equal(deviations[c], normalization.Deviation[c] / 255, 4);
        }
    }

    private static ImageSplit Split(ImageShape shape) => ImageSplit.FromFileOrder(
        "train", shape, new byte[8], Enumerable.Range(0, 8 * shape.Size).Select(i => (byte)((i * 2654435761u) >> 13)).ToArray());

    private static void AssertNormalizes(ImageSplit split, PixelNormalization normalization, double[] means, double[] deviations)
    {
        var (pixels, plane) = (new float[split.Shape.Size], split.Shape.Height * split.Shape.Width);
        for (var e = 0; e < split.Count; e++)
        {
            normalization.Apply(split.Image(e), pixels);
            for (var i = 0; i < pixels.Length; i++) Assert.Equal((split.Image(e)[i] - means[i]) / deviations[i / plane], pixels[i], 1e-5);
        }
    }
}
