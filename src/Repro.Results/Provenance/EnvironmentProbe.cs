using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Repro.Results.Provenance;

/// <summary>Finds out under what conditions this process executes.</summary>
public static class EnvironmentProbe
{
    /// <param name="engine">What computes, as the engine itself says.</param>
    /// <param name="git">Of the sources that the program was built from.</param>
    public static RunEnvironment Capture(EngineFacts engine, string device, int threads, GitState git) => new()
    {
        Commit = git.Commit ?? BuiltFrom(),
        Dirty = git.Dirty,
        Engine = engine.Name,
        EngineBuild = engine.Build,
        CpuCapability = engine.CpuCapability,
        Blas = engine.Blas,
        Cpu = CpuModel(),
        Cores = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Device = device,
        Gpu = device.StartsWith("cuda", StringComparison.Ordinal) ? Gpu(device) : null,
        Threads = threads,
        OperatingSystem = OperatingSystemName(),
        DotNet = RuntimeInformation.FrameworkDescription,
        Program = Program.Value,
        Packages = Packages(),
    };

    /// <summary>As <see cref="RunEnvironment.Program"/> of this process; it stays what it is as long as that lives.</summary>
    public static Lazy<string> Program { get; } = new(HashProgram);

    /// <summary>Largest resident memory of this process so far, in bytes.</summary>
    public static long PeakMemoryBytes()
    {
        if (File.Exists("/proc/self/status"))
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal)) return long.Parse(line.AsSpan(6, line.Length - 9).Trim()) * 1024;
            }
        }
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Name, driver and memory of the GPU that <paramref name="device"/> (<c>cuda</c>, <c>cuda:1</c>) means, as nvidia-smi tells; null where there is none.</summary>
    public static string? Gpu(string device)
    {
        var index = device.Contains(':', StringComparison.Ordinal) ? device[(device.IndexOf(':') + 1)..] : "0";
        // The process counts only the devices that it may see; nvidia-smi counts all.
        if (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { Length: > 0 } visible
            && int.TryParse(index, out var position) && visible.Split(',') is var names && position < names.Length)
            index = names[position].Trim();
        return NvidiaSmi.Ask(["index", "uuid", "name", "driver_version", "memory.total"]).FirstOrDefault(row => row[0] == index || row[1].StartsWith(index, StringComparison.Ordinal)) is [_, _, var name, var driver, var memory]
            ? $"{name}, driver {driver}, {memory} MiB" : null;
    }

    /// <summary>Model of the processor, as the system tells.</summary>
    public static string CpuModel()
    {
        if (File.Exists("/proc/cpuinfo"))
        {
            foreach (var line in File.ReadLines("/proc/cpuinfo"))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal)) return line[(line.IndexOf(':') + 1)..].Trim();
            }
        }
        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string OperatingSystemName()
    {
        var name = RuntimeInformation.OSDescription;
        if (File.Exists("/etc/os-release") && File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal)) is { } pretty)
            name = $"{pretty["PRETTY_NAME=".Length..].Trim('"')}, kernel {Environment.OSVersion.Version}";
        return name;
    }

    /// <summary>The commit that the build wrote into the program (Repro.Results.csproj), for one that runs where git says nothing.</summary>
    private static string? BuiltFrom()
    {
        var version = typeof(EnvironmentProbe).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.IndexOf('+') is { } plus and >= 0 ? version[(plus + 1)..] : null;
    }

    // Of the assemblies that decide a run's bits. The module version of a deterministic build is a hash of its sources: equal code, equal versions.
    // They are asked for by name, because which of them are loaded by now differs between a run that begins and one that goes on.
    private static string HashProgram()
    {
        var modules = new List<string>();
        foreach (var name in (string[])["Repro.Experiments", "Repro.Studies", "Repro.Torch", "Repro.Training"])
        {
            try
            {
                modules.Add($"{name} {Assembly.Load(name).ManifestModule.ModuleVersionId}");
            }
            catch (FileNotFoundException)
            {
                // A program without that part: Repro.Torch, where TorchSharp's package is the engine.
            }
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', modules))))[..16];
    }

    private static SortedDictionary<string, string> Packages()
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var manifests = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split([';', ':'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var manifest in manifests.Where(m => Path.GetDirectoryName(m) is { } folder && AppContext.BaseDirectory.StartsWith(folder, StringComparison.Ordinal) && File.Exists(m)))
        {
            try
            {
                foreach (var (library, facts) in JsonNode.Parse(File.ReadAllText(manifest))?["libraries"]?.AsObject() ?? [])
                {
                    if ((string?)facts?["type"] == "package" && library.Split('/') is [var name, var version]) packages[name] = version;
                }
            }
            catch (JsonException)
            {
                // Written by the SDK; one of another shape tells no packages, and the assemblies below do.
            }
        }
        if (packages.Count > 0) return packages;
        foreach (var name in AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName()).Where(n => n.Name?.StartsWith("System", StringComparison.Ordinal) == false))
            packages[name.Name!] = name.Version?.ToString() ?? "";
        return packages;
    }
}

/// <summary>What the engine says of itself.</summary>
/// <param name="Name"><c>Repro.Torch over libtorch 1.13.1</c>.</param>
/// <param name="Build">Hash over the shim and libtorch's libraries' build identifiers.</param>
/// <param name="CpuCapability">The instruction set that it chose.</param>
public sealed record EngineFacts(string Name, string Build, string CpuCapability, string Blas);
