using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// The mathematics of Ho, Jain, Abbeel 2020, "Denoising diffusion probabilistic models" (arXiv:2006.11239), sections 2 and 3: the forward process, its posterior, what a network's
/// output says of the reverse process, the terms of the variational bound and the losses. It knows nothing of networks and images: data are [N, ...] of any shape, float32 or
/// float64.
/// </summary>
/// <remarks>
/// Coefficients are computed in float64 and rounded to the data's type when they meet it. Steps count from 0 (see <see cref="NoiseSchedule"/>). Every result is the caller's to
/// dispose.
/// </remarks>
public sealed class GaussianDiffusion : IDisposable
{
    private enum Row
    {
        SqrtAlphaBar, SqrtOneMinusAlphaBar, RecipSqrtAlphaBar, RecipMinusOne, OfStart, OfNoisy, LogPosteriorVariance, LogFixedVariance,
    }

    // [rows, T], float64
    private readonly Tensor _table;

    /// <param name="levels">Values that a number of the data takes, evenly spaced from -1 to 1: 256 for bytes. 0: the data are continuous, and L_0 is a density.</param>
    /// <param name="device">Where the data will be.</param>
    /// <exception cref="ArgumentException">A squared error has no gradient for a learned variance.</exception>
    public GaussianDiffusion(NoiseSchedule schedule, MeanKind mean, VarianceKind variance, LossKind loss, int levels, Device device)
    {
        if (loss == LossKind.Simple && variance == VarianceKind.Learned)
            throw new ArgumentException("The squared error says nothing of the variance, so nothing would learn it: take loss=bound, or a fixed variance.", nameof(variance));
        if (levels is 1 or < 0) throw new ArgumentOutOfRangeException(nameof(levels), levels, "Data have at least 2 levels, or 0 for continuous data.");
        (Schedule, Mean, Variance, Loss, Levels) = (schedule, mean, variance, loss, levels);
        var rows = Enum.GetValues<Row>();
        var values = new double[rows.Length * schedule.Timesteps];
        for (var r = 0; r < rows.Length; r++)
            for (var t = 0; t < schedule.Timesteps; t++) values[(r * schedule.Timesteps) + t] = Value(rows[r], t);
        _table = tensor(values, [rows.Length, schedule.Timesteps], device: device).DetachFromDisposeScope();
    }

    public NoiseSchedule Schedule { get; }

    public MeanKind Mean { get; }

    public VarianceKind Variance { get; }

    public LossKind Loss { get; }

    public int Levels { get; }

    public void Dispose() => _table.Dispose();

    /// <summary>x_t from x_0 and standard normal noise, Eq. (4): sqrt(alpha-bar_t) x_0 + sqrt(1 - alpha-bar_t) epsilon.</summary>
    public Tensor Diffuse(Tensor start, Tensor t, Tensor noise)
    {
        using var a = At(Row.SqrtAlphaBar, t, start);
        using var b = At(Row.SqrtOneMinusAlphaBar, t, start);
        using var added = noise * b;
        return (start * a).add_(added);
    }

    /// <summary>The mean and log variance of q(x_{t-1} | x_t, x_0), Eqs. (6), (7). The variance of the first step, 0, is replaced by the second one's.</summary>
    public (Tensor Mean, Tensor LogVariance) Posterior(Tensor start, Tensor x, Tensor t) => (PosteriorMean(start, x, t), At(Row.LogPosteriorVariance, t, x));

    /// <summary>x_0 from x_t and the noise in it: Eq. (4), solved for x_0; Eq. (15).</summary>
    public Tensor StartFromNoise(Tensor x, Tensor t, Tensor noise)
    {
        using var a = At(Row.RecipSqrtAlphaBar, t, x);
        using var b = At(Row.RecipMinusOne, t, x);
        using var removed = noise * b;
        return (x * a).sub_(removed);
    }

    /// <summary>x_0 from x_t and the posterior's mean: Eq. (7), solved for x_0.</summary>
    public Tensor StartFromPosterior(Tensor x, Tensor t, Tensor posterior)
    {
        using var a = At(Row.OfStart, t, x);
        using var b = At(Row.OfNoisy, t, x);
        using var known = x * b;
        return (posterior - known).div_(a);
    }

    /// <summary>The noise in x_t that goes with an x_0: Eq. (4), solved for epsilon.</summary>
    public Tensor NoiseFromStart(Tensor x, Tensor t, Tensor start)
    {
        using var a = At(Row.SqrtAlphaBar, t, x);
        using var b = At(Row.SqrtOneMinusAlphaBar, t, x);
        using var kept = start * a;
        return (x - kept).div_(b);
    }

    /// <summary>p(x_{t-1} | x_t) as the network's output has it.</summary>
    /// <param name="output">What the network said of (x, t).</param>
    /// <param name="clip">
    /// Keeps the predicted x_0 within -1 to 1, as the reference code does where it samples and measures, never where it trains. A network that predicts mu~ is not changed by it.
    /// </param>
    public ReverseStep Reverse(Tensor output, Tensor x, Tensor t, bool clip)
    {
        if (Variance != VarianceKind.Learned) return Reverse(output, At(Row.LogFixedVariance, t, x), x, t, clip);
        using var predicted = output.narrow(1, 0, x.shape[1]);
        return Reverse(predicted, output.narrow(1, x.shape[1], x.shape[1]), x, t, clip);
    }

