using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The network of TMDM that predicts noise, place by place from (y_t, f): three layers of 128 units, each scaled unit by unit by a factor that belongs to the step, with softplus (the released
/// code; that of CARD, Han et al. 2022).
/// </summary>
internal sealed class TmdmDenoiser : Module
{
    public const int Hidden = 128;

    private readonly ConditionalLinear lin1, lin2, lin3;
    private readonly Linear lin4;
    private readonly int _channels;

    public TmdmDenoiser(int channels, int steps, InitialValues values)
        : base(nameof(TmdmDenoiser))
    {
        _channels = channels;
        (lin1, lin2, lin3) = (new ConditionalLinear(2 * channels, Hidden, steps, values), new ConditionalLinear(Hidden, Hidden, steps, values), new ConditionalLinear(Hidden, Hidden, steps, values));
        lin4 = Linear(Hidden, channels);
        RegisterComponents();
        values.AsPyTorch(lin4);
    }

    /// <summary>Noise, windows at steps of their own: [B, R, C], as the first two.</summary>
    /// <param name="y">Y_t.</param>
    /// <param name="mean">f(X).</param>
    /// <param name="t">Index of each window's step, [B].</param>
    public Tensor Predict(Tensor y, Tensor mean, Tensor t)
    {
        using var scope = NewDisposeScope();
        var x = cat([y, mean], -1);                                              // [B, R, 2 C]
        foreach (var layer in new[] { lin1, lin2, lin3 }) x = functional.softplus(layer.Run(x, t)); // [B, R, 128]
        return lin4.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>What <paramref name="mean"/> alone gives the first layer when Y_t = f + r, the same at every step and without the step's factor: [..., 128].</summary>
    public Tensor Fixed(Tensor mean)
    {
        using var twice = cat([mean, mean], -1);                                 // r = 0: (f, f)
        return lin1.lin.call(twice);
    }

    /// <summary>Noise, everything at one step.</summary>
    /// <param name="r">Y_t - f(X), [B, S, H, C].</param>
    /// <param name="fixedPart">From <see cref="Fixed"/>, [B, 1, H, 128].</param>
    public Tensor At(Tensor r, Tensor fixedPart, int t)
    {
        using var scope = NewDisposeScope();
        // The factor goes into weights and bias, which are smaller than what they make.
        var factor = lin1.Factor(t);                                             // [128]
        var x = functional.linear(r, lin1.lin.weight.narrow(1, 0, _channels) * factor.unsqueeze(1)); // [B, S, H, 128]
        using (var own = x) x = own + (fixedPart * factor);
        foreach (var layer in new[] { lin2, lin3 })
        {
            using var before = x;
            using var active = functional.softplus(before);
            x = functional.linear(active, layer.lin.weight * layer.Factor(t).unsqueeze(1), layer.lin.bias! * layer.Factor(t));
        }
        using (var last = x) x = functional.softplus(last);
        return lin4.call(x).MoveToOuterDisposeScope();                           // [B, S, H, C]
    }

    /// <summary>A linear layer and a factor for each of its units at each step.</summary>
    private sealed class ConditionalLinear : Module
    {
        public readonly Linear lin;
        private readonly Embedding embed;

        public ConditionalLinear(int inputs, int units, int steps, InitialValues values)
            : base(nameof(ConditionalLinear))
        {
            // As released, one step more than there are.
            (lin, embed) = (Linear(inputs, units), Embedding(steps + 1, units));
            RegisterComponents();
            values.AsPyTorch(lin);
            values.UniformBetween(embed.weight!, 0, 1);
        }

        public Tensor Run(Tensor x, Tensor t)
        {
            using var factor = embed.call(t).unsqueeze(1);                       // [B, 1, units]
            using var all = lin.call(x);
            return all * factor;
        }

        public Tensor Factor(int t) => embed.weight!.select(0, t);
    }
}
