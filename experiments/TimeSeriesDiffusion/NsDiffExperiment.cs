using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checks;
using Repro.Training.Datasets;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// Ye et al. 2025, "Non-stationary Diffusion For Probabilistic Time Series Forecasting" (ICML; arXiv:2505.04278), and the baselines of its comparison. The models are those of
/// <see cref="ForecastModels"/>, one file each; how they are trained and measured is in <see cref="ForecastTask"/>, the card in <c>papers/nsdiff.md</c>.
/// </summary>
public sealed class NsDiffExperiment : Experiment
{
    /// <summary>What is affordable on a few cores: the linear forecaster as f, and what the papers say.</summary>
    internal static readonly ForecastOptions Small = new() { Backbone = ForecastBackbone.Dlinear, Variant = ForecastVariant.Corrected };

    internal static readonly ForecastOptions Illness = Small with { Data = "illness", Horizon = 36 };

    public override string Name => "nsdiff";

    public override string Title => "Non-stationary diffusion for probabilistic time series forecasting, and its baselines (Ye et al. 2025)";

    public override Type OptionsType => typeof(ForecastOptions);

    public override string MainMetric => "test_crps";

    // What nsdiff and the others report of a step besides the loss stands last.
    public override IReadOnlyList<string> Metrics { get; } =
    [
        .. from split in new[] { "validation_", "test_", "test_released_" } from score in ForecastResult.Names select split + score,
        "validation_begin_crps", "test_begin_crps", "train_loss", "train_noise_loss", "train_scale_loss", "train_mean_loss", "train_variance_loss", "train_latent_divergence", "train_given_loss", "train_squared_loss", "train_fourier_loss",
        "train_gradient_norm",
    ];

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "NsDiff on a generated series whose spread grows, and whose true distribution is known; seconds.", Small with
        {
            Data = "heteroscedastic", History = 96, Horizon = 24, Rolling = 48, Epochs = 1, Subset = 32,
        }),
        new("quick",
            "NsDiff with the linear forecaster as f on the illness series, 36 weeks ahead, for half of the passes; all test windows. About a minute on two CPU cores. No reproduction of the table: " +
            "f is another.",
            Illness with { Epochs = 5 }),
        new("sweep", "A trial of a search: the linear forecaster as f, 2 passes over exchange rates, 20 samples of 16 validation windows; test is never computed. About a minute on two CPU cores.", Small with
        {
            Data = "exchange-rate", Evaluate = "validation", Epochs = 2, Samples = 20, ValidationWindows = WindowSet.Subset, Subset = 16,
        }),
        new("paper", "NsDiff as its released code has it on ETTh1, with the non-stationary Transformer; hours on a CPU, minutes on a GPU.", new ForecastOptions()),
        new("released", "The same for the comparison of all models as released (./repro ablate nsdiff/main-table), which reads test by itself.", new ForecastOptions { Evaluate = "validation" }),
        new("corrected", "The linear forecaster as f and what the papers say, for the comparison of what remains (./repro ablate nsdiff/what-remains), which reads test by itself.",
            Small with { Evaluate = "validation" }),
        new("illness", "The illness series, 36 weeks ahead, with the linear forecaster as f; two minutes on two CPU cores.", Illness),
        new("exchange-rate", "Exchange rates, 192 days ahead, with the linear forecaster as f; a quarter of an hour on two CPU cores.", Small with { Data = "exchange-rate" }),
        new("etth1", "ETTh1, 192 hours ahead, with the linear forecaster as f; a quarter of an hour on two CPU cores.", Small),
        new("etth2", "The same on ETTh2.", Small with { Data = "etth2" }),
    ];

    public override IReadOnlyList<NamedStudy> Studies => NsDiffStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => NsDiffStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => DatasetRegistry.Series.Contains(((ForecastOptions)options).Data) ? [((ForecastOptions)options).Data] : [];

    public override IReadOnlyDictionary<string, double> BestPossible(object options)
    {
        var setting = (ForecastOptions)options;
        if (ForecastData.Generated(setting.Data) is null) return base.BestPossible(options);
        using var data = ForecastData.Open(setting, new RunContext());
        var best = new Dictionary<string, double>();
        foreach (var split in new[] { Splits.Validation, Splits.Test })
        {
            best[split + "_crps"] = best[split + "_begin_crps"] = data.BestCrps(split, setting.Samples)!.Value;
            // The fair one is what as many samples as one likes would have.
            best[split + "_crps_fair"] = data.BestCrps(split, int.MaxValue)!.Value;
        }
        return best;
    }

    public override long? Steps(object options)
    {
        var setting = (ForecastOptions)options;
        // What is pretrained, and for how long, is the model's to say.
        if (setting.Model == ForecastModel.Timediff) return null;
        if (setting.Steps > 0) return setting.Steps;
        if (ForecastData.Division(setting.Data) is not { } division) return null;
        return setting.Epochs * ForecastTask.PerEpoch(division.Train - setting.History - setting.Horizon + 1, setting.BatchSize);
    }

    public override string? Complaint(object options) => ((ForecastOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) => new ForecastTask((ForecastOptions)options, context);

    public override Recipe CreateRecipe(object options, RunContext context) => ForecastRecipe.Create((ForecastOptions)options, context);
}
