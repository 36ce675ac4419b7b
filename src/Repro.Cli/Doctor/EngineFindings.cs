using System.Text.RegularExpressions;

namespace Repro.Cli.Doctor;

/// <summary>The engine: is it built, does it load, over which libtorch, with which BLAS, on which devices.</summary>
internal static partial class EngineFindings
{
    public static IEnumerable<Finding> Of(Machine machine, string root, LoadedEngine engine)
    {
        // ./setup in a checkout; a bundle, which has none, compiles when it is started without its compiled library.
        var checkout = File.Exists(Path.Combine(root, "setup"));
        var setup = checkout ? Path.Combine(root, "setup") : $"rm -r {Path.GetDirectoryName(engine.Shim)} and start again";
        if (engine.Package is { } package)
        {
            yield return new Finding("engine", package, engine.PackageVersion ?? "", FindingState.Ok, "tensors are computed by the TorchSharp package and the libtorch it brings");
        }
        else if (!File.Exists(engine.Shim))
        {
            yield return new Finding("engine", $"Repro.Torch, without its shim ({engine.Shim})", "", FindingState.Missing, "nothing can be trained or checked", setup);
        }
        else if (engine.Error is { } error)
        {
            yield return new Finding("engine", $"Repro.Torch, whose shim does not load ({engine.Shim})", "", FindingState.Missing, $"nothing can be trained or checked: {error}", checkout ? $"{setup} --refresh" : setup);
        }
        else
        {
            var library = engine.Mapped("libtorch_cpu.so");
            var where = library is null ? "libtorch" : Path.GetDirectoryName(library)!;
            yield return new Finding("engine", $"Repro.Torch on the libtorch in {where}", Version(machine, library), FindingState.Ok, $"the shim {engine.Shim} loads");
            if (engine.Operators is { } operators) yield return Operators(operators);
            yield return Blas(engine, library);
        }

        yield return Cpu(machine, engine);
        yield return Gpu(machine, engine);
    }

    /// <summary>From version.py of a PyTorch install, build-version of an unpacked libtorch, or the number in the library's file name.</summary>
    internal static string Version(Machine machine, string? library)
    {
        if (library is null) return "";
        var top = Path.GetDirectoryName(Path.GetDirectoryName(library)!)!;
        foreach (var line in machine.Lines(Path.Combine(top, "version.py")))
        {
            if (PythonVersion().Match(line) is { Success: true } match) return match.Groups[1].Value;
        }

        if (machine.Lines(Path.Combine(top, "build-version")) is [var first, ..]) return first.Trim();
        return FileVersion().Match(Path.GetFileName(library)) is { Success: true } number ? number.Groups[1].Value : "";
    }

    private static Finding Operators(OperatorCheck check)
    {
        var looked = $"{check.Count} checked against libtorch {check.Libtorch}";
        return check.Misfits.Count == 0
            ? new Finding("operators", looked, "", FindingState.Ok, "each has the schema that it is called by")
            : new Finding("operators", looked, "", FindingState.Degraded, $"{check.Misfits.Count} differ, and fail when they are called: {string.Join(' ', check.Misfits).ReplaceLineEndings(" ")}",
                "./setup --libtorch DIR, with another libtorch");
    }

    private static Finding Blas(LoadedEngine engine, string? libtorch)
    {
        // A loader maps the file that libblas.so.3 leads to; the reference implementation lies in a folder of its own.
        var reference = engine.Mapped("/blas/libblas.so");
        string[] fast = ["openblas", "mkl", "blis", "atlas", "libnvpl"];
        var blas = fast.Select(engine.Mapped).FirstOrDefault(file => file is not null);
        if (reference is not null)
        {
            return new Finding("BLAS", reference, "", FindingState.Degraded, "the reference BLAS: matrix products on the CPU are many times slower",
                "sudo apt-get install libopenblas0-pthread");
        }

        return blas is null
            ? new Finding("BLAS", $"the one inside {libtorch ?? "libtorch"}", "", FindingState.Ok, "what PyTorch's own builds bring")
            : new Finding("BLAS", blas, "", FindingState.Ok, "an optimized one");
    }

    /// <summary>The instruction set of libtorch's kernels, in its own word; runs are bit-identical only under the same one.</summary>
    private static Finding Cpu(Machine machine, LoadedEngine engine)
    {
        var info = machine.Lines("/proc/cpuinfo");
        string Field(string name) => info.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() ?? "";
        var model = Field("model name");
        if (engine.CpuCapability is not { } used) return new Finding("CPU", model, "", FindingState.Ok, "which instruction set is used shows once the engine loads");
        var asked = machine.Variable("ATEN_CPU_CAPABILITY") is { Length: > 0 } variable ? variable : null;
        // What libtorch calls the kernels for any processor. On Arm they are what there is; on x86 they are the slow ones.
        if (used is "DEFAULT" or "NO AVX" && Field("flags").Split(' ').Contains("sse2"))
            return new Finding("CPU", model, used, FindingState.Degraded, "without AVX2, training is several times slower", asked is null ? "run on a processor with AVX2" : "unset ATEN_CPU_CAPABILITY");
        return new Finding("CPU", model, used, FindingState.Ok,
            asked is null ? "libtorch's kernels for this instruction set"
            : asked.Equals(used, StringComparison.OrdinalIgnoreCase) ? "forced by ATEN_CPU_CAPABILITY" : $"libtorch's kernels for this instruction set; it does not follow ATEN_CPU_CAPABILITY={asked}");
    }

    private static Finding Gpu(Machine machine, LoadedEngine engine)
    {
        var folder = machine.At("/proc/driver/nvidia/gpus");
        var models = Directory.Exists(folder)
            ? Directory.GetDirectories(folder).Order().Select(gpu => Model(machine.Lines($"/proc/driver/nvidia/gpus/{Path.GetFileName(gpu)}/information"))).ToList()
            : [];
        if (models.Count == 0) return new Finding("GPU", "none", "", FindingState.Ok, "runs compute on the CPU");
        var driver = machine.Lines("/proc/driver/nvidia/version") is [var line, ..] && DriverVersion().Match(line) is { Success: true } match ? match.Value : "";
        var cuda = engine.Mapped("libtorch_cuda.so") is not null || engine.Package?.Contains("cuda", StringComparison.Ordinal) == true;
        return new Finding("GPU", string.Join(", ", models), driver.Length > 0 ? $"driver {driver}" : "", cuda ? FindingState.Ok : FindingState.Degraded,
            cuda ? "used with --device cuda" : "the libtorch in use was built without CUDA: runs compute on the CPU",
            cuda ? "" : "install a PyTorch with CUDA, then ./setup --libtorch DIR (its folder torch)");
    }

    private static string Model(IReadOnlyList<string> information) =>
        information.FirstOrDefault(line => line.StartsWith("Model:", StringComparison.Ordinal))?["Model:".Length..].Trim() ?? "an NVIDIA GPU";

    [GeneratedRegex("""^__version__\s*[:=][^'"]*['"]([^'"]+)['"]""")]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"\.so\.([0-9.]+)$")]
    private static partial Regex FileVersion();

    [GeneratedRegex(@"\b\d{3,}\.\d+(\.\d+)?\b")]
    private static partial Regex DriverVersion();
}
