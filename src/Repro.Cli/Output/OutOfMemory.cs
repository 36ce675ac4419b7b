using System.Globalization;
using System.Text.RegularExpressions;

namespace Repro.Cli.Output;

/// <summary>Tells an error that says that memory ran out, of the machine or of a GPU, from others.</summary>
public static partial class OutOfMemory
{
    /// <summary>
    /// What was asked for, where the engine says it, and what to do; null where the error is another one. An <see cref="InsufficientMemoryException"/> brings its own sentence: it was
    /// thrown by who knows what the memory was for.
    /// </summary>
    public static string? Sentence(Exception error)
    {
        if (error is InsufficientMemoryException) return error.Message;
        var said = CpuAsked().Match(error.Message) is { Success: true } cpu ? $" ({Gigabytes(cpu.Groups[1].Value)} for one tensor)"
            : GpuAsked().Match(error.Message) is { Success: true } gpu ? $" ({gpu.Groups[1].Value} for one tensor)" : "";
        if (said.Length == 0 && error is not OutOfMemoryException && !error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)) return null;
        return $"There is not enough memory{said}. Make the model or its batch smaller (./repro run EXPERIMENT --show-options lists what makes them large), or run it on a machine with more.";
    }

    private static string Gigabytes(string bytes) => (double.Parse(bytes, CultureInfo.InvariantCulture) / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " GB";

    // "DefaultCPUAllocator: can't allocate memory: you tried to allocate 1099511627776 bytes."
    [GeneratedRegex(@"you tried to allocate (\d+) bytes")]
    private static partial Regex CpuAsked();

    // "CUDA out of memory. Tried to allocate 2.00 GiB"
    [GeneratedRegex(@"Tried to allocate ([\d.]+ [KMGT]iB)")]
    private static partial Regex GpuAsked();
}
