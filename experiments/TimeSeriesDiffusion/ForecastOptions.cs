using Repro.Studies.Options;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>The setting of a forecasting run. The defaults are those of NsDiff on ETTh1 (Ye et al. 2025, section 5.1 and its released code), but for the test windows: the released few are far apart.</summary>
public sealed record ForecastOptions
{
    [Option("The forecaster: nsdiff and the baselines of its comparison, then references without diffusion.", Source = "section 5.1")]
    public ForecastModel Model { get; init; } = ForecastModel.Nsdiff;

    [Option("'as_released' computes what the code released with NsDiff computes, errors and all; 'corrected' what the papers say. Forecasters of our own know no difference.", Source = "the card names each error")]
    public ForecastVariant Variant { get; init; } = ForecastVariant.AsReleased;

    [Option("What predicts the mean for nsdiff, tmdm and gaussian: the non-stationary Transformer, or DLinear, which is many times faster.", Source = "section 4.1: any point forecaster; the Transformer in its experiments")]
    public ForecastBackbone Backbone { get; init; } = ForecastBackbone.Transformer;

    [Option("A registered series (etth1, etth2, ettm1, ettm2, exchange-rate, illness), 'heteroscedastic' or 'heteroscedastic-quadratic' (generated; the true distribution is known), or a file of your own: FILE.csv with a header, a column of dates and columns of numbers.",
        Source = "section 5.1", FileEnding = ".csv")]
    public string Data { get; init; } = "etth1";

    [Option("'validation' never computes a test metric; 'test' reads test once, at the end.", Choices = ["validation", "test"], OnlyMeasures = true)]
    public string Evaluate { get; init; } = "test";

    [Option("Rows that a forecast looks back on.", Min = 1, Max = 100_000, Source = "the released scripts")]
    public int History { get; init; } = 168;

    [Option("Rows that are forecast.", Min = 1, Max = 100_000, Source = "the released scripts: 192; 36 on illness")]
    public int Horizon { get; init; } = 192;

    [Option("Passes through the training windows.", Min = 1, Max = 100_000, Source = "the released scripts")]
    public int Epochs { get; init; } = 10;

    [Option("Ends training after so many steps, those of a pretraining not counted; 0 trains all epochs.", Min = 0, Max = 100_000_000)]
    public long Steps { get; init; }

    [Option("Windows a step.", Min = 1, Max = 65_536, Source = "the released scripts")]
    public int BatchSize { get; init; } = 32;

    [Option("Learning rate of Adam.", Min = 0, Max = 10, Source = "the released scripts")]
    public double LearningRate { get; init; } = 1e-3;

    [Option("Ends training after so many evaluations in a row without a better validation CRPS; the best parameters are kept in any case.", Min = 1, Max = 100_000, Source = "the released scripts")]
    public int Patience { get; init; } = 5;

    [Option("Trajectories sampled for every forecast.", Min = 2, Max = 10_000, Source = "section 5.1")]
    public int Samples { get; init; } = 100;

    [Option("Test windows: 'non_overlapping' as released, few and far apart; a fixed random 'subset' of all; or 'all', each beginning one row after the one before.", OnlyMeasures = true)]
    public WindowSet Windows { get; init; } = WindowSet.Subset;

    [Option("Size of that subset of the test windows.", Min = 1, Max = 1_000_000, OnlyMeasures = true)]
    public int Subset { get; init; } = 256;

    [Option("Validation windows, by which the best parameters are kept; the choices are those of windows, a subset being of 16.", Source = "the released code: non_overlapping")]
    public WindowSet ValidationWindows { get; init; } = WindowSet.NonOverlapping;

    [Option("Steps of the diffusion; 0: the model's own (nsdiff 20, csdi 50, the others 100).", Min = 0, Max = 10_000, Source = "the released code")]
    public int DiffusionSteps { get; init; }

