using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// f of TMDM (Li et al. 2024, section 3): the non-stationary Transformer, whose decoder reads the history through a latent z ~ N(mu, sigma^2) of each row, two networks of the encoder's output.
/// </summary>
/// <remarks>
/// In training the released code draws z a hundred times and hands the decoder the mean of the draws. That is one draw with a tenth of the deviation, which is what is computed here; forecasts
/// are made with mu.
/// </remarks>
internal sealed class TmdmTransformer : MeanForecaster
{
    private const int Draws = 100;

    private readonly NonStationaryTransformer transformer;
    private readonly Sequential z_mean, z_logvar, z_out;

    public TmdmTransformer(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(TmdmTransformer))
    {
        transformer = new NonStationaryTransformer(options, shape, values);
        Size = options.ModelSize;
        (z_mean, z_logvar, z_out) = (TwoLayers(), TwoLayers(), TwoLayers());
        RegisterComponents();
        foreach (var part in new[] { z_mean, z_logvar, z_out })
            foreach (var layer in part.modules().OfType<Linear>()) values.AsPyTorch(layer);
    }

    /// <summary>Numbers in a row's latent, d.</summary>
    public int Size { get; }

    /// <summary>K, rows of the history that the forecast repeats.</summary>
    public int Known => transformer.Known;

    public override Tensor Predict(ForecastInput input)
    {
        using var scope = NewDisposeScope();
        return Run(input, null).Rows.narrow(1, Known, input.FutureMarks.size(1)).MoveToOuterDisposeScope(); // [B, H, C]
    }

    /// <summary>The last K rows of the history and those ahead, [B, K + H, C]; and KL(N(mu, sigma^2) || N(0, 1)) in nats, the mean over all numbers of the latent.</summary>
    /// <param name="noise">Standard normal, [B, L, d]; null takes mu for z.</param>
    public (Tensor Rows, Tensor Divergence) Run(ForecastInput input, Tensor? noise)
    {
        using var scope = NewDisposeScope();
        var history = transformer.Encode(input);
        var (mean, logVariance) = (z_mean.call(history.Rows), z_logvar.call(history.Rows)); // [B, L, d] twice
        var z = noise is null ? mean : mean + ((logVariance / 2).exp() * noise / Math.Sqrt(Draws));
        var divergence = (mean.square() + logVariance.exp() - logVariance - 1).mean() / 2;
        return (transformer.Decode(input, history, z_out.call(z)).MoveToOuterDisposeScope(), divergence.MoveToOuterDisposeScope());
    }

    private Sequential TwoLayers() => Sequential(("0", Linear(Size, Size)), ("1", ReLU()), ("2", Linear(Size, Size)));
}
