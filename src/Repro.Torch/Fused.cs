using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>Work that plain calls would do in several passes over memory, or once for each parameter, in one native call.</summary>
public static unsafe class Fused
{
    /// <summary>Without a gradient: average += weight * (value - average) for each pair; tensors that hold no floating-point numbers are copied.</summary>
    /// <param name="weight">1 - decay of the average: 0 keeps it, 1 copies the values.</param>
    public static void MovingAverage(IReadOnlyList<torch.Tensor> averages, IReadOnlyList<torch.Tensor> values, double weight)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, averages.Count);
        using var targets = new HandleArray(averages, averages.Count);
        using var sources = new HandleArray(values, values.Count);
        Native.Check(Native.rt_lerp_all(targets.Pointer, sources.Pointer, targets.Count, weight), "Fused.MovingAverage");
    }

    /// <summary>Scales all gradients by one factor so that their norm together is at most <paramref name="limit"/>.</summary>
    /// <param name="limit">Infinity only measures.</param>
    /// <returns>The 2-norm before; NaN or infinity where a gradient holds such; all gradients are scaled by it then, as in PyTorch.</returns>
    public static double ClipGradientNorm(IReadOnlyList<torch.Tensor> parameters, double limit)
    {
        using var handles = new HandleArray(parameters, parameters.Count);
        double norm;
        Native.Check(Native.rt_clip_gradient_norm(handles.Pointer, handles.Count, limit, &norm), "Fused.ClipGradientNorm");
        return norm;
    }

    /// <summary>relu(normalization(x) + residual), recorded by autograd. A module with hooks computes by itself, so that they see its result.</summary>
    /// <param name="x">(N, C, H, W).</param>
    /// <param name="residual">Of the same shape; null adds nothing.</param>
    public static torch.Tensor BatchNormRelu(TorchSharp.Modules.BatchNorm normalization, torch.Tensor x, torch.Tensor? residual = null)
    {
        if (!normalization.HasHooks)
            return normalization.Normalize(x, residual, relu: true);
        var y = normalization.call(x);
        if (residual is not null)
            y.add_(residual);
        return y.relu_();
    }

    /// <summary>silu(normalization(x)), recorded by autograd. A module with hooks computes by itself, so that they see its result.</summary>
    /// <param name="x">(N, C, ...).</param>
    public static torch.Tensor GroupNormSilu(TorchSharp.Modules.GroupNorm normalization, torch.Tensor x)
    {
        if (!normalization.HasHooks)
            return normalization.Normalize(x, silu: true);
        using var y = normalization.call(x);
        return y.silu();
    }
}
