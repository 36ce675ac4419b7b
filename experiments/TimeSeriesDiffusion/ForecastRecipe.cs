using Repro.Training;
using Repro.Training.Checks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// What <c>repro check nsdiff</c> knows of the model: f, the forecaster of the mean, by its squared error. The checks hand one tensor to a model, so an example's input is a table of all rows of its
/// window, whose columns are the channels, zero where they are to be forecast, and the marks of the time.
/// </summary>
/// <remarks>A diffusion's own loss never comes near zero, and has a time of its own in every example. Models without an f are asked for the data alone, by the f that the options name.</remarks>
internal static class ForecastRecipe
{
    // The error of a window varies many times as much as what is learned of its mean.
    private const int HeldOut = 256;

    public static Recipe Create(ForecastOptions options, RunContext context)
    {
        options = options with { Dropout = 0 };
        var device = Devices.Select(context.Device);
        var data = ForecastData.Open(options, context);
        var (shape, windows, generated) = (data.Shape, data.Windows(Splits.Train, WindowSet.All), ForecastData.Generated(options.Data) is not null);
        var silence = LossOfSilence();
        var linear = options.Backbone == ForecastBackbone.Dlinear;
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var size = Math.Max(1, (int)(options.ModelSize * capacity / 8)) * 8;
                var f = (MeanForecaster)ForecastModels.Mean(options with { ModelSize = size }, shape, new InitialValues(seed)).to(device);
                // In few steps a wide network at the rate of a narrow one learns less than it.
                return new RecipeModel(f, rows => f.Predict(Unpacked(rows)), Losses, optim.Adam(f.parameters(), linear ? 2e-3 : 1e-3 * Math.Min(1, 128.0 / size)));
            },
            CapacityIs = linear ? "the linear forecaster has one size" : "size of a row's vector",
            Capacities = linear ? (1, 1) : (0.25, 1),
            Baseline = _ =>
            {
                var simple = (PastValue)new PastValue(shape, last: generated).to(device);
                return new RecipeModel(simple, simple.call, Losses, optim.Adam(simple.parameters(), 5e-3));
            },
            // Of values that are independent of each other nothing is much better than the history's mean.
            BaselineIs = generated ? "the last value of the history, shifted" : "the mean of the history, shifted",
            LossAtInit = silence,
            LossAtInitTolerance = 0.8 * silence,
            LossAtInitBecause = "about what a forecast of zeros costs on the same batch: a fresh forecaster knows nothing",
            Batch = step => Packed(ForecastTask.Batch(windows, context.Seed, step, options.BatchSize)),
            HeldOut = () =>
            {
                var all = data.Windows(Splits.Validation, WindowSet.All);
                var count = Math.Min(HeldOut, all.Length);
                return Packed([.. Enumerable.Range(0, count).Select(i => all[i * all.Length / count])]);
            },
            InputShape = [shape.History + shape.Horizon, shape.Channels + shape.Marks],
            Classes = [],
            Steps = 300,
            OverfitExamples = 8,
            OverfitSteps = 2000,
            OverfitLoss = 0.1 * silence,
        };

        RecipeBatch Packed(int[] firsts)
        {
            using var scope = NewDisposeScope();
            var (input, future) = data.Take(firsts);
            var past = cat([input.History, input.HistoryMarks], -1);             // [B, L, C + M]
            var ahead = cat([zeros_like(future), input.FutureMarks], -1);        // [B, H, C + M]
            return new RecipeBatch(cat([past, ahead], 1).MoveToOuterDisposeScope(), future.contiguous().MoveToOuterDisposeScope());
        }

        ForecastInput Unpacked(Tensor rows)
        {
            var (past, ahead) = (rows.narrow(1, 0, shape.History), rows.narrow(1, shape.History, shape.Horizon));
            return new ForecastInput(past.narrow(2, 0, shape.Channels), past.narrow(2, shape.Channels, shape.Marks), ahead.narrow(2, shape.Channels, shape.Marks));
        }

        double LossOfSilence()
        {
            using var batch = Packed(ForecastTask.Batch(windows, context.Seed, 0, options.BatchSize));
            using var squares = batch.Targets.square();
            using var mean = squares.mean();
            return mean.item<float>();
        }
    }

    /// <summary>[B]: of each window.</summary>
    private static Tensor Losses(Tensor outputs, Tensor targets)
    {
        using var error = outputs - targets;
        using var squares = error.square();
        return squares.mean([1, 2]);
    }

    /// <summary>One past value for all rows ahead, with a shift that is learned for each channel.</summary>
    private sealed class PastValue : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter shift;                                        // [C]
        private readonly ForecastShape _shape;
        private readonly bool _last;

        /// <param name="last">The last value, and not the mean of them.</param>
        public PastValue(ForecastShape shape, bool last)
            : base(nameof(PastValue))
        {
            (_shape, _last) = (shape, last);
            shift = new Parameter(zeros(shape.Channels));
            RegisterComponents();
        }

        public override Tensor forward(Tensor rows)
        {
            using var values = rows.narrow(2, 0, _shape.Channels);
            using var history = _last ? values.narrow(1, _shape.History - 1, 1) : values.narrow(1, 0, _shape.History);
            using var value = history.mean([1], keepdim: true);                  // [B, 1, C]
            using var shifted = value + shift;
            return shifted.expand(-1, _shape.Horizon, -1);
        }
    }
}
