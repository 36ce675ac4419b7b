using Repro.Experiments.Ddpm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// TimeGrad (Rasul et al. 2021, "Autoregressive denoising diffusion models for multivariate probabilistic time series forecasting", ICML): an LSTM tells what it has seen of the past, and a diffusion
/// model conditioned on that draws the next row, all channels at once; a forecast is drawn row after row.
/// </summary>
internal sealed class TimeGrad : Forecaster
{
    // As in the code of NsDiff (src/experiments/TimeGrad.py); T, beta and the blocks of the network are the paper's.
    private const int Layers = 2, Units = 40, Conditioning = 100, ChannelVector = 128;
    private const double Dropout = 0.1, FirstBeta = 1e-4;
    // Departure: the original keeps a scale above 1e-10, so that a window that stands still at 0 becomes a loss of 1e20.
    private const double LeastScale = 1e-3;

    private readonly Parameter covariate_static_embed;                           // [C, 128]
    private readonly LSTM rnn;
    private readonly Linear dist_args_proj;
    private readonly TimeGradDenoiser denoise_fn;
    private readonly Tensor sqrt_alpha_bar, sqrt_one_minus_alpha_bar;            // [T]
    private readonly NoiseSchedule _schedule;
    private readonly RowLags _lags;
    private readonly bool _scaled;

    public TimeGrad(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(TimeGrad))
    {
        // Error as released: the test for a mean of 0 is the wrong way round (src/models/TimeGrad.py: where(mean == 0, mean, 1)), so that rows are divided by 1 whatever their size, and a window whose
        // mean is exactly 0 becomes no number. Its effect: no scaling by the window. That last case, which no standardized series has, is left out.
        _scaled = options.Variant == ForecastVariant.Corrected;
        // Error as released: the lags are those of hours whatever the rows are. Its effect: of days and weeks the rows of 24 and 144 before, which no calendar makes alike.
        _lags = new RowLags(shape.History, _scaled ? RowLags.OfCalendar(shape.Season) : RowLags.Released);
        _schedule = NoiseSchedule.Linear(options.DiffusionSteps > 0 ? options.DiffusionSteps : 100, FirstBeta, options.LastBeta > 0 ? options.LastBeta : 0.1);
        covariate_static_embed = new Parameter(zeros(shape.Channels, ChannelVector));
        rnn = LSTM((_lags.Lags.Count * shape.Channels) + (ChannelVector * shape.Channels) + shape.Marks, Units, Layers, batchFirst: true, dropout: Dropout);
        dist_args_proj = Linear(Units, Conditioning);
        denoise_fn = new TimeGradDenoiser(shape.Channels, Conditioning, _schedule.Timesteps, values);
        (sqrt_alpha_bar, sqrt_one_minus_alpha_bar) = Shares(_schedule);
        RegisterComponents();
        values.Normal(covariate_static_embed, 1);
        foreach (var (_, parameter) in rnn.named_parameters()) values.Uniform(parameter, 1 / Math.Sqrt(Units));
        values.AsPyTorch(dist_args_proj);
    }

    // So that a block's few tensors of some thousand rows remain in the caches: a forecast is 19,200 steps of small operators.
    public override long WidestLayer => 128;

    // As the training loop that the released code shares among its baselines (src/experiments/prob_forecast.py).
    public override double? ClipGradientNorm => 5;

