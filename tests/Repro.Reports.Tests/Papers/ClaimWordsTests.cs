using Repro.Reports.Papers;
using Repro.Studies;

namespace Repro.Reports.Tests.Papers;

public sealed class ClaimWordsTests
{
    private static readonly CardSubject Subject = new(ExampleRuns.Subject, ["resnet/depth", "resnet/width"], ["train_error", "test_error", "test_loss"]);

    [Fact]
    public void A_card_whose_words_its_experiment_knows_is_read() => Assert.Equal(2, Read("study: depth", "study: resnet/depth").Claims.Count);

    [Theory]
    [InlineData("study: depth", "study: resnet/dept", "line 20, column 12: ", "no study 'resnet/dept'. Those there are, nearest first: resnet/depth,")]
    [InlineData("metric: test_error", "metric: test_eror", "line 13, column 13: ", "nearest first: test_error,")]
    [InlineData("metric: test_error", "metric: train_error", "line 14, column 12: ", "of the split 'train', not 'test'")]
    [InlineData("options: {depth: 20, residual: true}", "options: {dept: 20}", "line 17, column 15: ", "no option 'dept'. Those there are, nearest first: depth,")]
    [InlineData("options: {depth: 20, residual: true}", "options: {depth: 7}", "line 17, column 22: ", "7")]
    [InlineData("    study: depth\n", "    study: resnet/depth\n    profile: quik\n", "line 21, column 14: ", "nearest first: quick,")]
    public void A_word_that_means_nothing_is_refused_with_its_place_and_the_nearest(string old, string changed, string place, string rule)
    {
        var error = Assert.Throws<BadInputException>(() => Read(old, changed));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_an_experiment_that_there_is_not_is_refused() =>
        Assert.Contains("no experiment 'resnet'", Assert.Throws<BadInputException>(() => PaperCardReader.Parse(ExampleRuns.Card, "resnet.md", _ => null)).Message, StringComparison.Ordinal);

    private static Studies.Papers.PaperCard Read(string old, string changed)
    {
        var card = ExampleRuns.Card.ReplaceLineEndings("\n");
        Assert.Contains(old, card, StringComparison.Ordinal);
        var at = card.IndexOf(old, StringComparison.Ordinal);
        var text = string.Concat(card.AsSpan(0, at), changed, card.AsSpan(at + old.Length));
        return PaperCardReader.Parse(text.Replace("study: depth\n", "study: resnet/depth\n", StringComparison.Ordinal), "papers/resnet.md", _ => Subject);
    }
}
