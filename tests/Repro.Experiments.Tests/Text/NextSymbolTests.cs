using Repro.Experiments.Text;
using Repro.Studies;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Tests.Text;

public sealed class NextSymbolTests
{
    [Fact]
    public void Symbols_are_drawn_as_often_as_they_weigh_and_those_that_weigh_nothing_never()
    {
        float[] weights = [1, 0, 5, 2];
        var (counts, numbers) = (new int[4], new Philox(1, RandomPurpose.Report));
        for (var i = 0; i < 20_000; i++) counts[NextSymbol.Draw(weights, sum: 8, temperature: 0.7, ref numbers)]++;
        for (var i = 0; i < 4; i++) Assert.Equal(weights[i] / 8, counts[i] / 20_000.0, 0.015);
        Assert.Equal(0, counts[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-300)]
    [InlineData(0.00099)]
    public void A_temperature_below_a_thousandth_takes_the_first_of_the_likeliest_and_no_random_number(double temperature)
    {
        var (numbers, untouched) = (new Philox(1, RandomPurpose.Report), new Philox(1, RandomPurpose.Report));
        Assert.Equal(1, NextSymbol.Draw([0, 3, 3, -1], sum: 1, temperature, ref numbers));
        Assert.Equal(untouched.NextDouble(), numbers.NextDouble());
        Assert.Equal((true, 1), (NextSymbol.TakesLikeliest(temperature), NextSymbol.Divisor(temperature)));
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(1)]
    [InlineData(100)]
    public void Any_other_temperature_divides_and_draws(double temperature)
    {
        var numbers = new Philox(1, RandomPurpose.Report);
        Assert.Equal(2, Enumerable.Range(0, 50).Select(_ => NextSymbol.Draw([1, 1], sum: 2, temperature, ref numbers)).Distinct().Count());
        Assert.Equal((false, temperature), (NextSymbol.TakesLikeliest(temperature), NextSymbol.Divisor(temperature)));
    }

    [Fact]
    public void What_rounding_leaves_over_goes_to_the_likeliest()
    {
        var numbers = new Philox(1, RandomPurpose.Report);
        for (var i = 0; i < 20; i++) Assert.Equal(1, NextSymbol.Draw([0, 1e-9f, 0], sum: 1, temperature: 1, ref numbers));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_model_that_diverged_is_refused_at_any_temperature(double temperature)
    {
        var numbers = new Philox(1, RandomPurpose.Report);
        Assert.Contains("diverged", Assert.Throws<BadInputException>(() => NextSymbol.Draw([float.NaN, 1], 1, temperature, ref numbers)).Message);
        Assert.Contains("diverged", Assert.Throws<BadInputException>(() => NextSymbol.Draw([0, 1], double.NaN, temperature, ref numbers)).Message);
    }
}
