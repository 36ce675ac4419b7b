using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// NsDiff (Ye et al. 2025, "Non-stationary Diffusion For Probabilistic Time Series Forecasting", ICML): Y = f(X) + sqrt(g(X)) eps, refined by a short diffusion that begins at N(f, g) and whose
/// noise goes over from the expected variance g to the true local one, s0.
/// </summary>
internal sealed class NsDiffModel : Forecaster
{
    private readonly MeanForecaster f;
    private readonly VarianceEstimator g;
    private readonly NsDiffDenoiser denoiser;
    private readonly NsDiffSchedule _schedule;
    private readonly ForecastOptions _options;
    // Of the schedule, by step: [T] each.
    private readonly Tensor beta, alpha_bar, expected, local, expected_before, local_before;

    public NsDiffModel(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(NsDiffModel))
    {
        _options = options;
        // Section 5.1: T = 20, beta from 1e-4 to 0.02. Error as released: the betas end at 0.01. Its effect: the diffusion moves half as far from N(f, g).
        var released = options.Variant == ForecastVariant.AsReleased;
        f = ForecastModels.Mean(options, shape, values);
        g = new VarianceEstimator(shape, options.Rolling, values);
        _schedule = new NsDiffSchedule(options.DiffusionSteps > 0 ? options.DiffusionSteps : 20, 1e-4, options.LastBeta > 0 ? options.LastBeta : released ? 0.01 : 0.02);
        denoiser = new NsDiffDenoiser(shape.Channels, _schedule.Steps, values);
        (beta, alpha_bar) = (OfSteps(nameof(beta), _schedule.Steps, t => 1 - _schedule.Alpha[t]), OfSteps(nameof(alpha_bar), _schedule.Steps, t => _schedule.AlphaBar[t]));
        (expected, local) = (OfSteps(nameof(expected), _schedule.Steps, t => _schedule.Expected[t]), OfSteps(nameof(local), _schedule.Steps, t => _schedule.Local[t]));
        (expected_before, local_before) = (OfSteps(nameof(expected_before), _schedule.Steps, t => _schedule.Before(t).Expected), OfSteps(nameof(local_before), _schedule.Steps, t => _schedule.Before(t).Local));
        RegisterComponents();
    }

