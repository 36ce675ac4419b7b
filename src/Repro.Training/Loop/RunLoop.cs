using Repro.Studies.Runs;
using Repro.Training.Checkpoints;
using Repro.Training.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>Trains a task from where its state stands to the end, to a request to stop, or to a failure; then evaluates the result.</summary>
internal sealed class RunLoop : IDisposable
{
    private readonly TrainingTask _task;
    private readonly LoopState _state;
    private readonly RunContext _context;
    private readonly IRunSink _sink;
    private readonly CheckpointWriter? _checkpoints;
    private readonly IReadOnlyDictionary<string, string> _conditions;
    private readonly bool _readsEveryLoss;
    private readonly BatchFeed _feed;
    private readonly TrainingStep _step;
    private readonly ProgressReports _progress;
    private readonly RunEvaluations _evaluations;
    private readonly LayerNorms? _norms;
    private readonly AnomalyWatch? _anomalies;
    private readonly long _began;
    private long _saved;

    /// <param name="checkpoints">Null: none are written.</param>
    /// <exception cref="InvalidOperationException">A number of the task that has to be at least 1 is not.</exception>
    public RunLoop(
        TrainingTask task, LoopState state, Device device, RunContext context, IRunSink sink, CheckpointWriter? checkpoints, IReadOnlyDictionary<string, string> conditions)
    {
        task.RequireSound();
        if (context.TestIsSealed && task.SplitsWhileTraining.Contains(Splits.Test)) throw new SealedTestException("The test split is to be evaluated while training");
        (_task, _state, _context, _sink, _checkpoints, _conditions) = (task, state, context, sink, checkpoints, conditions);
        _readsEveryLoss = ReadsEveryLoss(device.type, context.DetectAnomaly);
        _progress = new ProgressReports(sink, context.Time, task.Steps, task.StepsPerEpoch);
        _evaluations = new RunEvaluations(task, state, context, sink, _progress, Record);
        if (context.Inspect) _norms = new LayerNorms(task.Model);
        if (context.DetectAnomaly) _anomalies = new AnomalyWatch(task.Model);
        _began = _saved = context.Time.GetTimestamp();
        _feed = task.OpenFeed(state.Step, context.Time);
        _step = new TrainingStep(task, _feed, context.Seed)
        {
            Trace = context.Trace,
            Seen = Look,
            Backward = loss =>
            {
                if (_anomalies is null) loss.backward();
                else AnomalyWatch.Backward(loss, _state.Step + 1);
            },
            Accumulated = RecordNorms,
            Clipped = norm => _state.Averages.Add("gradient_norm", norm),
        };
    }

    // On a CPU a value is there as soon as it is computed; on other devices reading it stops the pipeline at every step, which only the search for
    // the place of a NaN is worth: later its forward pass is forgotten.
    internal static bool ReadsEveryLoss(DeviceType device, bool detectAnomaly) => device == DeviceType.CPU || detectAnomaly;

    private bool IsTrained => _state.Step >= _task.Steps || _state.Best is { PatienceIsOver: true };

    // Norms belong to the step with which a point is logged.
    private bool Inspects => _norms is not null && ((_state.Step + 1) % _task.LogEvery == 0 || _state.Step + 1 == _task.Steps);

    private TimeSpan Trained => _state.TrainedBefore + _context.Time.GetElapsedTime(_began);

    private TimeSpan Waited => _state.WaitedBefore + _feed.Waited;

