using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>A denoising network with its data, optimizer and evaluation: Algorithm 1 of Ho et al. 2020.</summary>
internal sealed class DdpmTask : TrainingTask<ImageBatch>
{
    /// <summary>Points of the validation curve.</summary>
    private const int Evaluations = 10;

    private readonly DdpmOptions _options;
    private readonly ImageParts _parts;
    private readonly ImageBatches _batches;
    private readonly BatchPool _pool;
    private readonly Device _device;
    private readonly Module<Tensor, Tensor, Tensor> _model;
    private readonly GaussianDiffusion _diffusion;
    private readonly DdpmEvaluation _evaluation;

    public DdpmTask(DdpmOptions options, RunContext context, ImageParts parts)
    {
        (_options, _parts, _device) = (options, parts, Devices.Select(context.Device));
        _batches = Batches(options, parts, context.Seed);
        _pool = new BatchPool(_batches);
        _model = Build(options, parts.Shape, context.Seed, _device);
        _diffusion = Diffusion(options, _device);
        _evaluation = new DdpmEvaluation(options, context, parts, _diffusion, _model.call, _device);
        Optimizers = [optim.Adam(_model.parameters(), options.LearningRate)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => _batches.StepsFor(1);

    public override long EvaluateEvery => Math.Max(1, Steps / Evaluations);

    // The reference code's count of steps begins at 0, and so does its rate.
    public override double LearningRate(long step, MetricHistory history) => _options.LearningRate * (_options.Warmup == 0 ? 1 : Math.Min(1, (double)step / _options.Warmup));

    public override double? ClipGradientNorm => _options.ClipNorm;

    public override double? EmaDecay => _options.EmaDecay > 0 ? _options.EmaDecay : null;

    public override IReadOnlyList<string> SplitsWhileTraining => _parts.SplitsWhileTraining(_options.Evaluate);

    public override IReadOnlyList<string> SplitsAtEnd => _parts.SplitsAtEnd(_options.Evaluate);

    public override ImageBatch Prepare(long step, int part) => _pool.Fill(step);

    // Algorithm 1; steps and noise from the engine's generator, which the loop seeds at each step.
    public override StepResult Forward(ImageBatch batch)
    {
        _evaluation.Forget();
        var (images, _) = batch.To(_device);
        using var start = Acceleration.ImagesChannelsLast(images);
        using var t = randint(0, _options.Timesteps, [start.shape[0]], device: _device);
        using var noise = randn_like(start);
        using var losses = _diffusion.TrainingLosses(_model.call, start, t, noise);
        return new StepResult(losses.mean());
    }

    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        _evaluation.Watch = Watch;
        return _evaluation.Of(split, final: keepPredictions);
    }

    /// <summary>"We used random horizontal flips during training for CIFAR10" (appendix B).</summary>
    internal static ImageBatches Batches(DdpmOptions options, ImageParts parts, ulong seed) =>
        parts.Training(options.BatchSize, seed, options.Flip ? new Augmentation(0, PaddingKind.Zero, FlipKind.Random) : Augmentation.None);

    internal static GaussianDiffusion Diffusion(DdpmOptions options, Device device) =>
        new(options.Schedule(), options.Mean, options.Variance, options.Loss, DdpmData.Levels(options.Data), device);

    /// <param name="shape">Of the data, after shrinking.</param>
    internal static Module<Tensor, Tensor, Tensor> Build(DdpmOptions options, ImageShape shape, ulong seed, Device device)
    {
        var outputs = options.Variance == VarianceKind.Learned ? 2 : 1;
        if (options.Data == "generated") return (PointModel)new PointModel(shape.Channels, outputs, options.Width, seed).to(device);
        var model = new DdpmModel(
            new UNetShape
            {
                Channels = shape.Channels, Outputs = outputs, Size = shape.Height, Width = options.Width, Multipliers = options.Multiples, Blocks = options.Blocks,
                Attention = options.Attention, Groups = options.Groups, Dropout = options.Dropout,
            }, seed);
        return Acceleration.ChannelsLast((DdpmModel)model.to(device));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        _evaluation.Forget();
        _diffusion.Dispose();
    }
}
