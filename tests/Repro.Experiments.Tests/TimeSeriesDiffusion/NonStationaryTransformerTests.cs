using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Training;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>Forecasts and gradients beside PyTorch's, computed in float64 by <c>tests/peers/nonstationary_transformer_reference.py</c>; and what follows from the paper alone.</summary>
[Collection(OneGenerator.Name)]
public sealed class NonStationaryTransformerTests
{
    // No multiple of the heads.
    private const int Size = 20;

    private static readonly TransformerReference Expected = new("nonstationary-transformer-reference.json");

    [Fact]
    public void Forecasts_loss_gradients_and_names_of_layers_are_those_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        var f = Small();
        TransformerReference.SetParameters(f);
        f.eval();

        var forecast = f.Predict(Expected.Input());
        var loss = (forecast - Expected.Future()).square().mean();
        loss.backward();

        Expected.HasNumbers("forecast", forecast);
        Expected.HasNumber("loss", loss);
        Expected.HasGradients(f);
    }

    [Fact]
    public void The_released_setting_has_as_many_parameters_as_PyTorch_counts()
    {
        using var f = new NonStationaryTransformer(new ForecastOptions(), new ForecastShape(Channels: 7, History: 168, Horizon: 192, Marks: 4, Season: 24), new InitialValues(0));
        Assert.Equal(Expected.Count("released_parameters"), f.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void A_history_on_another_scale_has_its_forecast_on_that_scale_where_tau_and_delta_are_learned_from_nothing()
    {
        using var scope = NewDisposeScope();
        var f = Small();
        f.eval();
        // With a last layer of zeros tau is 1 and delta 0: what remains is section 3.1, a forecast of the history at mean 0 and deviation 1.
        foreach (var (name, parameter) in f.named_parameters())
            if (name.EndsWith("backbone.4.weight", StringComparison.Ordinal)) InitialValues.Constant(parameter, 0);
        var input = Expected.Input();
        var (scale, level) = (tensor(new[] { 3f, 0.5f, 20f }), tensor(new[] { -1f, 10f, 0f }));

        var there = f.Predict(input with { History = (input.History * scale) + level });

        // 1e-5 stands in the root of each variance.
        Assert.True(there.allclose((f.Predict(input) * scale) + level, rtol: 1e-3, atol: 1e-3));
    }

    [Fact]
    public void Tau_and_delta_tell_of_the_scale_that_was_taken_away()
    {
        using var scope = NewDisposeScope();
        var f = Small();
        f.eval();
        var input = Expected.Input();
        var there = f.Predict(input with { History = (input.History * 3) + 2 });
        Assert.False(there.allclose((f.Predict(input) * 3) + 2, rtol: 1e-3, atol: 1e-3));
    }

    [Fact]
    public void A_windows_forecast_does_not_depend_on_the_windows_beside_it()
    {
        using var scope = NewDisposeScope();
        var f = Small();
        f.eval();
        var input = Expected.Input();
        Tensor Second(Tensor of) => of.narrow(0, 1, 1);
        var alone = f.Predict(new ForecastInput(Second(input.History), Second(input.HistoryMarks), Second(input.FutureMarks)));
        Assert.True(alone.allclose(Second(f.Predict(input)), rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void A_constant_history_is_forecast_by_numbers()
    {
        using var scope = NewDisposeScope();
        var f = Small();
        f.eval();
        var input = Expected.Input();
        Assert.True(f.Predict(input with { History = ones_like(input.History) }).isfinite().all().item<bool>());
    }

    [Fact]
    public void Dropout_is_drawn_in_training_alone()
    {
        using var scope = NewDisposeScope();
        var f = Small(dropout: 0.5);
        var input = Expected.Input();
        manual_seed(1);
        Assert.False(f.Predict(input).allclose(f.Predict(input)));
        f.eval();
        Assert.True(f.Predict(input).allclose(f.Predict(input)));
    }

    [Theory]
    [InlineData(ForecastModel.Nsdiff)]
    [InlineData(ForecastModel.Tmdm)]
    public void Samples_that_are_made_around_it_are_the_same_in_whatever_order_the_future_comes(ForecastModel model)
    {
        const int First = 150, Horizon = 6;
        var options = new ForecastOptions { Model = model, History = 12, Horizon = Horizon, Rolling = 4, ModelSize = Size, DiffusionSteps = 4 };
        var (ahead, turned) = (Sampled(row => row), Sampled(row => row < First ? row : (2 * First) + Horizon - 1 - row));
        Assert.NotEqual(ahead.Observed, turned.Observed);
        Assert.Equal(ahead.Samples, turned.Samples);

        (float[] Samples, float[] Observed) Sampled(Func<int, int> source)
        {
            using var scope = NewDisposeScope();
            using var without = no_grad();
            double[] values = [.. Enumerable.Range(0, First + Horizon).Select(row => Math.Sin(0.7 * source(row)) + (0.1 * (source(row) % 5)))];
            var table = new SeriesTable(["value"], [.. Enumerable.Range(0, values.Length).Select(row => new DateTime(2020, 1, 1).AddDays(row))], values);
            using var data = new ForecastData(new SeriesDataset("small", "", table, new SeriesDivision(120, 30, Horizon), []), options, CPU);
            using var forecaster = ForecastModels.Create(options, data.Shape, new InitialValues(2));
            forecaster.eval();
            manual_seed(8);
            return new ForecastEvaluation(forecaster, data, 3, EvaluationWatch.None).Sample([First]);
        }
    }

    private static NonStationaryTransformer Small(double dropout = 0) =>
        new(new ForecastOptions { ModelSize = Size, Dropout = dropout }, TransformerReference.Shape, new InitialValues(3));
}
