using System.Diagnostics;

namespace Repro.Setup.Tests;

/// <summary>
/// A tree with this project's own scripts around a program of a few lines and a native part of one: everything that the scripts do
/// happens for real, in seconds. Its one feed is an empty folder: no network is asked.
/// </summary>
public sealed class SmallTree : IDisposable
{
    private const string Solution = """
        Microsoft Visual Studio Solution File, Format Version 12.00
        Project("{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}") = "Repro.Cli", "src\Repro.Cli\Repro.Cli.csproj", "{11111111-1111-1111-1111-111111111111}"
        EndProject
        Global
          GlobalSection(SolutionConfigurationPlatforms) = preSolution
            Release|Any CPU = Release|Any CPU
          EndGlobalSection
          GlobalSection(ProjectConfigurationPlatforms) = postSolution
            {11111111-1111-1111-1111-111111111111}.Release|Any CPU.ActiveCfg = Release|Any CPU
            {11111111-1111-1111-1111-111111111111}.Release|Any CPU.Build.0 = Release|Any CPU
          EndGlobalSection
        EndGlobal

        """;

    private const string NativeBuild = """
        #!/usr/bin/env bash
        set -eu
        here=$(cd "$(dirname "$0")" && pwd)
        if [ -n "${SMALL_NATIVE_FAILS-}" ]; then echo "part.cpp:1: error: this compiler was told to fail" >&2; exit 1; fi
        "${CXX:-g++}" -shared -fPIC -Wl,-z,defs -o "$1/librepro_torch.so" "$here/part.cpp"
        echo "built over ${2-the system}" >>"${SMALL_NATIVE_BUILDS:-/dev/null}"

        """;

    private readonly string? _packages;
    private readonly string _temporary;

    /// <param name="packages">NuGet's package folder; an empty one of its own where null.</param>
    /// <param name="folder">The tree's own folder, inside a temporary one.</param>
    public SmallTree(string? packages = null, string folder = "tree")
    {
        _packages = packages;
        _temporary = Directory.CreateTempSubdirectory("repro-tree-").FullName;
        Root = Path.Combine(_temporary, folder);
        Directory.CreateDirectory(Root);
        foreach (var name in new[] { "setup", "repro", "test", "bench", "setup.d", ".ci", "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "LICENSE" })
            Run(Checkout, "cp", "-a", Path.Combine(Checkout, name), Root);
        Write("Repro.sln", Solution);
        Write("nuget.config", """<configuration><packageSources><clear /><add key="empty" value="empty-feed" /></packageSources></configuration>""");
        Directory.CreateDirectory(At("empty-feed"));
        Write("src/Repro.Cli/Repro.Cli.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><AssemblyName>repro</AssemblyName></PropertyGroup></Project>""");
        Greeting = "first";
        Write("src/Repro.Torch/native/build", NativeBuild);
        Write("src/Repro.Torch/native/part.cpp", "extern \"C\" int part() { return 1; }\n");
        Run(Root, "chmod", "+x", At("src/Repro.Torch/native/build"));
    }

    /// <summary>The checkout that the tests were built from.</summary>
    public static string Checkout { get; } = FindCheckout();

    public string Root { get; }

    /// <summary>The first word that the tree's program prints; writing it edits a source file.</summary>
    public string Greeting
    {
        set => Write("src/Repro.Cli/Program.cs", $"System.Console.WriteLine(\"{value} \" + string.Join(' ', args) + \" \" + System.Environment.GetEnvironmentVariable(\"REPRO_ROOT\"));\n");
    }

    /// <summary>One line a build of the native part.</summary>
    public int NativeBuilds => File.Exists(At("native-builds")) ? File.ReadAllLines(At("native-builds")).Length : 0;

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>A place outside the tree. A folder of packages inside of the tree's empty feed would be seen by that feed too, and which of the two a package comes from is then a race.</summary>
    public string Beside(string path) => Path.Combine(_temporary, path);

    public string Read(string path) => File.ReadAllText(At(path));

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    public ShellResult Do(string script, params IReadOnlyList<string> arguments) => Do(script, new Dictionary<string, string?>(), arguments);

    public ShellResult Do(string script, IReadOnlyDictionary<string, string?> variables, params IReadOnlyList<string> arguments)
    {
        using var shell = Start(script, variables, arguments);
        return shell.Result();
    }

    public Shell Start(string script, IReadOnlyDictionary<string, string?> variables, params IReadOnlyList<string> arguments) =>
        Shell.Start(Root, new Dictionary<string, string?>(variables) 
        {
            ["SMALL_NATIVE_BUILDS"] = At("native-builds"),
            ["NUGET_PACKAGES"] = _packages ?? At("packages"),
        }, At(script), arguments);

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    private static void Run(string folder, string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder })!;
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static string FindCheckout()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Repro.sln")) && File.Exists(Path.Combine(folder, "setup"))) return folder;
        }

        throw new InvalidOperationException($"No checkout lies above {AppContext.BaseDirectory}.");
    }
}
