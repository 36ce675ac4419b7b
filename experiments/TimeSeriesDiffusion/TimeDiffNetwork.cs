using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The network of TimeDiff that predicts the future x_0 in what noise has left of it, by convolutions along time (Shen and Kwok 2023), and the one that reads the history for it.
/// </summary>
internal sealed class TimeDiffNetwork : Module
{
    private readonly Parameter cond_projections_weight, cond_projections_bias;   // [C, H, L] and [C, H]
    private readonly TimeDiffConvolutions cnn_cond_projections, input_projection, enc_conv, combine_conv;
    private readonly Linear cnn_linear, projection1, projection2;
    private readonly Tensor steps;                                               // sines and cosines of each step, [T, hidden]
    private readonly int _hidden;

    /// <param name="hidden">Channels of the convolutions, and numbers that are told of a step; even. 256 as released.</param>
    /// <param name="conditionHidden">Channels of those that read the history. 64 as released.</param>
    public TimeDiffNetwork(ForecastShape shape, int stepCount, InitialValues values, int hidden = 256, int conditionHidden = 64)
        : base(nameof(TimeDiffNetwork))
    {
        _hidden = hidden;
        cond_projections_weight = new Parameter(zeros(shape.Channels, shape.Horizon, shape.History));
        cond_projections_bias = new Parameter(zeros(shape.Channels, shape.Horizon));
        cnn_cond_projections = new(shape.Channels, conditionHidden, shape.Horizon, values);
        cnn_linear = Linear(shape.History, shape.Channels);
        input_projection = new(shape.Channels, hidden, hidden, values);
        (projection1, projection2) = (Linear(hidden, hidden), Linear(hidden, hidden));
        enc_conv = new(2 * hidden, hidden, hidden, values);
        combine_conv = new(hidden + (2 * shape.Channels), hidden, shape.Channels, values);
        steps = StepWaves.Table(stepCount, hidden / 2, (hidden / 2) - 1);
        register_buffer(nameof(steps), steps, persistent: false);
        RegisterComponents();
        // Each channel's map begins as the mean of the history.
        InitialValues.Constant(cond_projections_weight, 1.0 / shape.History);
        values.Uniform(cond_projections_bias, 1 / Math.Sqrt(shape.History));
        foreach (var dense in new[] { cnn_linear, projection1, projection2 }) values.AsPyTorch(dense);
    }

    /// <summary>F: what the history says of the future, by a linear map for each channel and convolutions over all: [B, C, L] to [B, C, H].</summary>
    public Tensor Condition(Tensor history)
    {
        using var channels = history.transpose(0, 1);                            // [C, B, L]
        using var maps = cond_projections_weight.transpose(1, 2);                // [C, L, H]
        using var linear = channels.bmm(maps) + cond_projections_bias.unsqueeze(1);     // [C, B, H]
        using var convolved = cnn_cond_projections.call(history);                // [B, H, L]
        using var ahead = cnn_linear.call(convolved);                            // [B, H, C]
        return linear.transpose(0, 1) + ahead.transpose(1, 2);
    }

    /// <summary>X_0 of windows at steps of their own, [B, C, H].</summary>
    /// <param name="y">X_t, [B, C, H].</param>
    /// <param name="t">Index of each window's step, [B].</param>
    /// <param name="condition">What the history says and the linear forecast, one behind the other: [B, 2 C, H].</param>
    public Tensor Predict(Tensor y, Tensor t, Tensor condition)
    {
        using var x = input_projection.call(y);                                  // [B, 256, H]
        using var embedded = Embed(steps.index_select(0, t));                    // [B, 256]
        using var all = embedded.unsqueeze(-1).expand(-1, -1, y.size(2));
        using var both = cat([all, x], 1);                                       // [B, 512, H]
        using var z = enc_conv.call(both);                                       // [B, 256, H]
        using var told = cat([z, condition], 1);                                 // [B, 256 + 2 C, H]
        return combine_conv.call(told);
    }

