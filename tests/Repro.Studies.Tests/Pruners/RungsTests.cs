using Repro.Studies.Pruners;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Pruners;

public class RungsTests
{
    [Fact]
    public void Hyperband_has_the_published_brackets_of_R_81_and_eta_3()
    {
        var brackets = Hyperband.Brackets(81, 3);
        Assert.Equal([(81, 1L), (34, 3), (15, 9), (8, 27), (5, 81)], brackets.Select(b => (b.Trials, b.Rungs.Count > 0 ? b.Rungs[0] : 81)));
        Assert.Equal([4, 3, 2, 1, 0], brackets.Select(b => b.Rate));
        Assert.Equal([1, 3, 9, 27], brackets[0].Rungs);
    }

    // log(243)/log(3) is 4.999999999999999 and log(1000)/log(10) is 2.9999999999999996 in floating point.
    [Theory]
    [InlineData(243, 3, 5)]
    [InlineData(1000, 10, 3)]
    [InlineData(125, 5, 3)]
    [InlineData(1, 3, 0)]
    [InlineData(2, 3, 0)]
    [InlineData(242, 3, 4)]
    [InlineData(244, 3, 5)]
    [InlineData(4_052_555_153_018_976_267, 3, 39)]
    public void No_bracket_is_lost_to_rounding(long most, int eta, int largest)
    {
        Assert.Equal(largest, Rungs.LargestBracket(most, eta));
        if (largest < 12) Assert.Equal(largest + 1, Hyperband.Brackets(most, eta).Count);
    }

    [Fact]
    public void R_243_and_R_1000_have_all_their_rungs()
    {
        Assert.Equal([1, 3, 9, 27, 81], Hyperband.Brackets(243, 3)[0].Rungs);
        Assert.Equal([1, 10, 100], Hyperband.Brackets(1000, 10)[0].Rungs);
        Assert.Equal([(243, 5), (98, 4), (41, 3), (18, 2), (9, 1), (6, 0)], Hyperband.Brackets(243, 3).Select(b => (b.Trials, b.Rate)));
        Assert.Equal([(1000, 3), (134, 2), (20, 1), (4, 0)], Hyperband.Brackets(1000, 10).Select(b => (b.Trials, b.Rate)));
    }

    [Fact]
    public void Rungs_that_do_not_divide_R_are_rounded_down() => Assert.Equal([1, 4, 12, 37, 111, 333], Rungs.FromTop(1000, 3, 6));

    [Fact]
    public void Rungs_from_below_end_before_R()
    {
        Assert.Equal([1, 4, 16, 64], Rungs.FromBottom(1, 100, 4));
        Assert.Equal([1, 4, 16], Rungs.FromBottom(1, 64, 4));
        Assert.Equal([16, 64], Rungs.FromBottom(1, 100, 4, skipped: 2));
        Assert.Equal([2, 6, 18, 54], Rungs.FromBottom(2, 100, 3));
        Assert.Empty(Rungs.FromBottom(100, 100, 3));
        Assert.Equal(4L << 60, Rungs.FromBottom(1, long.MaxValue, 2)[^1]);
    }

    [Fact]
    public void Wrong_resources_are_refused_with_their_values()
    {
        Assert.Contains("it was 101", Assert.Throws<BadInputException>(() => Rungs.FromBottom(101, 100, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("eta must be 2 or more; it was 1", Assert.Throws<BadInputException>(() => Rungs.FromTop(81, 1, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("brackets 0 to 4; it was 5", Assert.Throws<BadInputException>(() => Rungs.FromTop(81, 3, 5)).Message, StringComparison.Ordinal);
        Assert.Contains("larger units", Assert.Throws<BadInputException>(() => Hyperband.Brackets(1L << 40, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 81 trials", Assert.Throws<BadInputException>(() => new SuccessiveHalvingPruner(ObjectiveDirection.Minimize, 80, [1, 3, 9, 27], 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trials_are_divided_over_the_brackets_in_proportion_from_the_first_on()
    {
        var pruner = new HyperbandPruner(ObjectiveDirection.Minimize, 81, 3);
        var counts = pruner.Brackets.ToDictionary(b => b.Rate, _ => 0);
        for (var trial = 0; trial < 2 * 143; trial++)
        {
            counts[pruner.BracketOf(trial).Rate]++;
            foreach (var bracket in pruner.Brackets) Assert.InRange(counts[bracket.Rate] - ((trial + 1) * bracket.Trials / 143.0), -2, 2);
        }
        Assert.Equal([162, 68, 30, 16, 10], pruner.Brackets.Select(b => counts[b.Rate]));
        // Whoever asks first, and for whom.
        Assert.Equal(pruner.BracketOf(285).Rate, new HyperbandPruner(ObjectiveDirection.Minimize, 81, 3).BracketOf(285).Rate);
    }
}
