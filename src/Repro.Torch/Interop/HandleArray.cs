using System.Runtime.InteropServices;
using TorchSharp;

namespace Repro.Torch.Interop;

/// <summary>The handles of many tensors side by side, as the shim takes them. Keeps the tensors alive until disposed of.</summary>
internal sealed unsafe class HandleArray : IDisposable
{
    private readonly IEnumerable<torch.Tensor?>? tensors;
    private void* memory;

    /// <param name="tensors">Null gives a null pointer and no entries.</param>
    public HandleArray(IList<torch.Tensor>? tensors) : this((IEnumerable<torch.Tensor?>?)tensors, tensors?.Count ?? 0)
    {
    }

    public HandleArray(IEnumerable<torch.Tensor?>? tensors, int count)
    {
        this.tensors = tensors;
        Count = count;
        if (tensors is null)
            return;
        memory = NativeMemory.Alloc((nuint)(sizeof(nint) * Math.Max(count, 1)));
        var at = 0;
        try
        {
            foreach (var tensor in tensors)
                Pointer[at++] = tensor is null ? 0 : tensor.Handle;
        }
        catch
        {
            NativeMemory.Free(memory);
            memory = null;
            throw;
        }
    }

    public int Count { get; }

    public nint* Pointer => (nint*)memory;

    public void Dispose()
    {
        NativeMemory.Free(memory);
        memory = null;
        GC.KeepAlive(tensors);
    }
}
