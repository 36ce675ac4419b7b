using System.Runtime.InteropServices;
using TorchSharp;

namespace Repro.Torch.Interop;

/// <summary>As <see cref="HandleArray"/>, for handles that must stay where they are after the method that gathered them.</summary>
internal sealed unsafe class HandleBlock : IDisposable
{
    private readonly torch.Tensor?[] tensors;
    private void* memory;

    public HandleBlock(IEnumerable<torch.Tensor?> tensors)
    {
        this.tensors = [.. tensors];
        memory = NativeMemory.Alloc((nuint)(sizeof(nint) * Math.Max(Count, 1)));
        for (var i = 0; i < Count; i++)
            Pointer[i] = this.tensors[i]?.Handle ?? 0;
    }

    public int Count => tensors.Length;

    public nint* Pointer => (nint*)memory;

    public void Dispose()
    {
        NativeMemory.Free(memory);
        memory = null;
        GC.KeepAlive(tensors);
    }
}