    public override long WidestLayer => NsDiffDenoiser.Hidden;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining) =>
        Loss(input, future, Antithetic(_schedule.Steps, future.size(0), (future.size(0) / 2) + 1, future.device), randn_like(future));

    /// <param name="t">Step of each window, [B].</param>
    /// <param name="noise">The standard normal numbers that Y_t is made with, [B, H, C].</param>
    internal (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, Tensor t, Tensor noise)
    {
        var mean = f.Predict(input);                                             // [B, H, C]
        var variance = g.Predict(input.History) + VarianceEstimator.Least;
        var truth = VarianceEstimator.Local(input.History, future, _options.Rolling);
        var meanLoss = (mean - future).square().mean();
        var varianceLoss = (variance.sqrt() - truth.sqrt()).square().mean();
        // Without the scale both variances are 1, without the schedule the expected one is taken for the true one.
        var variance0 = _options.Noise == NoiseKind.NoScale ? ones_like(variance) : variance;
        var s0 = _options.Noise == NoiseKind.Full ? truth : variance0;
        var (noiseLoss, scaleLoss) = Denoising(future, mean, variance0, s0, t, noise);
        // Section 4.3: f and g go on learning with the denoiser.
        return (noiseLoss + scaleLoss + meanLoss + varianceLoss,
            [("noise_loss", noiseLoss.detach()), ("scale_loss", scaleLoss.detach()), ("mean_loss", meanLoss.detach()), ("variance_loss", varianceLoss.detach())]);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        // Nothing before the diffusion is random: once a window, not once a sample.
        var (mean, variance) = Expected(input);                                  // [B, 1, H, C]
        var fixedPart = denoiser.Fixed(mean, variance);                          // [B, 1, H, 128]
        var y = Start(mean, variance, count);                                    // [B, S, H, C]
        for (var t = _schedule.Steps - 1; t >= 0; t--)
        {
            Alive();
            using var step = NewDisposeScope();
            using var before = y;
            y = Back(before, mean, variance, fixedPart, t, t > 0 ? randn_like(before) : null).MoveToOuterDisposeScope();
        }
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>N(f, g) of the same networks: what the diffusion makes of it is told by what these score.</summary>
    public override Func<ForecastInput, int, Tensor> Begin => (input, count) =>
    {
        using var scope = NewDisposeScope();
        var (mean, variance) = Expected(input);
        return Start(mean, variance, count).MoveToOuterDisposeScope();
    };

    /// <summary>
    /// The true local variance s0 that the predicted variance of a step tells: of s = S1 S2 / (a S2 + S1) the root that is no variance below 0 (Eq. 15). 0 where the prediction is smaller than
    /// any s0 makes it.
    /// </summary>
    /// <param name="g">Of the predicted one's shape, or one for all samples.</param>
    // Departure: the released code takes the root of a negative number there, and its forecast is not a number.
    internal static Tensor TrueVariance(NsDiffSchedule schedule, int t, Tensor g, Tensor predicted)
    {
        var (a, (_, expected, local)) = (schedule.Alpha[t], schedule.Before(t));
        var b = 1 - a;
        var l0 = a * b * local;
        // What depends on g alone first: it is there once a window.
        using var own1 = g * ((b * b * local) + (a * b * expected));
        using var own2 = g.square() * (b * b * expected);
        using var ofPredicted = g * ((a * expected) + (b * b));
        using var l1 = own1.add(predicted, -((a * local) + (a * b)));
        using var l2 = own2.addcmul(predicted, ofPredicted, -1);
        using var below = l2.clamp_max(0);
        using var discriminant = l1.square().add_(below, -4 * l0);
        using var root = discriminant.sqrt();
        return (root - l1).div_(2 * l0);
    }

    /// <summary>Squared error of the predicted noise, and the divergence of two normal distributions by their variances, up to constants (Eq. 14).</summary>
    private (Tensor Noise, Tensor Scale) Denoising(Tensor future, Tensor mean, Tensor g, Tensor s0, Tensor t, Tensor noise)
    {
        var (root, b) = (At(alpha_bar, t).sqrt(), At(beta, t));
        var deviation = ((g * At(expected, t)) + (s0 * At(local, t))).sqrt();
        var y = (future * root) + (mean * (1 - root)) + (noise * deviation);     // Y_t given Y_0
        var (predicted, scale) = denoiser.Predict(y, mean, g, t);
        var s1 = (g * b.square()) + (s0 * (b * (1 - b)));
        var s2 = (g * At(expected_before, t)) + (s0 * At(local_before, t));
        var ratio = s1 * s2 / ((((1 - b) * s2) + s1) * (scale + VarianceEstimator.Least));
        return ((noise - predicted).square().mean(), ratio.mean() - ratio.log().mean());
    }

    /// <summary>Y_{t-1}, or Y_0 after the first step: [B, S, H, C].</summary>
    /// <param name="mean">As the variance [B, 1, H, C]: what is computed from these alone is computed once a window.</param>
    /// <param name="noise">Standard normal; not read at the first step.</param>
    internal Tensor Back(Tensor y, Tensor mean, Tensor variance, Tensor fixedPart, int t, Tensor? noise)
    {
        using var scope = NewDisposeScope();
        var (predicted, scale) = denoiser.At(y, fixedPart, t);
        var s0 = _options.Noise == NoiseKind.Full ? TrueVariance(_schedule, t, variance, scale) : variance;
        var root = Math.Sqrt(_schedule.AlphaBar[t]);
        using var deviation = Sum(variance, _schedule.Expected[t], s0, _schedule.Local[t]).sqrt_();
        // Y_0, as the predicted noise has it.
        var start = Sum(mean, -(1 - root), y, 1).addcmul_(predicted, deviation, -1).div_(root);
        if (noise is null) return start.MoveToOuterDisposeScope();
        var (a, (_, before, localBefore)) = (_schedule.Alpha[t], _schedule.Before(t));
        using var s1 = Sum(variance, (1 - a) * (1 - a), s0, a * (1 - a));
        using var s2 = Sum(variance, before, s0, localBefore);
        var weights = _schedule.Weights(t, _options.Variant == ForecastVariant.AsReleased);
        // Y_0 has no weight in S2, nor Y_t one in S1.
        using var ofOne = Sum(mean, weights.Mean.U, start, weights.Start.U);
        using var ofTwo = Sum(mean, weights.Mean.V, y, weights.Now.V);
        using var sum = (s1 * ofOne).addcmul_(s2, ofTwo, 1);
        using var shares = s1.add(s2, a);
        return (sum / shares).addcmul_(scale.sqrt(), noise, 1).MoveToOuterDisposeScope();
    }

    private (Tensor Mean, Tensor Variance) Expected(ForecastInput input)
    {
        var mean = f.Predict(input).unsqueeze(1).contiguous();
        return (mean, _options.Noise == NoiseKind.NoScale ? ones_like(mean) : g.Predict(input.History).unsqueeze(1).contiguous());
    }

    // Y_T ~ N(f, g).
    private static Tensor Start(Tensor mean, Tensor variance, int count)
    {
        using var noise = randn([mean.size(0), count, mean.size(2), mean.size(3)], dtype: mean.dtype, device: mean.device);
        using var deviation = variance.sqrt();
        return mean.addcmul(deviation, noise, 1);
    }

    /// <summary>Of something of a window and something of its samples, in one pass over the latter.</summary>
    private static Tensor Sum(Tensor ofWindow, double weight, Tensor ofSamples, double weightOfSamples)
    {
        using var weighted = ofWindow * weight;
        return weighted.add(ofSamples, weightOfSamples);
    }
}
