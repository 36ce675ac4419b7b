using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Repro.Torch.Dispatch;
using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>What this engine is made of and how it stands. Everything here loads libtorch.</summary>
public static unsafe class Runtime
{
    private static readonly Lazy<string> Configuration = new(() =>
    {
        byte* text;
        Native.Check(Native.rt_build_configuration(&text), "Runtime.BuildConfiguration");
        return Marshal.PtrToStringUTF8((nint)text)!;
    });

    private static readonly Lazy<string> Identity = new(ComputeIdentity);

    /// <summary>Of libtorch: <c>1.13.0</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)Native.rt_version())!;

    /// <summary>How libtorch was built, in its own many lines.</summary>
    public static string BuildConfiguration => Configuration.Value;

    /// <summary>The instruction set that libtorch's kernels use here: <c>AVX2</c>; <c>unknown</c> where it does not tell.</summary>
    public static string CpuCapability => Configured("CPU capability usage:") ?? "unknown";

    /// <summary>The library that multiplies matrices on the CPU: MKL, or the file that is loaded as BLAS.</summary>
    public static string Blas
    {
        get
        {
            if (BuildConfiguration.Contains("Math Kernel Library", StringComparison.Ordinal))
                return "MKL";
            var loaded = LoadedLibraries().Select(library => Path.GetFileName(library.Path));
            return loaded.FirstOrDefault(name => name.Contains("openblas", StringComparison.OrdinalIgnoreCase))
                ?? loaded.FirstOrDefault(name => name.StartsWith("libblas", StringComparison.Ordinal)) ?? "built in";
        }
    }

    /// <summary>Equal for equal native code: 16 hexadecimal digits over the build ids of the shim, libtorch and the BLAS.</summary>
    public static string BuildIdentity => Identity.Value;

    /// <summary>Managed tensors alive in this process.</summary>
    public static long LiveTensors => torch.Tensor.TotalCount;

    /// <summary>The shim that is loaded.</summary>
    public static string ShimPath
    {
        get
        {
            _ = Version;
            return ShimLibrary.Path!;
        }
    }

    /// <summary>Every operator this program uses whose schema in the loaded libtorch is another, or missing; empty where all fit.</summary>
    /// <returns>A sentence each, naming the operator and both schemas.</returns>
    /// <exception cref="EngineMissingException">The engine does not load; where that is for its operators, the message has all of them.</exception>
    public static IReadOnlyList<string> CheckOperators()
    {
        _ = Version;
        var complaints = new List<string>();
        foreach (var op in Ops.All)
        {
            try
            {
                op.ActualSchema();
            }
            catch (Exception error) when (error is EngineMissingException or ExternalException)
            {
                complaints.Add(error.Message);
            }
        }
        return complaints;
    }

    /// <summary>Operators this program uses.</summary>
    public static int OperatorCount => Ops.All.Count;

    /// <summary>cuDNN tries its algorithms on the first call of each shape and keeps the fastest.</summary>
    public static bool CudnnBenchmark
    {
        get => Switch(ContextSwitch.CudnnBenchmark);
        set => Switch(ContextSwitch.CudnnBenchmark, value);
    }

    /// <summary>cuDNN uses only algorithms that give the same bits each time.</summary>
    public static bool CudnnDeterministic
    {
        get => Switch(ContextSwitch.CudnnDeterministic);
        set => Switch(ContextSwitch.CudnnDeterministic, value);
    }

    /// <summary>Operators that cannot give the same bits each time throw instead.</summary>
    public static bool DeterministicAlgorithms
    {
        get => Native.rt_deterministic() != 0;
        set => Native.Check(Native.rt_set_deterministic(value ? 1 : 0, 0), "Runtime.DeterministicAlgorithms");
    }

    internal static bool Switch(ContextSwitch which)
    {
        int value;
        Native.Check(Native.rt_context_get((int)which, &value), "Runtime");
        return value != 0;
    }

    internal static void Switch(ContextSwitch which, bool value) => Native.Check(Native.rt_context_set((int)which, value ? 1 : 0), "Runtime");

    private static string? Configured(string label)
    {
        var at = BuildConfiguration.IndexOf(label, StringComparison.Ordinal);
        return at < 0 ? null : BuildConfiguration[(at + label.Length)..].Split('\n')[0].Trim();
    }

    private static List<(string Path, string BuildId)> LoadedLibraries()
    {
        byte* text;
        Native.Check(Native.rt_loaded_libraries(&text), "Runtime");
        return [.. Marshal.PtrToStringUTF8((nint)text)!.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')).Select(parts => (parts[0], parts[1]))];
    }

    private static string ComputeIdentity()
    {
        string[] code = ["librepro_torch", "libtorch", "libc10", "libopenblas", "libblas", "libdnnl", "libmkl"];
        var parts = LoadedLibraries()
            .Where(library => code.Any(name => Path.GetFileName(library.Path).StartsWith(name, StringComparison.Ordinal)))
            .Select(library => $"{Path.GetFileName(library.Path)} {(library.BuildId.Length > 0 ? library.BuildId : Fingerprint(library.Path))}")
            .Distinct().Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..16];
    }

    // For a library without a build id: its length and its first and last mebibyte.
    private static string Fingerprint(string path)
    {
        const int sample = 1 << 20;
        using var stream = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[sample];
        hash.AppendData(buffer.AsSpan(0, stream.ReadAtLeast(buffer, sample, throwOnEndOfStream: false)));
        stream.Seek(-Math.Min(sample, stream.Length), SeekOrigin.End);
        hash.AppendData(buffer.AsSpan(0, stream.ReadAtLeast(buffer, sample, throwOnEndOfStream: false)));
        return $"{stream.Length}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}

/// <summary>Process-wide switches of libtorch, numbered as the shim does.</summary>
internal enum ContextSwitch
{
    Cudnn = 0,
    CudnnBenchmark = 1,
    CudnnDeterministic = 2,
    TensorFloat32InCudnn = 3,
    TensorFloat32InMatmul = 4,
}
