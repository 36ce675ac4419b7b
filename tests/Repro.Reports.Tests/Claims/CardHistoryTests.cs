using Repro.Reports.Claims;
using Repro.Reports.Papers;
using static Repro.Reports.Tests.Claims.ExampleEvidence;

namespace Repro.Reports.Tests.Claims;

public sealed class CardHistoryTests
{
    [Fact]
    public void A_claim_that_stood_on_the_card_when_the_run_trained_was_frozen() => Assert.Equal(FreezeState.Proven, At(ExampleRuns.Card).State);

    [Theory]
    [InlineData("tolerance: 0.35", "tolerance: 0.1", "said tolerance 0.1 (now 0.35)")]
    [InlineData("largest_n: 10", "largest_n: 20", "said largest_n 20 (now 10)")]
    [InlineData("value: 8.75", "value: 8.5", "said value 8.5 (now 8.75)")]
    [InlineData("id: resnet20", "id: resnet-20", "had no such claim")]
    [InlineData("kind: value", "kind: values", "had no such claim")]
    [InlineData("classifies CIFAR-10 with a test error of 8.75", "is perfect. It has a test error of 8.75", "said statement")]
    [InlineData("64k steps", "100k steps", "said scale")]
    public void A_claim_that_was_changed_after_the_run_was_not_frozen(string now, string then, string why)
    {
        var freeze = At(ExampleRuns.Card.Replace(now, then, StringComparison.Ordinal));
        Assert.Equal(FreezeState.Broken, freeze.State);
        Assert.Contains(why, freeze.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_stands_in_the_paper_may_be_corrected() => Assert.Equal(FreezeState.Proven, At(ExampleRuns.Card.Replace("stands: Table 6", "stands: Table 7", StringComparison.Ordinal)).State);

    [Fact]
    public void A_claim_that_was_renamed_since_is_held_to_what_it_said_under_its_former_id()
    {
        var renamed = Claim with { Id = "twenty-layers", Formerly = Claim.Id };
        var freeze = At(ExampleRuns.Card, renamed);
        Assert.Equal(FreezeState.Proven, freeze.State);
        Assert.Contains("under the id resnet20,", freeze.Sentence, StringComparison.Ordinal);
        Assert.Equal(FreezeState.Broken, At(ExampleRuns.Card, renamed with { Formerly = null }).State);
        Assert.Contains("said tolerance", At(ExampleRuns.Card, renamed with { Tolerance = 0.1 }).Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("under the id", At(ExampleRuns.Card).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_history_nothing_is_proven() => Assert.Equal(FreezeState.Unknown, At(null).State);

    [Fact]
    public void What_is_found_reads_the_same_of_one_run_and_of_many()
    {
        foreach (var card in (string?[])[ExampleRuns.Card, ExampleRuns.Card.Replace("tolerance: 0.35", "tolerance: 0.1", StringComparison.Ordinal), ExampleRuns.Card.Replace("id: resnet20", "id: other", StringComparison.Ordinal), null])
            Assert.DoesNotMatch("\\bthey\\b|judged runs", At(card).Sentence);
    }

    [Fact]
    public void A_card_of_before_there_were_sections_proves_as_much() =>
        Assert.Equal(FreezeState.Proven, At(ExampleRuns.Card.Replace("## What is done otherwise", "## How we went about it", StringComparison.Ordinal)).State);

    [Fact]
    public void A_run_that_recorded_no_commit_proves_nothing()
    {
        var run = Run(8.7, 1);
        run = run with { Run = run.Run with { Attempts = [.. run.Run.Attempts.Select(attempt => attempt with { Environment = attempt.Environment with { Commit = null } })] } };
        Assert.Equal(FreezeState.Unknown, new CardHistory("papers/resnet.md", _ => ExampleRuns.Card).Of(Claim, run).State);
    }

    [Fact]
    public void A_run_that_trained_with_uncommitted_changes_is_not_judged()
    {
        var run = Run(8.7, 1);
        run = run with { Run = run.Run with { Attempts = [.. run.Run.Attempts.Select(attempt => attempt with { Environment = attempt.Environment with { Dirty = true } })] } };
        var freeze = new CardHistory("papers/resnet.md", _ => ExampleRuns.Card).Of(Claim, run);
        Assert.Equal(FreezeState.Broken, freeze.State);
        Assert.Contains("not committed", freeze.Sentence, StringComparison.Ordinal);
    }

    private static Studies.Papers.Claim Claim => PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims[0];

    private static Freeze At(string? card, Studies.Papers.Claim? claim = null) => new CardHistory("papers/resnet.md", commit => commit == Commit ? card : null).Of(claim ?? Claim, Run(8.7, 1));
}
