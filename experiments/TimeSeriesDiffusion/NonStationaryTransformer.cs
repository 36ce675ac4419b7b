using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The non-stationary Transformer (Liu et al. 2022, "Non-stationary Transformers: Exploring the Stationarity in Time Series Forecasting", NeurIPS): every history is brought to mean 0 and
/// deviation 1 (section 3.1), and what that takes from the attention comes back as a factor tau and a shift delta, which two small networks learn from the raw history (section 3.2).
/// </summary>
/// <remarks>
/// Sizes and names of layers are those of the f that was released with NsDiff; its z_mean, z_logvar and z_out, which nothing reads there, are left out. In comments d is
/// <see cref="ForecastOptions.ModelSize"/>, h the heads, e = d / h the size of one, K the rows of the history that begin the decoder's input, T rows of either.
/// </remarks>
internal sealed class NonStationaryTransformer : MeanForecaster
{
    private const int Heads = 8, EncoderLayers = 2, DecoderLayers = 1;

    // Of a row's variance, so that a constant history is no division by 0.
    private const double Least = 1e-5;

    private readonly DataEmbedding enc_embedding, dec_embedding;
    private readonly NonStationaryEncoder encoder;
    private readonly NonStationaryDecoder decoder;
    private readonly DeStationaryProjector tau_learner, delta_learner;
    private readonly ForecastShape _shape;
    private readonly double _scale;

    public NonStationaryTransformer(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(NonStationaryTransformer))
    {
        var (d, dropout) = (options.ModelSize, options.Dropout);
        (_shape, _scale) = (shape, 1 / Math.Sqrt(d / Heads));
        enc_embedding = new DataEmbedding(shape, d, shape.History, dropout);
        dec_embedding = new DataEmbedding(shape, d, Known + shape.Horizon, dropout);
        encoder = new NonStationaryEncoder(EncoderLayers, d, Heads, dropout);
        decoder = new NonStationaryDecoder(DecoderLayers, d, Heads, dropout, shape.Channels);
        (tau_learner, delta_learner) = (new DeStationaryProjector(shape, 1), new DeStationaryProjector(shape, shape.History));
        RegisterComponents();
        // As PyTorch begins them: norms at 1 and 0, others uniform within the root of what a unit reads. The convolution of the values is He's.
        var bounds = named_parameters().Where(each => each.name.EndsWith("weight", StringComparison.Ordinal))
            .ToDictionary(each => each.name[..^"weight".Length], each => 1 / Math.Sqrt(InitialValues.FanIn(each.parameter)));
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.EndsWith("tokenConv.weight", StringComparison.Ordinal)) values.HeNormal(parameter);
            else if (!name.Contains("norm", StringComparison.Ordinal)) values.Uniform(parameter, bounds[name[..(name.LastIndexOf('.') + 1)]]);
        }
    }

    /// <summary>K: half of the history.</summary>
    public int Known => _shape.History / 2;

    public override Tensor Predict(ForecastInput input)
    {
        using var scope = NewDisposeScope();
        var history = Encode(input);
        return Decode(input, history, history.Rows).narrow(1, Known, _shape.Horizon).MoveToOuterDisposeScope(); // [B, H, C]
    }

    /// <summary>What the decoder needs of the history.</summary>
    internal EncodedHistory Encode(ForecastInput input)
    {
        using var scope = NewDisposeScope();
        var mean = input.History.mean([1], keepdim: true);                       // [B, 1, C]
        var centered = input.History - mean;                                     // [B, L, C]
        var deviation = (centered.square().mean([1], keepdim: true) + Least).sqrt();
        var scaled = centered / deviation;
        // Softmax((tau q k + delta) / sqrt(e)): tau and the root go into the queries, delta is what the product of queries and keys is added to. All layers and heads have the same.
        var factor = tau_learner.Run(input.History, deviation).exp().mul(_scale).unsqueeze(1); // [B, 1, 1]
        var shift = delta_learner.Run(input.History, mean).mul(_scale).repeat_interleave(Heads, 0).unsqueeze(1); // [B h, 1, L]
        var rows = encoder.Run(enc_embedding.Run(scaled, input.HistoryMarks), factor, shift); // [B, L, d]
        return new EncodedHistory(rows.MoveToOuterDisposeScope(), scaled.MoveToOuterDisposeScope(), mean.MoveToOuterDisposeScope(), deviation.MoveToOuterDisposeScope(),
            factor.MoveToOuterDisposeScope(), shift.MoveToOuterDisposeScope());
    }

    /// <summary>The last K rows of the history, which it has seen, and those ahead: [B, K + H, C].</summary>
    /// <param name="memory">What the decoder reads of the history, [B, L, d].</param>
    internal Tensor Decode(ForecastInput input, EncodedHistory history, Tensor memory)
    {
        using var scope = NewDisposeScope();
        var (windows, from, length) = (memory.size(0), _shape.History - Known, Known + _shape.Horizon);
        var ahead = zeros([windows, _shape.Horizon, _shape.Channels], history.Scaled.dtype, history.Scaled.device);
        var rows = cat([history.Scaled.narrow(1, from, Known), ahead], 1);       // [B, K + H, C]
        var marks = cat([input.HistoryMarks.narrow(1, from, Known), input.FutureMarks], 1);
        var causal = full([1, length, length], double.NegativeInfinity, rows.dtype, rows.device).triu(1);
        var decoded = decoder.Run(dec_embedding.Run(rows, marks), memory, history.Factor, causal, history.Shift);
        return ((decoded * history.Deviation) + history.Mean).MoveToOuterDisposeScope();
    }
}

