using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests.Examples;

/// <summary>Images whose best classifier is known, so that what a network may reach is known too.</summary>
internal static class GeneratedImages
{
    /// <summary>One picture a class, standard normal noise on top. No classifier beats the nearest picture.</summary>
    /// <param name="contrast">Root mean square of the pictures.</param>
    public static (Tensor Pictures, Func<int, (Tensor Images, Tensor Labels)> Draw) Templates(int classes, int side, double contrast, Generator random)
    {
        using var coarse = randn([classes, 1, side / 4, side / 4], generator: random);
        var pictures = nn.functional.interpolate(coarse, size: [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
        pictures = pictures * (contrast / pictures.square().mean([1L, 2, 3], keepdim: true).sqrt());
        return (pictures, count =>
        {
            var labels = randint(classes, [count], generator: random);
            return (pictures.index_select(0, labels) + randn([count, 1, side, side], generator: random), labels);
        });
    }

    /// <summary>Share of images whose nearest picture is the right one.</summary>
    public static double NearestIsRight(Tensor pictures, Tensor images, Tensor labels) =>
        Share(cdist(images.flatten(1), pictures.flatten(1)).argmin(1), labels);

    /// <summary>Gratings in three colours whose direction is the class and whose phase is anything, with noise on top.</summary>
    public static (Tensor Images, Tensor Labels) Gratings(int count, int classes, int side, double contrast, Generator random)
    {
        var labels = randint(classes, [count], generator: random);
        var phase = rand([count, 1, 1], generator: random) * (2 * Math.PI);
        var waves = (Along(labels, classes, side) + phase).sin().unsqueeze(1);
        var colours = rand([count, 3, 1, 1], generator: random) + 0.5;
        return ((waves * colours * contrast) + randn([count, 3, side, side], generator: random), labels);
    }

    /// <summary>Share of gratings that the energy in each direction, over all phases, tells right.</summary>
    public static double EnergyIsRight(Tensor images, Tensor labels, int classes)
    {
        var waves = Along(arange(classes), classes, (int)images.shape[^1]).flatten(1);
        var flat = images.mean([1L]).flatten(1);
        var energy = flat.mm(waves.sin().t()).square() + flat.mm(waves.cos().t()).square();
        return Share(energy.argmax(1), labels);
    }

    public static double Share(Tensor guesses, Tensor labels) => guesses.eq(labels).to(float64).mean().item<double>();

    // The phase of each class's wave at each pixel, four waves a side.
    private static Tensor Along(Tensor labels, int classes, int side)
    {
        var angle = (labels.to(float32) * (Math.PI / classes)).reshape(-1, 1, 1);
        var place = arange(side, float32) * (2 * Math.PI * 4 / side);
        return (angle.cos() * place.reshape(1, 1, -1)) + (angle.sin() * place.reshape(1, -1, 1));
    }
}
