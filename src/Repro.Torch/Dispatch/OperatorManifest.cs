using System.Runtime.InteropServices;
using Repro.Torch.Interop;

namespace Repro.Torch.Dispatch;

/// <summary>The check of all operators when libtorch is loaded: one native call that compares a hash of each schema.</summary>
/// <remarks>
/// A program must not learn hours into a run that this libtorch has another operator than it was written for. REPRO_TORCH_LAZY_CHECK=1
/// leaves each operator's check to its first call, for a libtorch that differs only in operators the program does not use.
/// </remarks>
internal static unsafe class OperatorManifest
{
    public const string LazyVariable = "REPRO_TORCH_LAZY_CHECK";

    /// <param name="shim">The loaded library; its entries are not bound yet when this runs.</param>
    /// <exception cref="EngineMissingException">An operator is missing or another; the message names each with both schemas.</exception>
    public static void Check(nint shim)
    {
        if (Environment.GetEnvironmentVariable(LazyVariable) is { Length: > 0 })
            return;
        if (Misfits((delegate* unmanaged<byte*, long, byte**, int>)NativeLibrary.GetExport(shim, "rt_check_operators"), Ops.Manifest) is { Count: > 0 } found)
            throw new EngineMissingException($"{string.Join('\n', found)}\nWith {LazyVariable}=1 only operators that are called are looked at.");
    }

    /// <summary>A sentence for each operator of the manifest that the loaded libtorch has otherwise or not at all.</summary>
    /// <param name="check">The shim's rt_check_operators.</param>
    public static List<string> Misfits(delegate* unmanaged<byte*, long, byte**, int> check, ReadOnlySpan<byte> manifest)
    {
        byte* lines;
        fixed (byte* text = manifest)
            if (check(text, manifest.Length, &lines) != 0)
                throw new EngineMissingException("The operators of this libtorch could not be looked at.");
        // Empty but for a libtorch whose schemas are none of those declared; some may still be right to call.
        var suspects = Marshal.PtrToStringUTF8((nint)lines)!;
        return suspects.Length == 0
            ? []
            : [.. suspects.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Select(parts => Named(parts[0]).Misfit(parts[1])).OfType<string>()];
    }

    private static Operator Named(string fullName) => Ops.All.First(op => op.FullName == fullName);
}
