using Repro.Results.Stores;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

public class SweepPlanTests
{
    private static readonly Configuration Paper = Configuration.Parse("rate=0.1,depth=20");

    public static TheoryData<string> Samplers => [.. SamplerCatalog.Names];

    [Theory]
    [MemberData(nameof(Samplers))]
    public void The_trials_of_the_plan_are_those_that_the_coordinator_gives_out_in_their_order(string sampler)
    {
        var study = Search(sampler, trials: 30);
        foreach (var paper in (Configuration?[])[Paper, null])
        {
            foreach (var finished in (bool[])[false, true])
            {
                var planned = new SweepPlan(study, seed: 5, paper, steps: null, secondsPerStep: null, slots: 1).First(25);
                Assert.Equal(sampler.StartsWith("tpe", StringComparison.Ordinal) ? 10 : Math.Min(25, sampler == "grid" ? 15 + (paper is null ? 0 : 1) : 25), planned.Count);
                Assert.Equal(GivenOut(study, paper, finished, planned.Count), planned.Select(trial => (trial.Number, trial.Origin, trial.Configuration)));
            }
        }
    }

    [Fact]
    public void Trial_0_is_the_paper_s_own_configuration()
    {
        var first = Plan(Search("random")).First(2);
        Assert.Equal((TrialOrigin.Paper, Paper), (first[0].Origin, first[0].Configuration));
        Assert.Equal(TrialOrigin.Sampler, first[1].Origin);
    }