/// <summary>A history as the encoder leaves it.</summary>
/// <param name="Rows">[B, L, d].</param>
/// <param name="Scaled">The values at mean 0 and deviation 1, [B, L, C].</param>
/// <param name="Mean">Of each channel, [B, 1, C].</param>
/// <param name="Deviation">[B, 1, C].</param>
/// <param name="Factor">Tau / sqrt(e), [B, 1, 1].</param>
/// <param name="Shift">Delta / sqrt(e), [B h, 1, L].</param>
internal sealed record EncodedHistory(Tensor Rows, Tensor Scaled, Tensor Mean, Tensor Deviation, Tensor Factor, Tensor Shift);

/// <summary>A row's vector: a convolution of the values over three rows, which closes to a ring, its place, and a linear map of its time's marks.</summary>
internal sealed class DataEmbedding : Module
{
    private const int Width = 3;

    private readonly Sequential value_embedding, temporal_embedding;
    private readonly Tensor pe;                                                  // [T, d]
    private readonly double _dropout;

    public DataEmbedding(ForecastShape shape, int d, int rows, double dropout)
        : base(nameof(DataEmbedding))
    {
        _dropout = dropout;
        value_embedding = Sequential(("tokenConv", Conv1d(shape.Channels, d, Width, bias: false)));
        temporal_embedding = Sequential(("embed", Linear(shape.Marks, d, hasBias: false)));
        // The sinusoids of Vaswani et al. 2017, section 3.5.
        float Place(int row, int i) => (float)(i % 2 == 0 ? Math.Sin(row * Wave(i)) : Math.Cos(row * Wave(i - 1)));
        double Wave(int i) => Math.Exp(-Math.Log(10_000) * i / d);
        float[] places = [.. from row in Enumerable.Range(0, rows) from i in Enumerable.Range(0, d) select Place(row, i)];
        pe = tensor(places, [rows, d]);
        register_buffer(nameof(pe), pe, persistent: false);
        RegisterComponents();
    }

    /// <summary>[B, T, C] and [B, T, M] to [B, T, d].</summary>
    public Tensor Run(Tensor values, Tensor marks)
    {
        using var scope = NewDisposeScope();
        var (windows, rows) = (values.size(0), values.size(1));
        var ring = cat([values.narrow(1, rows - 1, 1), values, values.narrow(1, 0, 1)], 1); // [B, T + 2, C]
        var threes = ring.unfold(1, Width, 1).reshape(windows, rows, -1);        // [B, T, 3 C]
        var weight = ((Conv1d)value_embedding[0]).weight.flatten(1);             // [d, 3 C]
        var sum = functional.linear(threes, weight) + temporal_embedding.call(marks) + pe; // [B, T, d]
        return functional.dropout(sum, _dropout, training).MoveToOuterDisposeScope();
    }
}

/// <summary>What a history's level or spread does to attention, learned from its raw values and its means or deviations (section 3.2).</summary>
internal sealed class DeStationaryProjector : Module
{
    private const int Hidden = 64;

    private readonly Conv1d series_conv;
    private readonly Sequential backbone;

    public DeStationaryProjector(ForecastShape shape, int outputs)
        : base(nameof(DeStationaryProjector))
    {
        series_conv = Conv1d(shape.History, 1, 3, bias: false);
        backbone = Sequential(
            ("0", Linear(2 * shape.Channels, Hidden)), ("1", ReLU()), ("2", Linear(Hidden, Hidden)), ("3", ReLU()), ("4", Linear(Hidden, outputs, hasBias: false)));
        RegisterComponents();
    }

    /// <summary>[B, outputs].</summary>
    /// <param name="history">[B, L, C].</param>
    /// <param name="statistics">[B, 1, C].</param>
    public Tensor Run(Tensor history, Tensor statistics)
    {
        using var scope = NewDisposeScope();
        var channels = history.size(2);
        // The rows are the convolution's inputs, and it goes over the channels, which it closes to a ring.
        var ring = cat([history.narrow(2, channels - 1, 1), history, history.narrow(2, 0, 1)], 2); // [B, L, C + 2]
        var both = cat([series_conv.call(ring), statistics], 1);                 // [B, 2, C]
        return backbone.call(both.flatten(1)).MoveToOuterDisposeScope();
    }
}
