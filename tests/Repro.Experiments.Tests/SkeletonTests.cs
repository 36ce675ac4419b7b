using Repro.Experiments.Skeleton;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Experiments.Tests;

/// <summary>What <c>./repro new paper</c> writes, compiled as the paper Skeleton.</summary>
public sealed class SkeletonTests
{
    [Fact]
    public void The_skeleton_of_a_new_paper_trains_from_the_first_minute()
    {
        var experiment = new SkeletonExperiment();
        var options = OptionSchema.Apply(experiment.Profiles[0].Options, [new("steps", "5")]);
        var outcome = Trainer.Run(experiment, options, new RunContext { Threads = 1 }, new RecordingSink(), [], CancellationToken.None);
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.True(outcome.Scores.ContainsKey(experiment.MainMetric));
        Assert.Equal(5, experiment.BestPossible(options));
    }
}
