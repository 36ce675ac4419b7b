using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using static Repro.Studies.Tests.Sweeps.SweepFixture;

namespace Repro.Studies.Tests.Sweeps;

public sealed class AblationSweepTests
{
    private static readonly Study Plain = Search(trials: 0, seeds: 3) with
    {
        Space = new SearchSpace([]),
        Arms = [new AblationArm("wide", "Twice the width.", Configuration.Parse("width=2")), new AblationArm("deep", "Twice the depth.", Configuration.Parse("depth=2"))],
    };

    [Fact]
    public void The_baseline_and_each_arm_are_trials_on_the_same_seeds()
    {
        var sweep = new SweepFixture(Plain);
        Assert.Equal(["baseline", "wide", "deep"], sweep.State.Trials.Select(trial => trial.Arm));
        Assert.Equal(["", "width=2", "depth=2"], sweep.State.Trials.Select(trial => trial.Configuration.ToString()));
        Assert.All(sweep.State.Trials, trial => Assert.Equal(sweep.State.Trials[0].Runs.Select(run => run.Seed), trial.Runs.Select(run => run.Seed)));
        Assert.All(sweep.State.Trials, trial => Assert.Equal((3, TrialOrigin.Arm), (trial.Runs.Count, trial.Origin)));
    }

    [Fact]
    public void Nothing_more_is_planned_and_no_choice_can_be_confirmed()
    {
        var sweep = new SweepFixture(Plain);
        var host = sweep.Host("a");
        for (var i = 0; i < 9; i++) Finish(host, _ => i);
        Assert.Null(host.Decide(d => d.Claim("s")));
        Assert.Contains("compares its arms", Assert.Throws<BadInputException>(() => sweep.Person.Decide(d => d.Confirm(null, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_arm_is_tuned_over_the_same_nuisance_values_and_compared_at_its_own_best_on_other_seeds()
    {
        var sweep = new SweepFixture(Search(trials: 0, seeds: 2) with { Arms = [Plain.Arms[0]], TrialsPerArm = 3 });
        var host = sweep.Host("a");
        // The baseline is best at the first rate, the arm at the last.
        for (var i = 0; i < 6; i++) Finish(host, run => run.Trial < 3 ? run.Trial : -run.Trial);
        var (baseline, wide) = (sweep.State.Trials.Take(3).ToList(), sweep.State.Trials.Skip(3).Take(3).ToList());
        Assert.All(baseline.Concat(wide), trial => Assert.Equal(TrialOrigin.Tuning, trial.Origin));
        Assert.Equal(baseline.Select(trial => trial.Configuration["rate"]), wide.Select(trial => trial.Configuration["rate"]));
        for (var i = 0; i < 4; i++) Finish(host, _ => 1);
        var arms = sweep.State.Arms.ToList();
        Assert.Equal([("baseline", baseline[0].Configuration), ("wide", wide[2].Configuration)], arms.Select(arm => (arm.Arm!, arm.Configuration)));
        Assert.Equal("2", arms[1].Configuration["width"]);
        Assert.Empty(arms[0].Runs.Select(run => run.Seed).Intersect(baseline.SelectMany(trial => trial.Runs).Select(run => run.Seed)));
        Assert.Null(host.Decide(d => d.Claim("s")));
    }

    [Fact]
    public void An_arm_of_which_no_tuning_completed_is_compared_as_the_study_has_it()
    {
        var sweep = new SweepFixture(Search(trials: 0) with { Arms = [Plain.Arms[0]], TrialsPerArm = 1 });
        var host = sweep.Host("a");
        for (var i = 0; i < 2; i++)
        {
            var run = host.Decide(d => d.Claim("s"))!;
            host.Decide(d => d.Fail(run.Run, run.Attempt, FailureClass.NotFinite, "NaN"));
        }
        Finish(host, _ => 1);
        Assert.Equal(["", "width=2"], sweep.State.Arms.Select(trial => trial.Configuration.ToString()));
    }

    private static void Finish(Coordinator host, Func<RunKey, double> loss)
    {
        var run = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Complete(run.Run, run.Attempt, 64, Loss(loss(run.Run))));
    }
}
