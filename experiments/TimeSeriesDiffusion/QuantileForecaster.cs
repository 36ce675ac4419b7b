using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// Quantile regression (Koenker and Bassett 1978, "Regression quantiles"): twenty linear forecasters in the shape of DLinear, one a level, and samples by inverting the distribution function that they draw.
/// Places are independent of each other.
/// </summary>
internal sealed class QuantileForecaster : Forecaster
{
    /// <summary>Levels (k + 1/2) / 20: the middles of equal shares.</summary>
    public const int Levels = 20;

    private readonly DLinear quantiles;
    private readonly int _channels;

    public QuantileForecaster(ForecastShape shape, InitialValues values)
        : base(nameof(QuantileForecaster))
    {
        _channels = shape.Channels;
        quantiles = new DLinear(shape with { Horizon = shape.Horizon * Levels }, values);
        RegisterComponents();
    }

    public override long WidestLayer => 4L * _channels;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining) => (Pinball(Predict(input), future), []);

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        // What crosses is put in order, which is never worse (Chernozhukov, Fernandez-Val and Galichon 2010, "Quantile and probability curves without crossing").
        var (sorted, _) = Predict(input).sort(-1);                               // [B, H, C, 20]
        var uniform = rand([sorted.size(0), sorted.size(1), sorted.size(2), count], device: sorted.device);
        return Inverse(sorted, uniform).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Mean over places and levels of tau (y - q) where y is above q, (1 - tau) (q - y) where it is below.</summary>
    /// <param name="predicted">q, [B, H, C, 20].</param>
    /// <param name="observed">y, [B, H, C].</param>
    internal static Tensor Pinball(Tensor predicted, Tensor observed)
    {
        var levels = (arange(Levels, dtype: ScalarType.Float32, device: predicted.device) + 0.5) / Levels;
        var error = observed.unsqueeze(-1) - predicted;
        return maximum(levels * error, (levels - 1) * error).mean();
    }

    /// <summary>Where the distribution function has these values: linear between the levels, and beyond the outermost two on the line through them.</summary>
    /// <param name="sorted">Quantiles in rising order, [B, H, C, 20].</param>
    /// <param name="uniform">Of 0 .. 1, [B, H, C, S].</param>
    internal static Tensor Inverse(Tensor sorted, Tensor uniform)
    {
        var place = (uniform * Levels) - 0.5;                                    // in units of levels: 0 is the first one
        var below = place.floor().clamp(0, Levels - 2);
        var share = place - below;                                               // below 0 or above 1 beyond the outermost
        var index = below.to_type(ScalarType.Int64);
        var (low, high) = (sorted.gather(-1, index), sorted.gather(-1, index + 1));
        return low + ((high - low) * share);                                     // [B, H, C, S]
    }

    /// <summary>[B, H, C, 20], in no order.</summary>
    private Tensor Predict(ForecastInput input)
    {
        using var all = quantiles.Predict(input);                                // [B, 20 H, C]
        using var apart = all.view(all.size(0), Levels, -1, _channels);
        return apart.permute(0, 2, 3, 1);
    }
}
