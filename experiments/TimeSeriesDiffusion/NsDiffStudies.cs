using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>What is worth searching and comparing in Ye et al. 2025: its table, what remains of it once errors are mended, its ablation, and how much of the ranking is tuning.</summary>
internal static class NsDiffStudies
{
    private static readonly Objective Crps = new("validation_crps", ObjectiveDirection.Minimize);

    // Two models sample so slowly that a window takes minutes: their subset is smaller. On illness, where windows overlap most, one that they can afford is all models'.
    private const string IllnessWindows = "16", Windows = "64", SlowWindows = "8";

    private static readonly (string Name, string Settings)[] LongSeries = [("exchange-rate", "data=exchange-rate,horizon=192"), ("etth1", "data=etth1,horizon=192"), ("etth2", "data=etth2,horizon=192")];

    // The baseline: NsDiff itself, where runs are shortest.
    private static readonly Configuration Illness = Configuration.Parse($"data=illness,horizon=36,subset={IllnessWindows}");

    private static readonly (string Name, string Settings, string Why) NsDiff = ("nsdiff", "", "NsDiff itself.");

    private static readonly (string Name, string Settings, string Why)[] Baselines =
    [
        ("tmdm", "model=tmdm", "Transformer-modulated diffusion (Li et al. 2024)."),
        ("timediff", "model=timediff", "TimeDiff (Shen and Kwok 2023)."),
        ("timegrad", "model=timegrad", "TimeGrad (Rasul et al. 2021)."),
    ];

    private static readonly (string Name, string Settings, string Why)[] Slow =
    [
        ("csdi", "model=csdi", "CSDI (Tashiro et al. 2021)."),
        ("diffusion-ts", "model=diffusion_ts", "Diffusion-TS (Yuan and Qiao 2024)."),
    ];

    private static readonly (string Name, string Settings, string Why)[] References =
    [
        ("gaussian", "model=gaussian", "N(f, g), NsDiff's two networks without its diffusion."),
        ("seasonal-naive", "model=seasonal_naive", "The value of a season ago with a normal error."),
        ("deepar", "model=deepar", "An LSTM that samples from normal distributions (Salinas et al. 2020)."),
        ("quantile", "model=quantile", "Quantiles by the pinball loss."),
    ];

    public static IReadOnlyList<NamedStudy> Searches { get; } =
    [
        new("learning-rate", "How much of the ranking is tuning? What NsDiff gains by its rate, the rows of a local variance and its batches, to be held against what lies between models.", new Study
        {
            Experiment = "nsdiff", Profile = "sweep", Objective = Crps, Sampler = "random", Trials = 24,
            Space = new SearchSpace(
            [
                CompactForm.Parse("learning_rate=log:1e-4..1e-2"),
                CompactForm.Parse("rolling=int:12..150") with { Role = HyperparameterRole.Nuisance },
                CompactForm.Parse("batch_size=16,32,64") with { Role = HyperparameterRole.Nuisance },
            ]),
        }),
    ];

    public static IReadOnlyList<Ablation> Ablations { get; } =
    [
        new("main-table", "The table of the paper, as its code was released: every model on every series, test read at the end.", "released", Crps, Arms([.. References, .. Baselines]))
        {
            Baseline = Illness, Seeds = 3, ReadsTest = true,
        },
        new("what-remains", "What remains of the ranking where the errors of the released code are mended, beside forecasters without diffusion; f is linear.", "corrected", Crps,
            Arms([("nsdiff-as-released", "variant=as_released", "With posterior weights that do not sum to 1, and betas that end at 0.01."), ("nsdiff-beta", "last_beta=0.01", "With those betas alone."), .. References, .. Baselines]))
        {
            Baseline = Illness, Seeds = 3, ReadsTest = true,
        },
        new("noise", "What are the noise that has the scale of the series and its schedule worth? The paper's ablation on ETTh1, with a linear f.", "corrected", Crps,
        [
            new("no-scale", "The same deviation everywhere: without LSNM.", Configuration.Parse("noise=no_scale")),
            new("no-schedule", "The expected variance at every step: without UANS.", Configuration.Parse("noise=no_schedule")),
        ])
        {
            Baseline = Configuration.Parse($"subset={Windows}"), Seeds = 3, ReadsTest = true,
        },
    ];

    // The cheapest first: a comparison that is stopped has whole columns.
    private static AblationArm[] Arms((string Name, string Settings, string Why)[] others) =>
    [
        .. from model in others.Concat(Slow) select Arm(("illness", ""), model, ""),
        .. from series in LongSeries from model in others.Prepend(NsDiff) select Arm(series, model, Windows),
        .. from series in LongSeries from model in Slow select Arm(series, model, SlowWindows),
    ];

    private static AblationArm Arm((string Name, string Settings) series, (string Name, string Settings, string Why) model, string windows) => new($"{series.Name}-{model.Name}", $"{model.Why} On {series.Name}.",
        Configuration.Parse(string.Join(',', new[] { series.Settings, model.Settings, windows.Length > 0 ? $"subset={windows}" : "" }.Where(settings => settings.Length > 0))));
}
