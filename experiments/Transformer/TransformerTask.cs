using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>An encoder-decoder with its sentence pairs, loss, schedule, averaged parameters and evaluation.</summary>
internal sealed class TransformerTask : TrainingTask<TranslationBatch>
{
    /// <summary>Points of the validation curve at least, so that a pruner has something to see, and at most, so that evaluating costs little.</summary>
    private const int FewestPoints = 8, MostPoints = 40;

    private readonly TransformerOptions _options;
    private readonly TranslationData _data;
    private readonly TranslationBatches _batches;
    private readonly Device _device;
    private readonly TransformerModel _model;
    private readonly ParameterAverage _average;

    public TransformerTask(TransformerOptions options, RunContext context, TranslationData data)
    {
        (_options, _data, _device) = (options, data, Devices.Select(context.Device));
        _batches = Batches(options, data, context.Seed);
        _model = Build(options, data, context.Seed, _device);
        _average = new ParameterAverage(_model, options.Steps, options.SnapshotEvery(StepsPerEpoch), options.Average);
        Optimizers = [Adam(options, _model)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => (_batches.Count + _options.Batches - 1) / _options.Batches;

    public override int PartsPerStep => _options.Batches;

    public override long EvaluateEvery => Math.Max(1, Math.Clamp(StepsPerEpoch, Steps / MostPoints, Steps / FewestPoints));

    public override long LogEvery => Math.Clamp(StepsPerEpoch / 2, 1, 50);

    public override double LearningRate(long step, MetricHistory history) => TransformerSchedule.Rate(_options, step);

    public override IReadOnlyList<string> SplitsAtEnd => _options.Evaluate == "test" ? [Splits.Validation, Splits.Test] : [Splits.Validation];

    public override IEnumerable<(string Name, Tensor Tensor)> State => _average.State;

    public override TranslationBatch Prepare(long step, int part)
    {
        var first = step * _options.Batches;
        double here = _batches.Expected(first + part), all = 0;
        for (var i = 0; i < _options.Batches; i++) all += _batches.Expected(first + i);
        // The loop takes the mean of the parts' gradients; the step's is the mean over its symbols.
        return TranslationBatch.Of(_batches[first + part], share: here * _options.Batches / all);
    }

    public override StepResult Forward(TranslationBatch batch)
    {
        var (loss, crossEntropy) = Loss(_model, batch, _device, _options.LabelSmoothing);
        // The loss that is logged is of the mean over symbols, too.
        return new StepResult(loss * batch.Share, ("cross_entropy", crossEntropy * batch.Share));
    }

    public override void UpdateParameters()
    {
        base.UpdateParameters();
        _average.Step();
    }

    /// <summary>While training, of the present parameters; at the end, of their average.</summary>
    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        if (keepPredictions) _average.Put();
        return TranslationEvaluation.Of(_options, _model, _data, split, _device, translate: keepPredictions, Watch);
    }

    /// <summary>The mean loss over a batch's symbols, and the mean plain cross-entropy.</summary>
    internal static (Tensor Loss, Tensor CrossEntropy) Loss(TransformerModel model, TranslationBatch batch, Device device, double labelSmoothing)
    {
        var (source, target, places, expected) = batch.To(device);
        using var mask = batch.Padded ? model.SourceMask(source) : null;
        using var memory = model.Encode(source, mask);
        using var embedded = model.Embed(target);
        using var states = model.Decode(embedded, memory, mask);    // [N, T, d]
        using var rows = states.view(-1, states.shape[2]);
        using var wanted = rows.index_select(0, places);            // [M, d]: the vocabulary's product is the largest, and none of it is spent on padding
        return SmoothedLoss.Of(model, wanted, expected, labelSmoothing);
    }

    internal static TranslationBatches Batches(TransformerOptions options, TranslationData data, ulong seed) => 
        new(options.Pairs == 0 ? data.Train : [.. data.Train.Take(options.Pairs)], options.BatchTokens / options.Batches, seed);

    internal static TransformerModel Build(TransformerOptions options, TranslationData data, ulong seed, Device device) =>
        (TransformerModel)new TransformerModel(options.Shape(data.Vocabulary.Count), seed).to(device);

    /// <summary>"We used the Adam optimizer with beta1 = 0.9, beta2 = 0.98 and epsilon = 10^-9" (section 5.3).</summary>
    internal static optim.Optimizer Adam(TransformerOptions options, TransformerModel model) =>
        optim.Adam(model.parameters(), options.Peak, beta1: 0.9, beta2: 0.98, eps: 1e-9);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _average.Dispose();
        base.Dispose(disposing);
    }
}
