using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Repro.Torch.Interop;

/// <summary>The handles of many tensors side by side, as the shim takes them. Keeps the tensors alive until disposed of; a local variable only.</summary>
internal unsafe ref struct HandleArray : IDisposable
{
    private const int Few = 8;
    private readonly object? tensors;
    private readonly void* memory;
#pragma warning disable CS0649 // Written through Pointer.
    private FewHandles few;
#pragma warning restore CS0649

    /// <param name="tensors">Null gives a null pointer and no entries.</param>
    public HandleArray(IList<torch.Tensor>? tensors)
    {
        this.tensors = tensors;
        if (tensors is null)
            return;
        Count = tensors.Count;
        memory = Room(Count);
        try
        {
            for (var i = 0; i < Count; i++)
                Pointer[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public HandleArray(IEnumerable<torch.Tensor?>? tensors, int count)
    {
        this.tensors = tensors;
        if (tensors is null)
            return;
        Count = count;
        memory = Room(Count);
        var at = 0;
        try
        {
            foreach (var tensor in tensors)
                Pointer[at++] = tensor is null ? 0 : tensor.Handle;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Count { get; }

    public readonly nint* Pointer => memory != null || tensors is null ? (nint*)memory : (nint*)Unsafe.AsPointer(ref Unsafe.AsRef(in few));

    public readonly void Dispose()
    {
        NativeMemory.Free(memory);
        GC.KeepAlive(tensors);
    }

    private static void* Room(int count) => count > Few ? NativeMemory.Alloc((nuint)(sizeof(nint) * count)) : null;

    [InlineArray(Few)]
    private struct FewHandles
    {
        private nint first;
    }
}
