using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class HolmTests
{
    [Fact]
    public void Adjusted_p_values_are_those_of_Holms_own_procedure()
    {
        // Worked by hand: 4 x .01, 3 x .02 over it, then 2 x .03 which equals it, then 1 x .04 below it.
        Assert.Equal([0.06, 0.04, 0.06, 0.06], Holm.Adjusted([0.03, 0.01, 0.02, 0.04]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Adjusted([0.7, 0.6]));
        Assert.Empty(Holm.Adjusted([]));
    }

    [Fact]
    public void A_test_is_rejected_exactly_where_the_step_down_procedure_rejects_it()
    {
        // Hundredths with ties; levels between them, so that no rounding decides.
        var families = from count in Gen.Choose(1, 8) from p in Gen.Choose(0, 100).ArrayOf(count) from level in Gen.Choose(0, 99) select (p.Select(x => x / 100.0).ToArray(), (level + 0.3) / 1000);
        Check.QuickThrowOnFailure(Prop.ForAll(families.ToArbitrary(), family =>
        {
            var (p, alpha) = family;
            var sorted = p.Order().ToArray();
            var rejected = sorted.TakeWhile((value, rank) => value <= alpha / (p.Length - rank)).Count();
            return Holm.Adjusted(p).Count(value => value <= alpha) == rejected;
        }));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void What_is_no_p_value_is_refused(double p) => Assert.Throws<ArgumentOutOfRangeException>(() => Holm.Adjusted([0.5, p]));
}