    /// <summary>What a step adds to the second part's first layer, the same for every window and sample: [1, 256, H].</summary>
    /// <param name="t">Index of the step.</param>
    public Tensor AddedByStep(int t, long horizon)
    {
        var embedded = Embed(steps.narrow(0, t, 1)).unsqueeze(-1).expand(-1, -1, horizon);          // [1, 256, H]
        return enc_conv.First(embedded, 0);
    }

    /// <summary>What the history adds to the last part's first layer, the same at every step and for every sample: [B, 256, H].</summary>
    /// <param name="condition">As <see cref="Predict"/> has it.</param>
    public Tensor AddedByCondition(Tensor condition) => combine_conv.First(condition, _hidden);

    /// <summary>X_0 of samples that are all at one step, as <see cref="Predict"/> has it in evaluation; without gradients.</summary>
    /// <param name="y">A window's samples one behind the other, [B S, C, H].</param>
    /// <param name="byStep">From <see cref="AddedByStep"/>.</param>
    /// <param name="byCondition">From <see cref="AddedByCondition"/>.</param>
    public Tensor At(Tensor y, Tensor byStep, Tensor byCondition)
    {
        using var x = input_projection.call(y);                                  // [B S, 256, H]
        using var z = enc_conv.Rest(enc_conv.FirstWithoutBias(x, _hidden).add_(byStep));
        var own = combine_conv.FirstWithoutBias(z, 0);
        using (var apart = own.view(byCondition.size(0), -1, byCondition.size(1), byCondition.size(2)))
        using (var each = byCondition.unsqueeze(1))
            apart.add_(each);
        return combine_conv.Rest(own);                                           // [B S, C, H]
    }

    // The third silu stands in the released code too (self.act behind an embedding that ends in one).
    private Tensor Embed(Tensor sines) => projection2.call(projection1.call(sines).silu()).silu().silu();
}

/// <summary>Five convolutions of width 3 along time, between them batch normalization, a leaky rectifier and dropout: [N, inputs, T] to [N, outputs, T].</summary>
internal sealed class TimeDiffConvolutions : Module<Tensor, Tensor>
{
    private const int Layers = 5;

    private readonly ModuleList<Conv1d> convolutions;
    private readonly ModuleList<BatchNorm1d> norms;
    private readonly Dropout dropout;

    public TimeDiffConvolutions(int inputs, int hidden, int outputs, InitialValues values)
        : base(nameof(TimeDiffConvolutions))
    {
        int Inputs(int layer) => layer == 0 ? inputs : hidden;
        convolutions = ModuleList([.. Enumerable.Range(0, Layers).Select(layer => Conv1d(Inputs(layer), layer == Layers - 1 ? outputs : hidden, 3, padding: 1))]);
        norms = ModuleList([.. Enumerable.Range(1, Layers - 1).Select(_ => BatchNorm1d(hidden))]);
        dropout = Dropout(0.1);
        RegisterComponents();
        for (var layer = 0; layer < Layers; layer++)
        {
            values.Orthogonal(convolutions[layer].weight);
            values.BiasAsPyTorch(convolutions[layer].weight, convolutions[layer].bias);
        }
    }

    public override Tensor forward(Tensor rows) => Rest(convolutions[0].call(rows));

    /// <summary>The part of the first convolution that reads some of its inputs, and its bias.</summary>
    /// <param name="from">The first of them.</param>
    public Tensor First(Tensor rows, int from) => First(rows, from, convolutions[0].bias);

    /// <inheritdoc cref="First(Tensor, int)"/>
    public Tensor FirstWithoutBias(Tensor rows, int from) => First(rows, from, null);

    /// <summary>Everything behind the first convolution. Takes over what it is given.</summary>
    public Tensor Rest(Tensor first)
    {
        var h = first;
        for (var layer = 1; layer < Layers; layer++)
        {
            using var before = h;
            using var normal = norms[layer - 1].call(before);
            using var rectified = functional.leaky_relu(normal, 0.1, inplace: !training);
            using var dropped = dropout.call(rectified);
            h = convolutions[layer].call(dropped);
        }
        return h;
    }

    private Tensor First(Tensor rows, int from, Tensor? bias)
    {
        using var weight = convolutions[0].weight.narrow(1, from, rows.size(1));
        return functional.conv1d(rows, weight, bias, padding: 1);
    }
}