    // Error as released: see CsdiModel.
    public override double WeightDecay => !_scaled ? 5e-4 : 0;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        var (b, rows, c) = (future.size(0), _lags.Context + future.size(1), future.size(2));
        return (Loss(input, future, randint(0, _schedule.Timesteps, [b * rows], dtype: ScalarType.Int64, device: future.device), randn([b * rows, 1, c], device: future.device)), []);
    }

    /// <summary>Squared error of the predicted noise (Algorithm 1), over the rows that warm the state up and those that are forecast, as in the original.</summary>
    /// <param name="t">Step of each row, window after window, [B R] with R rows a window.</param>
    /// <param name="noise">[B R, 1, C].</param>
    internal Tensor Loss(ForecastInput input, Tensor future, Tensor t, Tensor noise)
    {
        var rows = cat([input.History, future], 1) / Scale(input.History);       // [B, L + H, C]
        var (first, count) = (input.History.size(1) - _lags.Context, _lags.Context + future.size(1));
        var marks = cat([input.HistoryMarks.narrow(1, first, _lags.Context), input.FutureMarks], 1);
        var (condition, _, _) = Step(_lags.Before(rows, first, count), marks, null);
        var target = rows.narrow(1, first, count).reshape(-1, 1, rows.size(2));  // [B R, 1, C]
        var x = (target * At(sqrt_alpha_bar, t)) + (noise * At(sqrt_one_minus_alpha_bar, t));
        return (denoise_fn.Predict(x, t, condition.reshape(-1, 1, Conditioning)) - noise).square().mean();
    }

    public override Tensor Sample(ForecastInput input, int count) => Sample(input, count, (shape, device) => randn(shape, device: device));

    /// <param name="normal">Standard normal numbers of that shape, asked for step by step: where a row's diffusion begins, then what each step but the last adds.</param>
    internal Tensor Sample(ForecastInput input, int count, Func<long[], Device, Tensor> normal)
    {
        using var scope = NewDisposeScope();
        var (b, horizon, c) = (input.History.size(0), input.FutureMarks.size(1), input.History.size(2));
        var scale = Scale(input.History);                                        // [B, 1, C]
        var rows = input.History / scale;
        var first = rows.size(1) - _lags.Context;
        // Nothing in the history is random: once a window, not once a sample.
        var (_, h, cell) = Step(_lags.Before(rows, first, _lags.Context), input.HistoryMarks.narrow(1, first, _lags.Context), null);
        (h, cell) = (h.repeat_interleave(count, 1), cell.repeat_interleave(count, 1));          // [2, B S, 40] twice
        var marks = input.FutureMarks.repeat_interleave(count, 0);               // [B S, H, M]
        var paths = empty([b * count, _lags.Longest + horizon, c], device: rows.device);
        paths.narrow(1, 0, _lags.Longest).copy_(rows.narrow(1, rows.size(1) - _lags.Longest, _lags.Longest).repeat_interleave(count, 0));
        var frozen = denoise_fn.Freeze();
        for (var row = 0L; row < horizon; row++)
        {
            Alive();
            using var step = NewDisposeScope();
            using Tensor before = h, beforeCell = cell;
            (var condition, h, cell) = Step(_lags.Before(paths, _lags.Longest + row, 1), marks.narrow(1, row, 1), (before, beforeCell));
            paths.narrow(1, _lags.Longest + row, 1).copy_(Draw(frozen, condition, [b * count, 1, c], normal));
            (h, cell) = (h.MoveToOuterDisposeScope(), cell.MoveToOuterDisposeScope());
        }
        return (paths.narrow(1, _lags.Longest, horizon).view(b, count, horizon, c) * scale.unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>A row for each condition (Algorithm 2): [N, 1, C].</summary>
    /// <param name="condition">[N, 1, 100].</param>
    private Tensor Draw(TimeGradDenoiser.Frozen frozen, Tensor condition, long[] shape, Func<long[], Device, Tensor> normal)
    {
        var past = frozen.Past(condition);
        var x = normal(shape, condition.device).clone();
        for (var t = _schedule.Timesteps - 1; t >= 0; t--)
        {
            using var predicted = frozen.Noise(x, past, t);
            // The step of Back, in place: (x - beta / sqrt(1 - abar) eps) / sqrt(alpha) + sqrt(variance of the posterior) z.
            x.add_(predicted, -_schedule.Beta(t) / Math.Sqrt(1 - _schedule.AlphaBar(t))).mul_(1 / Math.Sqrt(1 - _schedule.Beta(t)));
            if (t == 0) break;
            using var z = normal(shape, condition.device);
            x.add_(z, Math.Sqrt(_schedule.PosteriorVariance(t)));
        }
        return x;
    }

    /// <summary>What is told of the past of rows, [N, R, 100], and the states behind the last of them, [2, N, 40].</summary>
    /// <param name="lagged">[N, R, C x lags].</param>
    /// <param name="marks">[N, R, M].</param>
    private (Tensor Condition, Tensor Hidden, Tensor Cell) Step(Tensor lagged, Tensor marks, (Tensor, Tensor)? state)
    {
        // The vectors of the channels, the same at every row, as released.
        var vectors = covariate_static_embed.view(1, 1, -1).expand(lagged.size(0), lagged.size(1), -1);
        var (output, hidden, cell) = rnn.call(cat([lagged, vectors, marks], -1), state);           // [N, R, 40]
        return (dist_args_proj.call(output), hidden, cell);
    }

    /// <summary>Mean size of the known values: [B, L, C] to [B, 1, C].</summary>
    // The paper divides by the mean of the context, of as many rows as are forecast; the original by the mean of the absolute values (MeanScaler), which values of either sign need. The released
    // code means all of the history, and of the 24 rows that warm the state up the mean is often hardly more than 0.
    private Tensor Scale(Tensor history)
    {
        if (!_scaled) return ones([1, 1, 1], device: history.device).expand(history.size(0), 1, history.size(2));
        return history.abs().mean([1], keepdim: true).clamp_min(LeastScale);
    }
}
