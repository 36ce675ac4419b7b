using Repro.Experiments.Ddpm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// TMDM (Li et al. 2024, "Transformer-Modulated Diffusion Models for Probabilistic Multivariate Time Series Forecasting", ICLR): a diffusion that ends at N(f(X), 1) and is told f(X), as in CARD
/// (Han et al. 2022), where f is a Transformer with a latent and learns with the denoiser.
/// </summary>
/// <remarks>
/// Both variants are the same: NsDiff's copy computes what the authors' own repository does, and no error was found in either. Two of its settings are others than the authors': 1,024 inner units
/// for 2,048, and 100 steps for 1,000 with the same variances, 1e-4 .. 0.02. After 100 of these sqrt(abar_T) is still 0.60, so that forecasts begin at N(f, 1) where the diffusion has not arrived;
/// <see cref="ForecastOptions.DiffusionSteps"/> = 1000 is the authors' setting. The released denoiser also embeds the history, and drops that unread; it is left out.
/// </remarks>
internal sealed class TmdmModel : Forecaster
{
    private const int Steps = 100;
    private const double FirstBeta = 1e-4, LastBeta = 0.02;

    // k_z and the 1/2 of a normal distribution's log-likelihood.
    private const double DivergenceWeight = 0.01, MeanWeight = 0.5;

    private readonly MeanForecaster f;
    private readonly TmdmDenoiser denoiser;
    private readonly NoiseSchedule _schedule;
    // Of what Y_t has of Y_0 and of noise: sqrt(abar_t), sqrt(1 - abar_t), [T].
    private readonly Tensor sqrt_alpha_bar, sqrt_one_minus_alpha_bar;

    public TmdmModel(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(TmdmModel))
    {
        var steps = options.DiffusionSteps > 0 ? options.DiffusionSteps : Steps;
        // Departure: with the linear f there is neither a latent nor a row of the history in the forecast.
        f = options.Backbone == ForecastBackbone.Transformer ? new TmdmTransformer(options, shape, values) : ForecastModels.Mean(options, shape, values);
        _schedule = NoiseSchedule.Linear(steps, FirstBeta, options.LastBeta > 0 ? options.LastBeta : LastBeta);
        denoiser = new TmdmDenoiser(shape.Channels, steps, values);
        (sqrt_alpha_bar, sqrt_one_minus_alpha_bar) = Shares(_schedule);
        RegisterComponents();
    }

    public override long WidestLayer => TmdmDenoiser.Hidden;

    internal MeanForecaster Mean => f;

    internal TmdmDenoiser Denoiser => denoiser;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        var (history, device) = (input.History, future.device);
        var t = Antithetic(_schedule.Timesteps, future.size(0), (future.size(0) / 2) + 1, device);
        if (f is not TmdmTransformer transformer) return Loss(input, future, t, randn_like(future), null);
        var latent = randn([history.size(0), history.size(1), transformer.Size], device: device);
        return Loss(input, future, t, randn([future.size(0), transformer.Known + future.size(1), future.size(2)], device: device), latent);
    }

    /// <param name="t">Step of each window, [B].</param>
    /// <param name="noise">The standard normal numbers that Y_t is made with, [B, R, C]; R = K + H with the Transformer, which also has to tell the K rows before, and H without.</param>
    /// <param name="latent">Those of the latent, [B, L, d]; null without the Transformer.</param>
    internal (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, Tensor t, Tensor noise, Tensor? latent)
    {
        var (mean, divergence) = f is TmdmTransformer transformer ? transformer.Run(input, latent) : (f.Predict(input), null); // [B, R, C]
        var known = mean.size(1) - future.size(1);
        var truth = known > 0 ? cat([input.History.narrow(1, input.History.size(1) - known, known), future], 1) : future;
        var y = mean + ((truth - mean) * At(sqrt_alpha_bar, t)) + (noise * At(sqrt_one_minus_alpha_bar, t)); // Y_t given Y_0 and f
        var noiseLoss = (noise - denoiser.Predict(y, mean, t)).square().mean();
        var meanLoss = (truth - mean).square().mean();
        // The released code adds log(2 pi) / 2, which changes no gradient.
        var loss = noiseLoss + (meanLoss * MeanWeight);
        (string, Tensor)[] parts = [("noise_loss", noiseLoss.detach()), ("mean_loss", meanLoss.detach())];
        return divergence is null ? (loss, parts) : (loss + (divergence * DivergenceWeight), [.. parts, ("latent_divergence", divergence.detach())]);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        var mean = f.Predict(input).unsqueeze(1);                                // [B, 1, H, C]
        var fixedPart = denoiser.Fixed(mean);                                    // [B, 1, H, 128]
        var r = randn([mean.size(0), count, mean.size(2), mean.size(3)], device: mean.device); // Y_T - f ~ N(0, 1)
        for (var t = _schedule.Timesteps - 1; t >= 0; t--)
        {
            Alive();
            using var step = NewDisposeScope();
            using var before = r;
            r = Back(before, fixedPart, t, t > 0 ? randn_like(before) : null).MoveToOuterDisposeScope();
        }
        return (mean + r).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Y_{t-1} - f, or Y_0 - f after the first step. What remains beside f diffuses as in Ho et al. 2020: of CARD's posterior mean (Algorithm 2) f's weight is what the other two leave of 1, and
    /// this is that paper's Algorithm 2 with the posterior's variance.
    /// </summary>
    /// <param name="r">Y_t - f, [B, S, H, C].</param>
    /// <param name="fixedPart">From <see cref="TmdmDenoiser.Fixed"/>.</param>
    /// <param name="noise">Standard normal; null at the first step.</param>
    internal Tensor Back(Tensor r, Tensor fixedPart, int t, Tensor? noise)
    {
        using var predicted = denoiser.At(r, fixedPart, t);
        return Back(_schedule, r, predicted, t, noise);
    }
}
