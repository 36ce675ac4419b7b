using Repro.Experiments.Ddpm;
using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>TimeDiff beside PyTorch's, in float64 from the same parameters and noise (<c>tests/peers/timediff_reference.py</c>), and what its released error does.</summary>
[Collection(OneGenerator.Name)]
public sealed class TimeDiffTests
{
    private static readonly ForecastShape Shape = new(Channels: 2, History: 7, Horizon: 6, Marks: 1, Season: 7);

    [Theory]
    [InlineData(ForecastVariant.AsReleased, "as_released")]
    [InlineData(ForecastVariant.Corrected, "corrected")]
    public void The_loss_and_its_gradients_are_PyTorchs(ForecastVariant variant, string name)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var loss = Denoising(model);
        // Corrected, this loss tells the linear forecast nothing.
        if (variant == ForecastVariant.Corrected) foreach (var (_, parameter) in model.named_parameters().Where(p => p.name.StartsWith("dlinear_model", StringComparison.Ordinal))) parameter.grad = zeros_like(parameter);
        loss.backward();
        var expected = PeerNumbers.Read("timediff").GetProperty(name);
        PeerNumbers.Close(expected.GetProperty("loss"), PeerNumbers.Values(loss.reshape(1)), 1e-4, "loss");
        PeerNumbers.CloseGradients(expected.GetProperty("gradients"), model, 1e-3);
    }

    // The network that samples is another arrangement of the one that learns; the reference has the one alone.
    [Theory]
    [InlineData(ForecastVariant.AsReleased, "as_released")]
    [InlineData(ForecastVariant.Corrected, "corrected")]
    public void Samples_that_begin_at_the_same_noise_are_PyTorchs(ForecastVariant variant, string name)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        var (input, _) = Windows();
        using var model = Model(variant);
        var samples = model.Sample(input, 3, PeerNumbers.Of([6, 2, 6], i => 1.3 * Math.Cos(0.91 * i)));
        Assert.Equal([2, 3, 6, 2], samples.shape);
        PeerNumbers.Close(PeerNumbers.Read("timediff").GetProperty(name).GetProperty("samples"), PeerNumbers.Values(samples), 1e-3, "samples");
    }

    [Fact]
    public void Pretraining_fits_the_linear_forecast_alone()
    {
        using var scope = NewDisposeScope();
        using var model = Model(ForecastVariant.Corrected);
        Assert.Equal(4, model.PretrainingEpochs);
        var (input, future) = Windows();
        var (loss, _) = model.Loss(input, future, pretraining: true);
        loss.backward();
        var expected = PeerNumbers.Read("timediff").GetProperty("corrected");
        PeerNumbers.Close(expected.GetProperty("linear_loss"), PeerNumbers.Values(loss.reshape(1)), 1e-4, "loss");
        PeerNumbers.Close(expected.GetProperty("linear_gradient"), PeerNumbers.Values(model.get_parameter("dlinear_model.weight")!.grad!), 1e-3, "gradient");
        Assert.All(model.named_parameters().Where(p => !p.name.StartsWith("dlinear_model", StringComparison.Ordinal)), p => Assert.Null(p.parameter.grad));
    }

    [Fact]
    public void The_denoising_loss_tells_the_linear_forecast_nothing_but_as_released_it_is_all_that_it_learns_from()
    {
        using var scope = NewDisposeScope();
        using var corrected = Model(ForecastVariant.Corrected);
        Denoising(corrected).backward();
        Assert.Null(corrected.get_parameter("dlinear_model.weight")!.grad);

        using var released = Model(ForecastVariant.AsReleased);
        Assert.Equal(0, released.PretrainingEpochs);
        var (input, future) = Windows();
        manual_seed(3);
        var (loss, parts) = released.Loss(input, future, pretraining: false);
        loss.backward();
        Assert.Empty(parts);
        Assert.True(released.get_parameter("dlinear_model.weight")!.grad!.abs().max().item<float>() > 1e-6);
    }

    [Fact]
    public void An_odd_number_of_windows_trains_as_well_as_an_even_one()
    {
        using var scope = NewDisposeScope();
        using var model = Model(ForecastVariant.Corrected);
        manual_seed(5);
        foreach (var windows in new[] { 1, 2, 3 })
        {
            var (input, future) = PeerNumbers.Windows(windows, 7, 6, 2, 1);
            Assert.True(model.Loss(input, future, pretraining: false).Loss.isfinite().item<bool>());
        }
    }

    [Fact]
    public void The_cosine_schedule_is_PyTorchs_and_its_last_step_keeps_a_thousandth()
    {
        var schedule = NoiseSchedule.Cosine(10);
        double[] bars = [.. Enumerable.Range(0, schedule.Timesteps).Select(schedule.AlphaBar)];
        PeerNumbers.Close(PeerNumbers.Read("timediff").GetProperty("alpha_bar"), bars, 1e-6, "alpha_bar");
        Assert.Equal(0.001, bars[9] / bars[8], 1e-9);
    }

    [Fact]
    public void Convolutions_begin_with_orthonormal_rows_or_columns()
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = new TimeDiff(new ForecastOptions(), Shape, new InitialValues(7), hidden: 8, conditionHidden: 6);
        var weights = model.named_parameters().Where(p => p.name.Contains(".convolutions.", StringComparison.Ordinal) && p.name.EndsWith("weight", StringComparison.Ordinal)).ToList();
        Assert.Equal(20, weights.Count);
        foreach (var (_, weight) in weights)
        {
            var rows = weight.reshape(weight.size(0), -1);
            var products = rows.size(0) <= rows.size(1) ? rows.matmul(rows.t()) : rows.t().matmul(rows);
            Assert.True(products.allclose(eye(products.size(0)), atol: 1e-5));
        }
    }

    private static Tensor Denoising(TimeDiff model)
    {
        var (input, future) = Windows();
        return model.Denoising(input, future, tensor(new long[] { 3, 8 }), PeerNumbers.Of([2, 2, 6], i => 1.2 * Math.Sin(0.53 * i)), PeerNumbers.Of([2, 2, 6], i => (1 + Math.Sin(0.71 * i)) / 2));
    }

    private static (ForecastInput Input, Tensor Future) Windows() => PeerNumbers.Windows(2, 7, 6, 2, 1);

    // In evaluation, as the reference knows no dropout, with the reference's running statistics.
    private static TimeDiff Model(ForecastVariant variant)
    {
        var model = new TimeDiff(new ForecastOptions { Variant = variant, DiffusionSteps = 10 }, Shape, new InitialValues(0), hidden: 8, conditionHidden: 6);
        PeerNumbers.SetParameters(model);
        using var without = no_grad();
        foreach (var (name, buffer) in model.named_buffers())
        {
            using var numbers = name.EndsWith("running_mean", StringComparison.Ordinal) ? PeerNumbers.Of(buffer.shape, i => 0.1 * Math.Sin(i))
                : name.EndsWith("running_var", StringComparison.Ordinal) ? PeerNumbers.Of(buffer.shape, i => 1 + (0.5 * Math.Sin(i))) : null;
            if (numbers is not null) buffer.copy_(numbers);
        }
        model.eval();
        return model;
    }
}
