using Repro.Experiments.Images;
using Repro.Figures;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// What a trained network does between noise and image, drawn: Figures 6, 8 and 9 of Ho et al. 2020 and Figure 6 of Song et al. 2020 at any size. Of images alone: points have no
/// pictures, and each gives no figures for them. The engine's generator is seeded anew for each, so that a figure depends on the parameters and the data alone.
/// </summary>
internal sealed class DdpmDrawing(DdpmOptions options, GaussianDiffusion diffusion, Denoiser denoise, ImageShape shape, Device device)
{
    /// <summary>Rows of a strip, and pictures in a row of each figure.</summary>
    public const int Rows = 6, Columns = 9;

    /// <summary>Steps of the reverse process that an interpolation takes at most: hundreds would look the same and take minutes.</summary>
    private const int MostSteps = 50;

    /// <summary>
    /// Figure 6: x_t on its way to a sample, and the x_0 that the network predicts from each of these x_t. The columns of both are the same steps; the last of either is the sample.
    /// </summary>
    public IReadOnlyList<Figure> Denoising()
    {
        if (diffusion.Levels == 0) return [];
        manual_seed(1);
        using var scope = NewDisposeScope();
        // In the paper's numbers, from T, which is pure noise, towards 1, the later the denser, since that is where images appear.
        var shown = Enumerable.Range(0, Columns - 1).Select(i => Math.Max(1, (int)(options.Timesteps * Math.Pow(1 - ((double)i / (Columns - 1)), 2)))).Distinct().ToArray();
        var (noisy, predicted) = (new List<Tensor>(), new List<Tensor>());
        var sample = Sampler().Ancestral(randn([Rows, shape.Channels, shape.Height, shape.Width], device: device), (step, x, start) =>
        {
            if (!shown.Contains(step + 1)) return;
            noisy.Add(x.clone());
            predicted.Add(start.clone());
        });

        string[] steps = [.. shown.Select(t => $"t = {t}"), "t = 0"];
        return
        [
            Grid("denoising", "From noise to image",
                $"Each row is a sample on its way, by Algorithm 2: x_t from t = {options.Timesteps}, which is noise, to t = 0, which is the sample.",
                ByRows([.. noisy, sample]), Repeated(steps), steps.Length),
            Grid("progressive", "What the network takes the image to be",
                "The x_0 that is predicted from the x_t at the same place in the figure of the way from noise to image (Ho et al. 2020, Figure 6); at t = 0 the sample itself.",
                ByRows([.. predicted, sample]), Repeated(steps), steps.Length),
        ];
    }

    /// <summary>
    /// Figures 8 and 9: two real images are diffused by t steps with noise of their own, mixed linearly, and denoised again, each row from another t. The noise of the way back is
    /// the same in a row.
    /// </summary>
    /// <param name="examples">At least two, of the split that is evaluated; the first two are taken that have different classes.</param>
    public IReadOnlyList<Figure> Interpolations(IImageSource source, IReadOnlyList<int> examples)
    {
        if (diffusion.Levels == 0 || examples.Count < 2) return [];
        var pair = new[] { examples[0], examples.FirstOrDefault(example => source.Label(example) != source.Label(examples[0]), examples[1]) };
        using var scope = NewDisposeScope();
        using var batch = new BatchPool(ImageBatches.InOrder(source, pair, 2)).Fill(0);
        var images = batch.To(device).Images;
        var (grid, captions) = (new List<Tensor>(), new List<string>());
        foreach (var steps in Depths)
        {
            manual_seed(1);
            var x = diffusion.Diffuse(images, full([2], steps - 1, ScalarType.Int64, device), randn_like(images));
            var mixed = cat([.. Weights.Select(weight => (x.narrow(0, 0, 1) * (1 - weight)) + (x.narrow(0, 1, 1) * weight))], 0);
            var back = Sampler(sameNoise: true).Implicit(mixed, DiffusionSampler.Spaced(steps, Math.Min(steps, MostSteps)), eta: 1);
            grid.Add(cat([images.narrow(0, 0, 1), back, images.narrow(0, 1, 1)], 0));
            captions.AddRange(["source", .. Weights.Select(weight => FormattableString.Invariant($"{weight:0.##}")), "source"]);
        }
        return
        [
            Grid("interpolations", "Interpolations between two real images",
                $"Rows: diffused by {string.Join(", ", Depths)} of {options.Timesteps} steps, mixed in the shares beneath the pictures, and denoised " +
                $"in at most {MostSteps} steps with eta = 1 and the same noise along a row. The more steps, the less is left of the two (Ho et al. 2020, Figures 8, 9).",
                grid, captions, Weights.Length + 2),
        ];
    }

