using Repro.Experiments.Images;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Checks;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// What <c>repro check ddpm</c> knows of the model. The checks hand one tensor to a model and one to its loss: inputs are the noisy images with one channel more, which holds the
/// timestep's share of T; targets are the images, the noise and the timestep, one after the other.
/// </summary>
internal static class DdpmRecipe
{
    private const double Rate = 2e-3, BaselineRate = 1e-2;

    private const int HeldOutExamples = 256;

    /// <summary>Examples are held out whatever <c>train_on</c> says: checks look at some that the model has not seen, and never at test.</summary>
    public static Recipe Create(DdpmOptions options, RunContext context)
    {
        var setting = options with { TrainOn = "split" };
        var (parts, device) = (DdpmData.Open(setting, context), Devices.Select(context.Device));
        var diffusion = DdpmTask.Diffusion(setting, device);
        var (shape, pool) = (parts.Shape, new BatchPool(DdpmTask.Batches(setting, parts, context.Seed)));
        var (channels, points) = (shape.Channels, setting.Data == "generated");
        var silence = LossOfSilence();

        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var width = points
                    ? Math.Max(4, (int)(setting.Width * capacity))
                    : setting.Groups * Math.Max(1, (int)Math.Round(setting.Width * capacity / setting.Groups));
                var model = DdpmTask.Build(setting with { Width = width }, shape, seed, device);
                model.train();
                return new RecipeModel(model, inputs => Ask(model.call, inputs), Losses, optim.Adam(model.parameters(), Rate));
            },
            CapacityIs = points ? "units of every layer" : "channels of every level",
            Capacities = points ? (0.1, 1) : (0.25, 1),
            Baseline = _ =>
            {
                var linear = Linear((channels + 1) * shape.Height * shape.Width, shape.Size * (setting.Variance == VarianceKind.Learned ? 2 : 1));
                InitialValues.Constant(linear.weight!, 0);
                InitialValues.Constant(linear.bias!, 0);
                var model = Sequential(Flatten(), linear, Unflatten(1, [-1, shape.Height, shape.Width]));
                model.to(device);
                return new RecipeModel(model, model.call, Losses, optim.SGD(model.parameters(), BaselineRate, momentum: 0.9));
            },
            BaselineIs = $"a linear map of the noisy numbers and the timestep, trained by SGD at {BaselineRate} with momentum 0.9",
            LossAtInit = silence,
            LossAtInitTolerance = 0.1 * silence,
            LossAtInitBecause = setting is { Loss: LossKind.Simple, Mean: MeanKind.Noise }
                ? "1: the last convolution begins at next to zero, and the noise has variance 1"
                : "what outputs of zero cost on the same batch: the last convolution begins at next to that",
            Batch = step =>
            {
                using var batch = pool.Fill(step);
                return Noisy(batch, step);
            },
            HeldOut = () =>
            {
                var (source, examples) = parts.Evaluated(Splits.Validation);
                using var batch = new BatchPool(ImageBatches.InOrder(source, examples[..Math.Min(HeldOutExamples, examples.Length)], HeldOutExamples)).Fill(0);
                return Noisy(batch, step: -1);
            },
            InputShape = [channels + 1, shape.Height, shape.Width],
            Classes = [],
            Pictures = points ? null : inputs => DdpmFigures.Pictures(inputs.narrow(1, 0, channels)),
            FirstLayer = points ? null : model => ImageRecipe.Filters(((DdpmModel)model.Module).FirstFilters),
            // With L, the decoder's term and what a fixed variance costs stay, however well the batch is known.
            OverfitLoss = silence * (setting.Loss == LossKind.Simple ? 0.1 : 0.3),
            OverfitSteps = 600,
            // A linear map of points knows much of the noise in them; it takes longer to see that there is more.
            Steps = points ? 300 : 100,
        };

        RecipeBatch Noisy(ImageBatch batch, long step)
        {
            using var scope = NewDisposeScope();
            var start = batch.To(device).Images;
            var numbers = new Philox(context.Seed, RandomPurpose.Checks, step);
            var t = tensor(Enumerable.Range(0, (int)start.shape[0]).Select(_ => (long)numbers.NextInt32(setting.Timesteps)).ToArray(), device: device);
            var noise = tensor(Enumerable.Range(0, (int)start.numel()).Select(_ => (float)numbers.NextNormal()).ToArray(), start.shape, device: device);
            var plane = (t.to_type(ScalarType.Float32) / setting.Timesteps).reshape(-1, 1, 1, 1).expand(-1, 1, shape.Height, shape.Width);
            return new RecipeBatch(
                cat([diffusion.Diffuse(start, t, noise), plane], 1).MoveToOuterDisposeScope(), cat([start, noise, plane], 1).MoveToOuterDisposeScope());
        }

        Tensor Ask(Denoiser denoise, Tensor inputs)
        {
            using var x = inputs.narrow(1, 0, channels);
            using var t = Steps(inputs, channels, setting.Timesteps);
            return denoise(x, t);
        }

        // The noisy images are made again from the targets, because the loss is not given them.
        Tensor Losses(Tensor outputs, Tensor targets)
        {
            using var start = targets.narrow(1, 0, channels);
            using var noise = targets.narrow(1, channels, channels);
            using var t = Steps(targets, 2 * channels, setting.Timesteps);
            return diffusion.TrainingLosses((_, _) => outputs.alias(), start, t, noise);
        }

        double LossOfSilence()
        {
            using var scope = NewDisposeScope();
            using var without = no_grad();
            using var batch = pool.Fill(0);
            var targets = Noisy(batch, 0).Targets;
            var outputs = zeros([targets.shape[0], channels * (setting.Variance == VarianceKind.Learned ? 2 : 1), shape.Height, shape.Width], device: device);
            return setting is { Loss: LossKind.Simple, Mean: MeanKind.Noise } ? 1 : (double)Losses(outputs, targets).mean();
        }
    }

    /// <summary>The timesteps out of the channel that holds them.</summary>
    private static Tensor Steps(Tensor packed, long channel, int timesteps)
    {
        using var scope = NewDisposeScope();
        return (packed.detach().select(1, channel).flatten(1).select(1, 0) * timesteps).round().to_type(ScalarType.Int64).MoveToOuterDisposeScope();
    }
}
