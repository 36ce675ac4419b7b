using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>A queue of work on a GPU. Work on two of them may run at once.</summary>
/// <exception cref="NotSupportedException">From the constructor and <see cref="Current"/>, where the engine has no CUDA.</exception>
public sealed unsafe class CudaStream : IDisposable
{
    private nint handle;

    /// <summary>One of libtorch's pool, which gives the same one again after 32.</summary>
    /// <param name="device">-1: the current one.</param>
    public CudaStream(int device = -1)
    {
        CudaMemory.Need();
        nint made;
        Native.Check(Native.rt_stream_new(device, &made), nameof(CudaStream));
        handle = made;
    }

    private CudaStream(nint handle) => this.handle = handle;

    ~CudaStream() => Free();

    private nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(CudaStream));

    /// <summary>That of this thread.</summary>
    public static CudaStream Current(int device = -1)
    {
        CudaMemory.Need();
        nint found;
        Native.Check(Native.rt_stream_current(device, &found), nameof(CudaStream));
        return new CudaStream(found);
    }

    /// <summary>Until the result is disposed of, this thread's work goes to this stream.</summary>
    public IDisposable Use()
    {
        nint previous;
        Native.Check(Native.rt_stream_exchange(Handle, &previous), nameof(CudaStream));
        GC.KeepAlive(this);
        return new Block(new CudaStream(previous));
    }

    /// <summary>Later work here starts after all that is queued on the other one now. Does not wait itself.</summary>
    public void WaitFor(CudaStream other)
    {
        Native.Check(Native.rt_stream_wait(Handle, other.Handle), nameof(CudaStream));
        GC.KeepAlive(this);
        GC.KeepAlive(other);
    }

    /// <summary>Waits until all that is queued here is done.</summary>
    public void Synchronize()
    {
        Native.Check(Native.rt_stream_synchronize(Handle), nameof(CudaStream));
        GC.KeepAlive(this);
    }

    /// <summary>Says that work queued here uses a tensor made on another stream: its memory is not given to others before that work is done.</summary>
    public void Uses(torch.Tensor tensor)
    {
        Native.Check(Native.rt_stream_uses(Handle, tensor.Handle), nameof(CudaStream));
        GC.KeepAlive(tensor);
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref handle, 0) is var taken && taken != 0)
            Native.rt_stream_release(taken);
    }

    private sealed class Block(CudaStream previous) : IDisposable
    {
        public void Dispose()
        {
            nint left;
            Native.Check(Native.rt_stream_exchange(previous.Handle, &left), nameof(CudaStream));
            Native.rt_stream_release(left);
            previous.Dispose();
        }
    }
}

/// <summary>Copies a batch to the GPU while the one before is computed on, from pinned memory and on a stream of its own.</summary>
public sealed class PinnedPrefetch : IDisposable
{
    private readonly IEnumerator<torch.Tensor[]> batches;
    private readonly torch.Device device;
    private readonly CudaStream copying;
    private torch.Tensor[]? next;

    /// <param name="batches">Tensors on the CPU; disposed of when they are copied.</param>
    public PinnedPrefetch(IEnumerable<torch.Tensor[]> batches, torch.Device device)
    {
        copying = new CudaStream(device.index);
        (this.batches, this.device) = (batches.GetEnumerator(), device);
        next = Copy();
    }

    /// <summary>The next batch on the GPU, which is the caller's, ready for the current stream; null after the last.</summary>
    public torch.Tensor[]? Take()
    {
        if (next is not { } taken)
            return null;
        using (var current = CudaStream.Current(device.index))
        {
            current.WaitFor(copying);
            foreach (var tensor in taken)
                current.Uses(tensor);
        }
        next = Copy();
        return taken;
    }

    public void Dispose()
    {
        foreach (var tensor in next ?? [])
            tensor.Dispose();
        next = null;
        batches.Dispose();
        copying.Dispose();
    }

    private torch.Tensor[]? Copy()
    {
        if (!batches.MoveNext())
            return null;
        using var queue = copying.Use();
        // libtorch keeps pinned memory that a copy still reads from, so the source may be let go at once.
        return Array.ConvertAll(batches.Current, tensor =>
        {
            using (tensor)
            using (var pinned = tensor.pin_memory())
                return pinned.to(device, non_blocking: true).DetachFromDisposeScope();
        });
    }
}