    public RunOutcome Run(CancellationToken stop)
    {
        try
        {
            _evaluations.TellLong();
            _task.Model.train();
            if (_state.OwesEvaluation)
            {
                _evaluations.WhileTraining(stop);
                if (IsTrained) Save();
            }
            while (!IsTrained)
            {
                if (stop.IsCancellationRequested) return Pause();
                TakeStep();
                if (_state.Step % _task.LogEvery == 0 || _state.Step == _task.Steps) Log();
                else if (_state.Step == 1) LogFirst();
                if (_state.Step % _task.EvaluateEvery == 0 || _state.Step == _task.Steps) _evaluations.WhileTraining(stop);
                if (_context.Time.GetElapsedTime(_saved) >= _context.CheckpointEvery || IsTrained) Save();
                if (_progress.Due) ReportTraining();
            }
            if (stop.IsCancellationRequested) return Pause();
            RequireFiniteParameters();
            return Outcome(RunState.Completed, _evaluations.OfResult(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // In the evaluation of the result the best parameters stand in the model: the last step's checkpoint is what goes on.
            return _state.OwesEvaluation ? Pause() : Outcome(RunState.Paused);
        }
        catch (Exception e) when (e is DivergedException or CheckpointFailedException)
        {
            return Outcome(RunState.Failed, failure: e.Message) with { Why = e is DivergedException ? RunFailure.NotFinite : RunFailure.Storage };
        }
    }

    public void Dispose()
    {
        _feed.Dispose();
        _norms?.Dispose();
        _anomalies?.Dispose();
    }

    private void TakeStep()
    {
        using var span = _context.Trace?.Measure("step");
        var began = _context.Time.GetTimestamp();
        if (Inspects) _norms!.Watch();
        _anomalies?.Begin();
        _step.Take(_state.Step, _state.History);
        LogJump(_step.LearningRate);
        _state.Ema?.Update();
        _state.Step++;
        _state.Stepping += _context.Time.GetElapsedTime(began);
    }

    private void Look(StepResult result)
    {
        _state.Averages.Add("loss", result.Loss);
        foreach (var (name, value) in result.Reports) _state.Averages.Add(name, value);
        if (_readsEveryLoss) RequireFinite((double)result.Loss);
    }

    private void RecordNorms()
    {
        if (Inspects) foreach (var (name, value) in _norms!.Read()) Record(name, _state.Step + 1, value);
    }

    private void Log()
    {
        var means = Means();
        var loss = means.First(mean => mean.Name == "loss").Mean;
        RequireFinite(loss);
        foreach (var (name, mean) in means) Record($"{Splits.Train}_{name}", _state.Step, mean);
        RecordRate(_state.Step, _step.LearningRate);
        _state.Averages.Reset();
    }

    // Since the last logged point, and what the task makes of it.
    private List<(string Name, double Mean)> Means()
    {
        var means = _state.Averages.Read();
        return [.. means, .. means.Count > 0 ? _task.FromMeans(means.ToDictionary(mean => mean.Name, mean => mean.Mean)) : []];
    }

    // Where a curve begins. The history is left alone: what rules read there are means over LogEvery steps, and one step may be far from them.
    private void LogFirst()
    {
        foreach (var (name, mean) in Means()) _sink.Metric(Point($"{Splits.Train}_{name}", 1, mean));
        _sink.Metric(Point("learning_rate", 1, _step.LearningRate));
    }

    // Between two logged points nobody can tell a jump from a slope: of a rate that was constant, its last step and the first one after it are logged.
    private void LogJump(double rate)
    {
        var (last, before) = _state.Rates;
        if (last == before && last != rate)
        {
            RecordRate(_state.Step, last);
            RecordRate(_state.Step + 1, rate);
        }
        _state.Rates = (rate, last);
    }

    private void RecordRate(long step, double rate)
    {
        if (_state.History.Of("learning_rate") is not [.., { } known] || known.Step < step) Record("learning_rate", step, rate);
    }

    private RunOutcome Pause()
    {
        if (_checkpoints is { } checkpoints && checkpoints.LastStep != _state.Step) Save();
        return Outcome(RunState.Paused);
    }

    private void Save()
    {
        if (_checkpoints is null) return;
        _progress.Report("saving", _state.Step, _state.LastValues());
        // Never a checkpoint of a diverged run: where not every loss is read, the sum tells.
        if (!_readsEveryLoss) foreach (var (name, mean) in _state.Averages.Read()) if (name == "loss") RequireFinite(mean);
        RequireFiniteParameters();
        using var span = _context.Trace?.Measure("checkpoint");
        using var scope = NewDisposeScope();
        var draft = _state.Save(Trained, Waited);
        foreach (var (name, text) in _conditions) draft.Metadata[name] = text;
        _checkpoints.Write(_state.Step, draft);
        _saved = _context.Time.GetTimestamp();
    }

    private void RequireFinite(double loss)
    {
        if (double.IsFinite(loss)) return;
        // The present step, which is taken already where the loss was read later.
        var step = _readsEveryLoss ? _state.Step + 1 : _state.Step;
        Record($"{Splits.Train}_loss", step, loss);
        var last = _state.History.Of($"{Splits.Train}_loss") is [.., var point, _] ? point : (MetricPoint?)null;
        throw Diverged(
            $"The training loss became {(double.IsNaN(loss) ? "NaN" : "infinite")} {(_readsEveryLoss ? "at" : "not later than at")} step {step}", last, _anomalies?.Explain());
    }

    // A finite loss may have a gradient that is not: then the step's update is what diverges, and the next loss is the first to show it.
    private void RequireFiniteParameters()
    {
        if (ModelCopy.FirstNotFinite(_task.Model) is { } parameter) throw ParametersDiverged($"The parameter '{parameter}'");
        if (_state.Ema?.FirstNotFinite() is { } average) throw ParametersDiverged($"The moving average of the parameter '{average}'");
    }

    private DivergedException ParametersDiverged(string which)
    {
        var last = _state.History.Of($"{Splits.Train}_loss") is [.., var point] ? point : (MetricPoint?)null;
        return Diverged(
            $"{which} became NaN or infinite not later than at step {_state.Step}", last,
            _anomalies is null ? null : "No forward pass showed it and no gradient was NaN: an infinite gradient or the update itself brought it.");
    }

    private DivergedException Diverged(string what, MetricPoint? last, string? where) => DivergedException.Of($"{what} of {_task.Steps}", _step.LearningRate, last, where);

    private void Record(string name, long step, double value)
    {
        var point = Point(name, step, value);
        _state.History.Add(point);
        _sink.Metric(point);
    }

    private MetricPoint Point(string name, long step, double value) => new(name, step, value, Trained.TotalSeconds);

    private void ReportTraining()
    {
        var values = _state.LastValues();
        foreach (var (name, mean) in Means()) values[$"{Splits.Train}_{name}"] = mean;
        _progress.Report("training", _state.Step, values);
    }

    private RunOutcome Outcome(RunState state, IReadOnlyDictionary<string, double>? scores = null, string? failure = null) =>
        new(state, _state.Step, scores ?? new Dictionary<string, double>(), failure, _state.Stepping > TimeSpan.Zero ? Math.Min(1, Waited / _state.Stepping) : 0);
}
