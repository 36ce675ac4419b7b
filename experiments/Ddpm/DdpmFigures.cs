using Repro.Figures;
using Repro.Figures.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>Samples for people's eyes.</summary>
internal static class DdpmFigures
{
    private const int Shown = 64, ShownPoints = 1000;

    /// <summary>The first samples, in the order in which they were drawn, none chosen.</summary>
    /// <param name="measured">What the distance of all of them is called; null where it was not measured.</param>
    /// <param name="shown">Images to show at most.</param>
    public static IReadOnlyList<Figure> Samples(DdpmOptions options, Tensor samples, string? measured, int shown = Shown)
    {
        var how = options.SampleSteps == 0
            ? $"all {options.Timesteps} steps of Algorithm 2"
            : FormattableString.Invariant($"{options.SampleSteps} of {options.Timesteps} steps, eta = {options.Eta}");
        var caption = $"By {how}; the first ones drawn, none chosen.{(measured is null ? "" : $" Measured over all: {measured}.")}";
        using var scope = NewDisposeScope();
        if (options.Data == "generated")
        {
            var points = samples.narrow(0, 0, Math.Min(ShownPoints, samples.shape[0])).flatten(1).to_type(ScalarType.Float64).cpu();
            var (x, y) = (points.select(1, 0).contiguous().data<double>().ToArray(), points.select(1, 1).contiguous().data<double>().ToArray());
            return [new Figure("samples", "Samples of the trained model", new Axis("x"), new Axis("y"), [new Points("", 0, x, y)]) { Caption = caption }];
        }
        var grid = new ImageGrid(Pictures(samples.narrow(0, 0, Math.Min(shown, samples.shape[0]))), [], 8);
        return [new Figure("samples", "Samples of the trained model", new Axis(""), new Axis(""), [grid]) { Caption = caption, Frame = false }];
    }

    /// <summary>The distance of samples against the number of steps that they took, with and without noise on the way.</summary>
    /// <param name="floor">The distance of as many real images; null where there are not so many.</param>
    /// <param name="measured">What the distance is called.</param>
    /// <param name="heldOut">The real images of the floor were not trained on.</param>
    public static Figure QualityAgainstSteps(
        IReadOnlyList<int> steps, IReadOnlyList<double> implicitly, IReadOnlyList<double> withNoise, double? floor, string measured, bool heldOut)
    {
        double[] x = [.. steps.Select(count => (double)count)];
        List<Mark> marks = [new Line("eta = 0 (DDIM)", 0, x, implicitly), new Points("", 0, x, implicitly), new Line("eta = 1", 1, x, withNoise), new Points("", 1, x, withNoise)];
        if (floor is { } real) marks.Add(new Reference("real images", 2, real));
        return new Figure("steps", "Quality against the number of steps", new Axis("steps of the reverse process", Log: true), new Axis("Frechet distance", Log: true), marks)
        {
            Caption = $"{measured}. One trained network; every point samples from the same noise at the start. " +
                $"Below: the distance of as many real images{(heldOut ? " that were not trained on" : ", which this run was trained on too")}.",
        };
    }

    /// <summary>-1 is black, 1 white.</summary>
    /// <param name="images">[N, channels, height, width], with one channel or three.</param>
    public static IReadOnlyList<RgbImage> Pictures(Tensor images)
    {
        var (count, channels, height, width) = ((int)images.shape[0], (int)images.shape[1], (int)images.shape[2], (int)images.shape[3]);
        using var plain = images.detach().cpu().to_type(ScalarType.Float32).contiguous();
        var (values, plane) = (plain.data<float>().ToArray(), height * width);
        var pictures = new List<RgbImage>(count);
        for (var i = 0; i < count; i++)
        {
            var picture = new RgbImage(width, height);
            for (var at = 0; at < plane * 3; at++)
            {
                var value = values[(((i * channels) + Math.Min(at % 3, channels - 1)) * plane) + (at / 3)];
                picture.Pixels[at] = (byte)Math.Round(127.5 * (1 + Math.Clamp(value, -1, 1)));
            }
            pictures.Add(picture);
        }
        return pictures;
    }
}
