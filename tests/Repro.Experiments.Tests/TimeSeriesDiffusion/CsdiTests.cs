using System.Text.Json;
using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>CSDI beside PyTorch's numbers (<c>tests/peers/csdi_reference.py</c>), and what the released code's errors do.</summary>
[Collection(OneGenerator.Name)]
public sealed class CsdiTests
{
    private const int Channels = 3, History = 5, Horizon = 4, Rows = History + Horizon;

    private static readonly JsonElement Expected = PeerFormulas.File("csdi-reference.json");

    private static readonly CsdiShape Small = new(Layers: 2, Size: 8, Heads: 2, TimeEmbedding: 8, FeatureEmbedding: 4, StepEmbedding: 6);

    public static TheoryData<ForecastVariant> Variants => [ForecastVariant.AsReleased, ForecastVariant.Corrected];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Loss_and_gradients_are_those_of_the_reference(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, future) = Window();

        var (loss, parts) = model.Loss(input, future, tensor([1L, 4L]), PeerFormulas.Noise(2, Rows, Channels));
        loss.backward();

        var expected = Of(variant);
        PeerFormulas.Close(expected.GetProperty("loss"), loss, 1e-4, "loss");
        PeerFormulas.Close(expected.GetProperty("missing"), parts.Single(part => part.Name == "noise_loss").Value, 1e-4, "noise_loss");
        if (variant == ForecastVariant.AsReleased) PeerFormulas.Close(expected.GetProperty("given"), parts.Single(part => part.Name == "given_loss").Value, 1e-4, "given_loss");
        PeerFormulas.CloseGradients(expected.GetProperty("gradients"), model, 2e-3);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_predicted_noise_is_that_of_the_reference_whatever_rows_are_wanted(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, future) = Window();
        var network = (CsdiNetwork)model.named_children().Single().module;
        var steps = network.Steps(tensor([1L, 4L]));
        var known = variant == ForecastVariant.AsReleased ? Mask(0, 1) : Mask(1, 0);
        var sides = network.Sides(model.Positions(input), known);
        var seen = model.NetworkInput(input, future, tensor([1L, 4L]), PeerFormulas.Noise(2, Rows, Channels));

        var all = network.Predict(seen, steps, sides, 0, Rows);
        var some = network.Predict(seen, steps, sides, 3, 4);

