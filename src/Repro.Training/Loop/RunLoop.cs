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
            TellLongEvaluation();
            _task.Model.train();
            if (_state.OwesEvaluation)
            {
                EvaluateWhileTraining(stop);
                if (IsTrained) Save();
            }
            while (!IsTrained)
            {
                if (stop.IsCancellationRequested) return Pause();
                TakeStep();
                if (_state.Step % _task.LogEvery == 0 || _state.Step == _task.Steps) Log();
                else if (_state.Step == 1) LogFirst();
                if (_state.Step % _task.EvaluateEvery == 0 || _state.Step == _task.Steps) EvaluateWhileTraining(stop);
                if (_context.Time.GetElapsedTime(_saved) >= _context.CheckpointEvery || IsTrained) Save();
                if (_progress.Due) ReportTraining();
            }
            if (stop.IsCancellationRequested) return Pause();
            return Outcome(RunState.Completed, EvaluateResult(stop));
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

    private void EvaluateWhileTraining(CancellationToken stop)
    {
        if (_task.SplitsWhileTraining.Count == 0) return;
        // Until it is whole: what was stopped is made anew by whoever goes on, and nothing of it is recorded.
        _state.OwesEvaluation = true;
        using var average = _state.Ema?.InPlaceOfParameters();
        var metrics = new Dictionary<string, double>();
        foreach (var split in _task.SplitsWhileTraining)
        {
            _progress.Report(Evaluating(split), _state.Step, LastValues());
            WatchEvaluation(split, stop);
            foreach (var (name, value) in Evaluate(split, keepPredictions: false).Metrics) metrics[$"{split}_{name}"] = value;
        }
        foreach (var (name, value) in metrics) Record(name, _state.Step, value);
        _state.Best?.Consider(_state.Step, metrics);
        _state.OwesEvaluation = false;
    }

    private void WatchEvaluation(string split, CancellationToken stop) => _task.Watch = new EvaluationWatch(share => _progress.ReportShare(Evaluating(split), _state.Step, share), stop);

    private List<string> SplitsOfResult()
    {
        var splits = _task.SplitsAtEnd.Where(split => !_context.TestIsSealed || split != Splits.Test).ToList();
        if (_context.EvaluatesTest && !splits.Contains(Splits.Test)) splits.Add(Splits.Test);
        return splits;
    }

    private void TellLongEvaluation()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        _task.Model.eval();
        if (_task.EstimateEvaluation(SplitsOfResult(), _context.Time) is not { TotalMinutes: >= 1 } time) return;
        var length = time.TotalMinutes < 1.5 ? "a minute" : time.TotalMinutes < 90 ? $"{time.TotalMinutes:0} minutes" : $"{time.TotalHours:0.#} hours";
        _sink.Message($"The evaluation of the result will take about {length} here, as a small part of it did before training.");
    }

    /// <summary>Puts the run's result into the model and evaluates it.</summary>
    private Dictionary<string, double> EvaluateResult(CancellationToken stop)
    {
        RequireFiniteParameters();
        if (_state.Best is { Step: >= 0 } best) best.Put();
        else _state.Ema?.Put();
        var scores = new Dictionary<string, double>();
        foreach (var split in SplitsOfResult())
        {
            _progress.Report(Evaluating(split), _state.Step, LastValues());
            WatchEvaluation(split, stop);
            var evaluation = Evaluate(split, keepPredictions: true);
            foreach (var (name, value) in evaluation.Metrics) scores[$"{split}_{name}"] = value;
            if (evaluation.Predictions is { } predictions) _sink.Predictions(predictions with { Step = _state.Step });
            if (evaluation.Figures.Count + evaluation.Texts.Count > 0 || evaluation.Translations is not null)
                _sink.Samples(new SampleSet(split, _state.Step, evaluation.Figures, evaluation.Texts) { Translations = evaluation.Translations });
        }
        foreach (var name in _state.History.Names.Where(name => name.StartsWith(Splits.Train + "_", StringComparison.Ordinal)))
            scores.TryAdd(name, _state.History.Last(name)!.Value);
        foreach (var (name, value) in scores.Where(score => !double.IsFinite(score.Value)))
            _sink.Message($"{name} is {(double.IsNaN(value) ? "not a number" : "infinite")}: the run is done, and of no use for it. Either the model diverged (a lower learning rate may help), or the options or the data leave nothing to measure.");
        if (_state.Best is { } selected) scores["best_step"] = selected.Step;
        return scores;
    }

    // The share that is evaluated begins anew with each split.
    private static string Evaluating(string split) => $"evaluating {split}";

    private Evaluation Evaluate(string split, bool keepPredictions)
    {
        using var span = _context.Trace?.Measure($"evaluate {split}");
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        EngineGenerator.SeedEvaluation(_context.Seed, _state.Step);
        _task.Model.eval();
        var evaluation = _task.Evaluate(split, keepPredictions);
        _task.Model.train();
        return evaluation;
    }

    private RunOutcome Pause()
    {
        if (_checkpoints is { } checkpoints && checkpoints.LastStep != _state.Step) Save();
        return Outcome(RunState.Paused);
    }

    private void Save()
    {
        if (_checkpoints is null) return;
        _progress.Report("saving", _state.Step, LastValues());
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
        var values = LastValues();
        foreach (var (name, mean) in Means()) values[$"{Splits.Train}_{name}"] = mean;
        _progress.Report("training", _state.Step, values);
    }

    /// <summary>The latest value of every metric but those of single layers.</summary>
    private Dictionary<string, double> LastValues() =>
        _state.History.Names.Where(name => !name.Contains('.', StringComparison.Ordinal)).ToDictionary(name => name, name => _state.History.Last(name)!.Value);

    private RunOutcome Outcome(RunState state, IReadOnlyDictionary<string, double>? scores = null, string? failure = null) =>
        new(state, _state.Step, scores ?? new Dictionary<string, double>(), failure, _state.Stepping > TimeSpan.Zero ? Math.Min(1, Waited / _state.Stepping) : 0);
}
