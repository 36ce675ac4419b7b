using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>N(f, g): NsDiff's two networks, trained by the same two losses, without its diffusion.</summary>
/// <remarks>
/// What NsDiff is better by is due to its diffusion and to what f and g learn from the denoiser, from whose losses neither is detached; NsDiff's own <c>begin_crps</c>, of what the diffusion begins at,
/// tells the two apart.
/// </remarks>
internal sealed class GaussianForecaster : Forecaster
{
    private readonly MeanForecaster f;
    private readonly VarianceEstimator g;
    private readonly int _rolling;

    public GaussianForecaster(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(GaussianForecaster))
    {
        _rolling = options.Rolling;
        (f, g) = (ForecastModels.Mean(options, shape, values), new VarianceEstimator(shape, options.Rolling, values));
        RegisterComponents();
    }

    public override long WidestLayer => 8;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        var meanLoss = (f.Predict(input) - future).square().mean();
        var truth = VarianceEstimator.Local(input.History, future, _rolling);
        var varianceLoss = ((g.Predict(input.History) + VarianceEstimator.Least).sqrt() - truth.sqrt()).square().mean();
        return (meanLoss + varianceLoss, [("mean_loss", meanLoss.detach()), ("variance_loss", varianceLoss.detach())]);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        var mean = f.Predict(input).unsqueeze(1);                                // [B, 1, H, C]
        var deviation = g.Predict(input.History).sqrt().unsqueeze(1);
        return mean.addcmul(deviation, randn([mean.size(0), count, mean.size(2), mean.size(3)], device: mean.device), 1).MoveToOuterDisposeScope();
    }
}
