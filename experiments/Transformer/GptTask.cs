using Repro.Studies.Randomness;
using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>nanoGPT with its text, optimizer and evaluation: train.py.</summary>
internal sealed class GptTask : TrainingTask<long[]>
{
    // What an evaluation works on at once; the mean is the same whatever it is.
    private const int CharactersAtOnce = 16_384;

    private readonly GptOptions _options;
    private readonly GptText _text;
    private readonly ulong _seed;
    private readonly Device _device;
    private readonly GptModel _model;
    private readonly Tensor _train, _validation, _pieces;
    private readonly Tensor _best = tensor(double.PositiveInfinity, ScalarType.Float64).DetachFromDisposeScope();

    public GptTask(GptOptions options, RunContext context, GptText text)
    {
        (_options, _text, _seed, _device) = (options, text, context.Seed, Devices.Select(context.Device));
        (_train, _validation) = (OnDevice(text.Train, _device), OnDevice(text.Validation, _device));
        _pieces = Pieces(_train, options.Context);
        _model = Build(options, text.Characters, context.Seed, _device);
        Optimizers = [AdamW(options, _model)];
    }

    public override Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long Steps => _options.Steps;

    public override long StepsPerEpoch => Math.Max(1, (long)Math.Ceiling((double)_text.Train.Length / ((long)_options.BatchSize * _options.Context)));

    public override long EvaluateEvery => _options.EvaluateEvery;

    public override double? ClipGradientNorm => _options.Clip;

    public override double LearningRate(long step, MetricHistory history) => GptSchedule.Rate(_options, step);

    /// <summary>The lowest sampled estimate so far.</summary>
    public override IEnumerable<(string Name, Tensor Tensor)> State => [("best_sampled_loss", _best)];

    /// <summary>Where the step's pieces of text begin: anywhere, as get_batch in train.py draws them.</summary>
    public override long[] Prepare(long step, int part) => Beginnings(_text.Train.Length, _options, _seed, step);

