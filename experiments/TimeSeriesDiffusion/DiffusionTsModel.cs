using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// Diffusion-TS (Yuan and Qiao 2024, "Diffusion-TS: Interpretable Diffusion for General Time Series Generation", arXiv:2403.01742) as it forecasts: it learns whole windows
/// without any condition, and a forecast is the part of a window that is filled in around its history while sampling (section 3.4).
/// </summary>
/// <remarks>
/// As released, in NsDiff's copy, it errs five times. Windows are repeated one copy of the batch behind the other, and the results are read as if all copies of a window stood
/// together: of B windows of a batch, window w is handed samples of the windows (10 w + j) mod B. The predicted series is cut to [-1, 1], which is the range that the original's
/// own code scales every channel to, and not that of standardized values, of which about a third lies beyond it, and on which the guidance's fixed steps are two to four times as short.
/// The moving average of the parameters, with which the original samples, is off. And the guidance's backward passes leave their gradients in the parameters, where the first training
/// step after an evaluation takes them in: hundreds of times as large as its own, so that a model is hardly better for its second epoch than for its first. It has the weight decay of the other baselines.
/// The Fourier term of the loss (section 3.3) is the squared error a second time: by Parseval's theorem its mean over frequencies is the mean over rows divided by N, and with its
/// weight of sqrt(N) / 5 the loss is 1 + 1 / (5 sqrt(N)) times the squared error, 1.01 at N = 360. (The original's settings take absolute errors, with which it is a term of its
/// own; paper and NsDiff's copy take squares.)
/// </remarks>
internal sealed class DiffusionTsModel : Forecaster
{
    // Numbers of the widest layer at a time while sampling: 16 MB, or on a GPU 256 MB, about fifty times which the gradient's graph holds.
    private const long AtOnce = 1L << 22, AtOnceOnGpu = 1L << 26;

    // Of the guidance, as released: weight of what the step would have been, and the rate.
    private const double Coef = 0.1, Rate = 0.05;

    // Of the buffers that keep what the guidance leaves.
    private const string Left = "left_";

    // Samples that the released code draws at a time.
    private const int Together = 10;

    private readonly DiffusionTsNetwork model;
    // By step, [T] each: what is left of a value, the noise's standard deviation, and the loss's weight.
    private readonly Tensor sqrt_alpha_bar, sqrt_one_minus_alpha_bar, loss_weight;
    // Of each channel: the middle of its range in training and half of its width, [C]; as released 0 and 1.
    private readonly Tensor middle, half;
    private readonly List<string> _learned;
    // What an evaluation that is under way has left so far, by parameter.
    private List<Tensor>? _leaving;
    private readonly NoiseSchedule _schedule;
    private readonly ForecastShape _shape;
    private readonly DiffusionTsShape _size;
    private readonly int _batch;
    private readonly bool _released;

    public DiffusionTsModel(ForecastOptions options, ForecastShape shape, InitialValues values)
        : this(options, shape, new DiffusionTsShape(), values)
    {
    }

    internal DiffusionTsModel(ForecastOptions options, ForecastShape shape, DiffusionTsShape size, InitialValues values)
        : base(nameof(DiffusionTsModel))
    {
        (_shape, _size, _batch, _released) = (shape, size, options.BatchSize, options.Variant == ForecastVariant.AsReleased);
        _schedule = NoiseSchedule.Cosine(options.DiffusionSteps > 0 ? options.DiffusionSteps : 100);
        model = new DiffusionTsNetwork(size, shape.Channels, (int)Rows, values);
        (sqrt_alpha_bar, sqrt_one_minus_alpha_bar) = Shares(_schedule);
        loss_weight = OfSteps(nameof(loss_weight), _schedule.Timesteps, t => Math.Sqrt((1 - _schedule.Beta(t)) * (1 - _schedule.AlphaBar(t))) / _schedule.Beta(t) / 100);
        (middle, half) = (Ranges(range => (range.Low + range.High) / 2, 0), Ranges(range => (range.High - range.Low) / 2, 1));
        register_buffer(nameof(middle), middle, persistent: false);
        register_buffer(nameof(half), half, persistent: false);
        RegisterComponents();
        _learned = [.. named_parameters().Select(parameter => parameter.name)];
        // They decide the next training step, so that a checkpoint has them.
        if (_released) foreach (var (name, parameter) in named_parameters().ToList()) register_buffer(LeftOf(name), zeros(parameter.shape));
    }

    // The attention's weights, of which the graph of the guidance keeps those of every layer.
    public override long WidestLayer => PerSample / _shape.Horizon;

    public override int? SampledTogether => _released ? _batch : null;

    // Error as released: see CsdiModel.
    public override double WeightDecay => _released ? 5e-4 : 0;

    // The original updates its average with 0.995 at every tenth step (ema_pytorch). For the first 100 steps that library copies the parameters, and then it raises the decay from 0, so that its average
    // follows faster at first.
    // Departure: at every step with the tenth root, without that beginning, and with no longer a memory than a tenth of the training (ForecastTask.EmaDecay): an average that begins at the initial
    // parameters would still forecast with nine tenths of them after 150 steps. Below 20,000 steps it is the tenth that counts, and the root below is never reached.
    public override double? EmaDecay => _released ? null : Math.Pow(0.995, 0.1);

