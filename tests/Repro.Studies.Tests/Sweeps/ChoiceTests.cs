using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using static Repro.Studies.Tests.Sweeps.SweepFixture;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>A choice made on validation, and its confirmation on fresh seeds, which alone reads test.</summary>
public sealed class ChoiceTests
{
    [Fact]
    public void The_best_completed_configuration_is_trained_again_on_fresh_seeds_and_only_that_reads_test()
    {
        var (sweep, host) = Searched(0.3, 0.1, 0.2);
        var number = sweep.Person.Decide(d => d.Confirm(null, seeds: 2));
        var claims = Enumerable.Range(0, 2).Select(_ => host.Decide(d => d.Claim("s"))!).ToList();
        Assert.All(claims, claim => Assert.True(claim.ReadsTest));
        Assert.All(claims, claim => Assert.Equal((number, sweep.State.Trials[1].Configuration), (claim.Run.Trial, claim.Configuration)));
        Assert.Empty(claims.Select(claim => claim.Seed).Intersect(sweep.State.Trials[1].Runs.Select(run => run.Seed)));
        Assert.Equal("1", sweep.State.Confirmation!.Tags["confirms"]);
        Assert.Equal(1, sweep.State.Best(sweep.Study.Objective));
    }

    [Fact]
    public void A_confirmation_ends_a_search_that_has_budget_left()
    {
        var sweep = new SweepFixture(Search(trials: 10));
        var host = sweep.Host("a");
        Finish(host, 0.5);
        sweep.Person.Decide(d => d.Confirm(null, seeds: 1));
        Assert.Equal(TrialOrigin.Confirmation, sweep.State.Trials[Finish(host, 0.4).Trial].Origin);
        Assert.Null(host.Decide(d => d.Claim("s")));
        Assert.Equal(1, sweep.State.Budget);
    }

    [Fact]
    public void Test_is_evaluated_once_so_there_is_no_second_choice_and_no_more_search()
    {
        var (sweep, host) = Searched(0.3, 0.1);
        sweep.Person.Decide(d => d.Confirm(0, seeds: 1));
        Finish(host, 0.2);
        Assert.Contains("was confirmed as trial 2", Refusal(sweep, d => d.Confirm(1, seeds: 1)), StringComparison.Ordinal);
        Assert.Contains("would choose by test", Refusal(sweep, d => d.Extend(20)), StringComparison.Ordinal);
        Assert.Contains("would choose by test", Refusal(sweep, d => d.Enqueue(Configuration.Parse("rate=0.1"), TrialOrigin.Enqueued, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_chosen_while_runs_are_to_be_done_or_where_none_has_a_result()
    {
        var sweep = new SweepFixture(Search(trials: 2));
        var host = sweep.Host("a");
        var run = host.Decide(d => d.Claim("s"))!;
        Assert.Contains("1 runs are not done yet", Refusal(sweep, d => d.Confirm(null, 1)), StringComparison.Ordinal);
        host.Decide(d => d.Fail(run.Run, run.Attempt, FailureClass.NotFinite, "NaN"));
        Assert.Contains("there is nothing to choose", Refusal(sweep, d => d.Confirm(null, 1)), StringComparison.Ordinal);
        Assert.Contains("a completed one can be confirmed", Refusal(sweep, d => d.Confirm(0, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_trial_and_a_confirmation_are_never_the_best()
    {
        var (sweep, host) = Searched(double.NaN, 0.5, double.NegativeInfinity);
        Assert.Equal(1, sweep.State.Best(sweep.Study.Objective));
        sweep.Person.Decide(d => d.Confirm(null, 1));
        Finish(host, 0.01);
        Assert.Equal(1, sweep.State.Best(sweep.Study.Objective));
    }

    [Fact]
    public void Readings_of_test_are_counted()
    {
        var (sweep, _) = Searched(0.3);
        for (var i = 0; i < 3; i++) sweep.Person.Decide([d => d.ReadTest("repro status")]);
        Assert.Equal(3, sweep.State.TestReadings);
    }

    private static (SweepFixture Sweep, Coordinator Host) Searched(params double[] losses)
    {
        var sweep = new SweepFixture(Search(trials: losses.Length));
        var host = sweep.Host("a");
        foreach (var loss in losses) Finish(host, loss);
        return (sweep, host);
    }

    private static RunKey Finish(Coordinator host, double loss)
    {
        var run = host.Decide(d => d.Claim("s"))!;
        host.Decide(d => d.Complete(run.Run, run.Attempt, 64, Loss(loss)));
        return run.Run;
    }

    private static string Refusal(SweepFixture sweep, Action<Decision> request) => Assert.Throws<BadInputException>(() => sweep.Person.Decide([request])).Message;
}
