using Repro.Studies.Runs;
using Repro.Reports.Claims;
using static Repro.Reports.Tests.Claims.ExampleEvidence;

namespace Repro.Reports.Tests.Claims;

public sealed class ClaimEvidenceTests
{
    [Fact]
    public void What_a_search_tried_is_never_judged() =>
        Assert.Equal(0, Of(Value, Scored([8.7, 8.8]).Select(run => run with { Role = EvidenceRole.Search })).Count);

    [Fact]
    public void A_claim_with_a_study_is_tested_by_that_study_alone()
    {
        var claim = Value with { Study = "resnet/depth" };
        Assert.Equal(1, Of(claim, Scored([8.7, 8.8]), [Run(8.9, 9) with { Study = "resnet/depth" }], [Run(8.9, 10) with { Study = "resnet/other" }]).Count);
    }

    [Fact]
    public void The_same_seed_twice_counts_once_and_the_earlier_run_counts()
    {
        var evidence = Of(Value, Scored([8.7, 8.8]), [Run(1, 2) is var again ? again with { Run = again.Run with { Id = "again", Created = again.Run.Created.AddDays(1) } } : null!]);
        Assert.Equal(["run-20-1", "run-20-2"], evidence.Settings[0].Select(run => run.Run.Id));
    }

    [Fact]
    public void One_run_under_another_name_and_seed_counts_once()
    {
        MetricPoint[] curve = [new("validation_error", 1, 50, 1), new("validation_error", 2, 40, 2)];
        EvidenceRun With(EvidenceRun run, IReadOnlyList<MetricPoint> points) => run with { Run = run.Run with { Metrics = points } };
        var own = Scored([8.7, 8.7]).Select((run, i) => With(run, [curve[0], curve[1] with { Value = 40 + i }])).ToList();
        Assert.Equal(2, Of(Value, own).Count);
        var copied = Of(Value, [own[0], With(own[1], own[0].Run.Metrics)]);
        Assert.Equal((1, 1), (copied.Count, copied.Again.Count));
    }

    [Fact]
    public void Runs_made_before_the_claim_was_frozen_are_set_apart()
    {
        var evidence = ClaimEvidence.Of(Value, Scored([8.7, 8.8, 8.9]), ExampleRuns.Subject, (_, run) => new Freeze(run.Run.Seed == 1 ? FreezeState.Broken : FreezeState.Proven, "the card said tolerance 0.5"));
        Assert.Equal((2, 1), (evidence.Count, evidence.NotFrozen.Count));
        Assert.Equal(FreezeState.Proven, evidence.Freeze.State);
    }

    [Fact]
    public void Where_all_runs_came_before_the_claim_the_verdict_is_inconclusive_and_says_so()
    {
        var judged = Judge.Of(ClaimEvidence.Of(Value, Scored(Enumerable.Repeat(8.75, 10)), ExampleRuns.Subject, (_, _) => new Freeze(FreezeState.Broken, "the card said tolerance 0.1 (now 0.35)")));
        Assert.Equal((Verdict.Inconclusive, 0), (judged.Verdict, judged.Runs));
        Assert.Contains("10 runs are not judged", judged.Reason, StringComparison.Ordinal);
        Assert.Contains("tolerance 0.1 (now 0.35)", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_no_finite_number_is_a_run_that_diverged() => Assert.Single(Of(Value, Scored([8.7, double.NaN])).Diverged);

    [Fact]
    public void A_run_of_which_nothing_tells_that_the_claim_was_frozen_before_is_not_judged()
    {
        var judged = Judge.Of(ClaimEvidence.Of(Value, Scored([8.74, 8.75, 8.76]), ExampleRuns.Subject, (_, _) => new Freeze(FreezeState.Unknown, "the history at hand has no card of commit 0123.")));
        Assert.Equal((Verdict.Inconclusive, 0), (judged.Verdict, judged.Runs));
        Assert.Contains("3 runs are not judged: the history at hand", judged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_a_run_does_not_record_may_have_been_anything()
    {
        var evidence = Of(Value, Scored([8.7, 8.8]).Select(run => run with { Run = run.Run with { Options = [.. run.Run.Options.Where(option => option.Key != "steps")] } }));
        Assert.Equal((0, "not recorded"), (evidence.Count, evidence.OtherScale[0].Differences[0].Ours));
    }

    [Fact]
    public void Data_that_are_not_those_of_their_name_are_no_evidence()
    {
        var evidence = ClaimEvidence.Of(Value, Scored([8.7, 8.8]), ExampleRuns.Subject, Frozen, run => run.Run.Seed == 1 ? "cifar-10 with another identity" : null);
        Assert.Equal((1, 1), (evidence.Count, evidence.NotFrozen.Count));
    }

    [Fact]
    public void Settings_that_share_seeds_are_paired_by_them_and_runs_without_a_partner_are_left_out()
    {
        var evidence = Of(Falls, Scored([1, 2, 3, 4]), Scored([10, 20, 30], new ExampleOptions { Depth = 32 }, firstSeed: 2));
        Assert.True(evidence.Paired);
        Assert.All(evidence.Settings, setting => Assert.Equal([2UL, 3, 4], setting.Select(run => run.Run.Seed)));
        Assert.False(Of(Falls, Scored([1, 2, 3]), Scored([10, 20, 30], new ExampleOptions { Depth = 32 }, firstSeed: 50)).Paired);
    }

    [Theory]
    [InlineData(1.7e308)]
    [InlineData(double.NegativeInfinity)]
    public void A_value_that_no_statistic_can_hold_is_a_run_that_diverged(double value) => Assert.Single(Of(Value, Scored([8.7, value])).Diverged);
}
