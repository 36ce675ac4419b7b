using Repro.Reports.Claims;
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
        Assert.StartsWith("## What is done otherwise", card.Prose, StringComparison.Ordinal);
        var claim = card.Claims[1];
        Assert.Equal(("resnet110", "Table 6", ClaimKind.Value, "test_error", "test"), (claim.Id, claim.Stands, claim.Kind, claim.Metric, claim.Split));
        Assert.Equal((6.61, 0.16, "%", 0.3, 5), (claim.Value, claim.Spread, claim.Unit, claim.Tolerance, claim.LargestN));
        Assert.Equal(["depth=110", "residual=true"], claim.Options.Select(option => $"{option.Key}={option.Value}"));
        Assert.False(claim.Transfer);
        Assert.Equal((null, "depth"), (claim.Study, card.Claims[0].Study));
    }

    [Theory]
    [InlineData("value: 8.75", "value: 8.750", "8.750 %")]
    [InlineData("value: 8.75", "value: 1.46970", "1.46970 %")]
    [InlineData("value: 8.75", "value: 1234.5678", "1234.5678 %")]
    public void A_published_number_stands_with_the_digits_of_the_card(string old, string changed, string shown) =>
        Assert.Equal(shown, JudgementText.Paper(PaperCardReader.Parse(With(old, changed), "resnet.md").Claims[0]));

    [Fact]
    public void A_published_deviation_has_its_digits_too_and_another_number_takes_none_of_them()
    {
        var claim = PaperCardReader.Parse(With("spread: 0.16", "spread: 0.160"), "resnet.md").Claims[1];
        Assert.Equal("6.61 ± 0.160 %", JudgementText.Paper(claim));
        Assert.Equal("−6.6125 ± 0.2 %", JudgementText.Paper(claim with { Value = -6.6125, Spread = 0.2 }));
    }

    [Theory]
    [InlineData("## What is done otherwize", "line 37, column 1: a card has no section 'What is done otherwize'. Sections, nearest first: What is done otherwise; ")]
    [InlineData("## Traps, and what we like", "line 37, column 1: a card has no section 'What we like'.")]
    [InlineData("## What is done otherwise\n\nX.\n\n## What is done otherwise", "line 41, column 1: the section 'What is done otherwise' has been before")]
    public void A_section_that_no_card_has_is_refused_where_the_experiment_is_known(string heading, string rule)
    {
        var card = With("## What is done otherwise", heading);
        var error = Assert.Throws<BadInputException>(() => PaperCardReader.Parse(card, "papers/resnet.md", _ => Known));
        Assert.Contains($"papers/resnet.md, {rule}", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, PaperCardReader.Parse(card, "papers/resnet.md").Claims.Count);
    }

    [Fact]
    public void One_heading_may_name_several_sections_and_those_of_a_lower_level_are_free()
    {
        var card = With("## What is done otherwise", "# A title\n\n## What is done otherwise, and what the paper leaves open\n\n### Of our own\n\n```\n## in code\n```");
        Assert.Equal(2, PaperCardReader.Parse(card, "papers/resnet.md", _ => Known).Claims.Count);
    }

    private static CardSubject Known => new(ExampleRuns.Subject, ["depth"], ["test_error"]);

    [Fact]
    public void A_trend_needs_no_value_and_may_be_a_transfer_claim()
    {
        var card = PaperCardReader.Parse(Trend("settings: [width=16, width=32, width=64]\n    direction: falls\n    looks: [3, 10]\n    transfer: true"), "resnet.md");
        var claim = card.Claims[0];
        Assert.Equal((ClaimKind.Trend, null, true, ClaimDirection.Falls), (claim.Kind, claim.Value, claim.Transfer, claim.Direction));
        Assert.Equal(["width=16", "width=32", "width=64"], claim.Settings.Select(setting => setting.ToString()));
        Assert.Equal([3, 10], claim.Looks);
    }

    [Fact]
    public void A_claim_that_names_no_looks_is_looked_at_once_at_its_largest_n() =>
        Assert.Equal([10], PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims[0].Looks);

    [Fact]
    public void A_value_of_uncertain_source_needs_no_tolerance()
    {
        var claim = PaperCardReader.Parse(With("    tolerance: 0.35\n    largest_n: 10\n", "    uncertain: read off Figure 6\n"), "resnet.md").Claims[0];
        Assert.Equal(("read off Figure 6", null, null, 0), (claim.Uncertain, claim.Tolerance, claim.LargestN, claim.Looks.Count));
    }

    [Theory]
    [InlineData("settings: [width=16, width=32]\n    direction: falls", "compares three or more settings; there are 2")]
    [InlineData("settings: [width=16, width=32, width=16]\n    direction: falls", "must differ")]
    [InlineData("settings: [width=16, width=32, depth=16]\n    direction: falls", "set the same options")]
    [InlineData("settings: [depth=16, depth=32, depth=64]\n    direction: falls", "cannot stand under 'options' too")]
    [InlineData("settings: [width=16, width=32, width=64]", "needs the key 'direction'")]
    [InlineData("settings: [width=16, width=32, width=64]\n    direction: above", "belong to kind 'ordering'")]
    [InlineData("direction: falls", "needs the key 'settings'")]
    [InlineData("settings: [width, width=32, width=64]\n    direction: falls", "every setting is written name=value")]
    [InlineData("settings: [width=16, width=32, width=64]\n    direction: downwards", "nearest first: ")]
    [InlineData("settings: [width=16, width=32, width=64]\n    direction: falls\n    looks: [5, 3, 10]", "3 does not come after 5")]
    [InlineData("settings: [width=16, width=32, width=64]\n    direction: falls\n    looks: [3, 5]", "must be 'largest_n', 10")]
    public void A_trend_that_does_not_say_what_is_compared_is_refused(string keys, string rule)
    {
        var error = Assert.Throws<BadInputException>(() => PaperCardReader.Parse(Trend(keys), "papers/resnet.md"));
        Assert.Contains("papers/resnet.md, line ", error.Message, StringComparison.Ordinal);
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    private static string Trend(string keys) => With("kind: value", "kind: trend").Replace("    value: 8.75\n", $"    {keys}\n", StringComparison.Ordinal);

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
    [InlineData("    runs: 5\n", "", "line 29, column 13: ", "the key 'runs' says how many, at least 2")]
    [InlineData("largest_n: 10", "largest_n: 1", "line 19, column 16: ", "from 2 to 10000, not '1'")]
    [InlineData("id: resnet110", "id: resnet20", "line 22, column 9: ", "used twice")]
    [InlineData("id: resnet110", "id: resnet110\n    formerly: resnet20", "line 22, column 9: ", "'resnet20', which the claim 'resnet110' was called formerly, is the id of another claim now")]
    [InlineData("id: resnet20", "id: Res Net", "line 9, column 9: ", "lower-case letters")]
    [InlineData("paper: resnet", "paper: lstm", "line 2, column 8: ", "must be the file's name, 'resnet'")]
    [InlineData("    scale: CIFAR-10, 50k training images, 64k steps\n  - id: resnet110", "  - id: resnet110", "line 9, column 5: ", "lacks the key 'scale'")]
    [InlineData("    value: 8.75\n", "", "line 9, column 5: ", "needs the key 'value'")]
    [InlineData("    tolerance: 0.35\n", "", "line 9, column 5: ", "needs the key 'tolerance'")]
    [InlineData("    largest_n: 10\n", "", "line 9, column 5: ", "needs the key 'largest_n'")]
    [InlineData("    tolerance: 0.35", "    verdict: reproduced", "line 18, column 5: ", "no key 'verdict'")]
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
    public void A_claim_may_say_which_id_it_had_before()
    {
        var claims = PaperCardReader.Parse(With("id: resnet110", "id: resnet110\n    formerly: deep"), "papers/resnet.md").Claims;
        Assert.Equal([null, "deep"], claims.Select(claim => claim.Formerly));
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
