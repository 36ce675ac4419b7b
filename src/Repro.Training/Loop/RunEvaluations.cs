using Repro.Studies.Runs;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>What a run evaluates, and when: some splits while it trains, and its result.</summary>
/// <param name="record">Puts a metric's value at a step into the run's history and tells it.</param>
internal sealed class RunEvaluations(TrainingTask task, LoopState state, RunContext context, IRunSink sink, ProgressReports progress, Action<string, long, double> record)
{
    /// <summary>After the step that was taken last, with the moving average in place of the parameters where there is one.</summary>
    public void WhileTraining(CancellationToken stop)
    {
        if (task.SplitsWhileTraining.Count == 0) return;
        // Until it is whole: what was stopped is made anew by whoever goes on, and nothing of it is recorded.
        state.OwesEvaluation = true;
        using var average = state.Ema?.InPlaceOfParameters();
        var metrics = new Dictionary<string, double>();
        foreach (var split in task.SplitsWhileTraining)
        {
            progress.Report(Evaluating(split), state.Step, state.LastValues());
            WatchEvaluation(split, stop);
            foreach (var (name, value) in Evaluate(split, keepPredictions: false).Metrics) metrics[$"{split}_{name}"] = value;
        }
        foreach (var (name, value) in metrics) record(name, state.Step, value);
        state.Best?.Consider(state.Step, metrics);
        state.OwesEvaluation = false;
    }

    /// <summary>Says beforehand how long the evaluation of the result will take, where that is a minute or more.</summary>
    public void TellLong()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        task.Model.eval();
        if (task.EstimateEvaluation(SplitsOfResult(), context.Time) is not { TotalMinutes: >= 1 } time) return;
        var length = time.TotalMinutes < 1.5 ? "a minute" : time.TotalMinutes < 90 ? $"{time.TotalMinutes:0} minutes" : $"{time.TotalHours:0.#} hours";
        sink.Message($"The evaluation of the result will take about {length} here, as a small part of it did before training.");
    }

    /// <summary>Puts the run's result into the model and evaluates it: the scores by name.</summary>
    public Dictionary<string, double> OfResult(CancellationToken stop)
    {
        if (state.Best is { Step: >= 0 } best) best.Put();
        else state.Ema?.Put();
        var scores = new Dictionary<string, double>();
        foreach (var split in SplitsOfResult())
        {
            progress.Report(Evaluating(split), state.Step, state.LastValues());
            WatchEvaluation(split, stop);
            var evaluation = Evaluate(split, keepPredictions: true);
            foreach (var (name, value) in evaluation.Metrics) scores[$"{split}_{name}"] = value;
            if (evaluation.Predictions is { } predictions) sink.Predictions(predictions with { Step = state.Step });
            if (evaluation.Figures.Count + evaluation.Texts.Count > 0 || evaluation.Translations is not null)
                sink.Samples(new SampleSet(split, state.Step, evaluation.Figures, evaluation.Texts) { Translations = evaluation.Translations });
        }
        foreach (var name in state.History.Names.Where(name => name.StartsWith(Splits.Train + "_", StringComparison.Ordinal)))
            scores.TryAdd(name, state.History.Last(name)!.Value);
        foreach (var (name, value) in scores.Where(score => !double.IsFinite(score.Value)))
            sink.Message($"{name} is {(double.IsNaN(value) ? "not a number" : "infinite")}: the run is done, and of no use for it. Either the model diverged (a lower learning rate may help), or the options or the data leave nothing to measure.");
        if (state.Best is { } selected) scores["best_step"] = selected.Step;
        return scores;
    }

    private void WatchEvaluation(string split, CancellationToken stop) => task.Watch = new EvaluationWatch(share => progress.ReportShare(Evaluating(split), state.Step, share), stop);

    private List<string> SplitsOfResult()
    {
        var splits = task.SplitsAtEnd.Where(split => !context.TestIsSealed || split != Splits.Test).ToList();
        if (context.EvaluatesTest && !splits.Contains(Splits.Test)) splits.Add(Splits.Test);
        return splits;
    }

    // The share that is evaluated begins anew with each split.
    private static string Evaluating(string split) => $"evaluating {split}";

    private Evaluation Evaluate(string split, bool keepPredictions)
    {
        using var span = context.Trace?.Measure($"evaluate {split}");
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        EngineGenerator.SeedEvaluation(context.Seed, state.Step);
        task.Model.eval();
        var evaluation = task.Evaluate(split, keepPredictions);
        task.Model.train();
        return evaluation;
    }
}
