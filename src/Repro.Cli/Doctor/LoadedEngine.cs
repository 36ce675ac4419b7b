#if TORCHSHARP_PACKAGE
using System.Reflection;
#else
using System.Runtime.InteropServices;
using Repro.Studies;
#endif
using Repro.Training;

namespace Repro.Cli.Doctor;

/// <summary>The engine as it loads in this very process: what really gets mapped says more than what is installed.</summary>
/// <param name="Package">The TorchSharp package's name where the program was built over it; null over the machine's libtorch.</param>
/// <param name="PackageVersion">Its assembly's version.</param>
/// <param name="Shim">Full path of the library between Repro.Torch and libtorch, there or not.</param>
/// <param name="Error">Why the shim, which is there, cannot be used: the loader's message, or that it is of another version.</param>
/// <param name="MappedFiles">Full paths of the libraries in the process.</param>
/// <param name="CpuCapability">The instruction set of libtorch's kernels, as runs record it: <c>AVX2</c>; null where no engine is loaded.</param>
/// <param name="Operators">How libtorch's operators fit; null where no Repro.Torch is loaded.</param>
public sealed record LoadedEngine(
    string? Package, string? PackageVersion, string Shim, string? Error, IReadOnlyList<string> MappedFiles, string? CpuCapability = null, OperatorCheck? Operators = null)
{
    /// <summary>Loads the engine that <paramref name="root"/> is set up with.</summary>
    public static LoadedEngine Load(Machine machine, string root)
    {
        var shim = machine.Variable("REPRO_TORCH_SHIM") is { Length: > 0 } named ? named : Path.Combine(root, ".setup", "native", "librepro_torch.so");
#if TORCHSHARP_PACKAGE
        return new LoadedEngine("TorchSharp", Assembly.Load("TorchSharp").GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion, shim, null, [],
            EngineInfo.Current.CpuCapability);
#else
        if (!File.Exists(shim)) return new LoadedEngine(null, null, shim, null, []);
        string capability;
        OperatorCheck operators;
        try
        {
            // Never freed: libtorch does not survive being unloaded.
            NativeLibrary.Load(shim);
            capability = EngineInfo.Current.CpuCapability;
            operators = new OperatorCheck(Repro.Torch.Runtime.OperatorCount, Repro.Torch.Runtime.Version, Repro.Torch.Runtime.CheckOperators());
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or MissingComponentException)
        {
            // The loader's own message repeats itself in further lines; ours has operators and their schemas there.
            return new LoadedEngine(null, null, shim, e is MissingComponentException ? e.Message.ReplaceLineEndings(" ") : e.Message.Split('\n', 2)[0], []);
        }

        var mapped = machine.Lines("/proc/self/maps").Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length == 6 && p[5].StartsWith('/'));
        return new LoadedEngine(null, null, shim, null, mapped.Select(p => p[5].Trim()).Distinct().ToList(), capability, operators);
#endif
    }

    /// <summary>The first mapped file whose path contains the text.</summary>
    internal string? Mapped(string part) => MappedFiles.FirstOrDefault(file => file.Contains(part, StringComparison.Ordinal));
}

/// <summary>The operators that Repro.Torch calls, beside those of the libtorch that is loaded.</summary>
/// <param name="Count">Operators looked at: all of the manifest.</param>
/// <param name="Libtorch">Its version.</param>
/// <param name="Misfits">A sentence for each that is missing there or another; there are some only where REPRO_TORCH_LAZY_CHECK let the engine load all the same.</param>
public sealed record OperatorCheck(int Count, string Libtorch, IReadOnlyList<string> Misfits);
