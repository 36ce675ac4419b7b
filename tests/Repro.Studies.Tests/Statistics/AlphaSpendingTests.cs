using Repro.Studies.Randomness;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class AlphaSpendingTests
{
    [Fact]
    public void What_is_spent_follows_the_published_function()
    {
        foreach (var row in Rows("obrien_fleming")) Close(row.Number("spent"), AlphaSpending.Spent(row.Number("share"), row.Number("alpha")), 1e-8);
        Assert.Equal(0, AlphaSpending.Spent(0));
    }

    [Fact]
    public void Levels_rise_and_add_up_to_alpha()
    {
        var spending = new AlphaSpending([3, 5, 10, 30], 0.1);
        Assert.Equal(0.1, spending.Levels.Sum(), 1e-14);
        Assert.Equal(spending.Levels.Order(), spending.Levels);
        Assert.Equal([0.05], new AlphaSpending([7]).Levels);
    }

    [Theory]
    [InlineData(2, null, null, null)]
    [InlineData(3, 1, 3, 5)]
    [InlineData(4, 1, 3, 5)]
    [InlineData(5, 2, 5, 10)]
    [InlineData(9, 2, 5, 10)]
    [InlineData(10, 3, 10, null)]
    [InlineData(99, 3, 10, null)]
    public void A_look_judges_exactly_the_runs_it_was_fixed_for(int atHand, int? number, int? runs, int? next)
    {
        var look = new AlphaSpending([3, 5, 10]).At(atHand);
        Assert.Equal((number, runs, next), (look?.Number, look?.Runs, look?.NextRuns));
    }

    [Fact]
    public void All_looks_together_err_less_than_alpha_and_naive_ones_more()
    {
        var spending = new AlphaSpending([3, 5, 8, 12, 20]);
        const int studies = 20_000;
        var (planned, naive) = (0, 0);
        for (var i = 0; i < studies; i++)
        {
            var philox = new Philox(6, RandomPurpose.GeneratedData, i);
            var values = StudentTTests.Normals(ref philox, 20, 0, 1);
            var p = spending.Looks.Select(runs => StudentT.MeanOf(values[..runs]).P()).ToList();
            if (p.Where((value, k) => value <= spending.Levels[k]).Any()) planned++;
            if (p.Any(value => value <= 0.05)) naive++;
        }
        Assert.InRange(planned / (double)studies, 0.03, 0.05);
        Assert.InRange(naive / (double)studies, 0.10, 0.20);
    }

    [Fact]
    public void Moments_that_do_not_ascend_are_refused()
    {
        Assert.Contains("5, 5", Assert.Throws<ArgumentException>(() => new AlphaSpending([3, 5, 5])).Message);
        Assert.Throws<ArgumentException>(() => new AlphaSpending([]));
        Assert.Throws<ArgumentException>(() => new AlphaSpending([0, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlphaSpending([3], 1));
    }
}
