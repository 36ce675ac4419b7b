using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The network of NsDiff that predicts noise and variance, place by place from (y_t, f, g): three layers of 128 units, each scaled unit by unit by a factor that belongs to the step, with softplus
/// (the released code; TMDM's denoiser with a head for the variance).
/// </summary>
internal sealed class NsDiffDenoiser : Module
{
    public const int Hidden = 128;

    // Numbers of a hidden layer at a time while sampling: 4 MB, which stay in the cache.
    private const long AtOnce = 1L << 20;

    private readonly Linear lin1, lin2, lin3, lin4, sigma_lin;
    private readonly Embedding embed1, embed2, embed3;
    private readonly int _channels;

    public NsDiffDenoiser(int channels, int steps, InitialValues values)
        : base(nameof(NsDiffDenoiser))
    {
        _channels = channels;
        (lin1, lin2, lin3) = (Linear(3 * channels, Hidden), Linear(Hidden, Hidden), Linear(Hidden, Hidden));
        (lin4, sigma_lin) = (Linear(Hidden, channels), Linear(Hidden, channels));
        (embed1, embed2, embed3) = (Embedding(steps + 1, Hidden), Embedding(steps + 1, Hidden), Embedding(steps + 1, Hidden));
        RegisterComponents();
        foreach (var layer in new[] { lin1, lin2, lin3, lin4, sigma_lin }) values.AsPyTorch(layer);
        foreach (var embedding in new[] { embed1, embed2, embed3 }) values.UniformBetween(embedding.weight!, 0, 1);
    }

    /// <summary>Noise and variance, windows at steps of their own.</summary>
    /// <param name="y">Y_t, as the other two [B, H, C].</param>
    /// <param name="mean">f(X).</param>
    /// <param name="variance">g(X).</param>
    /// <param name="t">Index of each window's step, [B].</param>
    public (Tensor Noise, Tensor Variance) Predict(Tensor y, Tensor mean, Tensor variance, Tensor t)
    {
        Tensor Factor(Embedding embedding) => embedding.call(t).unsqueeze(1);    // [B, 1, 128]
        using var all = cat([y, mean, variance], -1);                            // [B, H, 3 C]
        using var one = Scaled(lin1.call(all), Factor(embed1));                  // [B, H, 128], as the others
        using var two = Scaled(lin2.call(one), Factor(embed2));
        return Heads(Scaled(lin3.call(two), Factor(embed3)));
    }

    /// <summary>What <paramref name="mean"/> and <paramref name="variance"/> add to the first layer, the same at every step and for every sample: [..., 128].</summary>
    public Tensor Fixed(Tensor mean, Tensor variance)
    {
        using var weight = lin1.weight.narrow(1, _channels, 2 * _channels);
        using var both = cat([mean, variance], -1);
        return functional.linear(both, weight, lin1.bias);
    }

    /// <summary>Samples of all windows at one step, as <see cref="Predict"/> has it; on a CPU a handful of samples at a time.</summary>
    /// <param name="y">Y_t, [B, S, H, C].</param>
    /// <param name="fixedPart">From <see cref="Fixed"/>, [B, 1, H, 128].</param>
    public (Tensor Noise, Tensor Variance) At(Tensor y, Tensor fixedPart, int t)
    {
        using var scope = NewDisposeScope();
        // The factors go into weights and biases, which are smaller than what they make.
        Tensor Factor(Embedding embedding) => embedding.weight!.select(0, t);    // [128]
        var weight1 = lin1.weight.narrow(1, 0, _channels) * Factor(embed1).unsqueeze(1);
        var fixed1 = fixedPart * Factor(embed1);
        var (weight2, bias2) = (lin2.weight * Factor(embed2).unsqueeze(1), lin2.bias! * Factor(embed2));
        var (weight3, bias3) = (lin3.weight * Factor(embed3).unsqueeze(1), lin3.bias! * Factor(embed3));
        var (b, s, h, c) = (y.size(0), y.size(1), y.size(2), y.size(3));
        var room = y.device.type == DeviceType.CPU ? AtOnce / (h * Hidden) : b * s;
        var (windows, samples) = (Math.Clamp(room / s, 1, b), Math.Clamp(room, 1, s));
        var (noises, variances) = (new List<Tensor>(), new List<Tensor>());
        for (var window = 0L; window < b; window += windows)
        {
            for (var sample = 0L; sample < s; sample += samples)
            {
                using var piece = NewDisposeScope();
                Tensor Piece(Tensor of) => of.narrow(0, window, Math.Min(windows, b - window));
                var own = functional.linear(Piece(y).narrow(1, sample, Math.Min(samples, s - sample)), weight1); // [b, s, H, 128], as the layers behind it
                var (noise, variance) = Heads(Active(Active(Active(own.add_(Piece(fixed1))), weight2, bias2), weight3, bias3));
                noises.Add(noise.view(-1, h, c).MoveToOuterDisposeScope());
                variances.Add(variance.view(-1, h, c).MoveToOuterDisposeScope());
            }
        }
        return (cat(noises).view(b, s, h, c).MoveToOuterDisposeScope(), cat(variances).view(b, s, h, c).MoveToOuterDisposeScope());
    }

    /// <summary>Takes over what it is given.</summary>
    private (Tensor Noise, Tensor Variance) Heads(Tensor last)
    {
        using var three = last;
        using var again = functional.softplus(three);
        using var scale = sigma_lin.call(again);
        return (lin4.call(three), functional.softplus(scale));                   // [..., H, C] twice
    }

    /// <summary>Takes over the first that it is given.</summary>
    private static Tensor Active(Tensor x, Tensor weight, Tensor bias)
    {
        using var before = x;
        return Active(functional.linear(before, weight, bias));
    }

    /// <summary>Takes over what it is given.</summary>
    private static Tensor Active(Tensor linear)
    {
        using var before = linear;
        return functional.softplus(before);
    }

    /// <summary>Takes over what it is given.</summary>
    private static Tensor Scaled(Tensor linear, Tensor factor)
    {
        using Tensor before = linear, scale = factor;
        return Active(before * scale);
    }
}
