using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// CSDI (Tashiro, Song, Song, Ermon 2021, "CSDI: Conditional Score-based Diffusion Models for Probabilistic Time Series Imputation", arXiv:2107.03502) as it forecasts: what is
/// to come is what is missing of a window whose history is known.
/// </summary>
/// <remarks>
/// As released, in NsDiff's copy, it errs five times. The training's mask is that of the future: the network sees the future as it is and learns the noise of the history, and
/// what sampling asks of it, the future from the history, it never learned. The loss is the mean over all values, and the noise of those that are given is nowhere to be seen: of
/// a share H / (L + H) of it the network learns no more than to predict zero there. And the place in time is the year, the first of the dates' marks, where CSDI's own
/// code counts rows. The attention knows no order but by that place: within a year the rows of a window are a set. To a network that cannot tell before from after, the inverted
/// mask asks for nearly the same thing: 168 rows from a set of 192, and not 192 from a set of 168. What is lost with the order is a forecast's shape: its
/// rows differ by nothing but their noise. It is trained with a weight decay that its rivals do not have, and its rate does not fall. Sampling itself is given nothing but the history in either variant.
/// </remarks>
internal sealed class CsdiModel : Forecaster
{
    // Numbers of the widest layer at a time while sampling: 16 MB, which stay in the cache, or on a GPU 512 MB.
    private const long AtOnce = 1L << 22, AtOnceOnGpu = 1L << 27;

    private readonly CsdiNetwork diffmodel;
    // What is left of a value after each step, and the noise's standard deviation: [T] each.
    private readonly Tensor sqrt_alpha_bar, sqrt_one_minus_alpha_bar;
    private readonly NoiseSchedule _schedule;
    private readonly ForecastShape _shape;
    private readonly int _size;
    private readonly bool _released;

    public CsdiModel(ForecastOptions options, ForecastShape shape, InitialValues values)
        : this(options, shape, new CsdiShape(), values)
    {
    }

    internal CsdiModel(ForecastOptions options, ForecastShape shape, CsdiShape size, InitialValues values)
        : base(nameof(CsdiModel))
    {
        (_shape, _size, _released) = (shape, size.Size, options.Variant == ForecastVariant.AsReleased);
        // base_forecasting.yaml of the released code, and NsDiff's copy: T = 50, quadratic from 1e-4 to 0.5.
        _schedule = Quadratic(options.DiffusionSteps > 0 ? options.DiffusionSteps : 50, 1e-4, options.LastBeta > 0 ? options.LastBeta : 0.5);
        diffmodel = new CsdiNetwork(size, shape.Channels, _schedule.Timesteps, values);
        (sqrt_alpha_bar, sqrt_one_minus_alpha_bar) = Shares(_schedule);
        RegisterComponents();
    }

    // The feed-forward layers are four times as wide as a value's vector.
    public override long WidestLayer => PerSample / _shape.Horizon;

    // As released (src/experiments/prob_forecast.py).
    public override double? ClipGradientNorm => 5;

    // Error as released: these four of the comparison are trained with a weight decay that the experiments' base class brings, NsDiff and TMDM without (their own optimizers leave it out). Its effect: the
    // baselines are held closer to zero than what they are compared with.
    public override double WeightDecay => _released ? 5e-4 : 0;

    // The original's training: a tenth after three quarters of the epochs, a hundredth after nine tenths (utils.py). Error as released: left out.
    public override double LearningRateFactor(double done) => _released || done < 0.75 ? 1 : done < 0.9 ? 0.1 : 0.01;

    private long Rows => _shape.History + _shape.Horizon;

