using Repro.Torch.Dispatch;
using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>
/// Notices the first operator called on this thread whose result holds a NaN. Looks at every result, so everything is several times slower while
/// one is watching; at most one watches at a time. Backward passes run inside libtorch and are not seen; its anomaly mode sees those.
/// </summary>
public sealed class NanWatch : IDisposable
{
    private readonly Thread thread = Thread.CurrentThread;
    private bool looking;

    /// <exception cref="InvalidOperationException">Another one is watching.</exception>
    public NanWatch()
    {
        if (Interlocked.CompareExchange(ref active, this, null) is not null)
            throw new InvalidOperationException("Another NanWatch is watching already.");
    }

    private static NanWatch? active;

    internal static NanWatch? Active => active;

    /// <summary>The first such operator since the last <see cref="Reset"/>, as <c>aten::log</c>; null while there is none.</summary>
    public string? Operator { get; private set; }

    /// <summary>
    /// Whether a NaN was in that operator's arguments already, so that it came with the data. Null where none is in the others of an operator that works
    /// in place: its first argument is its result by now, and may have held one before.
    /// </summary>
    public bool? WasInArguments { get; private set; }

    public void Reset()
    {
        Operator = null;
        WasInArguments = null;
    }

    public void Dispose() => Interlocked.CompareExchange(ref active, null, this);

    internal unsafe void Look(string name, ReadOnlySpan<Argument> arguments, NativeValue* results, int produced)
    {
        // What empty gives is no value yet, and may be anything.
        if (looking || Operator is not null || Thread.CurrentThread != thread || name.Contains("empty", StringComparison.Ordinal))
            return;
        looking = true;
        try
        {
            for (var i = 0; i < produced; i++)
                if (HoldsNan(results[i]))
                {
                    Operator = name;
                    WasInArguments = ArgumentsHoldNan(name, arguments);
                    return;
                }
        }
        finally
        {
            looking = false;
        }
    }

    private static bool? ArgumentsHoldNan(string name, ReadOnlySpan<Argument> arguments)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var inPlace = (dot < 0 ? name : name[..dot]).EndsWith('_');
        foreach (ref readonly var argument in arguments[(inPlace ? 1 : 0)..])
            if (argument.Object is torch.Tensor tensor ? HoldsNan(tensor) : argument.Object is torch.Tensor[] list && list.Any(HoldsNan))
                return true;
        return inPlace ? null : false;
    }

    private static unsafe bool HoldsNan(NativeValue value)
    {
        if (value.Tag == Tag.Tensor && value.Pointer != 0)
            return HoldsNan(value.Pointer);
        if (value.Tag == Tag.TensorList)
            for (var i = 0; i < value.Count; i++)
                if (((nint*)value.Pointer)[i] is var handle and not 0 && HoldsNan(handle))
                    return true;
        return false;
    }

    private static unsafe bool HoldsNan(nint handle)
    {
        nint copy;
        Native.Check(Native.rt_tensor_share(handle, &copy), nameof(NanWatch));
        using var tensor = new torch.Tensor(copy, register: false);
        return HoldsNan(tensor);
    }

    private static bool HoldsNan(torch.Tensor tensor)
    {
        if (!tensor.is_floating_point())
            return false;
        using var recording = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return tensor.isnan().any().item<bool>();
    }
}