    private long Rows => _shape.History + _shape.Horizon;

    private long PerSample => Math.Max(_size.Heads * Rows * Rows, 4 * _size.Size * Rows);

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        using var t = randint(0, _schedule.Timesteps, [future.size(0)], dtype: ScalarType.Int64, device: future.device);
        using var noise = randn([future.size(0), Rows, _shape.Channels], device: future.device);
        return Loss(input, future, t, noise);
    }

    /// <summary>The squared error of the whole window, in time and in frequency (section 3.3), weighted by step.</summary>
    /// <param name="t">Index of each window's step, [B].</param>
    /// <param name="noise">Standard normal, [B, L + H, C].</param>
    internal (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, Tensor t, Tensor noise)
    {
        using var scope = NewDisposeScope();
        var start = (cat([input.History, future], 1) - middle) / half;           // [B, N, C]
        var noisy = (start * At(sqrt_alpha_bar, t)) + (noise * At(sqrt_one_minus_alpha_bar, t));
        var errors = (model.Predict(noisy, t) - start).square().mean([1, 2]);    // [B]
        var squared = (errors * loss_weight.index_select(0, t)).mean();
        // The transform's squared error, real and imaginary parts together, is that of the rows over N (Parseval).
        var fourier = squared * (Math.Sqrt(Rows) / 5 / Rows);
        var loss = squared + fourier;
        if (_released) loss += TakenIn();
        return (loss.MoveToOuterDisposeScope(),
            [("squared_loss", squared.detach().MoveToOuterDisposeScope()), ("fourier_loss", fourier.detach().MoveToOuterDisposeScope())]);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        var (windows, c) = (input.History.size(0), _shape.Channels);
        var history = ((input.History - middle) / half).unsqueeze(1).expand(-1, count, -1, -1).reshape(windows * count, _shape.History, c);
        var piece = Math.Max(1, (history.device.type == DeviceType.CPU ? AtOnce : AtOnceOnGpu) / PerSample);
        var forecasts = new List<Tensor>();
        var left = _released ? _learned.ConvertAll(name => zeros_like(get_parameter(name)!)) : null;
        for (var done = 0L; done < windows * count; done += piece) forecasts.Add(Chain(history.narrow(0, done, Math.Min(piece, (windows * count) - done)), left));
        // The released code's loss is the mean over the series that are drawn at a time.
        if (left is not null) Leave(left, 1.0 / (Math.Min(Together, count) * windows));
        var all = (cat(forecasts) * half + middle).view(windows, count, _shape.Horizon, c);
        return (_released ? Mixed(all) : all).MoveToOuterDisposeScope();
    }

    /// <summary>Error as released: samples of a batch of windows are handed out in an order that is not theirs.</summary>
    /// <param name="samples">Each window's own, [B, S, H, C].</param>
    internal static Tensor Mixed(Tensor samples)
    {
        using var scope = NewDisposeScope();
        var (windows, count) = (samples.size(0), samples.size(1));
        var from = new long[windows * count];
        for (var window = 0L; window < windows; window++)
        {
            for (var sample = 0L; sample < count; sample++)
            {
                var (begin, together) = (sample / Together * Together, Math.Min(Together, count - (sample / Together * Together)));
                // Copy after copy of the batch lie in a row, as many as are drawn together; and what lies there is read as the samples of one window after the other.
                var place = (window * together) + (sample - begin);
                from[(window * count) + sample] = (place % windows * count) + begin + (place / windows);
            }
        }
        return samples.flatten(0, 1).index_select(0, tensor(from, device: samples.device)).view(samples.shape).MoveToOuterDisposeScope();
    }

    /// <summary>Forecasts, from noise: [R, H, C].</summary>
    /// <param name="history">[R, L, C], in the network's range.</param>
    /// <param name="left">See <see cref="Gradient"/>.</param>
    private Tensor Chain(Tensor history, IReadOnlyList<Tensor>? left)
    {
        using var scope = NewDisposeScope();
        var now = randn([history.size(0), Rows, _shape.Channels], device: history.device);
        for (var t = _schedule.Timesteps - 1; t > 0; t--)
        {
            Alive();
            using var step = NewDisposeScope();
            using var before = now;
            now = Back(before, history, t, randn_like(history), left).MoveToOuterDisposeScope();
        }
        return Start(now, 0).narrow(1, _shape.History, _shape.Horizon).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// From step t to the one before: the step of Song et al. 2021, "Denoising Diffusion Implicit Models", without noise of its own; then the guidance; then the history in
    /// place, with its noise.
    /// </summary>
    /// <param name="x">[R, N, C].</param>
    /// <param name="history">[R, L, C].</param>
    /// <param name="t">At least 1.</param>
    /// <param name="noise">Standard normal, [R, L, C].</param>
    /// <param name="left">See <see cref="Gradient"/>.</param>
    internal Tensor Back(Tensor x, Tensor history, int t, Tensor noise, IReadOnlyList<Tensor>? left = null)
    {
        using var scope = NewDisposeScope();
        var (bar, before) = (_schedule.AlphaBar(t), _schedule.AlphaBar(t - 1));
        var start = Start(x, t);
        var predicted = ((x / Math.Sqrt(bar)) - start) / Math.Sqrt((1 / bar) - 1);
        var guided = Guided((start * Math.Sqrt(before)) + (predicted * Math.Sqrt(1 - before)), history, t, left);
        // As released, both by the original and by NsDiff: the history has the noise of step t, not of the one before.
        var past = (history * Math.Sqrt(bar)) + (noise * Math.Sqrt(1 - bar));
        return cat([past, guided.narrow(1, _shape.History, _shape.Horizon)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Moves a step's series to where the network would predict the history from it (section 3.4): more often and further the more noise there is.</summary>
    /// <param name="mean">Where the step leads by itself, [R, N, C].</param>
    private Tensor Guided(Tensor mean, Tensor history, int t, IReadOnlyList<Tensor>? left)
    {
        using var scope = NewDisposeScope();
        var share = (double)t / _schedule.Timesteps;
        var (times, rate) = share < 0.05 ? (0, 0) : share > 0.9 ? (3, Rate) : share > 0.75 ? (2, Rate / 2) : (1, Rate / 4);
        var now = mean;
        for (var i = 0; i < times; i++)
        {
            using var step = NewDisposeScope();
            // Every step is the first of Adagrad, whose length is the rate whatever the gradient's.
            using var gradient = Gradient(now, mean, history, t, left);
            now = (now - (gradient / (gradient.abs() + 1e-10) * rate)).MoveToOuterDisposeScope();
        }
        return now.alias().MoveToOuterDisposeScope();
    }

    /// <summary>Of what the guidance makes smaller: the mean squared error of the history that the network predicts, and the distance from the step's own end. [R, N, C], each
    /// series for itself.</summary>
    /// <param name="left">To which the parameters' gradients are added, each series' for itself; null: they are not computed.</param>
    private Tensor Gradient(Tensor x, Tensor mean, Tensor history, int t, IReadOnlyList<Tensor>? left)
    {
        using var scope = NewDisposeScope();
        using var recorded = enable_grad();
        var point = x.detach().requires_grad_();
        var missed = (Predicted(point, t).narrow(1, 0, _shape.History) - history).square().sum() / ((double)_shape.History * _shape.Channels);
        var gradients = autograd.grad([missed], [point, .. left is null ? [] : _learned.Select(name => get_parameter(name)!)], allow_unused: true);
        using var unrecorded = no_grad();
        foreach (var (sum, more) in (left ?? []).Zip(gradients.Skip(1))) if (more is not null) sum.add_(more);
        var gradient = gradients[0];
        return (gradient + ((x - mean) * (2 * Coef))).MoveToOuterDisposeScope();
    }

    /// <summary>The predicted series.</summary>
    private Tensor Start(Tensor x, int t)
    {
        var start = Predicted(x, t);
        // Error as released: cut to the range of values that are not standardized.
        // Departure: corrected does not cut at all, where the original does (clip_denoised). Its range is that of all rows; here it is that of the training rows alone, which test rows leave: what a cut
        // took away would be true values.
        return _released ? start.clamp(-1, 1) : start;
    }

    private Tensor Predicted(Tensor x, int t)
    {
        using var step = tensor([(long)t], device: x.device);
        return model.Predict(x, step);
    }

    // Error as released: the guidance's gradients stay with the parameters until a training step takes them in.
    // Departure: only those of the validation. The released code evaluates test after every epoch too, and test's histories leave theirs.
    private void Leave(List<Tensor> gradients, double weight)
    {
        _leaving ??= gradients.ConvertAll(gradient => zeros_like(gradient).DetachFromDisposeScope());
        foreach (var (sum, gradient) in _leaving.Zip(gradients)) sum.add_(gradient, weight);
    }

    // Not before: what a broken evaluation left would be left again by the one that is made anew.
    public override void Evaluated()
    {
        foreach (var (name, gradient) in _learned.Zip(_leaving ?? []))
        {
            using (gradient) get_buffer(LeftOf(name))!.add_(gradient);
        }
        _leaving = null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) foreach (var gradient in _leaving ?? []) gradient.Dispose();
        base.Dispose(disposing);
    }

    // Zero, with a gradient: what was left.
    private Tensor TakenIn()
    {
        var taken = zeros(1, device: half.device).sum();
        foreach (var name in _learned)
        {
            using var buffer = get_buffer(LeftOf(name))!.alias();
            taken += (get_parameter(name)! * buffer.clone()).sum();
            using var unrecorded = no_grad();
            buffer.zero_();
        }
        return taken - taken.detach();
    }

    private static string LeftOf(string parameter) => Left + parameter.Replace('.', '_');

    private Tensor Ranges(Func<(double Low, double High), double> value, double released) =>
        tensor([.. Enumerable.Range(0, _shape.Channels).Select(channel => (float)(_released || _shape.Ranges.Count == 0 ? released : value(_shape.Ranges[channel])))]);
}
