using Repro.Cli.Doctor;
using Repro.Cluster;
using Repro.Training.Datasets;

namespace Repro.Cli.Tests.Doctor;

public sealed class DiagnosisTests : IDisposable
{
    private const string Torch = "/usr/lib/x86_64-linux-gnu/libtorch_cpu.so.1.13.0";
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so";

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-doctor-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Whatever_is_not_as_it_should_be_comes_with_its_meaning_and_the_command_that_mends_it()
    {
        var findings = Diagnose(new LoadedEngine(null, null, "/no/librepro_torch.so", null, []));
        Assert.Contains(findings, finding => finding.State == FindingState.Missing);
        Assert.All(findings, finding => Assert.NotEqual("", finding.Meaning));
        Assert.All(findings.Where(finding => finding.State != FindingState.Ok), finding => Assert.NotEqual("", finding.Mend));
        Assert.All(findings.Where(finding => finding.State == FindingState.Ok), finding => Assert.Equal("", finding.Mend));
        Assert.Equal(findings.Count, findings.Select(finding => finding.Component).Distinct().Count());
    }

    [Fact]
    public void An_engine_without_its_shim_is_missing_and_setup_mends_it()
    {
        Write("/checkout/setup", "");
        var engine = Find("engine", new LoadedEngine(null, null, "/no/librepro_torch.so", null, []));
        Assert.Equal(FindingState.Missing, engine.State);
        Assert.EndsWith("/checkout/setup", engine.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_bundle_there_is_no_setup_to_name()
    {
        Write("/bundle/.shim/python/librepro_torch.so", "");
        foreach (var loaderSays in new[] { null, "libc10.so: cannot open shared object file" })
        {
            var engine = Find("engine", new LoadedEngine(null, null, In($"/bundle/.shim/python/{(loaderSays is null ? "absent" : "librepro_torch")}.so"), loaderSays, []));
            Assert.Equal($"rm -r {In("/bundle/.shim/python")} and start again", engine.Mend);
        }
    }

    [Fact]
    public void A_shim_that_does_not_load_is_missing_with_the_loaders_words()
    {
        Write("/checkout/setup", "");
        Write("/shim.so", "no library");
        var engine = Find("engine", new LoadedEngine(null, null, In("/shim.so"), "libc10.so: cannot open shared object file", []));
        Assert.Equal(FindingState.Missing, engine.State);
        Assert.Contains("libc10.so: cannot open", engine.Meaning, StringComparison.Ordinal);
        Assert.EndsWith("/checkout/setup --refresh", engine.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_reported_and_not_thrown()
    {
        Write("/shim.so", "no library");
        _variables["REPRO_TORCH_SHIM"] = In("/shim.so");
        Assert.Contains("shim.so", LoadedEngine.Load(Here(), "/").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", FindingState.Degraded, "sudo apt-get install libopenblas0-pthread")]
    [InlineData(OpenBlas, FindingState.Ok, "")]
    [InlineData("/opt/intel/libmkl_core.so.2", FindingState.Ok, "")]
    [InlineData("/usr/lib/libm.so.6", FindingState.Ok, "")]
    public void The_BLAS_that_is_really_loaded_decides(string mapped, FindingState state, string mend)
    {
        var blas = Find("BLAS", Loaded(Torch, mapped));
        Assert.Equal(state, blas.State);
        Assert.Equal(mend, blas.Mend);
    }

    [Fact]
    public void The_version_of_libtorch_is_read_from_the_PyTorch_install_or_the_librarys_name()
    {
        Write("/venv/torch/version.py", "from typing import Optional\n__version__ = '2.7.0+cu128'\ndebug = False\n");
        Assert.Equal("2.7.0+cu128", Find("engine", Loaded("/venv/torch/lib/libtorch_cpu.so")).Version);
        Assert.Equal("1.13.0", Find("engine", Loaded(Torch)).Version);
    }

    [Fact]
    public void Operators_are_checked_against_the_libtorch_and_those_that_differ_are_named()
    {
        var fit = Find("operators", Loaded(Torch) with { Operators = new OperatorCheck(816, "1.13.0", []) });
        Assert.Equal(("816 checked against libtorch 1.13.0", FindingState.Ok, ""), (fit.Chosen, fit.State, fit.Mend));
        var differ = Find("operators", Loaded(Torch) with { Operators = new OperatorCheck(816, "3.0.0", ["This libtorch has no operator aten::lstm.\n  written for: aten::lstm(..)"]) });
        Assert.Equal(FindingState.Degraded, differ.State);
        Assert.Contains("1 differ", differ.Meaning, StringComparison.Ordinal);
        Assert.Contains("no operator aten::lstm.   written for", differ.Meaning, StringComparison.Ordinal);
        Assert.StartsWith("./setup --libtorch DIR", differ.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_with_a_libtorch_without_CUDA_is_a_waste_that_is_named()
    {
        Write("/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA H200\nIRQ:   1\n");
        Write("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Fri Jan 17\n");
        var without = Find("GPU", Loaded(Torch));
        Assert.Equal(("NVIDIA H200", "driver 570.86.15", FindingState.Degraded), (without.Chosen, without.Version, without.State));
        Assert.Equal(FindingState.Ok, Find("GPU", Loaded(Torch, "/venv/torch/lib/libtorch_cuda.so")).State);
    }

    [Theory]
    [InlineData("AVX2", null, FindingState.Ok, "libtorch's kernels for this instruction set")]
    [InlineData("AVX2", "avx2", FindingState.Ok, "forced by ATEN_CPU_CAPABILITY")]
    [InlineData("AVX512", "avx9", FindingState.Ok, "it does not follow ATEN_CPU_CAPABILITY=avx9")]
    [InlineData("DEFAULT", null, FindingState.Degraded, "without AVX2")]
    [InlineData(null, null, FindingState.Ok, "once the engine loads")]
    public void The_instruction_set_is_the_engines_own_word_whatever_the_processor_could_do(string? used, string? asked, FindingState state, string meaning)
    {
        Write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu sse2 avx2 fma avx512f avx512bw avx512vl avx512dq\n");
        if (asked is not null) _variables["ATEN_CPU_CAPABILITY"] = asked;
        var cpu = Find("CPU", Loaded(Torch) with { CpuCapability = used });
        Assert.Equal(("A Processor", used ?? "", state), (cpu.Chosen, cpu.Version, cpu.State));
        Assert.Contains(meaning, cpu.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_bundle_the_commit_comes_from_its_note_and_git_is_not_asked_for()
    {
        Write("/checkout/provenance/commit", "0123456789abcdef0123456789abcdef01234567\n");
        Write("/checkout/provenance/diff", "");
        var git = Find("git", Loaded(Torch));
        Assert.Equal((FindingState.Ok, ""), (git.State, git.Mend));
        Assert.Contains("0123456789abcdef0123456789abcdef01234567", git.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cluster_is_as_it_was_compiled_and_where_it_was_not_the_reason_comes_with_the_command_that_mends_it()
    {
        var inBundle = Find("cluster", Loaded(Torch));
        Write("/checkout/setup", "");
        var inCheckout = Find("cluster", Loaded(Torch));
        if (ClusterPackages.CompiledIn)
        {
            Assert.Equal((FindingState.Ok, ClusterPackages.Version), (inCheckout.State, inCheckout.Version));
            return;
        }

        Assert.Equal((FindingState.Degraded, "not compiled"), (inCheckout.State, inCheckout.Chosen));
        Assert.Contains(ClusterPackages.Reason, inCheckout.Meaning, StringComparison.Ordinal);
        Assert.StartsWith($"{In("/checkout/setup")} --feed DIR --cluster orleans", inCheckout.Mend, StringComparison.Ordinal);
        Assert.StartsWith("pack the bundle again:  ./setup --bundle FILE --feed DIR", inBundle.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_tools_are_named_with_their_packages()
    {
        var findings = Diagnose(Loaded(Torch)).ToDictionary(finding => finding.Component);
        Assert.Equal("sudo apt-get install libstb0", findings["images"].Mend);
        Assert.Equal("sudo apt-get install git", findings["git"].Mend);
        Assert.Equal("sudo apt-get install python3-torch", findings["peer"].Mend);
        Write("/usr/lib/x86_64-linux-gnu/libstb.so.0", "");
        Assert.Equal(FindingState.Ok, Find("images", Loaded(Torch)).State);
    }

    [Fact]
    public void Data_sets_are_listed_by_name_and_where_there_are_none_their_places_are()
    {
        Write("/data/fashion-mnist/x", "");
        Write("/data/ptb/x", "");
        Assert.Equal("fashion-mnist, ptb", Find("data", Loaded(Torch)).Chosen);
        Directory.Delete(In("/data"), recursive: true);
        var none = Find("data", Loaded(Torch));
        Assert.Equal(FindingState.Degraded, none.State);
        Assert.Contains(In("/data"), none.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Little_memory_is_noticed()
    {
        Write("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree:  1 kB\nMemAvailable:     524288 kB\n");
        var memory = Find("memory", Loaded(Torch));
        Assert.Equal(("8.0 GiB", "0.5 GiB free", FindingState.Degraded), (memory.Chosen, memory.Version, memory.State));
    }

    [Fact]
    public void This_very_machine_can_be_diagnosed()
    {
        var findings = Diagnosis.Run(_folder, In("/runs"), new DataFolders([In("/data")]));
        Assert.Equal(FindingState.Ok, findings.Single(finding => finding.Component == ".NET").State);
        // Where this process has an engine, its instruction set is the one that runs record.
        if (LoadedEngine.Load(Machine.This, _folder) is { Error: null, CpuCapability: { } used } engine)
        {
            Assert.Equal(Repro.Training.EngineInfo.Current.CpuCapability, used);
            if (engine.Operators is { } check)
            {
                Assert.True(check.Count > 500);
                Assert.Empty(check.Misfits);
            }
        }

        Assert.Matches("[0-9.]+ GiB free", findings.Single(finding => finding.Component == "runs folder").Version);
    }

    private LoadedEngine Loaded(params string[] mapped)
    {
        Write("/shim.so", "");
        return new LoadedEngine(null, null, In("/shim.so"), null, mapped);
    }

    private Finding Find(string component, LoadedEngine engine) => Diagnose(engine).Single(finding => finding.Component == component);

    private IReadOnlyList<Finding> Diagnose(LoadedEngine engine) => Diagnosis.Run(Here(), In("/checkout"), In("/runs"), new DataFolders([In("/data")]), engine);

    private Machine Here() => new(_folder, _variables.GetValueOrDefault);

    private string In(string path) => Path.Combine(_folder, path.TrimStart('/'));

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllText(In(path), text);
    }
}
