using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// g of NsDiff (section 4.1): the variance to expect at each forecast row, from the local variances of the history, by a network that all channels share.
/// </summary>
internal sealed class VarianceEstimator : Module
{
    // What keeps a variance above 0; 10e-8 in the released code.
    public const double Least = 1e-7;

    private readonly Sequential mlp;
    private readonly int _rolling;

    /// <param name="rolling">Rows of a local variance; below the history's.</param>
    /// <param name="hidden">Units of each of the two layers.</param>
    public VarianceEstimator(ForecastShape shape, int rolling, InitialValues values, int hidden = 512)
        : base(nameof(VarianceEstimator))
    {
        _rolling = rolling;
        mlp = Sequential(
            ("0", Linear(shape.History - rolling, hidden)), ("1", ReLU()), ("2", Linear(hidden, hidden)), ("3", ReLU()), ("4", Linear(hidden, shape.Horizon)));
        RegisterComponents();
        foreach (var layer in mlp.modules().OfType<Linear>()) values.AsPyTorch(layer);
    }

    /// <summary>[B, L, C] to variances [B, H, C], above 0.</summary>
    public Tensor Predict(Tensor history)
    {
        using var variances = Trailing(history, _rolling);                       // [B, L - rolling + 1, C]
        using var last = variances.narrow(1, 1, history.size(1) - _rolling);     // [B, L - rolling, C]
        using var raised = last + Least;
        using var rows = raised.transpose(1, 2);                                 // [B, C, L - rolling]
        using var ahead = mlp.call(rows);                                        // [B, C, H]
        using var positive = functional.softplus(ahead);
        return positive.transpose(1, 2);
    }

    /// <summary>The local variance at each forecast row, of it and the rows before it, over history and future together: what g is to predict, [B, H, C].</summary>
    public static Tensor Local(Tensor history, Tensor future, int rolling)
    {
        using var all = cat([history, future], 1);                               // [B, L + H, C]
        using var variances = Trailing(all, rolling);
        using var last = variances.narrow(1, variances.size(1) - future.size(1), future.size(1));
        return last + Least;
    }

    /// <summary>Population variance of every <paramref name="rolling"/> consecutive rows: [B, T, C] to [B, T - rolling + 1, C].</summary>
    private static Tensor Trailing(Tensor rows, int rolling)
    {
        using var scope = NewDisposeScope();
        // Each is the difference of two sums from the first row on, whose last places only double precision keeps.
        var exact = rows.to_type(ScalarType.Float64);
        Tensor Mean(Tensor of)
        {
            var sums = functional.pad(of.cumsum(1), [0, 0, 1, 0]);               // [B, T + 1, C]
            var count = sums.size(1) - rolling;
            return (sums.narrow(1, rolling, count) - sums.narrow(1, 0, count)) / rolling;
        }
        return (Mean(exact.square()) - Mean(exact).square()).clamp_min(0).to_type(rows.dtype).MoveToOuterDisposeScope();
    }
}
