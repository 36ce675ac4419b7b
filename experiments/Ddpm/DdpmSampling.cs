using Repro.Experiments.Images;
using Repro.Figures;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Datasets;
using Repro.Training.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>How <c>repro sample ddpm RUN</c> samples.</summary>
public sealed record DdpmSampleOptions
{
    [Option("Steps to sample in; 0: all of the process.", Min = 0, Max = 100_000, Source = "Song et al. 2020, section 4.2")]
    public int Steps { get; init; }

    [Option("With steps: noise of the process, 0 none (DDIM) to 1.", Min = 0, Max = 1, Source = "Song et al. 2020, Eq. (16)")]
    public double Eta { get; init; }

    [Option("What is drawn: samples; strips from noise to image; interpolations between draws of noise; or the distance of samples from the training images against the number of steps, which needs the data set and minutes.",
        Choices = ["samples", "denoising", "interpolations", "steps"])]
    public string Draw { get; init; } = "samples";
}

/// <summary>Samples from a trained run.</summary>
internal static class DdpmSampling
{
    private const int LeastMeasured = 500;

    private static readonly int[] Counts = [5, 10, 20, 50, 100];

    /// <summary>The defaults of a run: the way in which it was evaluated.</summary>
    public static DdpmSampleOptions AsTheRun(DdpmOptions run) => new() { Steps = run.SampleSteps, Eta = run.Eta };

    /// <param name="request">Its count is that of the samples; for the distance against steps, those of each number of steps.</param>
    /// <exception cref="BadInputException">There is nothing of the kind to draw of this run.</exception>
    public static SampleResult Draw(DdpmOptions run, RunContext context, Checkpoint trained, SampleRequest request)
    {
        var (count, wanted) = (request.Count, (DdpmSampleOptions)request.Options);
        if (wanted.Draw != "samples" && (wanted.Steps, wanted.Eta) != (run.SampleSteps, run.Eta))
            throw new BadInputException($"draw={wanted.Draw} takes steps of its own; {(wanted.Steps != run.SampleSteps ? $"steps={wanted.Steps}" : $"eta={wanted.Eta}")} would change nothing. Leave it out, or draw samples in so many steps: --set draw=samples");
        if (wanted.Draw is "denoising" or "interpolations" && request.CountIsGiven)
            throw new BadInputException($"draw={wanted.Draw} always has {DdpmDrawing.Rows} rows, whatever --count says. Leave --count {count} out.");
        if (wanted.Steps == 0 && wanted.Eta != 1)
            throw new BadInputException($"eta is the noise of a process with fewer steps; eta={wanted.Eta} with all of them would change nothing. Set both: --set steps=50 --set eta={wanted.Eta}");
        if (wanted.Steps > run.Timesteps)
            throw new BadInputException($"The run's process has {run.Timesteps} steps to sample in; steps={wanted.Steps} are more. Set fewer, or steps=0 for all of them.");
        if (wanted.Draw == "steps" && count < Math.Max(LeastMeasured, 5 * run.Features))
            throw new BadInputException($"Distances of {count} samples scatter more than they differ; --set draw=steps wants at least {Math.Max(LeastMeasured, 5 * run.Features)} of each number of steps: --count 1000");
        var options = run with { SampleSteps = wanted.Steps, Eta = wanted.Eta, SampleSpacing = wanted.Steps == 0 ? "linear" : run.SampleSpacing };
        if (options.Complaint() is { } wrong) throw new BadInputException(wrong);
        var (device, shape) = (Devices.Select(context.Device), DdpmData.Shape(options));
        if (options.Data == "generated" && wanted.Draw is "denoising" or "interpolations")
            throw new BadInputException("This run learned points in the plane, which have no pictures on their way: --set draw=samples draws them.");
        using var evaluating = no_grad();
        using var model = DdpmTask.Build(options, shape, seed: 0, device);
        trained.LoadResult(model);
        model.eval();
        using var diffusion = DdpmTask.Diffusion(options, device);
        EngineGenerator.SeedEvaluation(context.Seed, trained.Step);
        var drawing = new DdpmDrawing(options, diffusion, model.call, shape, device);
        return new SampleResult(wanted.Draw switch
        {
            "denoising" => drawing.Denoising(),
            "interpolations" => drawing.LatentInterpolations(),
            "steps" => [QualityAgainstSteps(options, context, diffusion, model.call, count, device)],
            _ => Samples(options, diffusion, model.call, shape, count, device),
        }, []);
    }

    private static IReadOnlyList<Figure> Samples(DdpmOptions options, GaussianDiffusion diffusion, Denoiser denoise, ImageShape shape, int count, Device device)
    {
        using var samples = DdpmEvaluation.Sample(options, diffusion, denoise, shape, count, device);
        return DdpmFigures.Samples(options, samples, measured: null, shown: count);
    }

    // One model, several ways to sample from it: what the paper's Table 1 has along its rows. All begin at the same noise.
    private static Figure QualityAgainstSteps(DdpmOptions options, RunContext context, GaussianDiffusion diffusion, Denoiser denoise, int count, Device device)
    {
        var parts = DdpmData.Open(options with { TrainOn = "split" }, context);
        var features = DdpmFeatures.Of(options, parts);
        var (source, held) = parts.Evaluated(Splits.Validation);
        var counts = Counts.Where(steps => steps <= options.Timesteps).ToArray();
        double Distance(int steps, double eta)
        {
            EngineGenerator.SeedEvaluation(context.Seed, 0);
            using var samples = DdpmEvaluation.Sample(options with { SampleSteps = steps, Eta = eta }, diffusion, denoise, parts.Shape, count, device);
            return features.Distance(samples);
        }
        return DdpmFigures.QualityAgainstSteps(
            counts, [.. counts.Select(steps => Distance(steps, 0))], [.. counts.Select(steps => Distance(steps, 1))],
            count <= held.Length ? features.Distance(source, held[..count]) : null, features.Describe(count), heldOut: options.TrainOn == "split");
    }
}
