using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Lstm;

/// <summary>Where a step's words stand in the streams.</summary>
/// <param name="First">Of the words it reads, in each stream; those that it predicts are one further on.</param>
/// <param name="Member">Which network learns.</param>
/// <param name="Begins">A pass through the text begins: states are zero.</param>
internal readonly record struct LstmWindow(long First, int Member, bool Begins);

/// <summary>LSTMs with their text, schedule and evaluation: Zaremba et al. 2014, section 4.1.</summary>
internal sealed class LstmTask : TrainingTask<LstmWindow>
{
    private readonly LstmOptions _options;
    private readonly LstmText _text;
    private readonly Device _device;
    private readonly Tensor _streams;
    private readonly LstmEnsemble _model;
    private readonly ulong _seed;
    // Networks begun so far; a tensor, so that a run that only has its evaluation left knows it too.
    private readonly Tensor _begun = ones(1, ScalarType.Int64).DetachFromDisposeScope();
    private LstmState _state;

    public LstmTask(LstmOptions options, RunContext context, LstmText text)
    {
        (_options, _text, _device, _seed) = (options, text, Devices.Select(context.Device), context.Seed);
        _streams = LstmText.Streams(text.Words(Splits.Train), options.BatchSize, _device);
        _model = (LstmEnsemble)new LstmEnsemble(options, text.Vocabulary.Count, context.Seed).to(_device);
        _state = _model[0].Begin(options.BatchSize).Detached();
        StepsPerEpoch = LstmSchedule.StepsPerEpoch(options, text.Words(Splits.Train).Length);
        Optimizers = [optim.SGD(_model.parameters(), options.LearningRate)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long StepsPerEpoch { get; }

    public override long Steps => LstmSchedule.Steps(_options, StepsPerEpoch);

    public override long LogEvery => 100;

    // After every epoch; of a part of the text after as many epochs as it takes to read what validation has.
    public override long EvaluateEvery =>
        StepsPerEpoch * Math.Max(1, (_text.Words(Splits.Validation).Length + _text.Words(Splits.Train).Length - 1) / _text.Words(Splits.Train).Length);

    public override double? ClipGradientNorm => _options.Clip;

    public override double LearningRate(long step, MetricHistory history) => LstmSchedule.Rate(_options, step, StepsPerEpoch);

    public override IReadOnlyList<string> SplitsAtEnd => _options.Evaluate == Splits.Test ? [Splits.Validation, Splits.Test] : [Splits.Validation];

    /// <summary>The states in which the last step ended, where the next one goes on.</summary>
    public override IEnumerable<(string Name, Tensor Tensor)> State =>
        _state.Layers.SelectMany((layer, l) => new[] { ($"state.{l}.hidden", layer.Hidden), ($"state.{l}.cell", layer.Cell) }).Append(("members_begun", _begun));

    public override LstmWindow Prepare(long step, int part)
    {
        var at = step % StepsPerEpoch;
        return new LstmWindow(at * _options.Unroll, LstmSchedule.Member(_options, step, StepsPerEpoch), Begins: at == 0);
    }

    public override StepResult Forward(LstmWindow window)
    {
        if (window.Begins)
        {
            _begun.fill_(window.Member + 1);
            Keep(_model[window.Member].Begin(_options.BatchSize));
        }
        using var words = _streams.narrow(0, window.First, _options.Unroll);
        using var next = _streams.narrow(0, window.First + 1, _options.Unroll);
        using var targets = next.reshape(-1);
        var (logits, state) = _model[window.Member].call(words, _state);      // [20, 20, 10000]
        Keep(state);
        using var rows = logits.reshape(targets.numel(), -1);
        var loss = functional.cross_entropy(rows, targets);             // nats a word
        // Section 4.1 has a rate of 1 and a norm of 5 for the gradient of this sum: over the steps, averaged over the streams alone. The mean's is 20 times shorter.
        return new StepResult(loss) { Objective = loss * _options.Unroll };
    }

    public override IEnumerable<(string Name, double Value)> FromMeans(IReadOnlyDictionary<string, double> means) => [("perplexity", Math.Exp(means["loss"]))];

    // "We measure perplexity": exp of the mean over all words, ends of lines among them.
    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        var members = (int)_begun.item<long>();
        var loss = LstmEvaluation.Loss(_model, members, _text.Words(split), LstmEvaluation.Streams(_options, split), _device, Watch);
        var evaluation = new Evaluation(new Dictionary<string, double> { ["loss"] = loss, ["perplexity"] = Math.Exp(loss) });
        if (!keepPredictions || split != Splits.Validation) return evaluation;
        return evaluation with
        {
            Figures = [LstmFigures.Gates(_model[0], members, _text, _device)], Texts = [LstmWriting.OfValidation(_model, members, _text, _seed, _device)],
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _state.Dispose();
            _begun.Dispose();
            _streams.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Keep(LstmState state)
    {
        _state.Dispose();
        _state = state.Detached();
        state.Dispose();
    }
}