    public override StepResult Forward(long[] beginnings)
    {
        using var autocast = Autocast(_options, _device);
        return new StepResult(Loss(_pieces, beginnings));
    }

    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        // Nobody divided the text in three: a confirmed choice reads no test either, and has its validation loss.
        if (split != Splits.Validation) return new Evaluation(new Dictionary<string, double>());
        var metrics = Losses();
        if (!keepPredictions) return new Evaluation(metrics);
        return new Evaluation(metrics)
        {
            Figures = GptFigures.Attention(_model, _options, _text.Validation, _device), Texts = [GptWriting.ForReport(_model, _options, _seed, _device)],
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) foreach (var tensor in (Tensor[])[_pieces, _train, _validation, _best]) tensor.Dispose();
        base.Dispose(disposing);
    }

    internal static GptModel Build(GptOptions options, int characters, ulong seed, Device device) => (GptModel)new GptModel(options, characters, seed).to(device);

    /// <summary>"Any parameters that is 2D will be weight decayed, otherwise no" (configure_optimizers in model.py).</summary>
    internal static optim.Optimizer AdamW(GptOptions options, Module model)
    {
        AdamW.ParamGroup Group(bool decays) => new(
            model.parameters().Where(p => p.dim() >= 2 == decays).ToList(), options.LearningRate, options.Beta1, options.Beta2, weight_decay: decays ? options.WeightDecay : 0);
        return optim.AdamW(new[] { Group(true), Group(false) }, options.LearningRate, options.Beta1, options.Beta2, weight_decay: options.WeightDecay);
    }

    /// <summary>Beginnings of a step's pieces, each with the character after it.</summary>
    internal static long[] Beginnings(int length, GptOptions options, ulong seed, long step)
    {
        var numbers = new Philox(seed, RandomPurpose.Order, step);
        var beginnings = new long[options.BatchSize];
        for (var i = 0; i < beginnings.Length; i++) beginnings[i] = numbers.NextInt32(length - options.Context);
        return beginnings;
    }

    internal static Tensor OnDevice(long[] characters, Device device)
    {
        using var here = tensor(characters);
        return here.to(device, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Every piece that the text has, with one more character: [N - context, context + 1], in the text's own memory.</summary>
    internal static Tensor Pieces(Tensor text, int context) => text.unfold(0, context + 1, 1).DetachFromDisposeScope();

    /// <summary>Characters and those after them, of the pieces that begin there: [B, T] each.</summary>
    internal static (Tensor Inputs, Tensor Targets) Take(Tensor pieces, long[] beginnings)
    {
        using var places = tensor(beginnings, device: pieces.device);
        using var taken = pieces.index_select(0, places);                   // [B, T + 1]
        var length = taken.size(1) - 1;
        return (taken.narrow(1, 0, length), taken.narrow(1, 1, length));
    }

    private static IDisposable? Autocast(GptOptions options, Device device) => options.Precision == "bfloat16" ? Acceleration.Autocast(device.type) : null;

    private Dictionary<string, double> Losses()
    {
        using var autocast = Autocast(_options, _device);
        var metrics = new Dictionary<string, double> { ["loss"] = WholeLoss() };
        if (_options.SampledBatches == 0) return metrics;
        metrics["sampled_loss"] = SampledLoss();
        _best.fill_(Math.Min(_best.item<double>(), metrics["sampled_loss"]));
        metrics["best_sampled_loss"] = _best.item<double>();
        return metrics;
    }

    private Tensor Loss(Tensor pieces, long[] beginnings)
    {
        var (inputs, targets) = Take(pieces, beginnings);
        using (inputs) using (targets) return Loss(inputs, targets);
    }

    private Tensor Loss(Tensor inputs, Tensor targets)
    {
        using var logits = _model.call(inputs);                             // [B, T, 65]
        using var exact = logits.to(ScalarType.Float32);                    // already, but under autocast
        using var rows = exact.view(-1, _text.Characters);
        using var next = targets.reshape(-1);
        return functional.cross_entropy(rows, next);                        // nats a character
    }

    /// <summary>Every character of the validation text but the first is predicted once, from those before it in its piece; pieces stand one after another.</summary>
    private double WholeLoss()
    {
        var (length, context) = (_text.Validation.Length - 1L, _options.Context);
        var (pieces, atOnce, sum) = (length / context, Math.Max(1, CharactersAtOnce / context), 0.0);
        for (var first = 0L; first < pieces; first += atOnce)
        {
            Watch.Look((double)first / pieces);
            sum += Nats(first * context, Math.Min(atOnce, pieces - first), context);
        }
        if (length % context > 0) sum += Nats(pieces * context, 1, length % context);
        return sum / length;
    }

    /// <summary>Of so many pieces from a place on, together.</summary>
    private double Nats(long first, long pieces, long context)
    {
        using var inputs = _validation.narrow(0, first, pieces * context).view(pieces, context);
        using var targets = _validation.narrow(0, first + 1, pieces * context).view(pieces, context);
        using var loss = Loss(inputs, targets);
        return loss.item<float>() * (double)(pieces * context);
    }

    /// <summary>estimate_loss in train.py: the mean over batches that begin anywhere in the validation text, new ones at each evaluation.</summary>
    private double SampledLoss()
    {
        using var pieces = Pieces(_validation, _options.Context);
        // The loop seeds the engine's generator from the run's seed and the step before it evaluates.
        using var drawn = randint(pieces.size(0), [_options.SampledBatches, _options.BatchSize], ScalarType.Int64);
        var beginnings = drawn.data<long>().ToArray();
        var sum = 0.0;
        for (var batch = 0; batch < _options.SampledBatches; batch++)
        {
            using var loss = Loss(pieces, beginnings[(batch * _options.BatchSize)..((batch + 1) * _options.BatchSize)]);
            sum += loss.item<float>();
        }
        return sum / _options.SampledBatches;
    }
}
