using Repro.Reports.Runs;

namespace Repro.Reports.Tests.Runs;

public sealed class ExampleRuleTests
{
    [Fact]
    public void The_highest_losses_come_first_and_what_is_not_a_number_before_them()
    {
        var rule = ExampleRule.HighestLoss([0.5, 3, double.NaN, 3, 0.1], 4, "test");
        Assert.Equal([2, 1, 3, 0], rule.Positions);
        Assert.Contains("4 test examples with the highest loss", rule.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Drawing_depends_on_the_seed_alone_and_draws_nothing_twice()
    {
        var first = ExampleRule.Drawn(10_000, 12, 7, "test");
        Assert.Equal(first.Positions, ExampleRule.Drawn(10_000, 12, 7, "test").Positions);
        Assert.NotEqual(first.Positions, ExampleRule.Drawn(10_000, 12, 8, "test").Positions);
        Assert.Equal(12, first.Positions.Distinct().Count());
        Assert.All(first.Positions, position => Assert.InRange(position, 0, 9_999));
        Assert.Equal([0, 1, 2], ExampleRule.Drawn(3, 12, 7, "test").Positions.Order());
    }
}
