using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>What holds of every forecaster that there is, in both variants.</summary>
[Collection(OneGenerator.Name)]
public sealed class ForecasterTests
{
    private const int First = 160, Samples = 4;

    public static TheoryData<string, string> Models
    {
        get
        {
            var models = new TheoryData<string, string>();
            foreach (var model in Enum.GetValues<ForecastModel>())
            {
                foreach (var variant in Enum.GetValues<ForecastVariant>()) models.Add(model.ToString(), variant.ToString());
            }
            return models;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Samples_are_windows_by_samples_by_rows_by_channels_and_differ(string model, string variant)
    {
        using var scope = NewDisposeScope();
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        using var without = no_grad();
        var (input, _) = data.Take([First, First + 9]);
        manual_seed(1);
        var samples = forecaster.Sample(input, Samples);
        Assert.Equal([2, Samples, 6, 2], samples.shape);
        Assert.True(samples.isfinite().all().item<bool>());
        if (IsCutAndMixed(model, variant)) return;
        // No sample is another one again, in any window, row or channel.
        var sorted = samples.sort(1).Values;
        Assert.True((sorted.narrow(1, 1, Samples - 1) - sorted.narrow(1, 0, Samples - 1)).gt(0).all().item<bool>());
        Assert.Equal([1, Samples, 6, 2], forecaster.Sample(data.Take([First]).Input, Samples).shape);
        Assert.Equal([2, 1, 6, 2], forecaster.Sample(input, 1).shape);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_comes_after_the_history_changes_no_bit_of_a_forecast_and_the_history_does(string model, string variant)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        // Its history, too, lies behind the rows of training, by which values are standardized.
        const int Late = 180;
        Tensor Sampled(Func<int, int> row)
        {
            using var data = Data(model, variant, row);
            using var forecaster = Forecaster(model, variant, data);
            manual_seed(1);
            return forecaster.Sample(data.Take([Late]).Input, Samples);
        }

        var samples = Sampled(row => row);
        // Other values come, and the same ones in the opposite order.
        Assert.True(Sampled(row => row < Late ? row : row + 1000).equal(samples).all().item<bool>());
        Assert.True(Sampled(row => row < Late ? row : (2 * Late) + 5 - row).equal(samples).all().item<bool>());
        var same = Sampled(row => row is < Late - 36 or >= Late ? row : row + 7).equal(samples);
        // In float32 two numbers of the 48 may come out the same by chance.
        var share = same.to_type(ScalarType.Float64).mean().item<double>();
        Assert.InRange(share, 0, IsCutAndMixed(model, variant) ? 0.99 : 0.05);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_window_is_forecast_from_its_own_history_whoever_is_sampled_beside_it(string model, string variant)
    {
        using var scope = NewDisposeScope();
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        var (taken, _) = data.Take([First, First + 9, First + 4]);
        var history = taken.History.clone().requires_grad_();
        manual_seed(1);
        forecaster.Sample(taken with { History = history }, Samples)[1].sum().backward();
        var gradient = history.grad!.abs().amax([1, 2]);
        if (IsCutAndMixed(model, variant))
        {
            Assert.True(gradient.gt(0).sum().item<long>() > 1);
            return;
        }
        Assert.Equal(0, gradient[0].item<float>());
        Assert.Equal(0, gradient[2].item<float>());
        Assert.True(gradient[1].item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Sampling_leaves_nothing_in_memory_but_its_samples(string model, string variant)
    {
        using var without = no_grad();
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        var (input, future) = data.Take([First]);
        forecaster.Sample(input, Samples).Dispose();
        // Of this thread: the finalizer may still be at work on what other tests left.
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var samples = forecaster.Sample(input, Samples);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        samples.Dispose();
        input.Dispose();
        future.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_loss_reaches_every_parameter_and_its_parts_are_metrics_of_the_experiment(string model, string variant)
    {
        using var scope = NewDisposeScope();
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        forecaster.train();
        var reached = new HashSet<string>();
        // As it trains: what is pretrained, if anything, and then the whole.
        foreach (var pretraining in forecaster.PretrainingEpochs > 0 ? new[] { true, false } : [false])
        {
            for (var draw = 0; draw < 8; draw++)
            {
                forecaster.zero_grad();
                var (input, future) = data.Take([60, 70, 80, 90, 100]);
                manual_seed(draw);
                var (loss, parts) = forecaster.Loss(input, future, pretraining);
                Assert.Equal([], loss.shape);
                Assert.True(float.IsFinite(loss.item<float>()));
                Assert.Empty(parts.Select(part => "train_" + part.Name).Except(new NsDiffExperiment().Metrics));
                Assert.All(parts, part => Assert.False(part.Value.requires_grad));
                loss.backward();
                reached.UnionWith(forecaster.named_parameters().Where(p => p.parameter.grad is { } grad && grad.abs().sum().item<float>() > 0).Select(p => p.name));
            }
        }
        Assert.Equal(forecaster.named_parameters().Select(p => p.name).Order(), reached.Order());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Only_four_baselines_as_released_are_trained_with_a_weight_decay(string model, string variant)
    {
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        var decays = Enum.Parse<ForecastModel>(model) is ForecastModel.Csdi or ForecastModel.Timegrad or ForecastModel.Timediff or ForecastModel.DiffusionTs && variant == nameof(ForecastVariant.AsReleased);
        Assert.Equal(decays ? 5e-4 : 0, forecaster.WeightDecay);
    }

    [Theory]
    [InlineData("Corrected")]
    [InlineData("AsReleased")]
    public void Where_the_diffusion_of_nsdiff_begins_is_what_its_two_networks_forecast_by_themselves(string variant)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        using var data = Data("Nsdiff", variant);
        using var whole = Forecaster("Nsdiff", variant, data);
        using var alone = Forecaster("Gaussian", variant, data);
        foreach (var (name, parameter) in alone.named_parameters()) parameter.copy_(whole.get_parameter(name)!);
        var (input, _) = data.Take([First, First + 9]);
        manual_seed(1);
        var begin = whole.Begin!(input, Samples);
        manual_seed(1);
        Assert.True(begin.allclose(alone.Sample(input, Samples), rtol: 1e-6, atol: 1e-6));
        Assert.Null(alone.Begin);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_few_steps_of_training_lower_the_loss(string model, string variant)
    {
        using var data = Data(model, variant);
        using var forecaster = Forecaster(model, variant, data);
        forecaster.train();
        using var adam = optim.Adam(forecaster.parameters(), 5e-3);
        double Step(int step, bool update)
        {
            using var scope = NewDisposeScope();
            var (input, future) = data.Take([60, 70, 80, 90, 100, 110, 120, 130]);
            manual_seed(step % 4);
            adam.zero_grad();
            var (loss, _) = forecaster.Loss(input, future, pretraining: false);
            if (!update) return loss.item<float>();
            loss.backward();
            adam.step();
            return 0;
        }
        double Loss() => Enumerable.Range(0, 4).Average(draw => Step(draw, update: false));

        var before = Loss();
        for (var step = 0; step < 40; step++) Step(step, update: true);
        Assert.True(Loss() < before, $"The loss went from {before} to {Loss()}.");
    }

    [Fact]
    public void Fewer_windows_are_sampled_at_a_time_where_the_channels_are_more_than_a_model_holds_for_a_row()
    {
        int Together(int channels)
        {
            var values = Enumerable.Range(0, 220 * channels).Select(i => Math.Sin(0.37 * i));
            var table = new SeriesTable([.. Enumerable.Range(0, channels).Select(c => $"c{c}")], [.. Enumerable.Range(0, 220).Select(hour => new DateTime(2020, 1, 1).AddHours(hour))], [.. values]);
            var options = Options(nameof(ForecastModel.SeasonalNaive), nameof(ForecastVariant.Corrected));
            using var data = new ForecastData(new SeriesDataset("small", "", table, new SeriesDivision(140, 60, 20), []), options, CPU);
            using var forecaster = ForecastModels.Create(options, data.Shape, new InitialValues(2));
            return new ForecastEvaluation(forecaster, data, 100, EvaluationWatch.None).Together(1_000_000);
        }

        // 2^25 numbers: 100 samples of 6 rows, with 8 numbers for each or as many as there are channels.
        Assert.Equal((6990, 6990, 174), (Together(1), Together(8), Together(320)));
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(150, 1 - (10.0 / 150))]
    [InlineData(100_000, 0.9995)]
    public void An_average_of_parameters_has_a_memory_of_no_more_than_a_tenth_of_the_training(int steps, double decay)
    {
        var options = Options(nameof(ForecastModel.DiffusionTs), nameof(ForecastVariant.Corrected)) with { Steps = steps };
        using var task = new ForecastTask(options, new RunContext(), Data(nameof(ForecastModel.DiffusionTs), nameof(ForecastVariant.Corrected)));
        Assert.Equal(decay, task.EmaDecay!.Value, 1e-5);
    }

    private static ForecastOptions Options(string model, string variant) => new()
    {
        Model = Enum.Parse<ForecastModel>(model), Variant = Enum.Parse<ForecastVariant>(variant), Backbone = ForecastBackbone.Dlinear,
        History = 36, Horizon = 6, Rolling = 8, DiffusionSteps = 4, ModelSize = 16, Dropout = 0,
    };

    private static Forecaster Forecaster(string model, string variant, ForecastData data)
    {
        var forecaster = ForecastModels.Create(Options(model, variant), data.Shape, new InitialValues(2));
        using var without = no_grad();
        // A layer that begins at 0 would hide what reaches it.
        foreach (var parameter in forecaster.parameters().Where(parameter => parameter.abs().max().item<float>() == 0)) parameter.add_(0.01);
        forecaster.eval();
        return forecaster;
    }

    /// <summary>Two channels of hourly values; <paramref name="source"/> says which row of the series stands at a row.</summary>
    private static ForecastData Data(string model, string variant, Func<int, int>? source = null)
    {
        double Value(int row, int channel) => Math.Sin((0.26 * row) + channel) + (0.4 * Math.Sin((1.9 * row * row) + (2 * channel))) + (0.1 * channel);
        var values = Enumerable.Range(0, 220).SelectMany(row => Enumerable.Range(0, 2).Select(channel => Value(source?.Invoke(row) ?? row, channel)));
        var table = new SeriesTable(["a", "b"], [.. Enumerable.Range(0, 220).Select(hour => new DateTime(2020, 1, 1).AddHours(hour))], [.. values]);
        return new ForecastData(new SeriesDataset("small", "", table, new SeriesDivision(140, 60, 20), []), Options(model, variant), CPU);
    }

    // Errors as released: every value is cut to [-1, 1], and a window is handed samples of others.
    private static bool IsCutAndMixed(string model, string variant) => model == nameof(ForecastModel.DiffusionTs) && variant == nameof(ForecastVariant.AsReleased);
}
