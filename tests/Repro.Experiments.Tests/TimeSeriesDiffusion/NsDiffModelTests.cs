using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

public sealed class NsDiffModelTests
{
    private static readonly ForecastShape Shape = new(Channels: 2, History: 12, Horizon: 5, Marks: 1, Season: 1);

    private static readonly ForecastOptions Options = new() { Backbone = ForecastBackbone.Dlinear, Rolling = 4, History = 12, Horizon = 5 };

    [Fact]
    public void The_true_variance_is_what_the_predicted_one_was_made_of()
    {
        using var scope = NewDisposeScope();
        var schedule = new NsDiffSchedule(20, 1e-4, 0.01);
        var g = tensor(new[] { 0.01, 1.0, 5.0 }).view(3, 1);
        var s0 = tensor(new[] { 0.0, 1e-3, 0.3, 1, 40 }).view(1, 5);
        for (var t = 0; t < 20; t++)
        {
            var (a, before) = (schedule.Alpha[t], schedule.Before(t));
            var s1 = (g * ((1 - a) * (1 - a))) + (s0 * (a * (1 - a)));
            var s2 = (g * before.Expected) + (s0 * before.Local);
            var told = NsDiffModel.TrueVariance(schedule, t, g, s1 * s2 / ((s2 * a) + s1));
            Assert.True(told.allclose(s0.expand(3, 5), rtol: 1e-6, atol: 1e-7), $"step {t}");
        }
    }

    [Fact]
    public void A_variance_that_is_predicted_too_small_for_any_true_one_tells_zero()
    {
        using var scope = NewDisposeScope();
        var schedule = new NsDiffSchedule(20, 1e-4, 0.01);
        for (var t = 1; t < 20; t++)
        {
            // What s0 = 0 would make.
            var (a, b, expected) = (schedule.Alpha[t], 1 - schedule.Alpha[t], schedule.Before(t).Expected);
            var least = b * b * expected / ((a * expected) + (b * b));
            var told = NsDiffModel.TrueVariance(schedule, t, ones(4), tensor(new[] { 0, 1e-3 * least, 0.5 * least, 0.999 * least }));
            Assert.Equal([0, 0, 0, 0], told.to_type(ScalarType.Float64).data<double>().ToArray());
        }
    }

    [Theory]
    [InlineData(ForecastVariant.Corrected, 1)]
    [InlineData(ForecastVariant.AsReleased, 0.957)]
    public void Without_noise_a_chain_that_begins_at_f_ends_there_and_as_released_below_it(ForecastVariant variant, double share)
    {
        using var scope = NewDisposeScope();
        using var model = new NsDiffModel(Options with { Variant = variant }, Shape, new InitialValues(3));
        foreach (var name in new[] { "denoiser.lin4.weight", "denoiser.lin4.bias" }) InitialValues.Constant(model.get_parameter(name)!, 0);
        var denoiser = (NsDiffDenoiser)model.named_children().Single(child => child.name == "denoiser").module;
        var mean = (rand(3, 1, 5, 2) * 4) + 1;
        var variance = rand(3, 1, 5, 2) + 0.5;
        var fixedPart = denoiser.Fixed(mean, variance);
        var y = mean;
        for (var t = 19; t >= 0; t--) y = model.Back(y, mean, variance, fixedPart, t, t > 0 ? zeros_like(mean) : null);
        var ratio = (y / mean).detach();
        Assert.Equal(share, ratio.min().item<float>(), 1e-3);
        Assert.Equal(share, ratio.max().item<float>(), 1e-3);
    }

