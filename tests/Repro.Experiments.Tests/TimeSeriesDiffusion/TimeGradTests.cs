using Repro.Experiments.TimeSeriesDiffusion;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>TimeGrad beside PyTorch's, in float64 from the same parameters and normal numbers (<c>tests/peers/timegrad_reference.py</c>), and what its released error does.</summary>
public sealed class TimeGradTests
{
    private static readonly ForecastShape Shape = new(Channels: 5, History: 50, Horizon: 2, Marks: 2, Season: 24);

    [Theory]
    [InlineData(ForecastVariant.AsReleased, "as_released")]
    [InlineData(ForecastVariant.Corrected, "corrected")]
    public void The_loss_and_its_gradients_are_PyTorchs(ForecastVariant variant, string name)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, future) = PeerNumbers.Windows(2, 50, 2, 5, 2);
        var loss = model.Loss(input, future, tensor([.. Enumerable.Range(0, 52).Select(i => (long)(i % 4))]), PeerNumbers.Of([52, 1, 5], i => 1.2 * Math.Sin(0.53 * i)));
        loss.backward();
        var expected = PeerNumbers.Read("timegrad").GetProperty(name);
        PeerNumbers.Close(expected.GetProperty("loss"), PeerNumbers.Values(loss.reshape(1)), 1e-4, "loss");
        PeerNumbers.CloseGradients(expected.GetProperty("gradients"), model, 1e-3);
    }

    // The network that samples is another arrangement of the one that learns; the reference has the one alone.
    [Theory]
    [InlineData(ForecastVariant.AsReleased, "as_released")]
    [InlineData(ForecastVariant.Corrected, "corrected")]
    public void Rows_drawn_from_the_same_normal_numbers_are_PyTorchs(ForecastVariant variant, string name)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = Model(variant);
        var (input, _) = PeerNumbers.Windows(2, 50, 2, 5, 2);
        var samples = model.Sample(input, 2, PeerNumbers.Normal());
        Assert.Equal([2, 2, 2, 5], samples.shape);
        PeerNumbers.Close(PeerNumbers.Read("timegrad").GetProperty(name).GetProperty("samples"), PeerNumbers.Values(samples), 1e-3, "samples");
    }

    [Fact]
    public void A_window_three_times_as_large_is_forecast_three_times_as_large_but_not_as_released()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        var (input, _) = PeerNumbers.Windows(2, 50, 2, 5, 2);
        var large = input with { History = input.History * 3 };
        foreach (var variant in new[] { ForecastVariant.Corrected, ForecastVariant.AsReleased })
        {
            using var model = Model(variant);
            var (once, thrice) = (model.Sample(input, 2, PeerNumbers.Normal()) * 3, model.Sample(large, 2, PeerNumbers.Normal()));
            Assert.Equal(variant == ForecastVariant.Corrected, once.allclose(thrice, rtol: 1e-3, atol: 1e-3));
        }
    }

    [Fact]
    public void One_channel_is_a_ring_of_itself()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = new TimeGrad(new ForecastOptions { DiffusionSteps = 3 }, Shape with { Channels = 1 }, new InitialValues(0));
        model.eval();
        var (input, _) = PeerNumbers.Windows(2, 50, 2, 1, 2);
        var samples = model.Sample(input, 3, PeerNumbers.Normal());
        Assert.Equal([2, 3, 2, 1], samples.shape);
        Assert.True(samples.isfinite().all().item<bool>());
    }

    // In evaluation, as the reference knows no dropout.
    private static TimeGrad Model(ForecastVariant variant)
    {
        var model = new TimeGrad(new ForecastOptions { Variant = variant, DiffusionSteps = 4 }, Shape, new InitialValues(0));
        PeerNumbers.SetParameters(model);
        model.eval();
        return model;
    }
}