    private long PerSample => 4 * _size * _shape.Channels * Rows;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        using var t = randint(0, _schedule.Timesteps, [future.size(0)], dtype: ScalarType.Int64, device: future.device);
        using var noise = randn([future.size(0), Rows, _shape.Channels], device: future.device);
        return Loss(input, future, t, noise);
    }

    /// <summary>The mean squared error of the noise (section 4.2), of what is to be filled in.</summary>
    /// <param name="t">Index of each window's step, [B].</param>
    /// <param name="noise">Standard normal, of history and future, [B, L + H, C].</param>
    internal (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, Tensor t, Tensor noise)
    {
        using var scope = NewDisposeScope();
        var known = Known(_released, future.device);
        // Error as released: the loss is the mean over the values that are given, too.
        var (first, count) = _released ? (0, Rows) : (_shape.History, _shape.Horizon);
        var predicted = diffmodel.Predict(NetworkInput(input, future, t, noise), diffmodel.Steps(t), diffmodel.Sides(Positions(input), known), first, count);
        var errors = (noise.narrow(1, first, count).transpose(1, 2) - predicted).square();       // [B, C, count]
        var loss = errors.mean().MoveToOuterDisposeScope();
        if (!_released) return (loss, [("noise_loss", loss.detach().MoveToOuterDisposeScope())]);
        var (missing, given) = (errors.narrow(2, 0, _shape.History).mean(), errors.narrow(2, _shape.History, _shape.Horizon).mean());
        return (loss, [("noise_loss", missing.detach().MoveToOuterDisposeScope()), ("given_loss", given.detach().MoveToOuterDisposeScope())]);
    }

    /// <summary>What the network sees in training, [B, C, L + H, 2]: values that it is given, and noisy ones that are to be filled in.</summary>
    internal Tensor NetworkInput(ForecastInput input, Tensor future, Tensor t, Tensor noise)
    {
        using var scope = NewDisposeScope();
        var known = Known(_released, future.device);                             // [N]
        var values = cat([input.History, future], 1).transpose(1, 2);            // [B, C, N]
        var noisy = (values * At(sqrt_alpha_bar, t)) + (noise.transpose(1, 2) * At(sqrt_one_minus_alpha_bar, t));
        return stack([values * known, noisy * (1 - known)], -1).MoveToOuterDisposeScope();
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        var (windows, device) = (input.History.size(0), input.History.device);
        // Neither place, channel, mask nor step depend on the sample: each is projected once.
        var steps = diffmodel.Steps(arange(_schedule.Timesteps, dtype: ScalarType.Int64, device: device)); // of each layer [T, d]
        var (positions, known) = (Positions(input), Known(future: false, device));
        var piece = (int)Math.Clamp((device.type == DeviceType.CPU ? AtOnce : AtOnceOnGpu) / PerSample, 1, count);
        var forecasts = new List<Tensor>();
        for (var window = 0L; window < windows; window++)
        {
            using var one = NewDisposeScope();
            var sides = diffmodel.Sides(positions.narrow(0, Math.Min(window, positions.size(0) - 1), 1), known); // of each layer [1, C, N, 2 d]
            var history = input.History.select(0, window).transpose(0, 1);       // [C, L]
            for (var done = 0; done < count; done += piece) forecasts.Add(Chain(history, steps, sides, Math.Min(piece, count - done)).MoveToOuterDisposeScope());
        }
        return cat(forecasts).view(windows, count, _shape.Horizon, _shape.Channels).MoveToOuterDisposeScope();
    }

    /// <summary>Trajectories of one window, from noise: [count, H, C].</summary>
    /// <param name="history">[C, L].</param>
    private Tensor Chain(Tensor history, IReadOnlyList<Tensor> steps, IReadOnlyList<Tensor> sides, int count)
    {
        using var scope = NewDisposeScope();
        var (c, l, h, device) = (_shape.Channels, _shape.History, _shape.Horizon, history.device);
        // The future is never in it but as noise that becomes a forecast.
        var given = cat([history, zeros([c, h], device: device)], 1).expand(count, -1, -1);      // [count, C, N]
        var nothing = zeros([count, c, l], device: device);
        var y = randn([count, c, h], device: device);
        for (var t = _schedule.Timesteps - 1; t >= 0; t--)
        {
            Alive();
            using var step = NewDisposeScope();
            using var before = y;
            var x = stack([given, cat([nothing, before], 2)], -1);               // [count, C, N, 2]
            var predicted = diffmodel.Predict(x, [.. steps.Select(layer => layer.narrow(0, t, 1))], sides, l, h);
            y = Back(before, predicted, t, t > 0 ? randn_like(before) : null).MoveToOuterDisposeScope();
        }
        return y.transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>One step towards the data (section 3.2).</summary>
    /// <param name="predicted">The noise in <paramref name="y"/>.</param>
    /// <param name="noise">Standard normal; null adds none.</param>
    internal Tensor Back(Tensor y, Tensor predicted, int t, Tensor? noise) => Back(_schedule, y, predicted, t, noise);

    /// <summary>1 where a value is given: [L + H].</summary>
    /// <param name="future">Error as released: in training the future is given, and the history is to be filled in.</param>
    private Tensor Known(bool future, Device device)
    {
        using var past = full([_shape.History], future ? 0f : 1f, device: device);
        using var ahead = full([_shape.Horizon], future ? 1f : 0f, device: device);
        return cat([past, ahead]);
    }

    /// <summary>Places in time: rows from 0, the same for all windows, [1, L + H]; as released the year, [B, L + H].</summary>
    internal Tensor Positions(ForecastInput input)
    {
        if (!_released) return arange(Rows, dtype: ScalarType.Float32, device: input.History.device).unsqueeze(0);
        // Error as released: the first mark of a time is taken, which is its year: nearly the same number at all places.
        using var marks = cat([input.HistoryMarks, input.FutureMarks], 1);       // [B, N, M]
        using var year = marks.select(2, 0);
        return year.clone();
    }

    private static NoiseSchedule Quadratic(int steps, double first, double last)
    {
        var (from, to) = (Math.Sqrt(first), Math.Sqrt(last));
        return new NoiseSchedule([.. Enumerable.Range(0, steps).Select(t => Math.Pow(from + ((to - from) * t / Math.Max(1, steps - 1)), 2))]);
    }
}
