using Repro.Cli.Output;
using Repro.Studies.SearchSpaces.Expressions;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>
/// <c>--where 'depth = 20 and accuracy > 0.9'</c> over trials. Names are options, metrics (<c>validation_error</c>, or <c>error</c> for short), tags, and
/// <c>trial</c>, <c>state</c>, <c>attempt</c>, <c>origin</c>, <c>arm</c>. <c>accuracy</c> is 1 - error / 100 where the runs report an error in percent.
/// </summary>
internal sealed class TrialQuery
{
    private static readonly string[] Own = ["trial", "state", "attempt", "origin", "arm"];
    private readonly Expression _expression;
    private readonly StoredSweep _sweep;

    /// <param name="options">Every option of the experiment with its value in the study's profile; a trial that does not set one has that.</param>
    /// <exception cref="Repro.Studies.BadInputException">No expression, or a name that nothing has: with the nearest.</exception>
    public TrialQuery(string text, StoredSweep sweep, IReadOnlyDictionary<string, string> options)
    {
        var (study, state) = (sweep.Study, sweep.State);
        (_sweep, Options) = (sweep, options);
        var metrics = state.Trials.SelectMany(trial => trial.Runs).SelectMany(run => run.Scores.Keys).Append(study.Objective.Metric).Where(name => !TestSeal.Covers(name)).Distinct().ToList();
        var names = Own.Concat(options.Keys).Concat(metrics).Concat(metrics.Select(Short)).Concat(state.Trials.SelectMany(trial => trial.Tags.Keys)).Append("accuracy")
            .Concat(study.Space.Parameters.Select(parameter => parameter.Name)).Distinct();
        // States and origins are words, and need no quotes.
        _expression = Expression.Parse(text, names.ToDictionary(name => name, name => (IReadOnlyList<string>)(name switch
        {
            "state" => Enum.GetValues<Studies.Runs.RunState>().Select(Words.State).ToList(),
            "origin" => Enum.GetValues<TrialOrigin>().Select(origin => Studies.Options.OptionText.Write(origin)).ToList(),
            "arm" => state.Trials.Select(trial => trial.Arm).OfType<string>().Distinct().ToList(),
            _ => state.Trials.Select(trial => trial.Configuration.TryGet(name, out var value) ? value : trial.Tags.GetValueOrDefault(name)).OfType<string>().Append(options.GetValueOrDefault(name, "")).Distinct().Take(50).ToList(),
        })));
    }

    private IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>Whether the trial fulfils it; one for which something is not known does not.</summary>
    public bool Fits(TrialStatus trial)
    {
        var metrics = TrialJson.Values(_sweep, trial, test: false);
        return _expression.Test(name => Value(name, trial, metrics)) == true;
    }

    private ExpressionValue Value(string name, TrialStatus trial, IReadOnlyDictionary<string, double> metrics)
    {
        if (trial.Configuration.TryGet(name, out var text) || _sweep.Study.Fixed.TryGet(name, out text) || Options.TryGetValue(name, out text)) return ExpressionValue.Read(text);
        if (metrics.TryGetValue(name, out var metric) || metrics.TryGetValue($"validation_{name}", out metric)) return ExpressionValue.Of(metric);
        if (name == "accuracy" && metrics.TryGetValue("validation_error", out var error)) return ExpressionValue.Of(1 - (error / 100));
        if (trial.Tags.TryGetValue(name, out var tag)) return ExpressionValue.Read(tag);
        return name switch
        {
            "trial" => ExpressionValue.Of(trial.Number),
            "state" => ExpressionValue.Of(Words.State(trial.State)),
            "attempt" => ExpressionValue.Of(trial.Runs.Max(run => run.Attempt)),
            "origin" => ExpressionValue.Of(Studies.Options.OptionText.Write(trial.Origin)),
            "arm" when trial.Arm is { } arm => ExpressionValue.Of(arm),
            _ => ExpressionValue.Unknown,
        };
    }

    private static string Short(string metric) => metric.StartsWith("validation_", StringComparison.Ordinal) ? metric["validation_".Length..] : metric;
}
