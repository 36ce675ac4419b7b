using System.Text.RegularExpressions;

namespace Repro.Setup.Tests;

/// <summary>A small tree that is set up once; its tests run one after the other, each from a tree that is up to date or makes it so.</summary>
public sealed class BuiltTree : IDisposable
{
    public BuiltTree()
    {
        First = Tree.Do("setup");
    }

    public SmallTree Tree { get; } = new();

    public ShellResult First { get; }

    public void Dispose() => Tree.Dispose();
}

public sealed class SetupTests(BuiltTree built) : IClassFixture<BuiltTree>
{
    private static readonly Dictionary<string, string?> Plain = [];

    private SmallTree Tree => built.Tree;

    [Fact]
    public void The_first_setup_prints_what_was_chosen_and_why_and_builds_everything()
    {
        Assert.True(built.First.ExitCode == 0, built.First.Everything);
        Assert.Matches(@"component +chosen +version +why", built.First.Output);
        Assert.Matches(@"engine +Repro\.Torch on .* TorchSharp 0\.107\.0: no feed has it", built.First.Output);
        Assert.Matches(@"figures .* ScottPlot 5\.1\.57: no feed has it", built.First.Output);
        Assert.Matches(@"cluster +none \(not compiled\) +- +Microsoft\.Orleans 10\.2\.2: no feed has it", built.First.Output);
        Assert.Contains("<ReproCluster>none</ReproCluster>", Tree.Read("setup.props"), StringComparison.Ordinal);
        Assert.Contains("<ReproTorch>system</ReproTorch>", Tree.Read("setup.props"), StringComparison.Ordinal);
        Assert.Contains("<ReproFigures>gnuplot</ReproFigures>", Tree.Read("setup.props"), StringComparison.Ordinal);
        Assert.True(File.Exists(Tree.At(".setup/native/librepro_torch.so")));
    }

    [Fact]
    public void A_long_step_names_its_log_and_how_long_it_may_take()
    {
        Assert.Matches(@"building the solution \(one to two minutes on two cores the first time; log: \.setup/logs/build\.log\)", built.First.Output);
    }

    [Fact]
    public void While_it_builds_setup_says_how_many_projects_are_done()
    {
        const string Log = "  Determining projects to restore...\n  Restored /x/A.csproj (in 1 sec).\n  A -> /x/A.dll\n  B -> /x/B.dll\n";
        Assert.Equal("beginning\n", StateOfBuild("", "all"));
        Assert.Equal("restoring packages\n", StateOfBuild(Log[..70], "all"));
        Assert.Equal("2 of 1 projects, last B\n", StateOfBuild(Log, "all"));
        Assert.Equal("2 of 1 projects, last B\n", StateOfBuild(Log, "app"));
    }

    [Fact]
    public void On_a_terminal_a_long_step_is_one_line_that_refreshes_itself()
    {
        // The step ends when its state was asked for twice, told through a pipe that stays open: one that is opened for each word can be at its end instead.
        const string Script = """
            root=$1; source "$root/setup.d/say.sh"; mkdir "$root/pipe.d"; mkfifo "$root/pipe.d/asked"; exec 8<>"$root/pipe.d/asked"
            state() { echo asked >&8; echo "3 of 7"; }
            start_reassuring "building" state
            read -r _ <&8; read -r _ <&8
            stop_reassuring
            rm -r "$root/pipe.d"
            """;
        Tree.Write("empty-feed/terminal.sh", Script);
        var result = Shell.Run(Tree.Root, Plain, "script", "-qec", $"bash '{Tree.At("empty-feed/terminal.sh")}' '{Tree.Root}'", "/dev/null");
        Assert.True(result.ExitCode == 0, result.Everything);
        // Reading by lines makes a line's end of every carriage return.
        Assert.True(Regex.IsMatch(result.Output, @"^\n\e\[K\[ +[0-9.]+ s\] building: 3 of 7\n\e\[K\[?"), result.Everything);
        Assert.EndsWith("\n\e[K", result.Output.TrimEnd('\n'), StringComparison.Ordinal);
    }

