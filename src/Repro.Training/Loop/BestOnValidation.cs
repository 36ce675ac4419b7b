using Repro.Training.Checkpoints;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>Keeps the parameters and buffers that were best on validation, and knows when it has been too long since.</summary>
internal sealed class BestOnValidation : IDisposable
{
    private readonly nn.Module _model;
    private readonly Selection _selection;
    private ModelCopy? _copy;
    private long _notBetter;

    /// <exception cref="InvalidOperationException">The selection looks at the test split, or its patience is below 1.</exception>
    public BestOnValidation(nn.Module model, Selection selection)
    {
        if (selection.Patience < 1) throw new InvalidOperationException($"A selection's patience is at least 1 evaluation; it was {selection.Patience}.");
        if (selection.Metric.StartsWith(Splits.Test + "_", StringComparison.Ordinal))
            throw new InvalidOperationException($"Parameters are selected on validation only; '{selection.Metric}' is a metric of the test split.");
        (_model, _selection) = (model, selection);
    }

    public double Value { get; private set; } = double.NaN;

    /// <summary>Step of the best evaluation; -1 before the first.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>Whether as many evaluations in a row as the selection's patience were not better.</summary>
    public bool PatienceIsOver => _selection.Patience is { } patience && _notBetter >= patience;

    /// <summary>Looks at an evaluation, with the evaluated parameters in the model.</summary>
    /// <exception cref="InvalidOperationException">The evaluation did not measure the metric.</exception>
    public void Consider(long step, IReadOnlyDictionary<string, double> metrics)
    {
        if (!metrics.TryGetValue(_selection.Metric, out var value))
            throw new InvalidOperationException($"Parameters are selected by '{_selection.Metric}', but the evaluations measure {string.Join(", ", metrics.Keys)}.");
        if (step < _selection.From) return;
        // NaN is never better; the first number always is.
        var better = _selection.LowerIsBetter ? value < Value : value > Value;
        if (better || (double.IsNaN(Value) && !double.IsNaN(value)))
        {
            (Value, Step, _notBetter) = (value, step, 0);
            if (_copy is null) _copy = new ModelCopy(_model, buffers: true);
            else _copy.Take();
        }
        else
        {
            _notBetter++;
        }
    }

    /// <summary>Puts the best parameters into the model; does nothing where there are none.</summary>
    public void Put() => _copy?.Put();

    public void Save(CheckpointDraft draft)
    {
        draft.Add("loop.best_value", Value);
        draft.Add("loop.best_step", Step);
        draft.Add("loop.not_better", _notBetter);
        if (_copy is null) return;
        foreach (var (name, tensor) in _copy.Named) draft.Add("best." + name, tensor);
    }

    public void Load(Checkpoint checkpoint)
    {
        (Value, Step, _notBetter) = (checkpoint.Double("loop.best_value"), checkpoint.Int64("loop.best_step"), checkpoint.Int64("loop.not_better"));
        if (Step < 0) return;
        _copy ??= new ModelCopy(_model, buffers: true);
        foreach (var (name, tensor) in _copy.Named) checkpoint.LoadInto("best." + name, tensor);
    }

    public void Dispose() => _copy?.Dispose();
}
