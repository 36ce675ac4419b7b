using Repro.Reports.Papers;
using Repro.Studies;
using Repro.Studies.Papers;

namespace Repro.Reports.Tests.Papers;

public sealed class PaperCardReaderTests
{
    [Fact]
    public void A_card_is_read_whole()
    {
        var card = PaperCardReader.Parse(ExampleRuns.Card, "papers/resnet.md");
        Assert.Equal(("resnet", "Deep Residual Learning for Image Recognition", 2015, "arXiv:1512.03385", "resnet"), (card.Name, card.Title, card.Year, card.Source, card.Experiment));
        Assert.StartsWith("## Departures", card.Prose, StringComparison.Ordinal);
        var claim = card.Claims[1];
        Assert.Equal(("resnet110", "Table 6", ClaimKind.Value, "test_error", "test"), (claim.Id, claim.Stands, claim.Kind, claim.Metric, claim.Split));
        Assert.Equal((6.61, 0.16, "%", 0.3, 5), (claim.Value, claim.Spread, claim.Unit, claim.Tolerance, claim.LargestN));
        Assert.Equal(["depth=110", "residual=true"], claim.Options.Select(option => $"{option.Key}={option.Value}"));
        Assert.False(claim.Transfer);
        Assert.Equal((null, "depth"), (claim.Study, card.Claims[0].Study));
    }

    [Fact]
    public void A_trend_needs_no_value_and_may_be_a_transfer_claim()
    {
        var card = PaperCardReader.Parse(With("kind: value", "kind: trend").Replace("    value: 8.75\n", "    transfer: true\n"), "resnet.md");
        Assert.Equal((ClaimKind.Trend, null, true), (card.Claims[0].Kind, card.Claims[0].Value, card.Claims[0].Transfer));
    }

    [Theory]
    // What is changed, into what, and what the error has to say: place, rule, nearest word.
    [InlineData("title: Deep", "titel: Deep", "papers/resnet.md, line 3, column 1: ", "no key 'titel'; did you mean 'title'?")]
    [InlineData("    metric: test_error", "    metrik: test_error", "line 13, column 5: ", "did you mean 'metric'?")]
    [InlineData("kind: value", "kind: ordring", "line 12, column 11: ", "nearest first: ordering,")]
    [InlineData("split: test", "split: tests", "line 14, column 12: ", "nearest first: test,")]
    [InlineData("year: 2015", "year: soon", "line 5, column 7: ", "an integer from 1900 to 2200, not 'soon'")]
    [InlineData("year: 2015", "year: \"2015\"", "line 5, column 7: ", "integer")]
    [InlineData("value: 8.75", "value: .nan", "line 15, column 12: ", "must be a number")]
    [InlineData("value: 8.75", "value: \"8.75\"", "line 15, column 12: ", "without quotes")]
    [InlineData("tolerance: 0.35", "tolerance: 0", "line 18, column 16: ", "must be above 0")]
    [InlineData("spread: 0.16", "spread: -1", "line 29, column 13: ", "must be above 0")]
    [InlineData("largest_n: 10", "largest_n: 1", "line 19, column 16: ", "from 2 to 10000, not '1'")]
    [InlineData("id: resnet110", "id: resnet20", "line 22, column 9: ", "used twice")]
    [InlineData("id: resnet20", "id: Res Net", "line 9, column 9: ", "lower-case letters")]
    [InlineData("paper: resnet", "paper: lstm", "line 2, column 8: ", "must be the file's name, 'resnet'")]
    [InlineData("    scale: CIFAR-10, 50k training images, 64k steps\n  - id: resnet110", "  - id: resnet110", "line 9, column 5: ", "lacks the key 'scale'")]
    [InlineData("    value: 8.75\n", "", "line 9, column 5: ", "needs the key 'value'")]
    [InlineData("options: {depth: 20, residual: true}", "options: [depth]", "line 17, column 14: ", "must be a mapping")]
    [InlineData("options: {depth: 20, residual: true}", "options: {Depth: 20}", "line 17, column 22: ", "no option's name")]
    [InlineData("options: {depth: 20, residual: true}", "options: {depth: 20, depth: 30}", "line 17, ", "")]
    [InlineData("authors: Kaiming", "authors: [a, b", "papers/resnet.md, line ", "not YAML")]
    [InlineData("study: depth", "study:", "line 20, column ", "must be a text, not empty")]
    [InlineData("---\npaper", "paper", "line 1, column 1: ", "begins with a line '---'")]
    public void A_broken_card_is_refused_with_place_rule_and_nearest_word(string old, string changed, string place, string rule)
    {
        var error = Assert.Throws<BadInputException>(() => PaperCardReader.Parse(With(old, changed), "papers/resnet.md"));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_without_an_end_of_its_yaml_is_refused() =>
        Assert.Contains("there is none", Assert.Throws<BadInputException>(() => PaperCardReader.Parse("---\ntitle: x\n", "x.md")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_card_that_is_not_there_is_named() =>
        Assert.Contains("/nonexistent/resnet.md", Assert.Throws<BadInputException>(() => PaperCardReader.Read("/nonexistent/resnet.md")).Message, StringComparison.Ordinal);

    private static string With(string old, string changed)
    {
        var card = ExampleRuns.Card.ReplaceLineEndings("\n");
        Assert.Contains(old, card, StringComparison.Ordinal);
        var at = card.IndexOf(old, StringComparison.Ordinal);
        return string.Concat(card.AsSpan(0, at), changed, card.AsSpan(at + old.Length));
    }
}
