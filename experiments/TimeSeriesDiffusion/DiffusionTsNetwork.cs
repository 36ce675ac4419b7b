using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Sizes of Diffusion-TS's network. The defaults are those of NsDiff's copy (Yuan and Qiao 2024 choose others for each series).</summary>
/// <param name="Encoders">Layers of the encoder.</param>
/// <param name="Decoders">Layers of the decoder.</param>
/// <param name="Size">d, numbers that stand for one row of time.</param>
internal sealed record DiffusionTsShape(int Encoders = 3, int Decoders = 6, int Size = 64, int Heads = 4);

/// <summary>
/// The series that Diffusion-TS predicts from a noisy one (section 3.2 and figure 2): an encoder, and a decoder each of whose layers takes a trend and a season out of what it
/// has: a polynomial of degree 3 in time, and the few frequencies of most weight.
/// </summary>
/// <remarks>
/// Names of layers as in the released code. Sizes in comments: R series, N rows, C channels, d of <see cref="DiffusionTsShape"/>. What is left of the last layer is added to
/// season and trend, its mean over time once added and once taken away, so that it is left out here.
/// </remarks>
internal sealed class DiffusionTsNetwork : Module
{
    private readonly Conv1d emb, inverse;
    private readonly Parameter pos_enc, pos_dec;
    private readonly Linear combine_s, combine_m;
    private readonly ModuleList<DiffusionTsEncoderBlock> encoder;
    private readonly ModuleList<DiffusionTsDecoderBlock> decoder;
    private readonly Tensor frequencies, poly_space;

    /// <param name="channels">C.</param>
    /// <param name="rows">N.</param>
    public DiffusionTsNetwork(DiffusionTsShape shape, int channels, int rows, InitialValues values)
        : base(nameof(DiffusionTsNetwork))
    {
        var d = shape.Size;
        (emb, inverse) = (Conv1d(channels, d, 3, padding: 1), Conv1d(d, channels, 3, padding: 1));
        (pos_enc, pos_dec) = (new Parameter(zeros(1, rows, d)), new Parameter(zeros(1, rows, d)));
        (combine_s, combine_m) = (Linear(d, channels, hasBias: false), Linear(shape.Decoders, 1, hasBias: false));
        encoder = ModuleList([.. Enumerable.Range(0, shape.Encoders).Select(_ => new DiffusionTsEncoderBlock(shape))]);
        decoder = ModuleList([.. Enumerable.Range(0, shape.Decoders).Select(_ => new DiffusionTsDecoderBlock(shape, channels, rows))]);
        var half = d / 2;
        frequencies = tensor([.. Enumerable.Range(0, half).Select(i => (float)Math.Pow(10_000, -(double)i / Math.Max(1, half - 1)))]);
        poly_space = tensor([.. from power in Enumerable.Range(1, 3) from row in Enumerable.Range(1, rows) select (float)Math.Pow((double)row / (rows + 1), power)], [3, rows]);
        register_buffer(nameof(frequencies), frequencies, persistent: false);
        register_buffer(nameof(poly_space), poly_space, persistent: false);
        RegisterComponents();
        foreach (var module in modules())
        {
            if (module is Linear linear) values.AsPyTorch(linear);
            else if (module is Conv1d convolution) values.AsPyTorch(convolution);
        }
        foreach (var positions in new[] { pos_enc, pos_dec }) values.Uniform(positions, 0.02);
    }

