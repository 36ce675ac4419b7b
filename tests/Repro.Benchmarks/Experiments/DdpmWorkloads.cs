using Repro.Benchmarks.Engine;
using Repro.Experiments.Ddpm;
using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Experiments;

/// <summary>The paper's U-Net as two profiles have it, for digits of 8 x 8 and clothes of 14 x 14; trained on random images, and sampled from by all of the steps.</summary>
internal static class DdpmWorkloads
{
    /// <summary>Images a step, and images sampled at once.</summary>
    public const int Batch = 64;

    public static DdpmOptions Digits { get; } = Profile("quick");

    public static DdpmOptions Fashion { get; } = Profile("fashion");

    public static IWorkload Training(DdpmOptions options) => new TaskStep(new DdpmTask(
        options, new RunContext(), new ImageParts(new RandomImages(Shape(options), 0.5f, 0.5f), TrainValidationSplit.Whole(RandomImages.Examples), () => throw new NotSupportedException())));

    private static DdpmOptions Profile(string name) => (DdpmOptions)new DdpmExperiment().Profiles.Single(profile => profile.Name == name).Options;

    private static ImageShape Shape(DdpmOptions options) => new(1, DdpmData.Size(options.Data) / options.Shrink, DdpmData.Size(options.Data) / options.Shrink);

    /// <summary>Images out of noise: Algorithm 2.</summary>
    internal sealed class Sampling : IWorkload
    {
        private readonly ImageShape _shape;
        private readonly Module<Tensor, Tensor, Tensor> _model;
        private readonly GaussianDiffusion _diffusion;

        public Sampling(DdpmOptions options)
        {
            _shape = Shape(options);
            _model = DdpmTask.Build(options, _shape, seed: 0, CPU);
            _diffusion = DdpmTask.Diffusion(options, CPU);
            _model.eval();
        }

        public long Parameters => _model.parameters().Sum(parameter => parameter.numel());

        public void Step()
        {
            using var noise = randn(Batch, _shape.Channels, _shape.Height, _shape.Width);
            new DiffusionSampler(_diffusion, _model.call).Ancestral(noise).Dispose();
        }

        public void Dispose()
        {
            _model.Dispose();
            _diffusion.Dispose();
        }
    }
}
