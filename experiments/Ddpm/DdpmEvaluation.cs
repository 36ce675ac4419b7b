using Repro.Experiments.Images;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// What a denoising network is worth: its loss and the variational bound on examples it has not seen, and how far its samples lie from the training examples. Steps and noise come
/// from the engine's generator, which whoever asks has seeded.
/// </summary>
internal sealed class DdpmEvaluation(DdpmOptions options, RunContext context, ImageParts parts, GaussianDiffusion diffusion, Denoiser denoise, Device device)
{
    /// <summary>Examples and terms of the bound while training: enough for a curve.</summary>
    private const int ExamplesWhileTraining = 256, TermsWhileTraining = 8;

    private const int AtOnce = 250;

    /// <summary>Looked at between two batches, and between two steps of sampling.</summary>
    public EvaluationWatch Watch { get; set; } = EvaluationWatch.None;

    // Drawn for the first split that is evaluated with the trained result, and used for the next ones too where they are enough: they depend on no split.
    private Tensor? _samples;
    private DdpmFeatures? _features;

    /// <summary>
    /// <c>loss</c> and <c>bits_per_dim</c>; for the trained result <c>frechet_distance</c> and <c>frechet_floor</c> too, each of equally many samples and real examples from the
    /// examples trained on, and for generated points <c>noise_error</c> (<see cref="MixtureEvaluation.NoiseError"/>). While training the bound is an estimate from fewer examples,
    /// and from eight terms of each; in the end from as many terms as the options say, which may be fewer.
    /// </summary>
    public Evaluation Of(string split, bool final)
    {
        var (source, examples) = parts.Evaluated(split);
        var metrics = new Dictionary<string, double>();
        var (loss, bits) = final
            ? Bound(source, examples, options.BoundTerms)
            : Bound(source, examples[..Math.Min(ExamplesWhileTraining, examples.Length)], Math.Min(TermsWhileTraining, options.Timesteps));
        (metrics["loss"], metrics["bits_per_dim"]) = (loss, bits);
        if (!final) return new Evaluation(metrics);

        var count = Math.Min(options.Samples, examples.Length);
        var compared = count == examples.Length ? examples : [.. new Philox(0, RandomPurpose.Report).Permutation(examples.Length)[..count].Select(at => examples[at]).Order()];
        if (_samples is null || _samples.shape[0] < count)
        {
            Forget();
            _samples = Sample(options, diffusion, denoise, parts.Shape, count, device, Watch);
        }
        using var samples = _samples.narrow(0, 0, count);
        using var finite = samples.isfinite();
        using var all = finite.all();
        if (!all.item<bool>()) return new Evaluation(new Dictionary<string, double>(metrics) { ["frechet_distance"] = double.PositiveInfinity });
        if (_features is null)
        {
            _features = DdpmFeatures.Of(options, parts);
            _features.TellTo(context);
        }
        var features = _features;
        (metrics["frechet_distance"], metrics["frechet_floor"]) = (features.Distance(samples), features.Distance(source, compared));
        if (options.Data == "generated") metrics["noise_error"] = NoiseError(source, examples);
        var drawing = new DdpmDrawing(options, diffusion, denoise, parts.Shape, device);
        return new Evaluation(metrics)
        {
            Figures =
            [
                .. DdpmFigures.Samples(options, samples, features.Describe(count)), .. drawing.Denoising(), .. drawing.Interpolations(source, compared),
                .. drawing.LatentInterpolations(),
            ],
        };
    }

    /// <summary>How far the network's noise lies from the exact one, on points whose density is known.</summary>
    private double NoiseError(IImageSource source, int[] examples)
    {
        using var batch = new BatchPool(ImageBatches.InOrder(source, examples, examples.Length)).Fill(0);
        using var points = batch.To(device).Images;
        return MixtureEvaluation.NoiseError(GeneratedPoints.Mixture, diffusion, denoise, points, seed: 0);
    }

    /// <summary>Forgets the samples, because the parameters change.</summary>
    public void Forget()
    {
        _samples?.Dispose();
        _samples = null;
    }

