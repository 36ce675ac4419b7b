using Repro.Experiments.Text;
using Repro.Studies;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Tests.Text;

public sealed class NextSymbolTests
{
    private static readonly float[] Logits = [0, 1, 2, -1];

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(2.0, 0)]
    [InlineData(1.0, 2)]
    [InlineData(1.0, 4)]
    public void Symbols_are_drawn_as_often_as_temperature_and_the_number_of_likeliest_say(double temperature, int top)
    {
        var counts = Counts(Logits, temperature, top, 20_000);
        var weights = Logits.Select(l => top == 2 && l < 1 ? 0 : Math.Exp(l / temperature)).ToArray();
        for (var i = 0; i < 4; i++) Assert.Equal(weights[i] / weights.Sum(), counts[i] / 20_000.0, 0.015);
    }

    [Fact]
    public void Symbols_as_likely_as_the_last_of_the_likeliest_are_drawn_from_too()
    {
        var counts = Counts([2, 1, 1, 0], temperature: 1, top: 2, 1000);
        Assert.All(counts[..3], count => Assert.InRange(count, 100, 700));
        Assert.Equal(0, counts[3]);
    }

    [Fact]
    public void A_temperature_of_0_takes_the_first_of_the_likeliest_and_no_random_number()
    {
        var (numbers, untouched) = (new Philox(1, RandomPurpose.Report), new Philox(1, RandomPurpose.Report));
        Assert.Equal(1, NextSymbol.Draw([0, 3, 3, -1], 0, ref numbers));
        Assert.Equal(untouched.NextDouble(), numbers.NextDouble());
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-300)]
    public void However_small_a_temperature_above_0_is_equally_likely_symbols_are_drawn_equally_often(double temperature)
    {
        var counts = Counts([0, 3, 3, -1], temperature, 0, 10_000);
        Assert.Equal((0, 0), (counts[0], counts[3]));
        Assert.InRange(counts[1], 4_700, 5_300);
    }

    [Fact]
    public void Any_constant_may_be_added_to_the_logits()
    {
        var numbers = new Philox(4, RandomPurpose.Report);
        var same = numbers;
        for (var i = 0; i < 200; i++)
            Assert.Equal(NextSymbol.Draw([0, 1, 2, -1], 0.8, ref numbers), NextSymbol.Draw([-1000, -999, -998, -1001], 0.8, ref same));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_model_that_diverged_is_refused_wherever_its_logits_show_it(double temperature)
    {
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity])
            for (var at = 0; at < 3; at++)
            {
                var numbers = new Philox(1, RandomPurpose.Report);
                float[] logits = [0, 1, 2];
                logits[at] = bad;
                Assert.Contains("diverged", Assert.Throws<BadInputException>(() => NextSymbol.Draw(logits, temperature, ref numbers)).Message);
            }
    }

    private static int[] Counts(float[] logits, double temperature, int top, int draws)
    {
        var (counts, numbers) = (new int[logits.Length], new Philox(1, RandomPurpose.Report));
        for (var i = 0; i < draws; i++) counts[NextSymbol.Draw([.. logits], temperature, ref numbers, top)]++;
        return counts;
    }
}
