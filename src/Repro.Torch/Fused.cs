using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>What a training step does to all parameters at once, each in one native call. Nothing of it is recorded by autograd.</summary>
public static unsafe class Fused
{
    /// <summary>average += weight * (value - average) for each pair; tensors that hold no floating-point numbers are copied.</summary>
    /// <param name="weight">1 - decay of the average: 0 keeps it, 1 copies the values.</param>
    public static void MovingAverage(IReadOnlyList<torch.Tensor> averages, IReadOnlyList<torch.Tensor> values, double weight)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, averages.Count);
        using var targets = new HandleArray(averages, averages.Count);
        using var sources = new HandleArray(values, values.Count);
        Native.Check(Native.rt_lerp_all(targets.Pointer, sources.Pointer, targets.Count, weight), "Fused.MovingAverage");
    }

    /// <summary>Drops the gradients, so that the next backward writes instead of adding.</summary>
    public static void DropGradients(IReadOnlyList<torch.Tensor> parameters)
    {
        using var handles = new HandleArray(parameters, parameters.Count);
        Native.Check(Native.rt_zero_grad(handles.Pointer, handles.Count, 1), "Fused.DropGradients");
    }

    /// <summary>Scales all gradients by one factor so that their norm together is at most <paramref name="limit"/>.</summary>
    /// <param name="limit">Infinity only measures.</param>
    /// <returns>The 2-norm before; NaN or infinity where a gradient holds such (the gradients stay as they are then).</returns>
    public static double ClipGradientNorm(IReadOnlyList<torch.Tensor> parameters, double limit)
    {
        using var handles = new HandleArray(parameters, parameters.Count);
        double norm;
        Native.Check(Native.rt_clip_gradient_norm(handles.Pointer, handles.Count, limit, &norm), "Fused.ClipGradientNorm");
        return norm;
    }
}
