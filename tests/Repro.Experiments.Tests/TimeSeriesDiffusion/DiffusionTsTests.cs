using System.Text.Json;
using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>Diffusion-TS beside PyTorch's numbers (<c>tests/peers/diffusion_ts_reference.py</c>), and what the released code's errors do.</summary>
[Collection(OneGenerator.Name)]
public sealed class DiffusionTsTests
{
    private const int Channels = 2, History = 12, Horizon = 8, Rows = History + Horizon;

    private static readonly JsonElement Expected = PeerFormulas.File("diffusion-ts-reference.json");

    private static readonly DiffusionTsShape Small = new(Encoders: 1, Decoders: 2, Size: 8, Heads: 2);

    public static TheoryData<ForecastVariant> Variants => [ForecastVariant.AsReleased, ForecastVariant.Corrected];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Loss_its_parts_and_gradients_are_those_of_the_reference(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (values, expected) = (PeerFormulas.Windows(2, Rows, Channels), Expected.GetProperty("training"));

        var (loss, parts) = model.Loss(Input(values), values.narrow(1, History, Horizon), tensor([3L, 25L]), PeerFormulas.Noise(2, Rows, Channels));
        loss.backward();

        PeerFormulas.Close(expected.GetProperty("loss"), loss, 1e-4, "loss");
        PeerFormulas.Close(expected.GetProperty("squared"), parts.Single(part => part.Name == "squared_loss").Value, 1e-4, "squared_loss");
        // There by the transform itself, here by Parseval's theorem.
        PeerFormulas.Close(expected.GetProperty("fourier"), parts.Single(part => part.Name == "fourier_loss").Value, 1e-4, "fourier_loss");
        PeerFormulas.CloseGradients(expected.GetProperty("gradients"), model, 2e-3);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Steps_back_are_those_of_the_reference_whatever_the_times_of_guidance(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var model = Model(variant);
        var (history, x, noise) = (PeerFormulas.Windows(2, Rows, Channels).narrow(1, 0, History), PeerFormulas.Noisy(2, Rows, Channels), PeerFormulas.Noise(2, History, Channels));
        foreach (var step in Expected.GetProperty(variant == ForecastVariant.AsReleased ? "released" : "corrected").EnumerateArray())
        {
            var t = step.GetProperty("t").GetInt32();
            List<Tensor> left = [.. model.parameters().Select(parameter => zeros_like(parameter))];
            var after = model.Back(x, history, t, noise, left);
            PeerFormulas.Close(step.GetProperty("after"), after, 2e-4, $"step {t}");
            // There the mean over both series has a backward pass, here each has its own.
            foreach (var ((name, parameter), gradient) in model.named_parameters().Zip(left)) parameter.grad = gradient / 2;
            // A bias of keys changes no attention: its gradient is 0, and here what rounding leaves.
            PeerFormulas.CloseGradients(step.GetProperty("left"), model, 2e-3, least: 1e-3);
            // The released code guides a batch by one loss; no series knows of another one by that.
            Assert.True(model.Back(x.narrow(0, 1, 1), history.narrow(0, 1, 1), t, noise.narrow(0, 1, 1)).allclose(after.narrow(0, 1, 1), atol: 1e-4));
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    public void The_season_is_the_sum_of_the_cosines_of_most_weight(int rows)
    {
        using var scope = NewDisposeScope();
        var x = PeerFormulas.Of([1, rows, 3], i => Math.Sin(0.37 * i) + (Math.Cos(1.9 * i) * (i % 7)));
        PeerFormulas.Close(Expected.GetProperty("seasons").GetProperty($"{rows}"), DiffusionTsDecoderBlock.Season(x), 1e-5, "season");
    }

    [Fact]
    public void Samples_are_mixed_as_in_the_released_code()
    {
        using var scope = NewDisposeScope();
        var named = PeerFormulas.Of([3, 20, 1, 1], i => (i / 20 * 1000) + (i % 20));
        PeerFormulas.Close(Expected.GetProperty("mixture"), DiffusionTsModel.Mixed(named), 0, "sample");
        Assert.True(DiffusionTsModel.Mixed(named.narrow(0, 0, 1)).equal(named.narrow(0, 0, 1)).all().item<bool>());
    }

    [Theory]
    [InlineData(ForecastVariant.AsReleased, true)]
    [InlineData(ForecastVariant.Corrected, false)]
    public void Only_as_released_do_samples_of_a_window_follow_from_another_one(ForecastVariant variant, bool mixed)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var input = Input(PeerFormulas.Windows(2, Rows, Channels));
        var changed = input with { History = cat([input.History.narrow(0, 0, 1), 0.5 - input.History.narrow(0, 1, 1)]) };

        var (before, after) = (Sampled(model, input, 4), Sampled(model, changed, 4));

        Assert.Equal(new long[] { 2, 4, Horizon, Channels }, before.shape);
        Assert.Equal(mixed, !before.select(0, 0).allclose(after.select(0, 0), atol: 1e-6));
        Assert.False(before.select(0, 1).allclose(after.select(0, 1), atol: 1e-6));
        Assert.Equal(mixed ? 32 : (int?)null, model.SampledTogether);
    }

    [Theory]
    [InlineData(ForecastVariant.AsReleased, true)]
    [InlineData(ForecastVariant.Corrected, false)]
    public void Only_as_released_is_every_forecast_within_one_deviation_of_the_mean(ForecastVariant variant, bool cut)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var largest = Sampled(model, Input(PeerFormulas.Windows(1, Rows, Channels)), 3).abs().max().item<float>();
        Assert.Equal(cut, largest <= 1);
    }

    [Fact]
    public void What_the_guidance_left_in_the_parameters_the_next_training_step_takes_in_once_as_released()
    {
        using var scope = NewDisposeScope();
        foreach (var variant in new[] { ForecastVariant.AsReleased, ForecastVariant.Corrected })
        {
            using var model = Model(variant);
            var clean = Gradient(model);
            Sampled(model, Input(PeerFormulas.Windows(2, Rows, Channels)), 3);
            // An evaluation that is broken off leaves nothing: it is made anew.
            Assert.True(Gradient(model).equal(clean).all().item<bool>());
            model.Evaluated();
            var (next, third) = (Gradient(model), Gradient(model));
            Assert.Equal(variant == ForecastVariant.Corrected, next.equal(clean).all().item<bool>());
            Assert.True(third.equal(clean).all().item<bool>());
        }

        static Tensor Gradient(DiffusionTsModel model)
        {
            model.zero_grad();
            var values = PeerFormulas.Windows(2, Rows, Channels);
            model.Loss(Input(values), values.narrow(1, History, Horizon), tensor([3L, 25L]), PeerFormulas.Noise(2, Rows, Channels)).Loss.backward();
            return cat([.. model.parameters().Select(parameter => (parameter.grad ?? zeros_like(parameter)).flatten())]);
        }
    }

    [Fact]
    public void Only_the_corrected_variant_sees_channels_in_the_range_that_they_have_in_training()
    {
        using var scope = NewDisposeScope();
        // In 64ths, so that scaling rounds nothing: the guidance goes by the sign of gradients.
        var input = Input((PeerFormulas.Windows(2, Rows, Channels) * 64).round() / 64);
        foreach (var variant in new[] { ForecastVariant.AsReleased, ForecastVariant.Corrected })
        {
            // From -3 to 5: the middle is 1, half of the width 4.
            using var wide = Model(variant, [(-3, 5), (-3, 5)]);
            using var model = Model(variant);
            var same = Sampled(wide, input with { History = (input.History * 4) + 1 }, 2).allclose((Sampled(model, input, 2) * 4) + 1, atol: 1e-3);
            Assert.Equal(variant == ForecastVariant.Corrected, same);
        }
    }

    [Fact]
    public void Only_the_corrected_variant_forecasts_with_averaged_parameters()
    {
        using var released = Model(ForecastVariant.AsReleased);
        using var corrected = Model(ForecastVariant.Corrected);
        Assert.Null(released.EmaDecay);
        Assert.Equal(0.995, Math.Pow(corrected.EmaDecay!.Value, 10), 1e-12);
    }

    private static DiffusionTsModel Model(ForecastVariant variant, IReadOnlyList<(double, double)>? ranges = null)
    {
        var options = new ForecastOptions { Model = ForecastModel.DiffusionTs, Variant = variant, History = History, Horizon = Horizon, DiffusionSteps = 40, BatchSize = 32 };
        var model = new DiffusionTsModel(options, new ForecastShape(Channels, History, Horizon, 1, 1) { Ranges = ranges ?? [] }, Small, new InitialValues(0));
        PeerFormulas.SetParameters(model, name => name.Contains("combine_s", StringComparison.Ordinal) ? 0.1 : null);
        return model;
    }

    private static ForecastInput Input(Tensor values) => new(values.narrow(1, 0, History), zeros(values.size(0), History, 1), zeros(values.size(0), Horizon, 1));

    private static Tensor Sampled(Forecaster model, ForecastInput input, int count)
    {
        using var gradients = no_grad();
        manual_seed(5);
        return model.Sample(input, count);
    }
}
