using Repro.Reports.Figures;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Figures;

/// <summary>Searches written down by hand.</summary>
internal static class ExampleTrials
{
    public static SearchSpace Space { get; } = new([CompactForm.Parse("learning_rate=log:1e-3..10"), CompactForm.Parse("network=residual,wide,plain")]);

    /// <summary>The paper's own at 30 %, then 40, none (failed), 20, 25 (pruned at it), 10.</summary>
    public static SearchedTrials Six { get; } = Of(
        Trial(0, 30, "learning_rate=0.1,network=residual", TrialOrigin.Paper), Trial(1, 40, "learning_rate=0.001,network=plain"),
        new SearchedTrial(2, TrialOrigin.Sampler, RunState.Failed, Configuration.Parse("learning_rate=10,network=plain"), null),
        Trial(3, 20, "learning_rate=0.01,network=wide"),
        new SearchedTrial(4, TrialOrigin.Sampler, RunState.Pruned, Configuration.Parse("learning_rate=1,network=wide"), null, Last: 25), Trial(5, 10, "learning_rate=1,network=residual"));

    public static SearchedTrials Of(params SearchedTrial[] trials) => new("validation_error", ObjectiveDirection.Minimize, Space, trials);

    public static SearchedTrial Trial(int number, double objective, string configuration, TrialOrigin origin = TrialOrigin.Sampler) =>
        new(number, origin, RunState.Completed, Configuration.Parse(configuration), objective);

    /// <summary>Trial t has objective t; number 0 is the paper's own.</summary>
    public static SearchedTrials Many(int count) => Of([.. Enumerable.Range(0, count).Select(i => Trial(i, i, "learning_rate=0.1,network=wide", i == 0 ? TrialOrigin.Paper : TrialOrigin.Sampler))]);
}
