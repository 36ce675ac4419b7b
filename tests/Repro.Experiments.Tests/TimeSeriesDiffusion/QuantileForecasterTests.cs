using Repro.Experiments.TimeSeriesDiffusion;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>Loss and samples of the quantile regression beside cases worked by hand.</summary>
[Collection(OneGenerator.Name)]
public sealed class QuantileForecasterTests
{
    [Fact]
    public void The_pinball_loss_weighs_what_lies_above_by_the_level_and_what_lies_below_by_the_rest()
    {
        using var scope = NewDisposeScope();
        // Quantile k is k, the value 3.25. Above: .025 3.25 + .075 2.25 + .125 1.25 + .175 .25 = .45. Below: the sum over k = 4 .. 19 of (19.5 - k) (k - 3.25) / 20 = 35.8.
        var loss = QuantileForecaster.Pinball(PeerNumbers.Of([1, 1, 1, 20], k => k), PeerNumbers.Of([1, 1, 1], _ => 3.25));
        Assert.Equal((0.45 + 35.8) / 20, loss.item<float>(), 1e-5);
    }

    [Fact]
    public void The_pinball_loss_is_least_at_the_quantiles()
    {
        using var scope = NewDisposeScope();
        // Two values a level: the k-th quantile of 0 .. 39 lies between 2 k and 2 k + 1.
        var observed = PeerNumbers.Of([40, 1, 1], i => i);
        double Loss(double shift, int level) => QuantileForecaster.Pinball(PeerNumbers.Of([40, 1, 1, 20], i => (2 * (i % 20)) + 0.5 + (i % 20 == level ? shift : 0)), observed).item<float>();
        foreach (var level in new[] { 0, 7, 19 })
        {
            Assert.Equal(Loss(0, level), Loss(0.4, level), 1e-5);
            Assert.True(Loss(2, level) > Loss(0, level) + 1e-4 && Loss(-2, level) > Loss(0, level) + 1e-4);
        }
    }

    [Fact]
    public void Samples_invert_the_distribution_function_linearly_between_the_levels_and_beyond_them()
    {
        using var scope = NewDisposeScope();
        // Quantile k is the square of k.
        var uniform = tensor(new[] { 0.025f, 0.05f, 0.5f, 0.975f, 0.0f, 0.999f }, [1, 1, 1, 6]);
        var values = PeerNumbers.Values(QuantileForecaster.Inverse(PeerNumbers.Of([1, 1, 1, 20], k => k * k), uniform));
        // Places .025 20 - .5 = 0, then .5, 9.5, 19, -.5 on the line through 0 and 1, 19.48 on the line through 324 and 361.
        Assert.All(new[] { 0, 0.5, 90.5, 361, -0.5, 324 + (37 * 1.48) }.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void Quantiles_that_cross_are_put_in_order_and_stay_at_their_row()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        manual_seed(11);
        using var model = new QuantileForecaster(new ForecastShape(Channels: 1, History: 30, Horizon: 2, Marks: 1, Season: 7), new InitialValues(0));
        foreach (var (_, parameter) in model.named_parameters()) InitialValues.Constant(parameter, 0);
        // Level k of row r is 1000 r and, in turns, k or 100 + k: all low ones first only once they are in order.
        InitialValues.Set(model.get_parameter("quantiles.Linear_Trend.bias")!, [.. Enumerable.Range(0, 40).Select(i => (float)((1000 * (i % 2)) + (i / 2) + (100 * (i / 2 % 2))))]);
        var (input, _) = PeerNumbers.Windows(1, 30, 2, 1, 1);
        var samples = PeerNumbers.Values(model.Sample(input, 2000));                       // [1, 2000, 2, 1]
        for (var row = 0; row < 2; row++)
        {
            double[] own = [.. samples.Where((_, i) => i % 2 == row).Select(value => value - (1000 * row))];
            // From half a step below the lowest to half a step above the highest, steps of 2; between 18 and 101 lies one step of 20.
            Assert.All(own, value => Assert.InRange(value, -1.01, 120.01));
            Assert.InRange(own.Count(value => value is > 18.1 and < 100.9) / 2000.0, 0.03, 0.07);
            Assert.InRange(own.Count(value => value < 18.1) / 2000.0, 0.44, 0.51);
        }
    }
}
