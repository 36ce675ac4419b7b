using System.Text.Json;
using Repro.Studies.Runs;
using Repro.Training.Checkpoints;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>Everything of a run that changes while it trains, and how it goes into a checkpoint and comes back.</summary>
internal sealed class LoopState : IDisposable
{
    private readonly TrainingTask _task;
    private readonly Device _device;

    public LoopState(TrainingTask task, Device device)
    {
        (_task, _device) = (task, device);
        Averages = new RunningAverages(device);
        if (task.EmaDecay is { } decay) Ema = new MovingAverage(task.Model, decay);
        if (task.Selection is { } selection) Best = new BestOnValidation(task.Model, selection);
    }

    /// <summary>Optimizer steps taken.</summary>
    public long Step { get; set; }

    /// <summary>Learning rates of the last step and of the one before it; NaN before there was one.</summary>
    public (double Last, double Before) Rates { get; set; } = (double.NaN, double.NaN);

    /// <summary>The last step's evaluation is still to be made: it was stopped.</summary>
    public bool OwesEvaluation { get; set; }

    public MetricHistory History { get; } = new();

    public RunningAverages Averages { get; }

    public MovingAverage? Ema { get; }

    public BestOnValidation? Best { get; }

    /// <summary>Training time of all attempts before this one.</summary>
    public TimeSpan TrainedBefore { get; private set; }

    /// <summary>Time inside steps, all attempts together.</summary>
    public TimeSpan Stepping { get; set; }

    /// <summary>Time waited for data, of all attempts before this one.</summary>
    public TimeSpan WaitedBefore { get; private set; }

    /// <summary>The latest value of every metric but those of single layers.</summary>
    public Dictionary<string, double> LastValues() =>
        History.Names.Where(name => !name.Contains('.', StringComparison.Ordinal)).ToDictionary(name => name, name => History.Last(name)!.Value);

    public CheckpointDraft Save(TimeSpan trained, TimeSpan waited)
    {
        var draft = new CheckpointDraft();
        foreach (var (name, tensor) in ModelCopy.NamedTensors(_task.Model, buffers: true)) draft.Add("model." + name, tensor);
        OptimizerStates.Save(_task.Optimizers, draft);
        foreach (var (name, tensor) in _task.State) draft.Add("task." + name, tensor);
        Ema?.Save(draft);
        Best?.Save(draft);
        Averages.Save(draft);
        draft.Add("generator", get_rng_state());
        draft.Add("loop.step", Step);
        draft.Add("loop.rates", [Rates.Last, Rates.Before]);
        draft.Add("loop.owes_evaluation", OwesEvaluation ? 1L : 0L);
        SaveHistory(draft);
        draft.Add("time.trained", trained.TotalSeconds);
        draft.Add("time.stepping", Stepping.TotalSeconds);
        draft.Add("time.waited", waited.TotalSeconds);
        return draft;
    }

    /// <exception cref="Repro.Studies.BadInputException">The checkpoint is of another model or other options.</exception>
    public void Load(Checkpoint checkpoint)
    {
        foreach (var (name, tensor) in ModelCopy.NamedTensors(_task.Model, buffers: true)) checkpoint.LoadInto("model." + name, tensor);
        OptimizerStates.Load(_task.Optimizers, checkpoint, _device);
        foreach (var (name, tensor) in _task.State) checkpoint.LoadInto("task." + name, tensor);
        Ema?.Load(checkpoint);
        Best?.Load(checkpoint);
        Averages.Load(checkpoint);
        using (var generator = checkpoint.Load("generator", CPU)) set_rng_state(generator);
        Step = checkpoint.Step;
        // Checkpoints of earlier builds lack them; what they would change is one row of a figure's data.
        if (checkpoint.Has("loop.rates") && checkpoint.Doubles("loop.rates") is [var last, var before]) Rates = (last, before);
        OwesEvaluation = checkpoint.Has("loop.owes_evaluation") && checkpoint.Int64("loop.owes_evaluation") == 1;
        foreach (var point in checkpoint.History()) History.Add(point);
        TrainedBefore = TimeSpan.FromSeconds(checkpoint.Double("time.trained"));
        Stepping = TimeSpan.FromSeconds(checkpoint.Double("time.stepping"));
        WaitedBefore = TimeSpan.FromSeconds(checkpoint.Double("time.waited"));
    }

    public void Dispose()
    {
        Averages.Dispose();
        Ema?.Dispose();
        Best?.Dispose();
    }

    private void SaveHistory(CheckpointDraft draft)
    {
        var points = History.Points;
        var names = points.Select(point => point.Name).Distinct().ToList();
        var numbers = names.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => (long)pair.number);
        draft.Metadata["history_names"] = JsonSerializer.Serialize(names);
        draft.Add("history.name", points.Select(point => numbers[point.Name]).ToArray());
        draft.Add("history.step", points.Select(point => point.Step).ToArray());
        draft.Add("history.value", points.Select(point => point.Value).ToArray());
        draft.Add("time.history", points.Select(point => point.Seconds).ToArray());
    }
}
