using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The network of TimeGrad that predicts a row's noise (Rasul et al. 2021, Figure 2): WaveNet's gated convolutions over the channels of one row, which are laid out in a ring and
/// overlap by two at each end.
/// </summary>
/// <remarks>Sizes: N rows, C channels, P = C + 4 places of the ring.</remarks>
internal sealed class TimeGradDenoiser : Module
{
    private const int Blocks = 8, Width = 8, Embedded = 16, Hidden = 64, Overlap = 2;
    private const double Slope = 0.4;

    private readonly Conv1d input_projection, skip_projection, output_projection;
    private readonly Linear projection1, projection2, linear1, linear2;
    private readonly ModuleList<TimeGradBlock> residual_layers;
    // Of the steps' sines and cosines [T, 32], and which channel stands at each place of the ring [P].
    private readonly Tensor steps, ring;

    /// <param name="conditioning">Numbers that are told of the past.</param>
    public TimeGradDenoiser(int channels, int conditioning, int stepCount, InitialValues values)
        : base(nameof(TimeGradDenoiser))
    {
        input_projection = Conv1d(1, Width, 1);
        (projection1, projection2) = (Linear(2 * Embedded, Hidden), Linear(Hidden, Hidden));
        // Departure: one unit where there is one channel; the original has channels / 2, which is none.
        (linear1, linear2) = (Linear(conditioning, Math.Max(1, channels / 2)), Linear(Math.Max(1, channels / 2), channels));
        residual_layers = ModuleList([.. Enumerable.Range(0, Blocks).Select(l => new TimeGradBlock(Width, Hidden, 1 + (l % 2), values))]);
        (skip_projection, output_projection) = (Conv1d(Width, Width, 3), Conv1d(Width, 1, 3));
        steps = StepWaves.Table(stepCount, Embedded, Embedded);
        ring = tensor([.. Enumerable.Range(0, channels + (2 * Overlap)).Select(place => (long)((place - Overlap + (2 * channels)) % channels))]);
        register_buffer(nameof(steps), steps, persistent: false);
        register_buffer(nameof(ring), ring, persistent: false);
        RegisterComponents();
        foreach (var dense in new[] { projection1, projection2, linear1, linear2 }) values.AsPyTorch(dense);
        foreach (var convolution in new[] { input_projection, skip_projection, output_projection })
        {
            values.HeNormal(convolution.weight);
            values.BiasAsPyTorch(convolution.weight, convolution.bias);
        }
        InitialValues.Constant(output_projection.weight, 0);
    }

    /// <summary>The noise in rows at steps of their own.</summary>
    /// <param name="x">[N, 1, C].</param>
    /// <param name="t">Index of each row's step, [N].</param>
    /// <param name="condition">[N, 1, conditioning].</param>
    /// <returns>[N, 1, C].</returns>
    public Tensor Predict(Tensor x, Tensor t, Tensor condition)
    {
        var h = functional.leaky_relu(input_projection.call(Around(x)), Slope);  // [N, 8, P]
        var step = Embed(steps.index_select(0, t));                              // [N, 64]
        var past = Around(Upsample(condition));                                  // [N, 1, P]
        var skips = new Tensor[Blocks];
        for (var l = 0; l < Blocks; l++) (h, skips[l]) = residual_layers[l].call(h, past, step);
        return Last(stack(skips).sum([0L]));
    }

    /// <summary>What a whole forecast has in common, computed once: call it without gradients, and keep it no longer than the parameters stand still.</summary>
    public Frozen Freeze() => new(this);

    /// <summary>[N, 8, P] to [N, 1, C].</summary>
    private Tensor Last(Tensor skips)
    {
        using var scaled = skips / Math.Sqrt(Blocks);
        using var projected = skip_projection.call(scaled);                      // [N, 8, C + 2]
        using var rectified = functional.leaky_relu(projected, Slope);
        return output_projection.call(rectified);
    }

    private Tensor Embed(Tensor sines) => projection2.call(projection1.call(sines).silu()).silu();

    /// <summary>[N, 1, conditioning] to [N, 1, C].</summary>
    private Tensor Upsample(Tensor condition) => functional.leaky_relu(linear2.call(functional.leaky_relu(linear1.call(condition), Slope)), Slope);

    /// <summary>[N, 1, C] to [N, 1, P].</summary>
    private Tensor Around(Tensor row) => row.index_select(2, ring);

    /// <summary>
    /// The network for rows that are all at one step: what comes of the step is part of the convolutions' biases, what comes of the past is computed once a row and not once a step, and
    /// sigmoid(a) tanh(b) is 2 sigmoid(a) (sigmoid(2 b) - 1/2), one function for both halves, whose factors of 2 are in the weights.
    /// </summary>
    internal sealed class Frozen
    {
        private readonly TimeGradDenoiser _of;
        private readonly Tensor[] _dilated, _output;                             // [16, 8, 3] and [16, 8, 1]
        private readonly Tensor[][] _biases;                                     // by step and block, [16]
        private readonly Tensor _past, _pastBias;                                // of all blocks, [128, 1, 1] and [128]

