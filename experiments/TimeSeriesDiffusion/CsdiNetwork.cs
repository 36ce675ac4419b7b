using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Sizes of CSDI's network. The defaults are those of its forecasts (Tashiro et al. 2021, base_forecasting.yaml of the released code), and of NsDiff's copy.</summary>
/// <param name="Layers">Residual layers.</param>
/// <param name="Size">d, numbers that stand for one value of one channel; "channels" in the paper.</param>
internal sealed record CsdiShape(int Layers = 4, int Size = 64, int Heads = 8, int TimeEmbedding = 128, int FeatureEmbedding = 16, int StepEmbedding = 128);

/// <summary>
/// The noise that CSDI predicts (section 5 and figure 3), from each value as it is known, or with noise: attention along time and then along channels, four times, each told the
/// step of the diffusion, the place in time, the channel, and which values are known.
/// </summary>
/// <remarks>Names of layers as in the released code; its 1x1 convolutions are linear layers here, values lie last. Sizes as in <see cref="LinearTransformer"/>.</remarks>
internal sealed class CsdiNetwork : Module
{
    private readonly Linear projection1, projection2, input_projection, output_projection1, output_projection2;
    private readonly Embedding embed_layer;
    private readonly ModuleList<CsdiBlock> residual_layers;
    private readonly Tensor embedding, frequencies;
    private readonly CsdiShape _shape;

    /// <param name="channels">C.</param>
    /// <param name="steps">T.</param>
    public CsdiNetwork(CsdiShape shape, int channels, int steps, InitialValues values)
        : base(nameof(CsdiNetwork))
    {
        _shape = shape;
        (projection1, projection2) = (Linear(shape.StepEmbedding, shape.StepEmbedding), Linear(shape.StepEmbedding, shape.StepEmbedding));
        embed_layer = Embedding(channels, shape.FeatureEmbedding);
        input_projection = Linear(2, shape.Size);
        residual_layers = ModuleList([.. Enumerable.Range(0, shape.Layers).Select(_ => new CsdiBlock(shape, values))]);
        (output_projection1, output_projection2) = (Linear(shape.Size, shape.Size), Linear(shape.Size, 1));
        embedding = StepWaves.Table(steps, shape.StepEmbedding / 2, (shape.StepEmbedding / 2) - 1);
        frequencies = tensor([.. Enumerable.Range(0, shape.TimeEmbedding / 2).Select(i => (float)Math.Pow(10_000, -2.0 * i / shape.TimeEmbedding))]);
        register_buffer(nameof(embedding), embedding, persistent: false);
        register_buffer(nameof(frequencies), frequencies, persistent: false);
        RegisterComponents();
        foreach (var layer in new[] { projection1, projection2 }) CsdiBlock.Begin(layer, values, convolution: false);
        foreach (var layer in new[] { input_projection, output_projection1, output_projection2 }) CsdiBlock.Begin(layer, values, convolution: true);
        values.Normal(embed_layer.weight!, 1);
        // A fresh network predicts no noise at all but its bias.
        InitialValues.Constant(output_projection2.weight, 0);
    }

    /// <summary>What steps of the diffusion add in each layer, [steps, d].</summary>
    /// <param name="t">Indices, int64.</param>
    public Tensor[] Steps(Tensor t)
    {
        using var scope = NewDisposeScope();
        var row = embedding.index_select(0, t);                                  // [steps, 128]
        var vector = functional.silu(projection2.call(functional.silu(projection1.call(row))));
        return [.. residual_layers.Select(layer => layer.Step(vector).MoveToOuterDisposeScope())];
    }

    /// <summary>What place, channel and mask add in each layer, [B, C, N, 2 d]: nothing of it depends on a sample or on a step.</summary>
    /// <param name="positions">Places in time, [B, N]; B is 1 where all windows have the same.</param>
    /// <param name="known">1 where a value is given as it is, else 0: [N].</param>
    public Tensor[] Sides(Tensor positions, Tensor known)
    {
        using var scope = NewDisposeScope();
        var angles = positions.unsqueeze(-1) * frequencies;                      // [B, N, 64]
        var time = stack([angles.sin(), angles.cos()], -1).flatten(2);           // [B, N, 128], sines and cosines in turn
        return [.. residual_layers.Select(layer => layer.Side(time, embed_layer.weight!, known, _shape).MoveToOuterDisposeScope())];
    }