    /// <summary>
    /// Song et al. 2020, Figure 6: samples of the deterministic process (eta = 0) from noise that goes over from one draw to another, along the sphere (appendix D.5).
    /// </summary>
    public IReadOnlyList<Figure> LatentInterpolations()
    {
        if (diffusion.Levels == 0) return [];
        manual_seed(1);
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, Rows).Select(_ =>
        {
            var ends = randn([2, shape.Channels, shape.Height, shape.Width], device: device);
            var (one, other) = (ends.narrow(0, 0, 1), ends.narrow(0, 1, 1));
            var angle = Math.Acos(Math.Clamp((double)((one * other).sum() / (one.norm() * other.norm())), -1, 1));
            return cat([.. Weights.Select(weight => Spherical(one, other, angle, weight))], 0);
        }).ToList();
        var steps = Math.Min(options.Timesteps, MostSteps);
        var samples = Sampler().Implicit(cat(rows, 0), DiffusionSampler.Spaced(options.Timesteps, steps), eta: 0);
        return
        [
            Grid("latent-interpolations", "Interpolations between two draws of noise",
                $"Each row goes from one x_T to another along the sphere; {steps} steps with eta = 0, so a picture depends on its x_T alone (Song et al. 2020, Figure 6).",
                [samples], Repeated([.. Weights.Select(weight => FormattableString.Invariant($"{weight:0.##}"))]), Weights.Length),
        ];
    }

    /// <summary>Steps by which images are diffused before they are mixed: a sixteenth of all, an eighth, a quarter, half, and all, which leaves nothing of them.</summary>
    private IReadOnlyList<int> Depths => [.. Enumerable.Range(0, 5).Select(halvings => Math.Max(1, options.Timesteps >> halvings)).Distinct().Reverse()];

    private static double[] Weights { get; } = [.. Enumerable.Range(0, Columns).Select(i => (double)i / (Columns - 1))];

    /// <summary>sin((1 - a) angle) / sin(angle) of one and sin(a angle) / sin(angle) of the other.</summary>
    internal static Tensor Spherical(Tensor one, Tensor other, double angle, double weight) =>
        (one * (Math.Sin((1 - weight) * angle) / Math.Sin(angle))) + (other * (Math.Sin(weight * angle) / Math.Sin(angle)));

    private DiffusionSampler Sampler(bool sameNoise = false) => new(diffusion, denoise) { SameNoise = sameNoise };

    /// <summary>One picture after the other of each row, from a tensor a column.</summary>
    private static List<Tensor> ByRows(IReadOnlyList<Tensor> columns) => [stack(columns, 1).flatten(0, 1)];

    private static List<string> Repeated(string[] captions) => [.. Enumerable.Repeat(captions, Rows).SelectMany(row => row)];

    private static Figure Grid(string name, string title, string caption, IReadOnlyList<Tensor> pictures, IReadOnlyList<string> captions, int columns)
    {
        using var all = cat([.. pictures], 0);
        return new Figure(name, title, new Axis(""), new Axis(""), [new ImageGrid(DdpmFigures.Pictures(all), captions, columns)]) { Caption = caption, Frame = false };
    }
}