        public Frozen(TimeGradDenoiser of)
        {
            _of = of;
            TimeGradBlock[] blocks = [.. of.residual_layers];
            var doubled = cat([ones([Width], device: of.steps.device), full([Width], 2.0, dtype: ScalarType.Float32, device: of.steps.device)]);    // [16]: the filter's half
            var step = of.Embed(of.steps);                                       // [T, 64]
            _dilated = [.. blocks.Select(block => block.dilated_conv.weight * doubled.view(-1, 1, 1))];
            _output = [.. blocks.Select(block => block.output_projection.weight * 2)];
            Tensor[] perBlock = [.. blocks.Select(block => block.Bias(step) * doubled)];       // [T, 16] each
            _biases = [.. Enumerable.Range(0, (int)of.steps.size(0)).Select(t => perBlock.Select(bias => bias.select(0, t)).ToArray())];
            _past = cat([.. blocks.Select(block => block.conditioner_projection.weight * doubled.view(-1, 1, 1))]);
            _pastBias = cat([.. blocks.Select(block => block.conditioner_projection.bias! * doubled)]);
        }

        /// <summary>What a row's past adds to each block, [N, 16, P].</summary>
        /// <param name="condition">[N, 1, conditioning].</param>
        public Tensor[] Past(Tensor condition)
        {
            var all = functional.conv1d(_of.Around(_of.Upsample(condition)), _past, _pastBias);    // [N, 128, P]
            return all.split(2 * Width, dim: 1);
        }

        /// <summary>The noise in rows at one step, [N, 1, C].</summary>
        /// <param name="past">From <see cref="Past"/>.</param>
        public Tensor Noise(Tensor x, Tensor[] past, int t)
        {
            using var around = _of.Around(x);
            var h = _of.input_projection.call(around).leaky_relu_(Slope);        // [N, 8, P]
            using var skips = zeros_like(h);
            for (var l = 0; l < Blocks; l++)
            {
                var block = _of.residual_layers[l];
                using var before = h;
                using var wrapped = block.Wrapped(before);
                using var both = functional.conv1d(wrapped, _dilated[l], _biases[t][l], dilation: block.Dilation).add_(past[l]).sigmoid_();
                using var gate = both.narrow(1, 0, Width);
                using var filter = both.narrow(1, Width, Width);
                using var centred = filter - 0.5;
                using var gated = centred * gate;                                // half of sigmoid(a) tanh(b)
                using var output = functional.conv1d(gated, _output[l], block.output_projection.bias).leaky_relu_(Slope);
                using var residual = output.narrow(1, 0, Width);
                using var skip = output.narrow(1, Width, Width);
                h = (before + residual).mul_(Math.Sqrt(0.5));
                skips.add_(skip);
            }
            h.Dispose();
            return _of.Last(skips);
        }
    }
}

/// <summary>A residual block of <see cref="TimeGradDenoiser"/>: a convolution along the ring, to which step and past are added, gated, and split into what goes on and what goes to the end.</summary>
internal sealed class TimeGradBlock : Module<Tensor, Tensor, Tensor, (Tensor Residual, Tensor Skip)>
{
    internal readonly Conv1d dilated_conv, conditioner_projection, output_projection;
    private readonly Linear diffusion_projection;

    /// <param name="hidden">Numbers that are told of the step.</param>
    public TimeGradBlock(int width, int hidden, int dilation, InitialValues values)
        : base(nameof(TimeGradBlock))
    {
        Dilation = dilation;
        dilated_conv = Conv1d(width, 2 * width, 3, dilation: dilation);
        diffusion_projection = Linear(hidden, width);
        conditioner_projection = Conv1d(1, 2 * width, 1);
        output_projection = Conv1d(width, 2 * width, 1);
        RegisterComponents();
        values.AsPyTorch(dilated_conv);
        values.AsPyTorch(diffusion_projection);
        foreach (var convolution in new[] { conditioner_projection, output_projection })
        {
            values.HeNormal(convolution.weight);
            values.BiasAsPyTorch(convolution.weight, convolution.bias);
        }
    }

    /// <summary>Places between the inputs of the convolution: 1 or 2.</summary>
    public int Dilation { get; }

    // x: [N, 8, P], past: [N, 1, P], step: [N, 64].
    public override (Tensor Residual, Tensor Skip) forward(Tensor x, Tensor past, Tensor step)
    {
        var shifted = x + diffusion_projection.call(step).unsqueeze(-1);
        var halves = (dilated_conv.call(Wrapped(shifted)) + conditioner_projection.call(past)).chunk(2, dim: 1);     // [N, 8, P] twice
        var gated = halves[0].sigmoid() * halves[1].tanh();
        var output = functional.leaky_relu(output_projection.call(gated), 0.4).chunk(2, dim: 1);
        return ((x + output[0]) * Math.Sqrt(0.5), output[1]);
    }

    /// <summary>The ring with as many places of the other end at each end as the convolution reaches out.</summary>
    internal Tensor Wrapped(Tensor x)
    {
        using var end = x.narrow(2, x.size(2) - Dilation, Dilation);
        using var start = x.narrow(2, 0, Dilation);
        return cat([end, x, start], 2);
    }

    /// <summary>What the convolution makes of a step's vector, which stands at every place of the ring, and of its own bias: [T, 64] to [T, 16].</summary>
    internal Tensor Bias(Tensor step) => functional.linear(diffusion_projection.call(step), dilated_conv.weight.sum([2L]), dilated_conv.bias);
}
