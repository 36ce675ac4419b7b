using Repro.Experiments.Ddpm;
using Repro.Figures;
using Repro.Figures.Images;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Generated;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>Alone: figures seed the engine's generator, which belongs to the process.</summary>
[Collection(nameof(FeatureClassifierTests))]
public sealed class DdpmDrawingTests : IDisposable
{
    private const int Timesteps = 12;

    private static readonly DdpmOptions Options = new() { Data = "optdigits", Timesteps = Timesteps, FirstBeta = 0.01, LastBeta = 0.5 };
    private static readonly ImageShape Shape = new(1, 8, 8) { Levels = 17 };

    private readonly GaussianDiffusion _diffusion = new(Options.Schedule(), MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, levels: 17, CPU);

    public void Dispose() => _diffusion.Dispose();

    // What a network would say of data that are all one grey: the rest of x_t is noise.
    private Tensor Grey(Tensor x, Tensor t) => _diffusion.NoiseFromStart(x, t, full_like(x, 0.5));

    private DdpmDrawing Drawing(Denoiser? denoise = null) => new(Options, _diffusion, denoise ?? Grey, Shape, CPU);

    [Fact]
    public void Strips_go_from_noise_to_what_the_network_takes_the_image_to_be()
    {
        var figures = Drawing().Denoising();
        Assert.Equal(["denoising", "progressive"], figures.Select(figure => figure.Name));
        Assert.All(figures, FigureRules.Check);
        var (noisy, predicted) = (Grid(figures[0]), Grid(figures[1]));
        Assert.Equal("t = 12", noisy.Captions[0]);
        Assert.Equal("t = 0", noisy.Captions[noisy.Columns - 1]);
        Assert.Equal(6 * noisy.Columns, noisy.Images.Count);
        for (var row = 0; row < 6; row++)
        {
            Assert.True(Spread(noisy.Images[row * noisy.Columns]) > 60);
            Assert.All(noisy.Images[(((row + 1) * noisy.Columns) - 1)].Pixels, pixel => Assert.InRange(pixel, 190, 192));
        }
        Assert.All(predicted.Images.SelectMany(image => image.Pixels), pixel => Assert.InRange(pixel, 190, 192));
    }

    [Fact]
    public void Beneath_each_noisy_image_stands_what_is_predicted_from_that_very_one_and_the_last_column_is_the_sample()
    {
        // A network that takes the image to be the noisy one turned upside down in brightness: each prediction is known from the picture above it.
        using var inverse = new GaussianDiffusion(Options.Schedule(), MeanKind.Start, VarianceKind.FixedSmall, LossKind.Simple, levels: 17, CPU);
        var figures = new DdpmDrawing(Options, inverse, (x, _) => -x, Shape, CPU).Denoising();
        var (noisy, predicted) = (Grid(figures[0]), Grid(figures[1]));
        Assert.Equal(noisy.Captions, predicted.Captions);
        Assert.Equal(["t = 12", "t = 9", "t = 6", "t = 4", "t = 3", "t = 1", "t = 0"], noisy.Captions.Take(noisy.Columns));
        Assert.Equal((noisy.Columns, noisy.Images.Count), (predicted.Columns, predicted.Images.Count));
        for (var i = 0; i < noisy.Images.Count; i++)
        {
            var last = i % noisy.Columns == noisy.Columns - 1;
            Assert.Equal(noisy.Images[i].Pixels.Select(pixel => last ? pixel : 255 - pixel), predicted.Images[i].Pixels.Select(pixel => (int)pixel));
            // The step from t = 1 has no noise: its mean is the image that is predicted there.
            if (last) Assert.Equal(predicted.Images[i - 1].Pixels, noisy.Images[i].Pixels);
        }
        // Neither noise nor sample is one grey, of which anything would be the reverse.
        Assert.All(noisy.Images, image => Assert.True(Spread(image) > 8));
    }

    [Fact]
    public void Interpolations_show_both_images_and_shares_of_them_at_four_depths()
    {
        var images = GeneratedImages.Test(new GeneratedImageTask(10, Shape, 0.01), seed: 0, 20);
        var figure = Assert.Single(Drawing().Interpolations(images, [.. Enumerable.Range(0, 20)]));
        FigureRules.Check(figure);
        var grid = Grid(figure);
        Assert.Equal((11, 44), (grid.Columns, grid.Images.Count));
        Assert.Equal(["source", "0", "0.13"], grid.Captions.Take(3));
        Assert.Contains("1, 3, 6, 12 of 12 steps", figure.Caption);
        // The sources are the same in each row, and of two classes.
        Assert.Equal(grid.Images[0].Pixels, grid.Images[11].Pixels);
        Assert.Equal(grid.Images[10].Pixels, grid.Images[43].Pixels);
        Assert.NotEqual(grid.Images[0].Pixels, grid.Images[10].Pixels);
    }

