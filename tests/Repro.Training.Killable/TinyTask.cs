using Repro.Studies.Randomness;
using Repro.Training.Metrics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Training.Killable;

/// <summary>Eight inputs, a batch-normalized hidden layer with dropout, four classes; the classes are regions around random centres.</summary>
public sealed class TinyTask : TrainingTask<TinyBatch>
{
    public const int Inputs = 8, Classes = 4, BatchSize = 24, HeldOut = 200;

    private static readonly string[] ClassNames = ["north", "east", "south", "west"];

    private readonly TinyOptions _options;
    private readonly ulong _seed;
    private readonly Device _device;
    private readonly TinyModel _model;
    private readonly List<(string Name, Tensor Tensor)> _state = [];

    public TinyTask(TinyOptions options, RunContext context)
    {
        (_options, _seed, _device) = (options, context.Seed, Devices.Select(context.Device));
        _model = new TinyModel(options.Hidden, options.Dropout, options.Normalize);
        _model.to(_device);
        Optimizers = [options.Optimizer switch
        {
            "adam" => optim.Adam(_model.parameters(), options.LearningRate),
            "lion" => new Lion(_model.parameters(), options.LearningRate, weightDecay: 1e-2),
            _ => optim.SGD(_model.parameters(), options.LearningRate, momentum: 0.9, weight_decay: 1e-4),
        }];
        // A state carried from step to step, as a recurrent network's, and ballast.
        _state.Add(("carried", zeros(Inputs, device: _device)));
        for (var i = 0; i < 16 * options.Ballast; i++) _state.Add(($"ballast{i}", zeros(16, 1024, device: _device)));
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => 10;

    public override int PartsPerStep => _options.Parts;

    public override double? EmaDecay => _options.EmaDecay > 0 ? _options.EmaDecay : null;

    public override double? ClipGradientNorm => _options.Clip > 0 ? _options.Clip : null;

    public override Selection? Selection =>
        _options.KeepBest || _options.Patience > 0 ? new Selection("validation_loss", Patience: _options.Patience > 0 ? _options.Patience : null, From: _options.SelectFrom) : null;

    public override long LogEvery => _options.LogEvery;

    public override long EvaluateEvery => _options.EvaluateEvery;

    public override IReadOnlyList<string> SplitsWhileTraining => _options.TestCurve ? [Splits.Validation, Splits.Test] : [Splits.Validation];

    public override IReadOnlyList<string> SplitsAtEnd => [Splits.Validation, Splits.Test];

    public override IEnumerable<(string Name, Tensor Tensor)> State => _state;

    public override double LearningRate(long step, MetricHistory history) =>
        _options.WarmUpUntilError > 0 && history.FirstBelow("train_error", _options.WarmUpUntilError) is null ? _options.LearningRate / 10 : _options.LearningRate;

    public override TinyBatch Prepare(long step, int part)
    {
        if (step == _options.BrokenBatchAt) throw new InvalidDataException($"The batch of step {step} is broken.");
        // Every part is a piece of one batch, whatever their number.
        var numbers = new Philox(_seed, RandomPurpose.Order, step);
        var whole = Examples(BatchSize, ref numbers);
        var size = BatchSize / _options.Parts;
        var batch = new TinyBatch(whole.Inputs[(part * size * Inputs)..((part + 1) * size * Inputs)], whole.Labels[(part * size)..((part + 1) * size)], step);
        if (_options.NanInputAt >= 0 && step >= _options.NanInputAt) batch.Inputs[3] = float.NaN;
        return batch;
    }

    public override StepResult Forward(TinyBatch batch)
    {
        var (inputs, labels) = ToDevice(batch);
        var carried = _state[0].Tensor;
        var logits = _model.call(inputs + 0.01 * carried);
        if (_options.Carry) using (no_grad()) carried.mul_(0.9).add_(inputs.mean([0]));
        var loss = functional.cross_entropy(logits, labels);
        if (batch.Step == _options.LogOfNegativeAt) loss = loss + (loss.detach() * -1 - 1).log();
        if (batch.Step == _options.RootOfZeroAt) loss = loss + (loss * 0).sqrt();
        return new StepResult(loss, ("error", Classification.ErrorPercent(logits, labels)));
    }

    public override TimeSpan? EstimateEvaluation(IReadOnlyList<string> splits, TimeProvider time) => TimeSpan.FromMinutes(_options.MinutesToEvaluate * splits.Count);

    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        Watch.Look(0);
        var numbers = new Philox(_seed, RandomPurpose.GeneratedData, split == Splits.Test ? 1 : 0);
        var (inputs, labels) = ToDevice(Examples(HeldOut, ref numbers));
        var tally = new ClassifierTally(split, ClassNames, keepPredictions);
        tally.Add(_model.call(inputs), labels, Enumerable.Range(0, HeldOut).ToArray());
        return tally.Result();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) foreach (var (_, tensor) in _state) tensor.Dispose();
    }

    private (Tensor Inputs, Tensor Labels) ToDevice(TinyBatch batch) =>
        (tensor(batch.Inputs, [batch.Labels.Length, Inputs]).to(_device), tensor(batch.Labels).to(_device));

    private TinyBatch Examples(int count, ref Philox numbers)
    {
        var (inputs, labels) = (new float[count * Inputs], new long[count]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = numbers.NextInt32(Classes);
            var centre = new Philox(_seed, RandomPurpose.GeneratedData, 1000 + labels[i]);
            for (var j = 0; j < Inputs; j++) inputs[i * Inputs + j] = (float)(centre.NextNormal() + 1.5 * numbers.NextNormal());
        }
        return new TinyBatch(inputs, labels, -1);
    }
}

/// <param name="Inputs">Examples x 8, row by row.</param>
/// <param name="Step">Of a training batch; otherwise -1.</param>
public sealed record TinyBatch(float[] Inputs, long[] Labels, long Step);

public sealed class TinyModel : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    private readonly BatchNorm1d bn1;
    private readonly Dropout drop;
    private readonly bool _normalize;

    public TinyModel(int hidden, double dropout, bool normalize)
        : base(nameof(TinyModel))
    {
        _normalize = normalize;
        fc1 = Linear(TinyTask.Inputs, hidden);
        bn1 = BatchNorm1d(hidden);
        drop = Dropout(dropout);
        fc2 = Linear(hidden, TinyTask.Classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var hidden = fc1.call(input);
        if (_normalize) hidden = bn1.call(hidden);
        return fc2.call(drop.call(functional.relu(hidden)));
    }
}