    [Fact]
    public void When_nothing_changed_setup_does_nothing()
    {
        UpToDate();
        var before = File.GetLastWriteTimeUtc(Tree.At(".setup/logs/build.log"));
        var again = Tree.Do("setup");
        Assert.Equal(0, again.ExitCode);
        Assert.StartsWith("Nothing to do", again.Output, StringComparison.Ordinal);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Tree.At(".setup/logs/build.log")));
    }

    [Fact]
    public void An_edited_source_is_built_before_the_program_runs()
    {
        UpToDate();
        Tree.Greeting = "edited";
        var run = Tree.Do("repro", "a", "b c");
        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.Equal($"edited a b c {Tree.Root}\n", run.Output);
        Assert.StartsWith("Building again: src/Repro.Cli/Program.cs\n", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_and_a_deleted_source_are_noticed()
    {
        UpToDate();
        Tree.Write("src/Repro.Cli/Wrong.cs", "this is no C#");
        var broken = Tree.Do("repro");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("Wrong.cs(1,", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("error CS", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("The whole log: " + Tree.At(".setup/logs/build.log"), broken.Errors, StringComparison.Ordinal);
        File.Delete(Tree.At("src/Repro.Cli/Wrong.cs"));
        Assert.Equal(0, Tree.Do("repro").ExitCode);
    }

    [Fact]
    public void A_source_that_was_touched_but_has_the_same_content_is_not_built()
    {
        UpToDate();
        var before = File.GetLastWriteTimeUtc(Tree.At(".setup/logs/build.log"));
        Tree.Write("src/Repro.Cli/Program.cs", Tree.Read("src/Repro.Cli/Program.cs"));
        Assert.Equal(0, Tree.Do("setup").ExitCode);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Tree.At(".setup/logs/build.log")));
        Assert.StartsWith("Nothing to do", Tree.Do("setup").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_runs_from_any_folder_and_through_a_link()
    {
        UpToDate();
        var link = Tree.At("empty-feed/link");
        File.Delete(link);
        File.CreateSymbolicLink(link, "../repro");
        var run = Shell.Run("/", Plain, link, "x");
        File.Delete(link);
        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.EndsWith($" x {Tree.Root}\n", run.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_check_before_the_program_starts_one_other_program_and_no_more()
    {
        Skip.IfNot(File.Exists("/usr/bin/strace"), "strace is not installed");
        UpToDate();
        var traced = Shell.Run(Tree.Root, Plain, "/usr/bin/strace", "-f", "-e", "trace=execve", "-z", "-o", Tree.At("trace"), Tree.At("repro"));
        Assert.True(traced.ExitCode == 0, traced.Everything);
        var programs = File.ReadAllLines(Tree.At("trace")).Where(line => line.Contains("execve(", StringComparison.Ordinal)).Select(line => line.Split('"')[1]).ToList();
        // env starts bash; find looks for changes; then the program takes the script's place.
        Assert.Equal(["repro", "bash", "find", "repro"], programs.Select(Path.GetFileName));
    }

    [Fact]
    public void A_setup_that_finds_another_at_work_waits_and_then_has_nothing_to_do()
    {
        UpToDate();
        Tree.Greeting = "twice";
        using var first = Tree.Start("setup", Plain);
        Assert.True(first.Saw("building the solution"));
        using var second = Tree.Start("setup", Plain);
        Assert.True(second.Saw("Another setup is at work here"));
        Assert.Equal(0, first.Result().ExitCode);
        var waited = second.Result();
        Assert.Equal(0, waited.ExitCode);
        Assert.Contains("Nothing to do: the other setup did it.", waited.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    public void A_setup_that_was_ended_in_the_middle_is_repaired_by_the_next(string signal, int exitCode)
    {
        UpToDate();
        Tree.Greeting = "after" + signal;
        using (var setup = Tree.Start("setup", Plain))
        {
            Assert.True(setup.Saw("building the solution"));
            setup.Signal(signal);
            Assert.Equal(exitCode, setup.Result().ExitCode);
        }

        var run = Tree.Do("repro");
        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.StartsWith("after" + signal, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_native_part_is_built_when_its_source_changed_and_only_then()
    {
        UpToDate();
        var builds = Tree.NativeBuilds;
        Tree.Greeting = "managed";
        Assert.Equal(0, Tree.Do("setup").ExitCode);
        Assert.Equal(builds, Tree.NativeBuilds);
        Tree.Write("src/Repro.Torch/native/part.cpp", $"extern \"C\" int part() {{ return {builds}; }}\n");
        Assert.Equal(0, Tree.Do("setup").ExitCode);
        Assert.Equal(builds + 1, Tree.NativeBuilds);
    }

    [Fact]
    public void A_native_part_that_does_not_compile_is_explained_and_tried_again_next_time()
    {
        UpToDate();
        Tree.Write("src/Repro.Torch/native/part.cpp", "extern \"C\" int part() { return -1; }\n");
        var failed = Tree.Do("setup", new Dictionary<string, string?> { ["SMALL_NATIVE_FAILS"] = "1" });
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("building the native part failed", failed.Errors, StringComparison.Ordinal);
        Assert.Contains("error: this compiler was told to fail", failed.Errors, StringComparison.Ordinal);
        Assert.Contains(Tree.At(".setup/logs/native.log"), failed.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Tree.Do("setup").ExitCode);
    }

    [Fact]
    public void A_removed_output_is_built_again()
    {
        UpToDate();
        File.Delete(Tree.At(".setup/native/librepro_torch.so"));
        Directory.Delete(Tree.At("src/Repro.Cli/bin"), recursive: true);
        var run = Tree.Do("repro");
        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.True(File.Exists(Tree.At(".setup/native/librepro_torch.so")));
    }

    [Fact]
    public void A_required_package_that_may_not_be_installed_is_named_with_the_command_that_installs_it()
    {
        var result = Tree.Do("setup", new Dictionary<string, string?> { ["CXX"] = "no-such-compiler" }, "--no-install", "--refresh");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("required and missing: g++; not installed, because --no-install was given", result.Errors, StringComparison.Ordinal);
        Assert.Contains("sudo apt-get install --no-install-recommends g++", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'--fed' is no option of ./setup. Did you mean '--feed'?", "--fed", "x")]
    [InlineData("'sistem' is no value of --torch. Did you mean 'system'?", "--torch", "sistem")]
    [InlineData("'orlean' is no value of --cluster. Did you mean 'orleans'?", "--cluster", "orlean")]
    [InlineData("--feed wants a value", "--feed")]
    [InlineData("--feed: there is no folder '/no/such/folder'", "--feed", "/no/such/folder")]
    [InlineData("--feed: no .nupkg file lies in", "--feed", "empty-feed")]
    [InlineData("--libtorch: no libtorch with its headers is in 'src'", "--libtorch", "src")]
    [InlineData("--bundle: 'x.zip' should end in .tar.gz or .tar.xz", "--bundle", "x.zip")]
    [InlineData("--data goes with --bundle FILE", "--data", "cifar-10")]
    [InlineData("takes options only, not 'build'", "build")]
    public void Wrong_usage_is_refused_with_what_would_be_right(string message, params string[] arguments)
    {
        var result = Tree.Do("setup", arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_has_examples_and_exit_codes()
    {
        var help = Tree.Do("setup", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", help.Output, StringComparison.Ordinal);
    }

    private string StateOfBuild(string log, string scope)
    {
        UpToDate();
        Tree.Write("empty-feed/logs/build.log", log);
        const string Script = """root=$1 scope=$3; source "$root/setup.d/say.sh"; source "$root/setup.d/build.sh"; logs=$2; state_of_build""";
        var result = Shell.Run(Tree.Root, Plain, "bash", "-euo", "pipefail", "-c", Script, "state", Tree.Root, Tree.At("empty-feed/logs"), scope);
        Assert.True(result.ExitCode == 0, result.Everything);
        return result.Output;
    }

    private void UpToDate()
    {
        var result = Tree.Do("setup");
        Assert.True(result.ExitCode == 0, result.Everything);
    }
}