    /// <summary>The part of the network's output that is a prediction of what <see cref="Mean"/> says, and not of the variance: another reference.</summary>
    public Tensor Prediction(Tensor output, Tensor x) => Variance == VarianceKind.Learned ? output.narrow(1, 0, x.shape[1]) : output.alias();

    /// <summary>The x_0 that a prediction stands for.</summary>
    public Tensor Start(Tensor predicted, Tensor x, Tensor t, bool clip)
    {
        var start = Mean switch
        {
            MeanKind.Posterior => StartFromPosterior(x, t, predicted),
            MeanKind.Start => predicted.alias(),
            _ => StartFromNoise(x, t, predicted),
        };
        if (!clip) return start;
        using (start) return start.clamp(-1, 1);
    }

    /// <summary>The training loss of each example.</summary>
    /// <param name="start">x_0, within -1 to 1 where it has levels.</param>
    /// <param name="t">A step for each: int64, [N].</param>
    /// <param name="noise">Standard normal, of the shape of <paramref name="start"/>.</param>
    /// <returns>[N]; its unit is that of <see cref="Loss"/>.</returns>
    public Tensor TrainingLosses(Denoiser denoise, Tensor start, Tensor t, Tensor noise)
    {
        using var x = Diffuse(start, t, noise);
        using var output = denoise(x, t);
        if (Loss == LossKind.Bound) return BoundTerms(output, start, x, t, clip: false);
        using var target = Mean switch
        {
            MeanKind.Posterior => PosteriorMean(start, x, t),
            MeanKind.Start => start.alias(),
            _ => noise.alias(),
        };
        using var error = output - target;
        using var squares = error.square();
        return EachMean(squares);
    }

    /// <summary>
    /// The term of Eq. (5) that belongs to each example's step, in bits for each number of the data: KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), and at the first step the
    /// decoder's -log p(x_0 | x_1), Eq. (13). All T of them with <see cref="PriorBits"/> are the bound.
    /// </summary>
    /// <param name="output">What the network said of (x, t).</param>
    /// <param name="x">x_t, diffused from <paramref name="start"/>.</param>
    public Tensor BoundTerms(Tensor output, Tensor start, Tensor x, Tensor t, bool clip)
    {
        using var reverse = Reverse(output, x, t, clip);
        var (mean, logVariance) = Posterior(start, x, t);
        using var posteriorMean = mean;
        using var posteriorLogVariance = logVariance;
        using var divergences = GaussianBits.Divergence(posteriorMean, posteriorLogVariance, reverse.Mean, reverse.LogVariance);
        using var negativeLogs = GaussianBits.Decoder(start, reverse.Mean, reverse.LogVariance, Levels);
        using var divergence = EachMean(divergences);
        using var decoder = EachMean(negativeLogs);
        using var first = t == 0;
        return where(first, decoder, divergence);
    }

    /// <summary>L_T, KL(q(x_T | x_0) || N(0, 1)), of each example, in bits for each number: [N]. It has nothing to learn.</summary>
    public Tensor PriorBits(Tensor start)
    {
        var last = Schedule.AlphaBar(Schedule.Timesteps - 1);
        using var mean = start * Math.Sqrt(last);
        using var logVariance = full_like(start, Math.Log(1 - last));
        using var zero = zeros_like(start);
        using var divergences = GaussianBits.Divergence(mean, logVariance, zero, zero);
        return EachMean(divergences);
    }

    private ReverseStep Reverse(Tensor predicted, Tensor logVariance, Tensor x, Tensor t, bool clip)
    {
        var start = Start(predicted, x, t, clip);
        return new ReverseStep(Mean == MeanKind.Posterior ? predicted.alias() : PosteriorMean(start, x, t), logVariance, start);
    }

    private Tensor PosteriorMean(Tensor start, Tensor x, Tensor t)
    {
        using var a = At(Row.OfStart, t, x);
        using var b = At(Row.OfNoisy, t, x);
        using var known = x * b;
        return (start * a).add_(known);
    }

    /// <summary>The mean over all dimensions but the first.</summary>
    internal static Tensor EachMean(Tensor values)
    {
        using var flat = values.flatten(1);
        return flat.mean([1]);
    }

    /// <summary>A coefficient at each example's step, in the data's type, with as many dimensions as the data: [N, 1, ...].</summary>
    private Tensor At(Row row, Tensor t, Tensor like)
    {
        using var all = _table.select(0, (long)row);
        using var chosen = all.index_select(0, t);
        using var typed = chosen.to_type(like.dtype);
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = t.shape[0];
        return typed.reshape(shape);
    }

    private double Value(Row row, int t) => row switch
    {
        Row.SqrtAlphaBar => Math.Sqrt(Schedule.AlphaBar(t)),
        Row.SqrtOneMinusAlphaBar => Math.Sqrt(1 - Schedule.AlphaBar(t)),
        Row.RecipSqrtAlphaBar => Math.Sqrt(1 / Schedule.AlphaBar(t)),
        Row.RecipMinusOne => Math.Sqrt((1 / Schedule.AlphaBar(t)) - 1),
        Row.OfStart => Schedule.PosteriorOfStart(t),
        Row.OfNoisy => Schedule.PosteriorOfNoisy(t),
        Row.LogPosteriorVariance => Schedule.LogVariance(VarianceKind.FixedSmall, t),
        Row.LogFixedVariance => Variance == VarianceKind.Learned ? 0 : Schedule.LogVariance(Variance, t),
        _ => throw new ArgumentOutOfRangeException(nameof(row), row, "No such coefficient."),
    };
}
