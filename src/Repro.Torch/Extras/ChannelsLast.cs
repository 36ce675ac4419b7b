using Repro.Torch.Dispatch;
using TorchSharp;

namespace Repro.Torch;

/// <summary>The memory order N, H, W, C for tensors of shape N x C x H x W, in which convolutions run faster on many machines. Shapes and values stay.</summary>
public static class ChannelsLast
{
    private const int Format = 2; // c10::MemoryFormat::ChannelsLast

    /// <summary>Reorders every four-dimensional parameter and buffer in place; they keep their identity, so an optimizer made before still fits.</summary>
    /// <remarks>Operators on tensors in this order give results in this order; feed the model with <see cref="Of"/>.</remarks>
    public static T Convert<T>(T module) where T : torch.nn.Module
    {
        using var recording = torch.no_grad();
        foreach (var tensor in module.parameters().Concat(module.buffers()).Where(tensor => tensor.dim() == 4 && !Is(tensor)))
        {
            using var old = tensor.grad;
            tensor.grad = null;
            using (var reordered = Of(tensor))
            using (var data = reordered.detach())
                tensor.SetData(data);
            if (old is null)
                continue;
            using var gradient = Of(old);
            tensor.grad = gradient;
        }
        return module;
    }

    /// <summary>The tensor in this order: a copy, or the tensor again where it is so already.</summary>
    /// <param name="tensor">N x C x H x W.</param>
    public static torch.Tensor Of(torch.Tensor tensor) => Ops.contiguous.Call(tensor, Format);

    public static bool Is(torch.Tensor tensor)
    {
        var (size, stride, expected) = (tensor.shape, tensor.stride(), 1L);
        if (size.Length != 4)
            return false;
        foreach (var dimension in (ReadOnlySpan<int>)[1, 3, 2, 0])
        {
            if (size[dimension] != 1 && stride[dimension] != expected)
                return false;
            expected *= size[dimension];
        }
        return true;
    }
}
