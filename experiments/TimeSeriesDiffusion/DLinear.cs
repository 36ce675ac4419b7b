using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Predicts the mean of what comes, [B, H, C].</summary>
internal abstract class MeanForecaster(string name) : Module(name)
{
    public abstract Tensor Predict(ForecastInput input);
}

/// <summary>
/// DLinear (Zeng et al. 2023, section 4): a moving average and what remains of the history, each brought to the forecast rows by one linear map that all channels share.
/// </summary>
internal sealed class DLinear : MeanForecaster
{
    // Section 5.1 of that paper takes over the 25 of Autoformer.
    private const int Average = 25;

    private readonly Linear Linear_Seasonal;
    private readonly Linear Linear_Trend;

    public DLinear(ForecastShape shape, InitialValues values)
        : base(nameof(DLinear))
    {
        Linear_Seasonal = Linear(shape.History, shape.Horizon);
        Linear_Trend = Linear(shape.History, shape.Horizon);
        RegisterComponents();
        foreach (var layer in new[] { Linear_Seasonal, Linear_Trend }) values.AsPyTorch(layer);
    }

    public override Tensor Predict(ForecastInput input)
    {
        using var rows = input.History.transpose(1, 2);                          // [B, C, L]
        // The first and the last value stand in for those beyond the ends.
        using var padded = functional.pad(rows, [(Average - 1) / 2, (Average - 1) / 2], PaddingModes.Replicate);
        using var trend = functional.avg_pool1d(padded, Average, 1);             // [B, C, L]
        using var seasonal = rows - trend;
        using var ahead = Linear_Seasonal.call(seasonal);                        // [B, C, H]
        using var trendAhead = Linear_Trend.call(trend);
        using var both = ahead + trendAhead;
        return both.transpose(1, 2);                                             // [B, H, C]
    }
}
