namespace Repro.Setup.Tests;

/// <summary>The script that compiles the shim, on a source of a few lines and libtorch installs of a few functions, laid out as pip and conda do.</summary>
public sealed class NativeBuildTests : IDisposable
{
    // Its one call into libtorch takes a std::string, as TORCH_CHECK's does.
    private const string Source = """
        #include <string>
        namespace c10 { namespace detail { void torchCheckFail(const char*, const char*, unsigned, const std::string&); } }
        extern "C" __attribute__((visibility("default"))) int rt_abi() { c10::detail::torchCheckFail("", "", 0, std::string("said by libc10")); return 1; }
        """;

    private const string Library = """
        #include <cstdio>
        #include <string>
        namespace c10 { namespace detail { void torchCheckFail(const char*, const char*, unsigned, const std::string& text) { std::puts(text.c_str()); } } }
        """;

    // What a GPU's library does when it is loaded, and nobody calls.
    private const string Registering = """
        #include <cstdio>
        extern "C" void cudart();
        __attribute__((constructor)) static void registered() { cudart(); std::puts("kernels registered"); std::fflush(stdout); }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-native-").FullName;

    public NativeBuildTests()
    {
        Write("shim/part.cpp", Source);
        File.Copy(Path.Combine(SmallTree.Checkout, "src/Repro.Torch/native/build"), In("shim/build"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_form_of_strings_is_the_one_that_libtorch_was_built_with(int abi)
    {
        MakeTorch(abi);
        // A library of the old form, too, may hold functions of the compiler's in the new one.
        Compile("extra", "#include <string>\nstd::string of_the_compiler(const std::string& s) { return s; }", "-D_GLIBCXX_USE_CXX11_ABI=1", "-o", In("torch/lib/libtorch.so"));
        File.AppendAllText(In("torch/lib/libc10.so"), "_ZNSt7__cxx1112basic_string");
        Build();
        Assert.Equal("said by libc10\n", Call());
    }

    [SkippableFact]
    public void Libraries_for_a_GPU_are_loaded_though_nobody_calls_them_and_find_theirs_where_pip_puts_them()
    {
        MakeTorch(1);
        Directory.CreateDirectory(In("nvidia/cudart/lib"));
        Compile("cudart", "extern \"C\" void cudart() {}", "-o", In("nvidia/cudart/lib/libcudart.so.12"), "-Wl,-soname,libcudart.so.12");
        Compile("cuda", Registering, "-o", In("torch/lib/libtorch_cuda.so"), "-Wl,-soname,libtorch_cuda.so", In("nvidia/cudart/lib/libcudart.so.12"), "-Wl,-rpath,$ORIGIN/../../nvidia/cudart/lib");
        Compile("c10cuda", "int c10cuda;", "-o", In("torch/lib/libc10_cuda.so"), "-Wl,-soname,libc10_cuda.so");
        Build();
        Assert.Equal("kernels registered\nsaid by libc10\n", Call());
    }

    [SkippableFact]
    public void What_libtorch_does_not_offer_fails_the_build_by_name()
    {
        MakeTorch(1);
        Write("shim/part.cpp", Source + "\nint of_another_version(); int use() { return of_another_version(); }\n");
        var result = Run(In("shim/build"), In("out"), In("torch"));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("of_another_version", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(In("out/librepro_torch.so")));
    }

    [SkippableFact]
    public void The_OpenMP_runtime_is_the_one_that_a_PyTorch_install_brings()
    {
        MakeTorch(1);
        Directory.CreateDirectory(In("torch.libs"));
        Compile("gomp", "int gomp;", "-o", In("torch.libs/libgomp-a34b3233.so.1"), "-Wl,-soname,libgomp-a34b3233.so.1");
        Build();
        var needed = Run("ldd", In("out/librepro_torch.so")).Output;
        Assert.Contains(In("torch.libs/libgomp-a34b3233.so.1"), needed, StringComparison.Ordinal);
        Assert.DoesNotContain("libgomp.so.1 ", needed, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Debians_libtorch_is_found_by_a_person_whose_PATH_has_no_sbin()
    {
        Skip.IfNot(File.Exists("/usr/include/ATen/ATen.h"), "libtorch-dev is not installed");
        Write("shim/part.cpp", "extern \"C\" __attribute__((visibility(\"default\"))) int rt_abi() { return 1; }\n");
        var result = Shell.Run(_folder, new Dictionary<string, string?> { ["PATH"] = "/usr/bin:/bin" }, "bash", In("shim/build"), In("out"));
        Assert.True(result.ExitCode == 0, result.Everything);
        Assert.Contains("libtorch_cpu.so", Run("ldd", In("out/librepro_torch.so")).Output, StringComparison.Ordinal);
    }

    /// <summary>A folder <c>torch</c> with the three libraries that every install has; functions only in libc10.</summary>
    private void MakeTorch(int abi)
    {
        Skip.IfNot(File.Exists("/usr/bin/g++"), "g++ is not installed");
        Directory.CreateDirectory(In("torch/include"));
        Directory.CreateDirectory(In("torch/lib"));
        Compile("c10", Library, $"-D_GLIBCXX_USE_CXX11_ABI={abi}", "-o", In("torch/lib/libc10.so"), "-Wl,-soname,libc10.so");
        foreach (var name in new[] { "libtorch", "libtorch_cpu" })
            Compile(name, $"int {name};", "-o", In($"torch/lib/{name}.so"), $"-Wl,-soname,{name}.so");
    }

    private void Compile(string name, string source, params string[] arguments)
    {
        Write(name + ".cpp", source);
        var result = Run("g++", ["-shared", "-fPIC", In(name + ".cpp"), .. arguments]);
        Assert.True(result.ExitCode == 0, result.Everything);
    }

    private void Build()
    {
        var result = Run(In("shim/build"), In("out"), In("torch"));
        Assert.True(result.ExitCode == 0, result.Everything);
    }

    /// <summary>What loading the built library and calling it prints.</summary>
    private string Call()
    {
        Write("main.cpp", "#include <dlfcn.h>\n#include <cstdio>\nint main(int, char** a) { void* l = dlopen(a[1], RTLD_NOW); if (!l) { std::puts(dlerror()); return 1; } return ((int(*)())dlsym(l, \"rt_abi\"))() != 1; }\n");
        var compiled = Run("g++", In("main.cpp"), "-o", In("main"));
        Assert.True(compiled.ExitCode == 0, compiled.Everything);
        return Run(In("main"), In("out/librepro_torch.so")).Output;
    }

    private ShellResult Run(string program, params string[] arguments) => Shell.Run(_folder, new Dictionary<string, string?>(), program, arguments);

    private string In(string path) => Path.Combine(_folder, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllText(In(path), text);
    }
}