    [Option("Variance that the last step of the diffusion adds; 0: the model's own.", Min = 0, Max = 0.999, Source = "nsdiff: 0.02 in the paper, 0.01 in the released code; tmdm 0.02, csdi 0.5, timegrad 0.1")]
    public double LastBeta { get; init; }

    [Option("Rows whose variance is the local variance of a place, those before it: what g learns to predict.", Min = 2, Max = 100_000, Source = "the released code")]
    public int Rolling { get; init; } = 96;

    [Option("Which noise nsdiff adds: 'full'; 'no_schedule' without the uncertainty-aware schedule (w/o UANS); 'no_scale' with the same deviation everywhere (w/o LSNM).", Source = "section 5.3, the ablation")]
    public NoiseKind Noise { get; init; } = NoiseKind.Full;

    [Option("Share of activations that dropout removes in the Transformer.", Min = 0, Max = 0.95, Source = "the released code")]
    public double Dropout { get; init; } = 0.05;

    [Option("Size of a row's vector in the Transformer.", Min = 8, Max = 8192, Source = "the released code")]
    public int ModelSize { get; init; } = 512;

    /// <summary>What is wrong with the options together; null where nothing is. What the model does not read is not looked at.</summary>
    public string? Complaint() =>
        ForecastData.Complaint(Data)
        ?? (ForecastData.Division(Data) is { } division ? ForecastData.Complaint(Data, division, this) : null)
        ?? (Model is ForecastModel.Nsdiff or ForecastModel.Gaussian && Rolling >= History
            ? $"The local variances that g reads are those of rolling={Rolling} rows within history={History}; rolling must be smaller. Lower it, or raise history." : null)
        ?? (DiffusionSteps == 1 ? "A diffusion leads from noise to data over two steps or more; diffusion_steps is 1. Set diffusion_steps=2 or more, or 0 for the model's own." : null)
        ?? (Model is ForecastModel.Timegrad or ForecastModel.Deepar && History < 2
            ? $"timegrad and deepar are told the row before each row of their history, so that they need two rows of it; history is {History}. Set history=2 or more." : null);
}

/// <summary>Who forecasts.</summary>
public enum ForecastModel
{
    /// <summary>Ye et al. 2025.</summary>
    Nsdiff,

    /// <summary>Li et al. 2024, transformer-modulated diffusion.</summary>
    Tmdm,

    /// <summary>Tashiro et al. 2021.</summary>
    Csdi,

    /// <summary>Rasul et al. 2021.</summary>
    Timegrad,

    /// <summary>Shen and Kwok 2023.</summary>
    Timediff,

    /// <summary>Yuan and Qiao 2024.</summary>
    DiffusionTs,

    /// <summary>The value of a season ago, with a normal error of its own for each place and channel.</summary>
    SeasonalNaive,

    /// <summary>N(f, g): NsDiff's two networks without its diffusion.</summary>
    Gaussian,

    /// <summary>Salinas et al. 2020: an LSTM that samples row after row from a normal distribution.</summary>
    Deepar,

    /// <summary>Quantiles by the pinball loss (Koenker and Bassett 1978).</summary>
    Quantile,
}

/// <summary>What of a forecaster is computed: what its paper says, or what the code released with NsDiff does.</summary>
public enum ForecastVariant
{
    Corrected,
    AsReleased,
}

/// <summary>What predicts the mean.</summary>
public enum ForecastBackbone
{
    /// <summary>Liu et al. 2022, Non-stationary Transformers.</summary>
    Transformer,

    /// <summary>Zeng et al. 2023, Are Transformers Effective for Time Series Forecasting?</summary>
    Dlinear,
}

/// <summary>Which windows of a split are forecast.</summary>
public enum WindowSet
{
    NonOverlapping,
    Subset,
    All,
}

/// <summary>NsDiff's ablation.</summary>
public enum NoiseKind
{
    Full,
    NoSchedule,
    NoScale,
}
