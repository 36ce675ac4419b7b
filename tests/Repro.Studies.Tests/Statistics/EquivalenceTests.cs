using Repro.Studies.Randomness;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class EquivalenceTests
{
    [Fact]
    public void P_is_the_larger_of_SciPys_two_one_sided_tests()
    {
        foreach (var row in Rows("tost"))
        {
            var tost = Equivalence.Welch(row.Numbers("a"), row.Numbers("b"), row.Number("delta"));
            Close(row.Number("p"), tost.P, 1e-8, 1e-15);
            Assert.Equal(row.Number("p") <= 0.05, tost.IsEquivalent);
        }
    }

    [Fact]
    public void P_is_at_most_alpha_exactly_where_the_interval_lies_inside_the_margin()
    {
        for (var i = 0; i < 2000; i++)
        {
            var philox = new Philox(3, RandomPurpose.GeneratedData, i);
            var values = StudentTTests.Normals(ref philox, 2 + philox.NextInt32(9), 0.3, 0.5);
            var (delta, alpha) = (2 * philox.NextDouble(), 0.01 + (0.2 * philox.NextDouble()));
            foreach (var tost in (Equivalence[])[Equivalence.Paired(values, delta, alpha), Equivalence.WithDraw(values, 0.1, delta, alpha), Equivalence.WithConstant(values, 0.1, delta, alpha)])
            {
                Assert.Equal(tost.P <= alpha, tost.IsEquivalent);
                Assert.Equal(1 - (2 * alpha), tost.Interval.Level);
                Assert.False(tost.IsEquivalent && tost.IsDifferent);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(40)]
    public void At_a_true_difference_of_delta_equivalence_is_claimed_in_at_most_alpha_of_all_cases(int runs)
    {
        const int cases = 20_000;
        var (twoGroups, oneDraw) = (0, 0);
        for (var i = 0; i < cases; i++)
        {
            var philox = new Philox(4, RandomPurpose.GeneratedData, ((long)runs << 32) + i);
            var ours = StudentTTests.Normals(ref philox, runs, 1, 0.2);
            if (Equivalence.Welch(ours, StudentTTests.Normals(ref philox, runs, 0.5, 0.2), 0.5).IsEquivalent) twoGroups++;
            if (Equivalence.WithDraw(ours, StudentTTests.Normals(ref philox, 1, 0.5, 0.2)[0], 0.5).IsEquivalent) oneDraw++;
        }
        Assert.InRange(twoGroups / (double)cases, 0, 0.055);
        Assert.InRange(oneDraw / (double)cases, 0, 0.055);
    }

    [Fact]
    public void Runs_that_do_not_vary_are_inside_the_margin_or_not()
    {
        Assert.Equal((true, 0.0), (Equivalence.Paired([0.5, 0.5], 0.5).IsEquivalent, Equivalence.Paired([0.5, 0.5], 0.5).P));
        Assert.Equal((false, true, 1.0), (Equivalence.Paired([0.6, 0.6], 0.5).IsEquivalent, Equivalence.Paired([0.6, 0.6], 0.5).IsDifferent, Equivalence.Paired([0.6, 0.6], 0.5).P));
    }

    [Fact]
    public void Margins_and_levels_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Equivalence.Paired([1, 2], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Equivalence.Paired([1, 2], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Equivalence.Paired([1, 2], 1, alpha: 0.5));
        Assert.Throws<ArgumentException>(() => Equivalence.WithDraw([1, 2], double.NaN, 1));
    }
}
