using System.Reflection;
using System.Runtime.InteropServices;
using Repro.Torch.Dispatch;

namespace Repro.Torch.Interop;

/// <summary>Finds and loads librepro_torch.so, the bridge to libtorch.</summary>
/// <remarks>
/// Searched in this order: the file named by REPRO_TORCH_SHIM; beside this assembly; .setup/native under REPRO_ROOT; .setup/native
/// under a parent folder of the program.
/// </remarks>
internal static class ShimLibrary
{
    public const string Name = "repro_torch";
    private const string FileName = "librepro_torch.so";

    /// <summary>The loaded file; null until the first native call.</summary>
    public static string? Path { get; private set; }

    public static IntPtr Resolve(string library, Assembly assembly, DllImportSearchPath? search)
    {
        if (library != Name)
            return IntPtr.Zero;
        var path = Candidates().FirstOrDefault(File.Exists)
            ?? throw new EngineMissingException(Missing());
        BoundSpinning();
        IntPtr handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (DllNotFoundException error)
        {
            throw new EngineMissingException($"{path} could not be loaded: {error.Message.Trim()} Run ./setup to build it against the libtorch that is here now; in a bundle, ./repro doctor says what to do.", error);
        }
        var abi = NativeLibrary.TryGetExport(handle, "rt_abi", out var entry) ? CallAbi(entry) : 0;
        if (abi != Native.Abi)
            throw new EngineMissingException($"{path} was built from another version of the source (interface {abi}, this program needs {Native.Abi}). Run ./setup.");
        OperatorManifest.Check(handle);
        var ending = NativeLibrary.GetExport(handle, "rt_ending");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Call(ending);
        Path = path;
        return handle;
    }

    // OpenMP's threads wait for the next loop by spinning, for milliseconds where nothing is said: whoever else wants the core, another process or
    // another thread's loops, waits as long. A tenth of that covers the gaps within a step. Read by libgomp when it is loaded.
    private static void BoundSpinning()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            _ = setenv("GOMP_SPINCOUNT", "30000", overwrite: 0);
    }

    [DllImport("libc")]
    private static extern int setenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);

    private static unsafe void Call(IntPtr entry) => ((delegate* unmanaged<void>)entry)();

    private static unsafe int CallAbi(IntPtr entry) => ((delegate* unmanaged<int>)entry)();

    internal static string Missing() =>
        $"The engine's native part, {FileName}, is not built here. Run ./setup (it builds the part against this machine's libtorch). "
        + "A program outside the checkout finds it through REPRO_ROOT, the checkout's folder, or REPRO_TORCH_SHIM, the file itself. "
        + $"Looked for: {string.Join(", ", Candidates().Distinct())}.";

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("REPRO_TORCH_SHIM") is { Length: > 0 } named)
            yield return named;
        yield return System.IO.Path.Combine(AppContext.BaseDirectory, FileName);
        if (Environment.GetEnvironmentVariable("REPRO_ROOT") is { Length: > 0 } root)
            yield return System.IO.Path.Combine(root, ".setup", "native", FileName);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return System.IO.Path.Combine(folder.FullName, ".setup", "native", FileName);
    }
}