        PeerFormulas.Close(Of(variant).GetProperty("predictions"), all, 1e-4, "prediction");
        Assert.True(some.allclose(all.narrow(2, 3, 4), atol: 1e-5));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_step_back_is_that_of_the_reference(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, _) = Window();
        var network = (CsdiNetwork)model.named_children().Single().module;
        var sides = network.Sides(model.Positions(input).narrow(0, 0, 1), Mask(1, 0));
        var (y, fresh) = (PeerFormulas.Noisy(1, Channels, Horizon), PeerFormulas.Noise(1, Channels, Horizon));
        var given = cat([input.History.narrow(0, 0, 1).transpose(1, 2), zeros_like(y)], 2);
        var noisy = cat([zeros(1, Channels, History), y], 2);
        foreach (var step in Of(variant).GetProperty("steps").EnumerateArray())
        {
            var t = step.GetProperty("t").GetInt32();
            var predicted = network.Predict(stack([given, noisy], -1), network.Steps(tensor([(long)t])), sides, History, Horizon);
            PeerFormulas.Close(step.GetProperty("predicted"), predicted, 1e-4, $"noise at {t}");
            PeerFormulas.Close(step.GetProperty("after"), model.Back(y, predicted, t, t > 0 ? fresh : null), 1e-4, $"step {t}");
        }
    }

    [Theory]
    [InlineData(ForecastVariant.Corrected, 0.1, 0.01)]
    [InlineData(ForecastVariant.AsReleased, 1, 1)]
    public void The_learning_rate_falls_after_three_quarters_and_nine_tenths_of_the_training_but_not_as_released(ForecastVariant variant, double late, double last)
    {
        using var model = new CsdiModel(new ForecastOptions { Variant = variant }, new ForecastShape(2, 12, 8, 1, 1), new InitialValues(0));
        Assert.Equal([1, 1, late, late, last, last], [.. new[] { 0, 0.7499, 0.75, 0.8999, 0.9, 0.9999 }.Select(model.LearningRateFactor)]);
    }

    [Theory]
    [InlineData(ForecastVariant.AsReleased, true)]
    [InlineData(ForecastVariant.Corrected, false)]
    public void Only_as_released_does_training_show_the_network_the_future_without_noise(ForecastVariant variant, bool shown)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, future) = Window();
        future = future.detach().requires_grad_();
        var seen = model.NetworkInput(input, future, tensor([1L, 4L]), PeerFormulas.Noise(2, Rows, Channels));

        // The first of the two numbers of a value is what the network takes as known.
        var gradient = autograd.grad([seen.select(3, 0).square().sum()], [future])[0];

        Assert.Equal(shown, gradient.abs().sum().item<float>() > 0);
    }

    [Theory]
    [InlineData(ForecastVariant.AsReleased, true)]
    [InlineData(ForecastVariant.Corrected, false)]
    public void Only_as_released_is_the_order_of_the_history_lost(ForecastVariant variant, bool lost)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        // One day: a place in time is nothing but its row.
        var input = new ForecastInput(PeerFormulas.Windows(1, History, Channels), zeros(1, History, 2), zeros(1, Horizon, 2));
        var backwards = input with { History = input.History.flip(1) };

        var (forward, reversed) = (Sampled(model, input, 3), Sampled(model, backwards, 3));

        Assert.Equal(lost, forward.allclose(reversed, atol: 1e-4));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Samples_follow_from_their_own_window_alone(ForecastVariant variant)
    {
        using var scope = NewDisposeScope();
        using var model = Model(variant);
        var (input, _) = Window();
        var changed = input with { History = cat([input.History.narrow(0, 0, 1), input.History.narrow(0, 1, 1) + 1]) };

        var (before, after) = (Sampled(model, input, 3), Sampled(model, changed, 3));

        Assert.Equal(new long[] { 2, 3, Horizon, Channels }, before.shape);
        Assert.True(before.isfinite().all().item<bool>());
        Assert.True(before.select(0, 0).equal(after.select(0, 0)).all().item<bool>());
        Assert.False(before.select(0, 1).allclose(after.select(0, 1), atol: 1e-2));
    }

    [Fact]
    public void A_single_channel_is_forecast_without_attention_to_others()
    {
        using var scope = NewDisposeScope();
        using var model = new CsdiModel(Options(ForecastVariant.Corrected), new ForecastShape(1, History, Horizon, 2, 1), Small, new InitialValues(0));
        PeerFormulas.SetParameters(model);
        var input = new ForecastInput(PeerFormulas.Windows(1, History, 1), zeros(1, History, 2), zeros(1, Horizon, 2));

        model.Loss(input, PeerFormulas.Noise(1, Horizon, 1), tensor([2L]), PeerFormulas.Noise(1, Rows, 1)).Loss.backward();

        Assert.Equal(new long[] { 1, 2, Horizon, 1 }, Sampled(model, input, 2).shape);
        var blind = model.named_parameters().Where(p => p.name.Contains("feature_layer", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(blind);
        Assert.All(blind, p => Assert.Null(p.parameter.grad));
    }

    private static JsonElement Of(ForecastVariant variant) => Expected.GetProperty(variant == ForecastVariant.AsReleased ? "released" : "corrected");

    private static ForecastOptions Options(ForecastVariant variant) => new() { Model = ForecastModel.Csdi, Variant = variant, History = History, Horizon = Horizon, DiffusionSteps = 6 };

    private static CsdiModel Model(ForecastVariant variant)
    {
        var model = new CsdiModel(Options(variant), new ForecastShape(Channels, History, Horizon, 2, 1), Small, new InitialValues(0));
        PeerFormulas.SetParameters(model);
        return model;
    }

    private static (ForecastInput Input, Tensor Future) Window()
    {
        var (values, marks) = (PeerFormulas.Windows(2, Rows, Channels), PeerFormulas.Marks(2, Rows, 2));
        return (new ForecastInput(values.narrow(1, 0, History), marks.narrow(1, 0, History), marks.narrow(1, History, Horizon)), values.narrow(1, History, Horizon));
    }

    private static Tensor Mask(float past, float ahead) => tensor([.. Enumerable.Range(0, Rows).Select(row => row < History ? past : ahead)]);

    private static Tensor Sampled(Forecaster model, ForecastInput input, int count)
    {
        using var gradients = no_grad();
        manual_seed(5);
        return model.Sample(input, count);
    }
}
