using Repro.Benchmarks.Engine;

namespace Repro.Benchmarks.Experiments;

/// <summary>
/// Training steps and generation of the papers' models, in the experiments' own settings and on shapes of their data. Generation: microseconds a word or character,
/// milliseconds a sentence of the beam search, milliseconds a step of 64 images; of 100 trajectories milliseconds a window, and a step of the diffusion or a row where rows are named by them in
/// <see cref="SeriesWorkloads"/>.
/// </summary>
public sealed class ExperimentsBenchmark : WorkloadBenchmark
{
    private const double Step = 0.9, Generation = 0.8, Forecast = 0.5;

    private protected override IReadOnlyList<WorkloadRow> Rows { get; } =
    [
        new("lstm", "ms", 1e3, 4, Step, LstmWorkloads.Training, LstmWorkloads.TrainingWork),
        new("lstm_sample", "us", 1e6 / LstmWorkloads.Sampling.Length, 3, Generation, () => new LstmWorkloads.Sampling(), LstmWorkloads.SamplingWork),
        new("transformer", "ms", 1e3, 1, Step, TransformerWorkloads.Training, TransformerWorkloads.TrainingWork),
        new("transformer_beam", "ms", 1e3 / 64, 1, Generation, () => new TransformerWorkloads.Beam(64), TransformerWorkloads.BeamWork) { OtherWays = ["recompute"] },
        new("transformer_one", "ms", 1e3, 2, Generation, () => new TransformerWorkloads.Beam(1), TransformerWorkloads.OneWork) { OtherWays = ["recompute"] },
        new("gpt", "ms", 1e3, 6, Step, GptWorkloads.Training, GptWorkloads.TrainingWork),
        new("gpt_sample", "us", 1e6 / GptWorkloads.Length, 3, Generation, () => new GptWorkloads.Sampling(), GptWorkloads.SamplingWork) { OtherWays = ["recompute"] },
        new("ddpm_digits", "ms", 1e3, 4, Step, () => DdpmWorkloads.Training(DdpmWorkloads.Digits)),
        new("ddpm_digits_sample", "ms", 1e3 / DdpmWorkloads.Digits.Timesteps, 1, Generation, () => new DdpmWorkloads.Sampling(DdpmWorkloads.Digits)),
        new("ddpm_fashion", "ms", 1e3, 3, Step, () => DdpmWorkloads.Training(DdpmWorkloads.Fashion)),
        new("ddpm_fashion_sample", "ms", 1e3 / DdpmWorkloads.Fashion.Timesteps, 1, Generation, () => new DdpmWorkloads.Sampling(DdpmWorkloads.Fashion)),
        new("nsdiff", "ms", 1e3, 1, Step, () => SeriesWorkloads.Training(SeriesWorkloads.Transformer)),
        new("nsdiff_sample", "ms", 1e3 / SeriesWorkloads.Windows, 1, Forecast, () => new SeriesWorkloads.Sampling(SeriesWorkloads.Transformer)),
        new("nsdiff_dlinear", "ms", 1e3, 6, Step, () => SeriesWorkloads.Training(SeriesWorkloads.Dlinear)),
        new("nsdiff_dlinear_sample", "ms", 1e3 / SeriesWorkloads.Windows, 1, Forecast, () => new SeriesWorkloads.Sampling(SeriesWorkloads.Dlinear)),
        new("csdi_sample", "ms", 1e3 / SeriesWorkloads.Csdi.DiffusionSteps, 1, Forecast, () => new SeriesWorkloads.Sampling(SeriesWorkloads.Csdi, windows: 1)),
        new("timegrad_sample", "ms", 1e3 / SeriesWorkloads.Timegrad.Horizon, 1, Forecast, () => new SeriesWorkloads.Sampling(SeriesWorkloads.Timegrad)),
    ];

    public override string Name => "experiments";

    public override string Title => "training steps and generation of the papers' models, against the same models in PyTorch";

    private protected override string PeerScript => "experiment_workloads.py";
}
