using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using Repro.Training.Schedules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Airbench;

/// <summary>airbench94 with Muon: data, two optimizers, a linear schedule, evaluation by several views.</summary>
internal sealed class AirbenchTask : TrainingTask<ImageBatch>
{
    /// <summary>Training images that the whitening filters are computed from.</summary>
    private const int WhiteningImages = 5000;

    private readonly AirbenchOptions _options;
    private readonly ImageParts _parts;
    private readonly ImageBatches _batches;
    private readonly BatchPool _pool;
    private readonly Device _device;
    private readonly AirbenchModel _model;

    public AirbenchTask(AirbenchOptions options, RunContext context, ImageParts parts)
    {
        (_options, _parts, _device) = (options, parts, Devices.Select(context.Device));
        _batches = Batches(options, parts, context.Seed);
        _pool = new BatchPool(_batches);
        _model = Build(options, parts, options.Width, context.Seed, _device);
        Optimizers = CreateOptimizers(options, _model);
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => _batches.StepsFor(1);

    public override long EvaluateEvery => ImageEvaluation.Every(Steps, StepsPerEpoch);

    public override long LogEvery => Math.Clamp(StepsPerEpoch / 5, 1, 50);

    public override IReadOnlyList<string> SplitsWhileTraining => _parts.SplitsWhileTraining(_options.Evaluate);

    public override IReadOnlyList<string> SplitsAtEnd => _parts.SplitsAtEnd(_options.Evaluate);

    /// <summary>Muon's; the others keep their proportion to it, but for the whitening bias, whose rate reaches 0 earlier.</summary>
    public override double LearningRate(long step, MetricHistory history) =>
        LearningRates.WarmUpThenLinear(step, Steps, warmup: 0, _options.LearningRate);

    public override void SetLearningRate(double rate) => SetLearningRate(_options, Optimizers, rate);

    public override ImageBatch Prepare(long step, int part) => _pool.Fill(step);

    public override StepResult Forward(ImageBatch batch)
    {
        var (images, labels) = batch.To(_device);
        var logits = _model.call(images);
        return new StepResult(functional.cross_entropy(logits, labels, label_smoothing: _options.LabelSmoothing), ("error", Classification.ErrorPercent(logits, labels)));
    }

    public override Evaluation Evaluate(string split, bool keepPredictions) =>
        ImageEvaluation.Evaluate(_parts, split, images => Views(_model, images, _options.Views), _device, keepPredictions);

    /// <summary>The error of the best classifier on the generated images, 0 to 1.</summary>
    internal const double BayesError = 0.001;

    internal static ImageParts Open(AirbenchOptions options, RunContext context) => options.Data == "generated"
        ? ImageParts.Generate(options.TrainOn, new ImageShape(3, 16, 16), BayesError, train: 4096, heldOut: 1000)
        : ImageParts.Open(options.Data, options.TrainOn, context, (train, examples) => PixelNormalization.PerChannel(train, examples));

    internal static ImageBatches Batches(AirbenchOptions options, ImageParts parts, ulong seed) => parts.Training(
        options.BatchSize, seed, AugmentationOf(options), LastBatch.Dropped);

    internal static Augmentation AugmentationOf(AirbenchOptions options) => options is { Translate: 0, Flip: false }
        ? Augmentation.None
        : Augmentation.TranslateAlternatingFlip with { Padding = options.Translate, Flip = options.Flip ? FlipKind.Alternating : FlipKind.Never };

    internal static AirbenchModel Build(AirbenchOptions options, ImageParts parts, int width, ulong seed, Device device)
    {
        var model = new AirbenchModel(width, parts.Shape.Channels, parts.Classes.Count, seed, new InputScale(parts.Shape, parts.Normalization));
        InitialValues.Set(model.FirstFilters, Whitening.Filters(parts.TrainingSource, parts.Split.Train.Take(WhiteningImages).ToList()));
        model.to(device);
        return model;
    }

    /// <summary>
    /// SGD for the shifts and the head, Muon for the filters. The published rates are for a loss summed over the batch, ours is its mean: SGD's rates
    /// are multiplied by the batch size, which is the same step. A decay of d an example and step, whatever the rate, is an L2 penalty of d / rate.
    /// </summary>
    internal static IReadOnlyList<optim.Optimizer> CreateOptimizers(AirbenchOptions options, AirbenchModel model)
    {
        SGD.ParamGroup Group(IEnumerable<Parameter> parameters, double rate) => new(
            parameters.ToList(), new SGD.Options
            {
                LearningRate = rate * options.BatchSize, momentum = options.SgdMomentum, dampening = 0, nesterov = true, maximize = false,
                weight_decay = rate > 0 ? options.WeightDecay / rate : 0,
            });
        var sgd = optim.SGD(
            new[] { Group([model.WhiteningBias], options.BiasLearningRate), Group(model.Shifts, options.BiasLearningRate), Group([model.Head], options.HeadLearningRate) },
            options.BiasLearningRate * options.BatchSize, options.SgdMomentum, nesterov: true);
        return [sgd, new Muon(model.Filters.ToList(), options.LearningRate, options.MuonMomentum, options.NewtonSchulzSteps)];
    }

    /// <param name="rate">Of Muon.</param>
    internal static void SetLearningRate(AirbenchOptions options, IReadOnlyList<optim.Optimizer> optimizers, double rate)
    {
        var left = options.LearningRate > 0 ? rate / options.LearningRate : 0;                     // 1 at the first step, towards 0
        var leftOfWhitening = Math.Max(0, 1 - ((1 - left) / options.WhiteningBiasShare));
        var groups = optimizers[0].ParamGroups.ToList();
        groups[0].LearningRate = options.BiasLearningRate * options.BatchSize * leftOfWhitening;
        groups[1].LearningRate = options.BiasLearningRate * options.BatchSize * left;
        groups[2].LearningRate = options.HeadLearningRate * options.BatchSize * left;
        foreach (var group in optimizers[1].ParamGroups) group.LearningRate = rate;
    }

    /// <summary>
    /// Logits averaged over views (arXiv:2404.00498, section 3.5): the image and its mirror image count half; the other half are both again,
    /// shifted by one pixel to the upper left and to the lower right.
    /// </summary>
    internal static Tensor Views(Module<Tensor, Tensor> model, Tensor images, int views)
    {
        if (views == 1) return model.call(images);
        using var scope = NewDisposeScope();
        Tensor Mirrored(Tensor x) => (model.call(x) + model.call(x.flip(3))) / 2;
        var straight = Mirrored(images);
        if (views == 2) return straight.MoveToOuterDisposeScope();
        var (h, w) = (images.shape[2], images.shape[3]);
        var padded = functional.pad(images, [1, 1, 1, 1], PaddingModes.Reflect);
        var shifted = (Mirrored(padded.slice(2, 0, h, 1).slice(3, 0, w, 1)) + Mirrored(padded.slice(2, 2, h + 2, 1).slice(3, 2, w + 2, 1))) / 2;
        return ((straight + shifted) / 2).MoveToOuterDisposeScope();
    }
}