    [Fact]
    public void The_denoiser_says_the_same_of_a_step_whether_all_windows_are_at_it_or_each_at_its_own()
    {
        using var scope = NewDisposeScope();
        using var denoiser = new NsDiffDenoiser(2, 20, new InitialValues(1));
        var (y, mean, variance) = (rand(3, 5, 2), rand(3, 5, 2), rand(3, 5, 2));
        var (noise, scale) = denoiser.Predict(y, mean, variance, tensor(new long[] { 4, 11, 4 }));
        (Tensor Noise, Tensor Variance) At(int t)
        {
            var (noise, scale) = denoiser.At(y.unsqueeze(1), denoiser.Fixed(mean, variance).unsqueeze(1), t);
            return (noise.squeeze(1), scale.squeeze(1));
        }

        var (noiseAt4, scaleAt4) = At(4);
        var (noiseAt11, _) = At(11);
        Assert.True(noise[0].allclose(noiseAt4[0], atol: 1e-6) && noise[2].allclose(noiseAt4[2], atol: 1e-6) && noise[1].allclose(noiseAt11[1], atol: 1e-6));
        Assert.True(scale[2].allclose(scaleAt4[2], atol: 1e-6));
        Assert.False(noise[1].allclose(noiseAt4[1], atol: 1e-4));
    }

    // 5 samples of 2,000 rows are more than are taken at once, in a window of many samples and in many windows of few.
    [Theory]
    [InlineData(1, 11, 2000)]
    [InlineData(3, 4, 1500)]
    [InlineData(7, 2, 2500)]
    [InlineData(2, 2, 9000)]
    public void Each_sample_of_each_window_has_the_noise_that_it_has_alone(int windows, int samples, int rows)
    {
        using var scope = NewDisposeScope();
        using var denoiser = new NsDiffDenoiser(2, 20, new InitialValues(1));
        var (y, mean, variance) = (rand(windows, samples, rows, 2), rand(windows, 1, rows, 2), rand(windows, 1, rows, 2));
        var (noise, scale) = denoiser.At(y, denoiser.Fixed(mean, variance), 7);
        Assert.Equal([windows, samples, rows, 2], noise.shape);
        var t = full([windows], 7, dtype: ScalarType.Int64);
        for (var sample = 0; sample < samples; sample++)
        {
            var (own, ownScale) = denoiser.Predict(y.select(1, sample), mean.select(1, 0), variance.select(1, 0), t);
            Assert.True(own.allclose(noise.select(1, sample), atol: 1e-6) && ownScale.allclose(scale.select(1, sample), atol: 1e-6));
        }
    }

    [Fact]
    public void The_local_variance_of_a_row_is_that_of_it_and_the_rows_before_it()
    {
        using var scope = NewDisposeScope();
        // Rows 1, 2, 3, 4 then 6, 8: over three rows 2/3 of 2, 3, 4; then of 3, 4, 6 and of 4, 6, 8.
        var local = VarianceEstimator.Local(tensor(new[] { 1f, 2, 3, 4 }, [1, 4, 1]), tensor(new[] { 6f, 8 }, [1, 2, 1]), 3);
        Assert.Equal([1, 2, 1], local.shape);
        Assert.Equal(14 / 9.0, local[0, 0, 0].item<float>(), 1e-6);
        Assert.Equal(8 / 3.0, local[0, 1, 0].item<float>(), 1e-6);
        // Of equal rows no rounding makes it less than the least there is.
        var still = VarianceEstimator.Local(full([1, 300, 1], 1234.567f), full([1, 200, 1], 1234.567f), 96);
        Assert.True(still.ge(0.999e-7).all().item<bool>());
        Assert.True(still.le(1e-6).all().item<bool>());
    }

    [Fact]
    public void Parameters_are_as_many_as_the_layers_have()
    {
        // At ETTh1's sizes: f two maps of 168 to 192, g 72-512-512-192, the denoiser 21-128-128-128 with heads of 7 and three tables of 21 steps.
        using var model = new NsDiffModel(new ForecastOptions { Backbone = ForecastBackbone.Dlinear }, new ForecastShape(7, 168, 192, 4, 24), new InitialValues(0));
        var f = 2 * ((168 * 192) + 192);
        var g = (72 * 512) + 512 + (512 * 512) + 512 + (512 * 192) + 192;
        var denoiser = (21 * 128) + 128 + (2 * ((128 * 128) + 128)) + (2 * ((128 * 7) + 7)) + (3 * 21 * 128);
        Assert.Equal(f + g + denoiser, model.parameters().Sum(parameter => parameter.numel()));
        // The schedule is in no checkpoint: the options have it.
        Assert.Equal(model.named_parameters().Select(p => p.name).Order(), model.state_dict().Keys.Order());
    }
}
