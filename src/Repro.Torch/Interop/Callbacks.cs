using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Repro.Torch.Interop;

/// <summary>What a managed forward gave, as borrowed handles; the shim's Forward.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeForward
{
    public nint* Outputs;
    public nint* Saved;
    public nint* Dirty;
    public nint* NonDifferentiable;
    public long OutputsCount;
    public long SavedCount;
    public long DirtyCount;
    public long NonDifferentiableCount;
    public long MaterializeGradients;
}

/// <summary>A function with a managed forward and backward, while the graph that it is in lives.</summary>
internal abstract unsafe class FunctionCall
{
    public abstract void Forward(NativeForward* result);

    /// <param name="results">Where a reference to each input's gradient goes; null for none.</param>
    public abstract void Backward(torch.Tensor[] gradients, List<torch.Tensor> saved, Span<nint> results);
}

/// <summary>The entries by which libtorch calls managed code. An exception waits here until the outermost native call has returned.</summary>
internal static unsafe class Callbacks
{
    private const string Mark = "managed exception ";
    private static readonly ConcurrentDictionary<long, ExceptionDispatchInfo> Thrown = new();
    private static long last;

    public static nint Hook => (nint)(delegate* unmanaged<nint, nint, nint*, long>)&OnHook;

    public static nint Forward => (nint)(delegate* unmanaged<nint, NativeForward*, long>)&OnForward;

    public static nint Backward => (nint)(delegate* unmanaged<nint, nint*, long, nint*, long, nint*, long, long>)&OnBackward;

    public static nint Release => (nint)(delegate* unmanaged<nint, void>)&OnRelease;

    /// <summary>Keeps an object alive until libtorch calls <see cref="Release"/> with what is given back here.</summary>
    public static nint Keep(object context) => GCHandle.ToIntPtr(GCHandle.Alloc(context));

    /// <summary>Throws again what a callback threw, where that is what the message is about.</summary>
    public static void Rethrow(string message)
    {
        if (message.StartsWith(Mark, StringComparison.Ordinal) && long.TryParse(message.AsSpan(Mark.Length), out var number) && Thrown.TryRemove(number, out var error))
            error.Throw();
    }

    [UnmanagedCallersOnly]
    private static long OnHook(nint context, nint gradient, nint* replacement)
    {
        try
        {
            using var given = new torch.Tensor(gradient, register: false);
            var hook = (Func<torch.Tensor, torch.Tensor?>)GCHandle.FromIntPtr(context).Target!;
            if (hook(given) is { } replaced)
                *replacement = Reference(replaced);
            return 0;
        }
        catch (Exception error)
        {
            return Number(error);
        }
    }

    [UnmanagedCallersOnly]
    private static long OnForward(nint context, NativeForward* result)
    {
        try
        {
            ((FunctionCall)GCHandle.FromIntPtr(context).Target!).Forward(result);
            return 0;
        }
        catch (Exception error)
        {
            return Number(error);
        }
    }

    [UnmanagedCallersOnly]
    private static long OnBackward(nint context, nint* gradients, long n, nint* saved, long savedCount, nint* results, long resultsCount)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            var given = new torch.Tensor[n];
            for (var i = 0; i < n; i++)
                given[i] = gradients[i] == 0 ? torch.Tensor.Undefined() : new torch.Tensor(gradients[i]);
            var kept = new List<torch.Tensor>();
            for (var i = 0; i < savedCount; i++)
                kept.Add(saved[i] == 0 ? torch.Tensor.Undefined() : new torch.Tensor(saved[i]));
            ((FunctionCall)GCHandle.FromIntPtr(context).Target!).Backward(given, kept, new Span<nint>(results, (int)resultsCount));
            return 0;
        }
        catch (Exception error)
        {
            return Number(error);
        }
    }

    [UnmanagedCallersOnly]
    private static void OnRelease(nint context) => GCHandle.FromIntPtr(context).Free();

    /// <summary>A further reference, for libtorch to own.</summary>
    public static nint Reference(torch.Tensor tensor)
    {
        nint copy;
        Native.Check(Native.rt_tensor_share(tensor.Handle, &copy), "autograd");
        GC.KeepAlive(tensor);
        return copy;
    }

    private static long Number(Exception error)
    {
        var number = Interlocked.Increment(ref last);
        Thrown[number] = ExceptionDispatchInfo.Capture(error);
        return number;
    }
}