    [Fact]
    public void What_the_target_needs_and_what_the_budget_has_of_it_is_said()
    {
        Assert.Equal(59, SweepPlan.DrawsForTarget);
        Assert.Equal("59 random configurations have a 95 % chance that one is among the best 5 % of all; 39 have 86 %.", Plan(Search("random", trials: 40)).Promise());
        Assert.EndsWith("For sobol, whose draws are not independent, that is a yardstick and no promise.", Plan(Search("sobol")).Promise(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_grid_ends_where_it_has_no_more_configurations()
    {
        var plan = Plan(Search("grid", trials: 40));
        Assert.Equal((15L, 16, 15), (plan.Configurations, plan.Trials, plan.Draws));
        Assert.Equal("All 15 configurations of the grid are tried, beside the values of profile paper.", plan.Promise());
        Assert.Equal(["The budget allows 40 trials, and there are 16 only."], plan.Warnings());
        Assert.Equal("The grid has 15 configurations; the budget tries the first 9 of them.", Plan(Search("grid", trials: 10)).Promise());
    }

    [Fact]
    public void The_cost_is_every_run_to_its_end_in_rounds_of_the_slots()
    {
        var cost = Plan(Search("random", trials: 40) with { Seeds = 2 }, steps: 300, seconds: 0.2, slots: 3).Cost;
        // 80 runs in 27 rounds of a minute.
        Assert.Equal(new SweepCost(80, 300, 24_000, TimeSpan.FromMinutes(27), IsUpperBound: false), cost);
        Assert.True(Plan(Search("random") with { Pruner = "median" }).Cost.IsUpperBound);
    }

    [Fact]
    public void Runs_of_different_length_cost_what_they_are_together()
    {
        var study = SweepFixture.Search(1) with
        {
            Trials = 0, Space = new SearchSpace([]), Seeds = 4, Arms = [new AblationArm("long", "Five times as long.", Configuration.Parse("rounds=5"))],
        };
        var cost = new SweepPlan(study, seed: 5, paper: null, steps: 500, secondsPerStep: 0.1, slots: 1, trial => trial.TryGet("rounds", out var rounds) ? 100 * long.Parse(rounds) : 100).Cost;
        Assert.Equal(new SweepCost(8, 500, 2400, TimeSpan.FromMinutes(4), IsUpperBound: false), cost);
    }

    [Fact]
    public void Without_a_measured_speed_there_is_no_time() => Assert.Null(Plan(Search("random"), seconds: null).Cost.Time);

    [Fact]
    public void A_wall_time_that_is_too_short_is_said()
    {
        var study = Search("random", trials: 40) with { WallTime = TimeSpan.FromMinutes(30) };
        Assert.Contains("wall time of 30m ends the sweep", Assert.Single(Plan(study, seconds: 0.2, slots: 1).Warnings()), StringComparison.Ordinal);
        Assert.Empty(Plan(study, seconds: 0.1, slots: 1).Warnings());
    }

    [Theory]
    [InlineData("none", "")]
    [InlineData("median", "")]
    [InlineData("asha_stopping", "10 40 160")]
    [InlineData("asha_promotion", "10 40 160")]
    [InlineData("hyperband", "1 3 11 33 100")]
    public void The_rungs_are_the_pruner_s(string pruner, string rungs) =>
        Assert.Equal(rungs, string.Join(' ', Plan(Search("random", trials: 100) with { Pruner = pruner, Rungs = (10, 300) }).Rungs));

    [Fact]
    public void A_pruner_that_never_decides_is_said_and_one_that_cannot_is_refused()
    {
        Assert.Contains("has no rung below the 300 steps", Assert.Single(Plan(Search("random") with { Pruner = "asha_stopping", Rungs = (300, 300) }).Warnings()), StringComparison.Ordinal);
        Assert.Contains("needs at least 64 trials", Assert.Throws<BadInputException>(() => Plan(Search("random", trials: 40) with { Pruner = "successive_halving", Rungs = (10, 300) })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 5, false)]
    [InlineData(7, 5, true)]
    [InlineData(6, 1, false)]
    [InlineData(5, 1, true)]
    public void An_ablation_whose_pairs_cannot_decide_is_said(int seeds, int arms, bool cannot)
    {
        var plan = Plan(Ablation(arms) with { Seeds = seeds });
        Assert.Equal(cannot, plan.CannotDecide);
        Assert.Equal(cannot, plan.Warnings().Count == 1);
        Assert.Equal(seeds * (arms + 1), plan.Cost.Runs);
    }

    [Fact]
    public void An_ablation_begins_with_its_baseline_and_has_a_trial_for_every_arm()
    {
        var trials = Plan(Ablation(arms: 2)).First(10);
        Assert.Equal([(0, "baseline", ""), (1, "arm-0", "depth=20"), (2, "arm-1", "depth=21")], trials.Select(t => (t.Number, t.Arm!, t.Configuration.ToString())));
        Assert.All(trials, trial => Assert.Equal(TrialOrigin.Arm, trial.Origin));
    }

    [Fact]
    public void Tuning_every_arm_anew_costs_its_trials_for_the_baseline_too() =>
        Assert.Equal((3 * 8) + (3 * 10), Plan(Ablation(arms: 2) with { TrialsPerArm = 10 }).Cost.Runs);

    private static IEnumerable<(int, TrialOrigin, Configuration)> GivenOut(Study study, Configuration? paper, bool finished, int count)
    {
        var time = new SweepFixture.Clock(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var store = new MemoryStore(time);
        store.Renew("sweep", "host", TimeSpan.FromHours(1));
        var host = new Coordinator(store, "sweep", study, "host", time);
        host.Decide([d => d.Create(seed: 5, paper)]);
        for (var i = 0; i < count; i++)
        {
            var claim = host.Decide(d => d.Claim("slot"))!;
            if (finished) host.Decide(d => d.Complete(claim.Run, claim.Attempt, 64, SweepFixture.Loss(i)));
        }
        return host.State.Trials.Select(trial => (trial.Number, trial.Origin, trial.Configuration));
    }

    private static SweepPlan Plan(Study study, long? steps = 300, double? seconds = 0.2, int slots = 2) => new(study, seed: 5, Paper, steps, seconds, slots);

    private static Study Search(string sampler, int trials = 40) => SweepFixture.Search(trials) with
    {
        Sampler = sampler, Space = new SearchSpace([CompactForm.Parse("rate=log:0.001..1"), CompactForm.Parse("depth=20,32,44")]),
    };

    private static Study Ablation(int arms) => new Ablation(
        "depths", "Does depth matter?", "sweep", new Objective("loss", ObjectiveDirection.Minimize),
        [.. Enumerable.Range(0, arms).Select(i => new AblationArm($"arm-{i}", "Another depth.", Configuration.Parse($"depth={20 + i}")))]).Of("net");
}