    /// <summary>The predicted series, [R, N, C]: trend, season and what is left.</summary>
    /// <param name="x">[R, N, C].</param>
    /// <param name="t">Index of each series' step, [R], or [1] where all are at the same; int64.</param>
    public Tensor Predict(Tensor x, Tensor t)
    {
        using var scope = NewDisposeScope();
        var angles = t.unsqueeze(1) * frequencies;
        var time = functional.silu(cat([angles.sin(), angles.cos()], -1));       // [R or 1, d]
        var embedded = emb.call(x.transpose(1, 2)).transpose(1, 2).contiguous(); // [R, N, d]
        var memory = embedded + pos_enc;
        foreach (var block in encoder) memory = block.Run(memory, time);
        var now = embedded + pos_dec;
        Tensor? season = null, trend = null;
        var means = new List<Tensor>();
        foreach (var block in decoder)
        {
            (now, var mean, var blockTrend, var blockSeason) = block.Run(now, memory, time, poly_space);
            means.Add(mean);
            (season, trend) = season is null ? (blockSeason, blockTrend) : (season + blockSeason, trend! + blockTrend);
        }
        var rest = inverse.call(now.transpose(1, 2)).transpose(1, 2);            // [R, N, C]
        var level = combine_m.call(stack(means, -1)).squeeze(-1);                // [R, 1, C]
        return (combine_s.call(season!) + rest + level + trend!).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention and a feed-forward network, both added to what they read.</summary>
internal sealed class DiffusionTsEncoderBlock : Module
{
    private readonly DiffusionTsNorm ln1;
    private readonly LayerNorm ln2;
    private readonly DiffusionTsAttention attn;
    private readonly Sequential mlp;

    public DiffusionTsEncoderBlock(DiffusionTsShape shape)
        : base(nameof(DiffusionTsEncoderBlock))
    {
        (ln1, ln2) = (new DiffusionTsNorm(shape.Size), LayerNorm(shape.Size));
        attn = new DiffusionTsAttention(shape.Size, shape.Heads);
        mlp = Sequential(("0", Linear(shape.Size, 4 * shape.Size)), ("1", GELU()), ("2", Linear(4 * shape.Size, shape.Size)));
        RegisterComponents();
    }

    /// <param name="x">[R, N, d].</param>
    /// <param name="time">[R or 1, d].</param>
    public Tensor Run(Tensor x, Tensor time)
    {
        using var scope = NewDisposeScope();
        var normed = ln1.Run(x, time);
        var seen = x + attn.Run(normed, normed);
        return (seen + mlp.call(ln2.call(seen))).MoveToOuterDisposeScope();
    }
}

/// <summary>As the encoder's, with attention to the encoder, and with a trend and a season taken out of it.</summary>
internal sealed class DiffusionTsDecoderBlock : Module
{
    private readonly DiffusionTsNorm ln1, ln1_1;
    private readonly LayerNorm ln2;
    private readonly DiffusionTsAttention attn1, attn2;
    private readonly Conv1d proj, trend1, trend2;
    private readonly Sequential mlp;
    private readonly Linear linear;

    public DiffusionTsDecoderBlock(DiffusionTsShape shape, int channels, int rows)
        : base(nameof(DiffusionTsDecoderBlock))
    {
        var d = shape.Size;
        (ln1, ln1_1, ln2) = (new DiffusionTsNorm(d), new DiffusionTsNorm(d), LayerNorm(d));
        (attn1, attn2) = (new DiffusionTsAttention(d, shape.Heads), new DiffusionTsAttention(d, shape.Heads));
        proj = Conv1d(rows, 2 * rows, 1);
        (trend1, trend2) = (Conv1d(rows, 3, 3, padding: 1), Conv1d(d, channels, 3, padding: 1));
        mlp = Sequential(("0", Linear(d, 4 * d)), ("1", GELU()), ("2", Linear(4 * d, d)));
        linear = Linear(d, channels);
        RegisterComponents();
    }

    /// <param name="x">[R, N, d].</param>
    /// <param name="memory">What the encoder has made of the series, [R, N, d].</param>
    /// <param name="time">[R or 1, d].</param>
    /// <param name="powers">Time, its square and its cube, [3, N].</param>
    /// <returns>What is left without its mean over time, [R, N, d]; that mean as channels, [R, 1, C]; a trend, [R, N, C]; and a season, [R, N, d].</returns>
    public (Tensor Left, Tensor Mean, Tensor Trend, Tensor Season) Run(Tensor x, Tensor memory, Tensor time, Tensor powers)
    {
        using var scope = NewDisposeScope();
        var rows = x.size(1);
        var normed = ln1.Run(x, time);
        var own = x + attn1.Run(normed, normed);                                 // [R, N, d]
        var seen = own + attn2.Run(ln1_1.Run(own, time), memory);
        var parts = proj.call(seen);                                             // [R, 2 N, d], each of them of all rows
        // Copied before and not after GELU: of libtorch 1.13 its gradient is wrong where that of its result lies in another order than its argument.
        var bends = trend1.call(parts.narrow(1, 0, rows)).transpose(1, 2).contiguous();          // [R, d, 3]
        var weights = trend2.call(functional.gelu(bends));                       // [R, C, 3]
        var trend = weights.matmul(powers).transpose(1, 2);                      // [R, N, C]
        var season = Season(parts.narrow(1, rows, rows));                        // [R, N, d]
        var next = seen + mlp.call(ln2.call(seen));
        var mean = next.mean([1], keepdim: true);                                // [R, 1, d]
        return ((next - mean).MoveToOuterDisposeScope(), linear.call(mean).MoveToOuterDisposeScope(), trend.MoveToOuterDisposeScope(), season.MoveToOuterDisposeScope());
    }

    /// <summary>Of each unit the frequencies of most weight, int(ln(number of them)), but for the constant and, where rows are even, the fastest; [R, N, d].</summary>
    /// <remarks>As in the released code amplitudes are sums over the rows and not means of them, N / 2 times as large as the waves.</remarks>
    internal static Tensor Season(Tensor x)
    {
        using var scope = NewDisposeScope();
        var rows = x.size(1);
        var (all, count) = ((rows / 2) + 1, ((rows - 1) / 2));                   // N = 360: 181 with the constant, 179 to choose from
        var spectrum = fft.rfft(x, dim: 1);                                      // [R, all, d], complex
        var weight = spectrum.detach().narrow(1, 1, count).abs();
        var chosen = weight.topk((int)Math.Log(Math.Max(1, count)), dim: 1).indexes + 1;     // [R, k, d]
        var kept = zeros([x.size(0), all, x.size(2)], device: x.device).scatter_(1, chosen, ones_like(chosen, dtype: ScalarType.Float32));
        // A sum of amplitude times cosine, for a frequency and for its negative, is the inverse transform of what is kept, times N.
        return fft.irfft(spectrum * kept, n: rows, dim: 1, norm: FFTNormType.Forward).MoveToOuterDisposeScope();
    }
}

/// <summary>A layer normalization whose scale and shift follow from the step of the diffusion.</summary>
internal sealed class DiffusionTsNorm : Module
{
    private readonly Linear linear;
    private readonly long _size;

    public DiffusionTsNorm(int size)
        : base(nameof(DiffusionTsNorm))
    {
        (linear, _size) = (Linear(size, 2 * size), size);
        RegisterComponents();
    }

    /// <param name="x">[R, N, d].</param>
    /// <param name="time">[R or 1, d].</param>
    public Tensor Run(Tensor x, Tensor time)
    {
        using var scope = NewDisposeScope();
        var ends = linear.call(time).unsqueeze(1).chunk(2, -1);                  // twice [R or 1, 1, d]
        return ends[1].addcmul(functional.layer_norm(x, [_size]), ends[0] + 1, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention of several heads (Vaswani et al. 2017).</summary>
internal sealed class DiffusionTsAttention : Module
{
    private readonly Linear key, query, value, proj;
    private readonly long _heads;

    public DiffusionTsAttention(int size, int heads)
        : base(nameof(DiffusionTsAttention))
    {
        _heads = heads;
        (key, query, value, proj) = (Linear(size, size), Linear(size, size), Linear(size, size), Linear(size, size));
        RegisterComponents();
    }

    /// <param name="x">What asks, [R, N, d].</param>
    /// <param name="memory">What is asked, [R, N, d].</param>
    public Tensor Run(Tensor x, Tensor memory)
    {
        using var scope = NewDisposeScope();
        var (r, n, d) = (x.size(0), x.size(1), x.size(2));
        Tensor Heads(Tensor of) => of.view(r, n, _heads, d / _heads).transpose(1, 2);            // [R, h, N, e]
        var q = Heads(query.call(x) * (1 / Math.Sqrt((double)d / _heads)));
        Tensor weights;
        using (var scores = q.matmul(Heads(key.call(memory)).transpose(2, 3))) weights = scores.softmax(-1); // [R, h, N, N]
        return proj.call(weights.matmul(Heads(value.call(memory))).transpose(1, 2).reshape(r, n, d)).MoveToOuterDisposeScope();
    }
}
