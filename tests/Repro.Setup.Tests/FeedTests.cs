using System.Text.RegularExpressions;

namespace Repro.Setup.Tests;

public sealed class FeedTests : IDisposable
{
    private static readonly string Torch = Wanted("TorchSharpVersion");
    private static readonly string ScottPlot = Wanted("ScottPlotVersion");

    private readonly SmallTree _tree = new();
    private readonly string _feed;

    public FeedTests()
    {
        _feed = _tree.Beside("folder of packages");
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_package_counts_only_in_its_own_version_and_with_all_it_depends_on()
    {
        PackageFile.Write(_feed, "TorchSharp", Torch, ("Absent.Thing", "1.0.0"));
        PackageFile.Write(_feed, "TorchSharp-cpu", "0.1.0");
        PackageFile.Write(_feed, "TorchSharp-cuda-linux", "0.1.0");
        PackageFile.Write(_feed, "ScottPlot", ScottPlot, ("Only.Newer", "1.2.0"));
        PackageFile.Write(_feed, "Only.Newer", "2.0.0");
        var answers = Ask();
        Assert.Contains("TorchSharp no its dependency Absent.Thing is in no feed", answers, StringComparison.Ordinal);
        Assert.Matches($@"TorchSharp-\S+ no the feeds have other versions only, not {Regex.Escape(Torch)}", answers);
        Assert.Contains("ScottPlot no its dependency Only.Newer 1.2.0 is missing, only 2.0.0 is there", answers, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_package_whose_library_wants_a_newer_one_than_this_machine_has_is_not_taken()
    {
        // A library that is linked against another with the version NEW_2, of which then only OLD_1 is there.
        const string Make = """
            set -e
            echo 'extern "C" void needed() {}' > needed.cpp
            echo 'extern "C" void needed(); extern "C" void use() { needed(); }' > user.cpp
            for version in NEW_2 OLD_1; do
                echo "$version { global: needed; };" > map
                g++ -shared -fPIC -o libneeded.so needed.cpp -Wl,--version-script=map -Wl,-soname,libneeded.so
                [ -e libuser.so ] || g++ -shared -fPIC -o libuser.so user.cpp -L. -lneeded -Wl,-rpath,'$ORIGIN'
            done
            """;
        var made = _tree.At("made");
        Directory.CreateDirectory(made);
        Skip.If(Shell.Run(made, new Dictionary<string, string?>(), "bash", "-c", "command -v g++ && command -v ldd").ExitCode != 0, "There is no g++ here to make such a library with.");
        var result = Shell.Run(made, new Dictionary<string, string?>(), "bash", "-c", Make);
        Assert.True(result.ExitCode == 0, result.Everything);
        PackageFile.Write(_feed, "TorchSharp", Torch, null, Path.Combine(made, "libneeded.so"), Path.Combine(made, "libuser.so"));
        Assert.Contains("TorchSharp no its libuser.so needs NEW_2, which no library here has", Ask(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dependency_in_a_newer_version_of_the_same_major_is_good_enough()
    {
        PackageFile.Write(_feed, "ScottPlot", ScottPlot, ("Only.Newer", "1.2.0"));
        PackageFile.Write(_feed, "Only.Newer", "1.3.0");
        Assert.Contains("ScottPlot yes restores", Ask(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_packages_is_chosen_from_remembered_overruled_and_forgotten()
    {
        PackageFile.Write(_feed, "TorchSharp", Torch);
        PackageFile.Write(_feed, "TorchSharp-cpu", Torch);
        PackageFile.Write(_feed, "TorchSharp-cuda-linux", Torch);
        PackageFile.Write(_feed, "ScottPlot", ScottPlot);

        var given = _tree.Do("setup", "--feed", _feed);
        Assert.True(given.ExitCode == 0, given.Everything);
        Assert.Matches(@"engine +TorchSharp \+ TorchSharp-\S+ +" + Regex.Escape(Torch) + " +the feeds have", given.Output);
        Assert.Matches(@"figures +ScottPlot +" + Regex.Escape(ScottPlot), given.Output);
        var props = _tree.Read("setup.props");
        Assert.Contains("<ReproTorch>package</ReproTorch>", props, StringComparison.Ordinal);
        Assert.Matches("<ReproTorchPackage>TorchSharp-(cpu|cuda-linux)</ReproTorchPackage>", props);
        Assert.Contains("<ReproFigures>scottplot</ReproFigures>", props, StringComparison.Ordinal);
        Assert.Contains($"<RestoreAdditionalProjectSources>{_feed}</RestoreAdditionalProjectSources>", props, StringComparison.Ordinal);

        Assert.StartsWith("Nothing to do", _tree.Do("setup").Output, StringComparison.Ordinal);

        var forced = _tree.Do("setup", "--torch", "system");
        Assert.True(forced.ExitCode == 0, forced.Everything);
        Assert.Contains("<ReproTorch>system</ReproTorch>", _tree.Read("setup.props"), StringComparison.Ordinal);
        Assert.Contains("<ReproFigures>scottplot</ReproFigures>", _tree.Read("setup.props"), StringComparison.Ordinal);

        var forgotten = _tree.Do("setup", "--forget");
        Assert.True(forgotten.ExitCode == 0, forgotten.Everything);
        Assert.Contains("<ReproTorch>system</ReproTorch>", _tree.Read("setup.props"), StringComparison.Ordinal);
        Assert.True(_tree.Read("setup.props").Contains("<ReproFigures>gnuplot</ReproFigures>", StringComparison.Ordinal), _tree.Read("setup.props") + forgotten.Everything);
        Assert.DoesNotContain("RestoreAdditionalProjectSources", _tree.Read("setup.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_the_package_where_no_feed_has_it_says_what_to_do()
    {
        var result = _tree.Do("setup", "--torch", "package");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"--torch package: TorchSharp {Torch}: no feed has it.", result.Errors, StringComparison.Ordinal);
        Assert.Contains("./setup --feed DIR --torch package", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>Asks the way ./setup does, without the build that would follow.</summary>
    private string Ask()
    {
        const string Script = """
            set -euo pipefail
            root=$1
            for piece in words say sources options dotnet feeds cluster; do source "$root/setup.d/$piece.sh"; done
            mkdir -p "$logs"
            feeds=("$2") fresh=0
            find_dotnet
            ask_feeds
            for package in "${!answers[@]}"; do echo "$package ${answers[$package]} ${reasons[$package]}"; done
            """;
        var result = Shell.Run(_tree.Root, new Dictionary<string, string?> { ["NUGET_PACKAGES"] = _tree.At("packages") }, "bash", "-c", Script, "ask", _tree.Root, _feed);
        Assert.True(result.ExitCode == 0, result.Everything);
        return result.Output;
    }

    private static string Wanted(string property) =>
        Regex.Match(File.ReadAllText(Path.Combine(SmallTree.Checkout, "Directory.Packages.props")), $"<{property}>(.*)</{property}>").Groups[1].Value;
}