    /// <summary>The predicted noise of some rows, [R, C, count].</summary>
    /// <param name="x">[R, C, N, 2]: the value where it is known, else 0; the noisy value where it is not known, else 0.</param>
    /// <param name="steps">Of each layer, [R or 1, d].</param>
    /// <param name="sides">Of each layer, [R or 1, C, N, 2 d].</param>
    /// <param name="first">The first row that is wanted.</param>
    /// <param name="count">Rows that are wanted.</param>
    public Tensor Predict(Tensor x, IReadOnlyList<Tensor> steps, IReadOnlyList<Tensor> sides, long first, long count)
    {
        using var scope = NewDisposeScope();
        var now = functional.relu(input_projection.call(x));                     // [R, C, N, d]
        Tensor? sum = null;
        for (var i = 0; i < residual_layers.Count; i++)
        {
            (now, var skip) = residual_layers[i].Run(now, steps[i], sides[i], first, count, last: i == residual_layers.Count - 1);
            sum = sum is null ? skip : sum + skip;                               // [R, C, count, d]
        }
        var mean = sum! / Math.Sqrt(residual_layers.Count);                      // [R, C, count, d]
        return output_projection2.call(functional.relu(output_projection1.call(mean))).squeeze(-1).MoveToOuterDisposeScope();
    }
}

/// <summary>A residual layer of CSDI (figure 3): attention along time, attention along channels, and a gate.</summary>
internal sealed class CsdiBlock : Module
{
    private readonly Linear diffusion_projection, cond_projection, mid_projection, output_projection;
    private readonly LinearTransformer time_layer, feature_layer;

    public CsdiBlock(CsdiShape shape, InitialValues values)
        : base(nameof(CsdiBlock))
    {
        diffusion_projection = Linear(shape.StepEmbedding, shape.Size);
        cond_projection = Linear(shape.TimeEmbedding + shape.FeatureEmbedding + 1, 2 * shape.Size);
        (mid_projection, output_projection) = (Linear(shape.Size, 2 * shape.Size), Linear(shape.Size, 2 * shape.Size));
        (time_layer, feature_layer) = (new LinearTransformer(shape.Size, shape.Heads, values), new LinearTransformer(shape.Size, shape.Heads, values));
        RegisterComponents();
        Begin(diffusion_projection, values, convolution: false);
        foreach (var layer in new[] { cond_projection, mid_projection, output_projection }) Begin(layer, values, convolution: true);
    }

    /// <summary>As PyTorch begins a linear layer, or with weights as the released code begins those of a convolution.</summary>
    public static void Begin(Linear layer, InitialValues values, bool convolution)
    {
        if (!convolution)
        {
            values.AsPyTorch(layer);
            return;
        }
        values.HeNormal(layer.weight);
        values.BiasAsPyTorch(layer.weight, layer.bias);
    }

    /// <param name="vector">[steps, 128].</param>
    public Tensor Step(Tensor vector) => diffusion_projection.call(vector);      // [steps, d]

    /// <summary>The projection of (time, channel, mask), each part by itself, since each depends on less than all of them.</summary>
    /// <param name="time">[B, N, 128].</param>
    /// <param name="channels">[C, 16].</param>
    /// <param name="known">[N].</param>
    public Tensor Side(Tensor time, Tensor channels, Tensor known, CsdiShape shape)
    {
        using var scope = NewDisposeScope();
        Tensor Part(int from, int inputs) => cond_projection.weight.narrow(1, from, inputs).contiguous();
        var ofTime = functional.linear(time, Part(0, shape.TimeEmbedding), cond_projection.bias).unsqueeze(1);                    // [B, 1, N, 2 d]
        var ofChannel = functional.linear(channels, Part(shape.TimeEmbedding, shape.FeatureEmbedding)).unsqueeze(1).unsqueeze(0); // [1, C, 1, 2 d]
        var ofMask = functional.linear(known.unsqueeze(1), Part(shape.TimeEmbedding + shape.FeatureEmbedding, 1));                // [N, 2 d]
        return (ofTime + ofMask + ofChannel).MoveToOuterDisposeScope();
    }

    /// <summary>Of the last layer, whose result goes nowhere but into the sum of the skips, no more is computed than is wanted of that.</summary>
    /// <param name="x">[R, C, N, d].</param>
    /// <param name="step">[R or 1, d].</param>
    /// <param name="side">[R or 1, C, N, 2 d].</param>
    /// <returns>[R, C, N, d], which the last layer has none of, and [R, C, count, d].</returns>
    public (Tensor Next, Tensor Skip) Run(Tensor x, Tensor step, Tensor side, long first, long count, bool last)
    {
        using var scope = NewDisposeScope();
        var (begin, rows) = last ? (first, count) : (0, x.size(2));
        var stepped = x + step.view(-1, 1, 1, step.size(1));                     // [R, C, N, d]
        var y = feature_layer.OverChannels(time_layer.OverTime(stepped, begin, rows));
        var halves = (mid_projection.call(y) + side.narrow(2, begin, rows)).chunk(2, -1);
        var gated = halves[0].sigmoid() * halves[1].tanh();                      // [R, C, rows, d]
        var ends = output_projection.call(gated).chunk(2, -1);
        if (last) return (x, ends[1].MoveToOuterDisposeScope());
        return (((x + ends[0]) / Math.Sqrt(2)).MoveToOuterDisposeScope(), ends[1].narrow(2, first, count).MoveToOuterDisposeScope());
    }
}
