#if TORCHSHARP_PACKAGE
using System.Reflection;
#else
using System.Runtime.InteropServices;
#endif

namespace Repro.Cli.Doctor;

/// <summary>The engine as it loads in this very process: what really gets mapped says more than what is installed.</summary>
/// <param name="Package">The TorchSharp package's name where the program was built over it; null over the machine's libtorch.</param>
/// <param name="PackageVersion">Its assembly's version.</param>
/// <param name="Shim">Full path of the library between Repro.Torch and libtorch, there or not.</param>
/// <param name="Error">The loader's message where the shim is there and does not load.</param>
/// <param name="MappedFiles">Full paths of the libraries in the process.</param>
public sealed record LoadedEngine(string? Package, string? PackageVersion, string Shim, string? Error, IReadOnlyList<string> MappedFiles)
{
    /// <summary>Loads the engine that <paramref name="root"/> is set up with.</summary>
    public static LoadedEngine Load(Machine machine, string root)
    {
        var shim = machine.Variable("REPRO_TORCH_SHIM") is { Length: > 0 } named ? named : Path.Combine(root, ".setup", "native", "librepro_torch.so");
#if TORCHSHARP_PACKAGE
        return new LoadedEngine("TorchSharp", Assembly.Load("TorchSharp").GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion, shim, null, []);
#else
        if (!File.Exists(shim)) return new LoadedEngine(null, null, shim, null, []);
        try
        {
            // Never freed: libtorch does not survive being unloaded.
            NativeLibrary.Load(shim);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return new LoadedEngine(null, null, shim, e.Message.Split('\n', 2)[0], []);
        }

        var mapped = machine.Lines("/proc/self/maps").Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length == 6 && p[5].StartsWith('/'));
        return new LoadedEngine(null, null, shim, null, mapped.Select(p => p[5].Trim()).Distinct().ToList());
#endif
    }

    /// <summary>The first mapped file whose path contains the text.</summary>
    internal string? Mapped(string part) => MappedFiles.FirstOrDefault(file => file.Contains(part, StringComparison.Ordinal));
}
