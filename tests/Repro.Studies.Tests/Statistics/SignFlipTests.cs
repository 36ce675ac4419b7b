using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class SignFlipTests
{
    [Fact]
    public void The_p_value_is_the_share_of_all_signs_counted_one_by_one()
    {
        // Integers, and tenths of them: ties are frequent, and exact only in the first.
        var differences = from count in Gen.Choose(1, 12) from values in Gen.Choose(-6, 6).ArrayOf(count) from tenths in Gen.Elements(false, true)
                          select (values, tenths);
        Check.QuickThrowOnFailure(Prop.ForAll(differences.ToArbitrary(), d =>
            Math.Abs(SignFlip.PValue([.. d.values.Select(v => d.tenths ? v / 10.0 : v)]) - Enumerated(d.values)) < 1e-12));
    }

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.5)]
    [InlineData(5, 0.0625)]
    [InlineData(6, 0.03125)]
    [InlineData(40, 1.8189894035458565e-12)]
    public void Pairs_that_all_agree_have_the_smallest_p_value_that_their_number_allows(int pairs, double p) =>
        Assert.Equal(p, SignFlip.PValue([.. Enumerable.Range(1, pairs).Select(i => -i / 7.0)]), 1e-15);

    [Fact]
    public void Pairs_without_a_difference_decide_nothing()
    {
        Assert.Equal(1, SignFlip.PValue([0, 0, 0]));
        Assert.Equal(1, SignFlip.PValue([1, -1]));
        // Each of them halves nothing: three pairs with a difference are three pairs.
        Assert.Equal(0.25, SignFlip.PValue([1, 2, 3, 0, 0]));
    }

    [Fact]
    public void More_pairs_than_can_be_counted_none_and_values_that_are_no_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SignFlip.PValue([]));
        Assert.Throws<ArgumentException>(() => SignFlip.PValue([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => SignFlip.PValue(new double[41]));
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    [InlineData(5, 8)]
    [InlineData(6, 8)]
    [InlineData(7, 9)]
    public void One_arm_needs_six_pairs_and_five_under_holm_eight(int arms, int pairs)
    {
        Assert.Equal(pairs, SignFlip.LeastPairs(0.05, arms));
        Assert.True(Enumerated(Enumerable.Repeat(1, pairs).ToArray()) <= 0.05 / arms);
        Assert.True(Enumerated(Enumerable.Repeat(1, pairs - 1).ToArray()) > 0.05 / arms);
    }

    [Theory]
    [InlineData(8, 1, "A sign-flip test can reach p <= 0.05 from 6 pairs on: 8 pairs can decide; their smallest possible p-value is 0.00781.")]
    [InlineData(3, 1, "A sign-flip test can reach p <= 0.05 from 6 pairs on: 3 pairs cannot decide anything by it, whatever the runs measure, because the smallest possible p-value is 0.25. Take --seeds 6 or more. A claim of the paper's card goes by a rule of its own, which takes differences for normal, and may be decided with fewer (docs/reports.md).")]
    [InlineData(6, 5, "Under Holm's correction over 5 arms a sign-flip test can reach 0.05 from 8 pairs on: 6 pairs cannot decide anything by it, whatever the runs measure, because the smallest possible p-value is 0.03125. Take --seeds 8 or more. A claim of the paper's card goes by a rule of its own, which takes differences for normal, and may be decided with fewer (docs/reports.md).")]
    public void What_a_number_of_pairs_can_decide_is_a_sentence(int pairs, int arms, string sentence) => Assert.Equal(sentence, SignFlip.Sentence(pairs, arms));

    private static double Enumerated(int[] differences)
    {
        var (atLeast, observed) = (0, Math.Abs(differences.Sum()));
        for (var signs = 0; signs < 1 << differences.Length; signs++)
        {
            var sum = differences.Select((d, i) => (signs >> i & 1) == 1 ? -d : d).Sum();
            if (Math.Abs(sum) >= observed) atLeast++;
        }
        return atLeast / Math.Pow(2, differences.Length);
    }
}
