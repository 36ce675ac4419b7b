using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

[Collection(OneGenerator.Name)]
public sealed class SeasonalNaiveTests
{
    private static readonly ForecastShape Shape = new(Channels: 2, History: 14, Horizon: 10, Marks: 1, Season: 7);

    [Fact]
    public void The_last_season_is_forecast_over_and_over()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = Model();
        InitialValues.Constant(model.parameters().Single(), -1);
        var history = arange(28, dtype: ScalarType.Float32).view(1, 14, 2);
        var samples = model.Sample(Input(history), 3);
        var last = history.narrow(1, 7, 7);
        Assert.True(samples.allclose(cat([last, last.narrow(1, 0, 3)], 1).unsqueeze(1).expand(1, 3, 10, 2), atol: 1e-3));
    }

    // As many steps as on the illness series, at its learning rate; the mean square of the difference of two normal numbers is twice their variance.
    [Theory]
    [InlineData(0.2)]
    [InlineData(3)]
    public void A_short_training_learns_the_deviation_of_the_errors(double deviation)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        manual_seed(1);
        using var adam = optim.Adam(model.parameters(), 1e-3);
        for (var step = 0; step < 150; step++)
        {
            using var inner = NewDisposeScope();
            adam.zero_grad();
            var rows = randn(32, 24, 2) * deviation;
            model.Loss(Input(rows.narrow(1, 0, 14)), rows.narrow(1, 14, 10), pretraining: false).Loss.backward();
            adam.step();
        }
        using var without = no_grad();
        var samples = model.Sample(Input(zeros(1, 14, 2)), 2000);
        Assert.InRange(samples.std().item<float>() / (deviation * Math.Sqrt(2)), 0.9, 1.1);
    }

    private static SeasonalNaive Model() => new(new ForecastOptions { History = 14, Horizon = 10 }, Shape, new InitialValues(0));

    private static ForecastInput Input(Tensor history) => new(history, zeros(history.size(0), 14, 1), zeros(history.size(0), 10, 1));
}
