using Repro.Experiments.Ddpm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// TimeDiff (Shen and Kwok 2023, "Non-autoregressive conditional diffusion models for time series prediction", ICML): all forecast rows at once by a diffusion model that predicts x_0, conditioned on
/// what a network reads in the history, which in training is mixed with the truth (future mixup), and on a linear forecast (autoregressive initialization).
/// </summary>
/// <remarks>
/// Samples lie too close together in both variants. We take it that this comes from future mixup itself, and have no run without it to show that: while the network samples, what it reads is its own
/// forecast without any truth mixed in, and in training it reads exactly that, row after row, nearly only where the forecast was right. So it would answer with the forecast, whatever noise has left of
/// the future.
/// </remarks>
internal sealed class TimeDiff : Forecaster
{
    // Of DPM-Solver++, as released.
    private const int SolverSteps = 20;

    private readonly TimeDiffNetwork network;
    private readonly Linear dlinear_model;
    private readonly Tensor sqrt_alpha_bar, sqrt_one_minus_alpha_bar;            // [T]
    private readonly NoiseSchedule _schedule;
    private readonly DpmSolver _solver;
    private readonly bool _corrected;
    private readonly int _recent, _read;

    /// <param name="hidden">Channels of the convolutions; even.</param>
    /// <param name="conditionHidden">Of those that read the history.</param>
    public TimeDiff(ForecastOptions options, ForecastShape shape, InitialValues values, int hidden = 256, int conditionHidden = 64)
        : base(nameof(TimeDiff))
    {
        _corrected = options.Variant == ForecastVariant.Corrected;
        // Half of the horizon at the end of the history, whose mean is taken away (label_len in the released code).
        _recent = Math.Clamp(shape.Horizon / 2, 1, shape.History);
        // Error as released: the linear forecast reads no more than that, where the paper's sum runs over all of the history. Its effect: 18 of 168 weeks on illness, and no season.
        _read = _corrected ? shape.History : _recent;
        _schedule = NoiseSchedule.Cosine(options.DiffusionSteps > 0 ? options.DiffusionSteps : 100);
        _solver = new DpmSolver(_schedule, SolverSteps);
        network = new TimeDiffNetwork(shape, _schedule.Timesteps, values, hidden, conditionHidden);
        dlinear_model = Linear(_read, shape.Horizon);
        (sqrt_alpha_bar, sqrt_one_minus_alpha_bar) = Shares(_schedule);
        RegisterComponents();
        values.AsPyTorch(dlinear_model);
    }

    public override long WidestLayer => 512;

    // As released (src/experiments/TimeDiff.py).
    public override double? ClipGradientNorm => 5;

    // Error as released: see CsdiModel.
    public override double WeightDecay => !_corrected ? 5e-4 : 0;

    // Error as released: the linear forecast's training by itself (pretrain_forward) is called nowhere, so that the diffusion is conditioned on a linear map that begins at random and learns only what
    // the denoising loss tells it. Its effect: the conditioning is no forecast.
    // Departure: the paper keeps the linear forecast as it is after its pretraining; here its own loss goes on, so that short series learn later what they do not learn in the 4 epochs. Their number is our choice.
    public override int PretrainingEpochs => _corrected ? 4 : 0;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        if (!_corrected) return (Denoising(input, future), []);
        var linear = (Ahead(input.History) - future.transpose(1, 2)).square().mean();
        var loss = pretraining ? linear : linear + Denoising(input, future);
        return (loss, [("mean_loss", linear.detach())]);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var noise = randn([input.History.size(0) * count, input.History.size(2), input.FutureMarks.size(1)], device: input.History.device);
        return Sample(input, count, noise);
    }

    /// <param name="noise">Standard normal numbers at which the samples begin, a window's one behind the other: [B S, C, H].</param>
    internal Tensor Sample(ForecastInput input, int count, Tensor noise)
    {
        using var scope = NewDisposeScope();
        var (b, c, horizon) = (input.History.size(0), noise.size(1), noise.size(2));
        var mean = Mean(input.History);                                          // [B, C, 1]
        // Nothing but x depends on the sample: the history is read once a window, each step's embedding once.
        var condition = cat([network.Condition(input.History.transpose(1, 2) - mean), Ahead(input.History) - mean], 1);
        var byCondition = network.AddedByCondition(condition);
        var byStep = _solver.Points.Take(SolverSteps).Select(point => point.Step).Distinct().ToDictionary(t => t, t => network.AddedByStep(t, horizon));
        var x = _solver.Solve(noise, (x, point) =>
        {
            Alive();
            return network.At(x, byStep[point.Step], byCondition);
        });
        return (x.view(b, count, c, horizon) + mean.unsqueeze(1)).transpose(2, 3).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor Denoising(ForecastInput input, Tensor future)
    {
        var t = Antithetic(_schedule.Timesteps, future.size(0), (future.size(0) + 1) / 2, future.device);
        var shape = new[] { future.size(0), future.size(2), future.size(1) };
        return Denoising(input, future, t, randn(shape, device: future.device), rand(shape, device: future.device));
    }

    /// <summary>Squared error of the predicted x_0.</summary>
    /// <param name="t">Step of each window, [B].</param>
    /// <param name="noise">Standard normal, [B, C, H].</param>
    /// <param name="mixup">Share of what is read in the history, of 0 .. 1; the rest is the truth, [B, C, H].</param>
    internal Tensor Denoising(ForecastInput input, Tensor future, Tensor t, Tensor noise, Tensor mixup)
    {
        // Departure: the released code divides by 1 + 1e-5 as well, and multiplies by 1 in the end.
        var mean = Mean(input.History);
        var start = future.transpose(1, 2) - mean;                               // [B, C, H]
        // Error as released: what the linear forecast learns it learns here (see PretrainingEpochs). In the paper it is trained by itself, and the diffusion takes it as it is.
        var linear = _corrected ? Ahead(input.History).detach() : Ahead(input.History);
        var mixed = (mixup * network.Condition(input.History.transpose(1, 2) - mean)) + ((1 - mixup) * start);       // future mixup
        var x = (start * At(sqrt_alpha_bar, t)) + (noise * At(sqrt_one_minus_alpha_bar, t));
        return (network.Predict(x, t, cat([mixed, linear - mean], 1)) - start).square().mean();
    }

    /// <summary>The linear forecast, one map for all channels: [B, L, C] to [B, C, H].</summary>
    private Tensor Ahead(Tensor history)
    {
        using var read = history.narrow(1, history.size(1) - _read, _read);
        using var rows = read.transpose(1, 2);
        return dlinear_model.call(rows);
    }

    /// <summary>Of the last known rows, [B, C, 1].</summary>
    private Tensor Mean(Tensor history)
    {
        using var recent = history.narrow(1, history.size(1) - _recent, _recent);
        using var mean = recent.mean([1], keepdim: true);
        return mean.transpose(1, 2);
    }
}