    /// <summary>Generates so many, as the options say: [count, channels, height, width].</summary>
    internal static Tensor Sample(DdpmOptions options, GaussianDiffusion diffusion, Denoiser denoise, ImageShape shape, int count, Device device, EvaluationWatch? watch = null)
    {
        var sampler = new DiffusionSampler(diffusion, denoise, clip: diffusion.Levels > 0) { Watch = watch ?? EvaluationWatch.None };
        using var scope = NewDisposeScope();
        var batches = new List<Tensor>();
        for (var done = 0; done < count; done += AtOnce)
        {
            using var noise = randn([Math.Min(AtOnce, count - done), shape.Channels, shape.Height, shape.Width], device: device);
            using var drawn = options.SampleSteps == 0 ? sampler.Ancestral(noise) : sampler.Implicit(noise, options.StepsToSample(), options.Eta);
            batches.Add(ToLevels(drawn, diffusion.Levels));
        }
        return cat(batches, 0).DetachFromDisposeScope();
    }

    /// <summary>The nearest of the levels that real images have; points stay as they are.</summary>
    internal static Tensor ToLevels(Tensor images, int levels)
    {
        if (levels == 0) return images.alias();
        using var scope = NewDisposeScope();
        var half = (levels - 1) / 2.0;
        return (((images.clamp(-1, 1) + 1) * half).round() / half - 1).MoveToOuterDisposeScope();
    }

    /// <param name="terms">
    /// 0 or T: every term for each example. Otherwise the first, and of each of so many less one <see cref="Parts"/> of the others one, which stands for its part.
    /// </param>
    /// <returns>The training loss, each example at one step of its own; L_T and all terms of the bound together, in bits for each number of an example.</returns>
    private (double Loss, double Bits) Bound(IImageSource source, int[] examples, int terms)
    {
        var batches = ImageBatches.InOrder(source, examples, AtOnce);
        var pool = new BatchPool(batches);
        using var sums = zeros(2, ScalarType.Float64, device);
        for (var step = 0L; step < batches.StepsFor(1); step++)
        {
            Watch.Look((double)step / batches.StepsFor(1));
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            var start = Acceleration.ImagesChannelsLast(batch.To(device).Images);
            var count = start.shape[0];
            // Evenly over the steps, one an example: the mean over steps then scatters little.
            var places = (arange(count, dtype: ScalarType.Float64, device: device) + rand([count], ScalarType.Float64, device)) * ((double)options.Timesteps / count);
            var loss = diffusion.TrainingLosses(denoise, start, places.to_type(ScalarType.Int64).clamp(max: options.Timesteps - 1), randn_like(start)).sum();
            sums.add_(stack([loss, Bits(diffusion, denoise, start, terms).sum()]));
        }
        var means = sums.cpu().data<double>().ToArray();
        return (means[0] / examples.Length, means[1] / examples.Length);
    }

    /// <summary>The variational bound of each example, in bits for each number of it: [N].</summary>
    /// <param name="terms">As in <see cref="Bound"/>.</param>
    internal static Tensor Bits(GaussianDiffusion diffusion, Denoiser denoise, Tensor start, int terms)
    {
        var count = start.shape[0];
        var bits = diffusion.PriorBits(start);
        foreach (var (first, size) in Parts(diffusion.Schedule.Timesteps, terms))
        {
            using var scope = NewDisposeScope();
            var t = size == 1 ? full([count], first, ScalarType.Int64, start.device) : randint(first, first + size, [count], device: start.device);
            var x = diffusion.Diffuse(start, t, randn_like(start));
            bits.add_(diffusion.BoundTerms(denoise(x, t), start, x, t, clip: diffusion.Levels > 0), alpha: size);
        }
        return bits;
    }

    /// <summary>
    /// Which steps one drawn term stands for: first step and number of steps. The first stands for itself; of the others, parts grow by one factor from step to step, because the
    /// terms fall about as 1/t: those near the data are what scatters.
    /// </summary>
    internal static IEnumerable<(int First, int Size)> Parts(int timesteps, int terms)
    {
        var (first, others) = (1, terms == 0 ? timesteps - 1 : terms - 1);
        yield return (0, 1);
        for (var i = 1; i <= others; i++)
        {
            var end = Math.Clamp((int)Math.Round(Math.Pow(timesteps, (double)i / others)), first + 1, timesteps - (others - i));
            yield return (first, end - first);
            first = end;
        }
    }
}
