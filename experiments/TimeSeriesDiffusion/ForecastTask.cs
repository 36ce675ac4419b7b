using Repro.Studies.Randomness;
using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>The windows of a step by their first forecast rows.</summary>
internal sealed record ForecastWindows(int[] Firsts, bool Pretraining);

/// <summary>A forecaster with its series, schedule and evaluation.</summary>
internal sealed class ForecastTask : TrainingTask<ForecastWindows>
{
    private readonly ForecastOptions _options;
    private readonly ForecastData _data;
    private readonly RunContext _context;
    private readonly Forecaster _model;
    private readonly int[] _windows;

    public ForecastTask(ForecastOptions options, RunContext context)
        : this(options, context, ForecastData.Open(options, context))
    {
    }

    /// <param name="data">Disposed of with this.</param>
    internal ForecastTask(ForecastOptions options, RunContext context, ForecastData data)
    {
        (_options, _context, _data) = (options, context, data);
        _windows = _data.Windows(Splits.Train, WindowSet.All);
        _model = Create();
        StepsPerEpoch = PerEpoch(_windows.Length, options.BatchSize);
        Optimizers = [optim.Adam(_model.parameters(), options.LearningRate, weight_decay: _model.WeightDecay)];
    }

    public override nn.Module Model => _model;

    public override IReadOnlyList<optim.Optimizer> Optimizers { get; }

    public override long StepsPerEpoch { get; }

    public override long Steps => (_model.PretrainingEpochs * StepsPerEpoch) + (_options.Steps > 0 ? _options.Steps : _options.Epochs * StepsPerEpoch);

    public override double LearningRate(long step, MetricHistory history) => _options.LearningRate * _model.LearningRateFactor((double)step / Steps);

    // The average begins at the initial parameters: it is given no longer memory than a tenth of the training, so that nothing is left of them at its end.
    public override double? EmaDecay => _model.EmaDecay is { } decay ? Math.Clamp(1 - (10.0 / Steps), 0, decay) : null;

    public override double? ClipGradientNorm => _model.ClipGradientNorm;

    public override Selection? Selection => new("validation_crps", Patience: _options.Patience, From: (_model.PretrainingEpochs * StepsPerEpoch) + 1);

    public override IReadOnlyList<string> SplitsAtEnd => _options.Evaluate == Splits.Test ? [Splits.Validation, Splits.Test] : [Splits.Validation];

    public override ForecastWindows Prepare(long step, int part) => new(Batch(_windows, _context.Seed, step, _options.BatchSize), step / StepsPerEpoch < _model.PretrainingEpochs);

    /// <summary>Steps that take every window once.</summary>
    internal static long PerEpoch(int windows, int size) => (windows + size - 1) / size;

    /// <summary>Those of a step: every window once an epoch, in a new order; the last step of an epoch has what is left.</summary>
    internal static int[] Batch(int[] windows, ulong seed, long step, int size)
    {
        var steps = PerEpoch(windows.Length, size);
        var (epoch, at) = (step / steps, (int)(step % steps) * size);
        var order = new Philox(seed, RandomPurpose.Order, epoch).Permutation(windows.Length);
        return [.. order.Skip(at).Take(size).Select(i => windows[i])];
    }

    public override StepResult Forward(ForecastWindows windows)
    {
        var (input, future) = _data.Take(windows.Firsts);
        using (input)
        using (future)
        {
            var (loss, parts) = _model.Loss(input, future, windows.Pretraining);
            return new StepResult(loss, parts);
        }
    }

    public override TimeSpan? EstimateEvaluation(IReadOnlyList<string> splits, TimeProvider time)
    {
        // Not by the model that is trained: forecasting may change it (DiffusionTsModel).
        using var model = Create();
        model.eval();
        using var unrecorded = no_grad();
        var windows = splits.SelectMany(Sets, (split, set) => _data.Windows(split, set).Length).Sum();
        var few = Math.Max(2, _options.Samples / 20);
        var one = Seconds(1);
        var each = Math.Max(0, Seconds(few) - one) / (few - 1);
        return TimeSpan.FromSeconds(windows * (one + (each * (_options.Samples - 1))));

        // Twice, because the first call of a size makes what the second finds.
        double Seconds(int samples) => Enumerable.Range(0, 2).Select(_ =>
        {
            var began = time.GetTimestamp();
            new ForecastEvaluation(model, _data, samples, EvaluationWatch.None).Sample(_windows.AsSpan(0, 1));
            return time.GetElapsedTime(began).TotalSeconds;
        }).Last();
    }

    public override Evaluation Evaluate(string split, bool keepPredictions)
    {
        var evaluation = new ForecastEvaluation(_model, _data, _options.Samples, Watch);
        var windows = _data.Windows(split, Sets(split).First());
        var result = evaluation.Run(windows);
        _model.Evaluated();
        var metrics = result.Metrics().ToDictionary(metric => metric.Name, metric => metric.Value);
        if (!keepPredictions) return new Evaluation(metrics);
        foreach (var set in Sets(split).Skip(1))
        {
            foreach (var (name, value) in evaluation.Run(_data.Windows(split, set)).Metrics()) metrics[$"released_{name}"] = value;
        }
        if (_model.Begin is { } begin) metrics["begin_crps"] = new ForecastEvaluation(_model, _data, _options.Samples, Watch, begin).Run(windows).Scores.Crps;
        if (double.IsNaN(result.Scores.Crps)) return new Evaluation(metrics);   // a sample was not finite: there is nothing to draw
        return new Evaluation(metrics) { Figures = ForecastFigures.Of(split, _data, evaluation, windows, result) };
    }

    private Forecaster Create() => (Forecaster)ForecastModels.Create(_options, _data.Shape, new InitialValues(_context.Seed)).to(Devices.Select(_context.Device));

    // The result is also measured on what the published tables are made of: few test windows, far apart.
    private IEnumerable<WindowSet> Sets(string split)
    {
        var set = split == Splits.Test ? _options.Windows : _options.ValidationWindows;
        return split == Splits.Test && set != WindowSet.NonOverlapping ? [set, WindowSet.NonOverlapping] : [set];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _data.Dispose();
        base.Dispose(disposing);
    }
}
