using Repro.Experiments.Ddpm;
using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>
/// Loss, gradients and steps back beside PyTorch's, computed in float64 by <c>tests/peers/tmdm_reference.py</c>, where a step is written as the released code has it; and a chain whose moments are
/// known.
/// </summary>
[Collection(OneGenerator.Name)]
public sealed class TmdmTests
{
    private const int Size = 16;

    private static readonly TransformerReference Expected = new("tmdm-reference.json");

    [Fact]
    public void The_loss_with_given_noise_its_parts_and_its_gradients_are_those_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        var model = WithTransformer();
        var noise = Expected.Tensor("noise", TransformerReference.Windows, TransformerReference.Known + TransformerReference.Horizon, TransformerReference.Channels);
        var latent = Expected.Tensor("latent", TransformerReference.Windows, TransformerReference.History, Size);

        var (loss, parts) = model.Loss(Expected.Input(), Expected.Future(), tensor(Expected.Counts("steps")), noise, latent);
        loss.backward();

        Expected.HasNumber("loss", loss);
        foreach (var (name, value) in parts) Expected.HasNumber(name, value);
        Assert.Equal(["noise_loss", "mean_loss", "latent_divergence"], parts.Select(part => part.Name));
        Expected.HasGradients(model);
    }

    [Fact]
    public void A_step_back_and_the_last_one_are_those_of_the_released_code_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var model = WithTransformer();
        model.eval();
        Tensor Given(string name) => Expected.Tensor(name, TransformerReference.Windows, 1, TransformerReference.Horizon, TransformerReference.Channels);
        var (mean, now) = (Given("forecast"), Given("now"));
        var fixedPart = model.Denoiser.Fixed(mean);

        var back = model.Back(now - mean, fixedPart, (int)Expected.Count("step"), Given("step_noise"));
        var start = model.Back(now - mean, fixedPart, 0, null);

        Expected.HasNumbers("forecast", model.Mean.Predict(Expected.Input()));
        Expected.HasNumbers("back", back + mean);
        Expected.HasNumbers("start", start + mean);
    }

    [Fact]
    public void A_chain_that_is_told_of_no_noise_ends_around_f_with_the_variance_that_the_steps_make()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        const int Steps = 10, Samples = 4_000;
        var model = new TmdmModel(new ForecastOptions { Model = ForecastModel.Tmdm, Backbone = ForecastBackbone.Dlinear, DiffusionSteps = Steps, LastBeta = 0.3 }, TransformerReference.Shape, new InitialValues(1));
        model.eval();
        foreach (var (name, parameter) in model.named_parameters())
            if (name.StartsWith("denoiser.lin4", StringComparison.Ordinal)) InitialValues.Constant(parameter, 0);
        // Y_T has variance 1; a step divides the remainder by sqrt(1 - beta) and adds the posterior's variance.
        var (schedule, variance) = (NoiseSchedule.Linear(Steps, 1e-4, 0.3), 1.0);
        for (var t = Steps - 1; t >= 0; t--) variance = (variance / (1 - schedule.Beta(t))) + schedule.PosteriorVariance(t);
        manual_seed(5);
        var input = Expected.Input();

        var samples = model.Sample(input, Samples);

        Assert.Equal([TransformerReference.Windows, Samples, TransformerReference.Horizon, TransformerReference.Channels], samples.shape);
        var rest = samples - model.Mean.Predict(input).unsqueeze(1);
        // 120,000 numbers: standard errors are 0.003 of the deviation and 0.004 of the variance.
        Assert.Equal(0, rest.mean().item<float>() / Math.Sqrt(variance), 0.015);
        Assert.Equal(1, rest.square().mean().item<float>() / variance, 0.02);
    }

    [Fact]
    public void Both_variants_are_the_same()
    {
        using var scope = NewDisposeScope();
        Tensor Sampled(ForecastVariant variant)
        {
            var model = new TmdmModel(Options(ForecastBackbone.Transformer) with { Variant = variant }, TransformerReference.Shape, new InitialValues(4));
            model.eval();
            manual_seed(6);
            return model.Sample(Expected.Input(), 3);
        }
        Assert.True(Sampled(ForecastVariant.AsReleased).equal(Sampled(ForecastVariant.Corrected)).all().item<bool>());
    }

    [Fact]
    public void With_the_linear_f_there_is_no_latent_and_nothing_of_the_history_is_forecast()
    {
        using var scope = NewDisposeScope();
        var model = new TmdmModel(Options(ForecastBackbone.Dlinear), TransformerReference.Shape, new InitialValues(4));
        manual_seed(7);
        var (loss, parts) = model.Loss(Expected.Input(), Expected.Future(), pretraining: false);
        Assert.Equal(["noise_loss", "mean_loss"], parts.Select(part => part.Name));
        Assert.Equal(parts[0].Value.item<float>() + (parts[1].Value.item<float>() / 2), loss.item<float>(), 1e-5);
        Assert.DoesNotContain(model.named_parameters(), each => each.name.Contains("z_", StringComparison.Ordinal));
    }

    private static ForecastOptions Options(ForecastBackbone backbone) => new() { Model = ForecastModel.Tmdm, Backbone = backbone, ModelSize = Size, Dropout = 0 };

    private static TmdmModel WithTransformer()
    {
        var model = new TmdmModel(Options(ForecastBackbone.Transformer), TransformerReference.Shape, new InitialValues(0));
        TransformerReference.SetParameters(model);
        return model;
    }
}