    [Fact]
    public void A_figure_depends_on_the_network_alone_and_not_on_what_was_drawn_before()
    {
        var first = Grid(Assert.Single(Drawing().LatentInterpolations()));
        using (var drawn = randn(7)) Assert.Equal(7, drawn.numel());
        var again = Grid(Assert.Single(Drawing().LatentInterpolations()));
        Assert.Equal(54, first.Images.Count);
        Assert.Equal(first.Images.Select(image => Convert.ToHexString(image.Pixels)), again.Images.Select(image => Convert.ToHexString(image.Pixels)));
        // A network that keeps what it is given: the ends of a row differ, and neighbours less.
        var kept = Grid(Assert.Single(Drawing((x, _) => x * 0).LatentInterpolations())).Images;
        Assert.True(Difference(kept[0], kept[8]) > 1.5 * Difference(kept[0], kept[2]));
    }

    [Fact]
    public void Points_have_no_pictures()
    {
        using var continuous = new GaussianDiffusion(Options.Schedule(), MeanKind.Noise, VarianceKind.FixedSmall, LossKind.Simple, levels: 0, CPU);
        var drawing = new DdpmDrawing(Options, continuous, Grey, new ImageShape(2, 1, 1), CPU);
        Assert.Empty(drawing.Denoising().Concat(drawing.LatentInterpolations()).Concat(drawing.Interpolations(GeneratedPoints.Train(10), [0, 1])));
    }

    [Fact]
    public void Between_two_draws_of_noise_the_sphere_keeps_their_length()
    {
        using var scope = NewDisposeScope();
        var (one, other) = (tensor(new float[] { 3, 0, 4 }), tensor(new float[] { 0, 5, 0 }));
        Assert.Equal(5, (double)DdpmDrawing.Spherical(one, other, Math.PI / 2, 0.3).norm(), 5);
        Assert.Equal(one.data<float>().ToArray(), DdpmDrawing.Spherical(one, other, Math.PI / 2, 0).data<float>().ToArray());
        Assert.True(allclose(other, DdpmDrawing.Spherical(one, other, Math.PI / 2, 1), atol: 1e-6));
    }

    [Fact]
    public void With_the_same_noise_what_begins_alike_ends_alike()
    {
        using var scope = NewDisposeScope();
        var alike = ones(2, 1, 8, 8);
        var steps = DiffusionSampler.Spaced(Timesteps, 4);
        var same = new DiffusionSampler(_diffusion, (x, _) => x * 0.5) { SameNoise = true }.Implicit(alike, steps, eta: 1);
        Assert.True(allclose(same[0], same[1], atol: 0));
        var own = new DiffusionSampler(_diffusion, (x, _) => x * 0.5).Implicit(alike, steps, eta: 1);
        Assert.False(allclose(own[0], own[1]));
    }

    [Fact]
    public void The_curve_over_steps_has_both_processes_and_the_floor()
    {
        var figure = DdpmFigures.QualityAgainstSteps([5, 10], [3, 2], [9, 4], 0.3, "Frechet distance, some features", heldOut: true);
        FigureRules.Check(figure);
        Assert.Equal([9, 4], Assert.Single(figure.Marks.OfType<Line>(), line => line.Label == "eta = 1").Y);
        Assert.Equal(0.3, Assert.Single(figure.Marks.OfType<Reference>()).At);
        Assert.Empty(DdpmFigures.QualityAgainstSteps([5], [3], [9], null, "", heldOut: true).Marks.OfType<Reference>());
    }

    private static ImageGrid Grid(Figure figure) => Assert.IsType<ImageGrid>(Assert.Single(figure.Marks));

    private static double Spread(RgbImage image) => Math.Sqrt(image.Pixels.Average(pixel => Math.Pow(pixel - image.Pixels.Average(p => p), 2)));

    private static double Difference(RgbImage one, RgbImage other) => one.Pixels.Zip(other.Pixels).Average(pair => Math.Abs(pair.First - pair.Second));
}
