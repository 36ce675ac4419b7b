using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.ResNet;

/// <summary>A ResNet with its data, optimizer, schedule and evaluation: He et al. 2015, section 4.2.</summary>
internal sealed class ResNetTask : TrainingTask<ImageBatch>
{
    private readonly ResNetOptions _options;
    private readonly ImageParts _parts;
    private readonly ImageBatches _batches;
    private readonly BatchPool _pool;
    private readonly Device _device;
    private readonly ResNetModel _model;

    public ResNetTask(ResNetOptions options, RunContext context, ImageParts parts)
    {
        (_options, _parts, _device) = (options, parts, Devices.Select(context.Device));
        _batches = parts.Training(options.BatchSize, context.Seed, AugmentationOf(options));
        _pool = new BatchPool(_batches);
        _model = Build(options, parts, options.Width, context.Seed, _device);
        Optimizers = [Sgd(options, _model)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => _batches.StepsFor(1);

    public override long EvaluateEvery => ImageEvaluation.Every(Steps, StepsPerEpoch);

    public override double LearningRate(long step, MetricHistory history) => ResNetSchedule.Rate(_options, step, history);

    public override IReadOnlyList<string> SplitsWhileTraining => _parts.SplitsWhileTraining(_options.Evaluate);

    public override IReadOnlyList<string> SplitsAtEnd => _parts.SplitsAtEnd(_options.Evaluate);

    public override ImageBatch Prepare(long step, int part) => _pool.Fill(step);

    public override StepResult Forward(ImageBatch batch)
    {
        var (images, labels) = batch.To(_device);
        using var ordered = Acceleration.ImagesChannelsLast(images);
        var logits = _model.call(ordered);
        return new StepResult(functional.cross_entropy(logits, labels), ("error", Classification.ErrorPercent(logits, labels)));
    }

    // "For testing, we only evaluate the single view of the original 32 x 32 image."
    public override Evaluation Evaluate(string split, bool keepPredictions) =>
        ImageEvaluation.Evaluate(_parts, split, _model.call, _device, keepPredictions);

    /// <summary>The error of the best classifier on the generated images, 0 to 1.</summary>
    internal const double BayesError = 0.05;

    /// <summary>The images that the options name.</summary>
    internal static ImageParts Open(ResNetOptions options, RunContext context) => options.Data == "generated"
        ? ImageParts.Generate(options.TrainOn, new ImageShape(3, 8, 8), BayesError, train: 4096, heldOut: 2000)
        : ImageParts.Open(options.Data, options.TrainOn, context, (train, examples) => PixelNormalization.PerPixelMean(train, examples));

    /// <summary>"4 pixels are padded on each side, and a 32 x 32 crop is randomly sampled from the padded image or its horizontal flip."</summary>
    internal static Augmentation AugmentationOf(ResNetOptions options) => options.Augment ? Augmentation.PadCropFlip : Augmentation.None;

    internal static ResNetModel Build(ResNetOptions options, ImageParts parts, int width, ulong seed, Device device)
    {
        var scale = new InputScale(parts.Shape, parts.Normalization);
        var model = new ResNetModel(options.BlocksPerStage, width, options.Network, parts.Shape.Channels, parts.Classes.Count, seed, scale);
        return Acceleration.ChannelsLast((ResNetModel)model.to(device));
    }

    /// <summary>"A weight decay of 0.0001 and momentum of 0.9", the decay on every parameter.</summary>
    internal static optim.Optimizer Sgd(ResNetOptions options, ResNetModel model) =>
        optim.SGD(model.parameters(), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
}
