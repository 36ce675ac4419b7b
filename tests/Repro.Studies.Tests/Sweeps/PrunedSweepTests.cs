using Repro.Studies.Pruners;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using static Repro.Studies.Tests.Sweeps.SweepFixture;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>What a person does to a sweep that is pruned. Losses are known: constant over a run's 64 steps, reported at 1, 2, ... 64.</summary>
public sealed class PrunedSweepTests
{
    public static TheoryData<string> Halving => [.. PrunerCatalog.Names.Where(name => name is not ("none" or "median"))];

    [Theory]
    [MemberData(nameof(Halving))]
    public void The_trials_of_an_extension_are_compared_and_the_best_of_them_is_completed(string pruner)
    {
        var sweep = new SweepFixture(Search(trials: 64, pruner));
        Train(sweep, trial => 100 + trial);
        sweep.Person.Decide(d => Done(() => d.Extend(128)));
        // Better than everything before; the last of them is best.
        Train(sweep, trial => trial < 64 ? 100 + trial : 200.0 / trial);
        var added = sweep.State.Trials.Skip(64).ToList();
        Assert.Equal(64, added.Count);
        Assert.Contains(added, trial => trial.State == RunState.Completed);
        Assert.All(added, trial => Assert.True(trial.Done));
        // Whoever was completed is among the better ones of the extension.
        Assert.True(added.Where(trial => trial.State == RunState.Completed).Max(trial => trial.Number) >= 100);
    }

    [Fact]
    public void With_synchronous_halving_the_very_best_of_an_extension_is_found()
    {
        var sweep = new SweepFixture(Search(trials: 64, "successive_halving"));
        Train(sweep, trial => 100 + trial);
        sweep.Person.Decide(d => Done(() => d.Extend(128)));
        Train(sweep, trial => trial == 90 ? 0.5 : 10 + trial);
        Assert.Equal(90, sweep.State.Best(sweep.Study.Objective));
    }

    [Theory]
    [MemberData(nameof(Halving))]
    public void A_trial_that_is_tried_again_trains_to_its_end(string pruner)
    {
        var sweep = new SweepFixture(Search(trials: 64, pruner));
        var host = sweep.Host("a");
        var first = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Report(first.Run, 1, [Value(1, 1)], []));
        host.Decide(d => d.Fail(first.Run, 1, FailureClass.Bug, "broken"));
        Train(sweep, trial => 100 + trial);
        sweep.Person.Decide(d => Done(() => d.RetryTrial(0)));
        Train(sweep, _ => 0.001);
        Assert.Equal((RunState.Completed, 0), (sweep.State.Trials[0].State, sweep.State.Best(sweep.Study.Objective)));
    }

    [Fact]
    public void A_trial_of_which_one_seed_failed_and_is_tried_again_keeps_nobody_waiting()
    {
        var (sweep, failed) = (new SweepFixture(Search(trials: 64, "successive_halving", seeds: 2)), false);
        var host = sweep.Host("a");
        var (first, second) = (host.Decide(d => d.Claim("s"))!, host.Decide(d => d.Claim("t"))!);
        host.Decide(d => d.Fail(second.Run, 1, FailureClass.Bug, "broken"));
        host.Decide(d => d.Report(first.Run, 1, [Value(1, 500)], []));
        sweep.Person.Decide(d => Done(() => d.RetryTrial(0)));
        host.Decide(d => failed = d.Fail(first.Run, 1, FailureClass.Lost, "gone"));
        Assert.True(failed);
        Train(sweep, trial => 100 + trial);
        Assert.Equal(RunState.Completed, sweep.State.Trials[0].State);
        // The others were compared without it: 63 of 64, of which one in four goes on at each rung.
        Assert.Equal(1, sweep.State.Trials.Skip(1).Count(trial => trial.State == RunState.Completed));
        Assert.Equal(RunState.Completed, sweep.State.Trials[1].State);
    }

    [Theory]
    [MemberData(nameof(Halving))]
    public void A_configuration_that_a_person_asks_for_trains_to_its_end_and_takes_nobodys_place(string pruner)
    {
        var (plain, asked) = (new SweepFixture(Search(trials: 64, pruner)), new SweepFixture(Search(trials: 64, pruner)));
        var number = asked.Person.Decide(d => d.Enqueue(Configuration.Parse("rate=0.5"), TrialOrigin.Enqueued, 1));
        Train(plain, trial => 100 + trial);
        Train(asked, trial => trial == number ? 1000 : 99 + trial);
        Assert.Equal(RunState.Completed, asked.State.Trials[number].State);
        Assert.Equal(plain.State.Trials.Select(trial => trial.State), asked.State.Trials.Skip(1).Select(trial => trial.State));
    }

    [Fact]
    public void The_arms_of_an_ablation_are_never_pruned()
    {
        var study = Search(trials: 0, "asha_stopping", seeds: 4) with { Space = new SearchSpace([]), Arms = [new AblationArm("bad", "worse", Configuration.Parse("rate=1"))] };
        var sweep = new SweepFixture(study);
        Train(sweep, trial => 1 + trial);
        Assert.All(sweep.State.Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Fact]
    public void Only_what_the_pruner_looks_at_is_written_as_an_event()
    {
        var (plain, halved) = (new SweepFixture(Search(trials: 3)), new SweepFixture(Search(trials: 3, "asha_stopping")));
        foreach (var sweep in (SweepFixture[])[plain, halved]) Train(sweep, trial => trial);
        Assert.Empty(plain.Store.Read("sweep").OfType<RungReached>());
        Assert.Equal(64, plain.Store.Metrics("sweep", new RunKey(0, 0)).Count);
        // Rungs at 1, 4 and 16 of 64.
        Assert.Equal([1L, 4, 16], halved.Store.Read("sweep").OfType<RungReached>().Where(rung => rung.Run.Trial == 0).Select(rung => rung.Step));
    }

    /// <summary>Trains on one slot, until nothing is left to do.</summary>
    private static void Train(SweepFixture sweep, Func<int, double> loss)
    {
        var host = sweep.Host("a");
        while (host.Decide(d => d.Claim("s")) is { } own)
        {
            var from = own.Checkpoints.Count > 0 ? own.Checkpoints[0].Step : 0;
            for (var step = from + 1; ; step++)
            {
                var directive = host.Decide(d => d.Report(own.Run, own.Attempt, [Value(step, loss(own.Run.Trial))], [new CheckpointRecorded(own.Run, own.Attempt, step, $"{step}", "", 1) { At = sweep.Time.Now }]));
                if (directive == Directive.End) break;
                if (step == 64) host.Decide(d => d.Complete(own.Run, own.Attempt, 64, Loss(loss(own.Run.Trial))));
                else if (directive == Directive.Pause) host.Decide(d => d.Pause(own.Run, own.Attempt, step));
                else continue;
                break;
            }
        }
    }

    private static MetricPoint Value(long step, double value) => new("loss", step, value, step);

    private static bool Done(Action action)
    {
        action();
        return true;
    }
}
