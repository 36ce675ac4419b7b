using Repro.Reports.Claims;
using Repro.Reports.Papers;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Tests.Runs;

public sealed class ClaimReadingTests
{
    private static readonly IReadOnlyList<Claim> Claims = PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims;

    [Fact]
    public void One_run_in_the_papers_setting_is_inconclusive_even_at_the_papers_very_number()
    {
        var run = ExampleRuns.Run() with { Scores = new Dictionary<string, double> { ["test_error"] = 8.75 } };
        var reading = ClaimReading.Read(Claims[0], run, ExampleRuns.Subject);
        Assert.Equal((true, 8.75, Verdict.Inconclusive), (reading.Concerns, reading.Ours, reading.Verdict));
        Assert.Contains("n = 1 of at most 10", reading.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_another_setting_is_not_comparable_and_every_difference_is_named()
    {
        var run = ExampleRuns.Run(options: new ExampleOptions { Steps = 2000, LearningRate = 0.05 });
        var reading = ClaimReading.Read(Claims[0], run, ExampleRuns.Subject);
        Assert.Equal(Verdict.NotComparable, reading.Verdict);
        Assert.Equal(["learning_rate 0.05 0.1", "steps 2000 64000"], reading.Differences.Select(d => $"{d.Name} {d.Ours} {d.Paper}"));
        Assert.Equal("section 4.2", reading.Differences[0].Source);
    }

    [Fact]
    public void What_a_claim_asks_for_is_no_difference_from_the_paper()
    {
        var run = ExampleRuns.Run(options: new ExampleOptions { Depth = 110 });
        Assert.Equal(Verdict.Inconclusive, ClaimReading.Read(Claims[1], run, ExampleRuns.Subject).Verdict);
        var other = ClaimReading.Read(Claims[0], run, ExampleRuns.Subject);
        Assert.Equal((false, (Verdict?)null), (other.Concerns, other.Verdict));
        Assert.Contains("depth = 20 (this run: 110)", other.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_about_several_depths_concerns_a_run_of_any_of_them()
    {
        var trend = Claims[0] with { Kind = ClaimKind.Ordering, Value = null, Options = new Dictionary<string, string>(), Settings = [Configuration.Parse("depth=20"), Configuration.Parse("depth=32")] };
        var reading = ClaimReading.Read(trend, ExampleRuns.Run(options: new ExampleOptions { Depth = 32 }), ExampleRuns.Subject);
        Assert.Equal((true, Verdict.Inconclusive), (reading.Concerns, reading.Verdict));
        var deeper = ClaimReading.Read(trend, ExampleRuns.Run(options: new ExampleOptions { Depth = 110 }), ExampleRuns.Subject);
        Assert.False(deeper.Concerns);
        Assert.Contains("depth = 20 or 32 (this run: 110)", deeper.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_that_names_a_profile_asks_for_that_profiles_options()
    {
        var transfer = Claims[0] with { Profile = "quick", Transfer = true };
        Assert.Empty(ClaimReading.Read(transfer, ExampleRuns.Run(options: new ExampleOptions { Steps = 2000 }), ExampleRuns.Subject).Differences);
        Assert.Equal(["steps 64000 2000"], ClaimReading.Read(transfer, ExampleRuns.Run(), ExampleRuns.Subject).Differences.Select(d => $"{d.Name} {d.Ours} {d.Paper}"));
    }

    [Fact]
    public void A_value_of_uncertain_source_is_shown_and_not_judged()
    {
        var reading = ClaimReading.Read(Claims[0] with { Uncertain = "read off Figure 6" }, ExampleRuns.Run(), ExampleRuns.Subject);
        Assert.Equal(Verdict.NotJudged, reading.Verdict);
        Assert.Contains("read off Figure 6", reading.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nearest_claim_differs_in_the_fewest_options_and_is_judged_before_it_is_transferred()
    {
        var run = ExampleRuns.Run(options: new ExampleOptions { Steps = 2000 });
        Claim[] claims =
        [
            Claims[0], Claims[1], Claims[0] with { Id = "uncertain", Profile = "quick", Uncertain = "not found" }, Claims[0] with { Id = "transfer", Profile = "quick", Transfer = true },
            Claims[0] with { Id = "order", Profile = "quick", Kind = ClaimKind.Ordering, Value = null }, Claims[0] with { Id = "small", Profile = "quick" },
        ];
        // The second asks for another depth and concerns nothing.
        Assert.Equal(["small", "transfer", "order", "uncertain", "resnet20"], ClaimReading.ByNearness(claims.Select(claim => ClaimReading.Read(claim, run, ExampleRuns.Subject))).Select(reading => reading.Claim.Id));
    }

    [Fact]
    public void Numbers_written_in_two_ways_are_the_same_option_value()
    {
        Assert.True(OptionDifference.Same("0.1", "1e-1"));
        Assert.False(OptionDifference.Same("true", "1"));
        Assert.False(OptionDifference.Same("0.1", "0.10001"));
    }

    [Theory]
    [InlineData(RunState.Paused, "paused")]
    [InlineData(RunState.Failed, "failed")]
    public void A_run_that_did_not_complete_has_no_number_to_compare(RunState state, string word)
    {
        var run = ExampleRuns.Run(state) with { Scores = new Dictionary<string, double> { ["test_error"] = 8.75 } };
        var reading = ClaimReading.Read(Claims[0], run, ExampleRuns.Subject);
        Assert.Null(reading.Ours);
        Assert.Contains($"is {word}", reading.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClaimKind.Ordering)]
    [InlineData(ClaimKind.Trend)]
    [InlineData(ClaimKind.Equivalence)]
    public void One_run_shows_no_relation(ClaimKind kind)
    {
        var reading = ClaimReading.Read(Claims[0] with { Kind = kind, Value = null }, ExampleRuns.Run(), ExampleRuns.Subject);
        Assert.Equal(Verdict.Inconclusive, reading.Verdict);
        Assert.Contains($"shows no {OptionText.Write(kind)}", reading.Reason, StringComparison.Ordinal);
    }
}
