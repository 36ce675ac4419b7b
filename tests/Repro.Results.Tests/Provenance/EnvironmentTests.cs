using System.Diagnostics;
using Repro.Results.Provenance;

namespace Repro.Results.Tests.Provenance;

public sealed class EnvironmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_probe_finds_what_this_machine_is()
    {
        var environment = EnvironmentProbe.Capture(new EngineFacts("engine", "build", "AVX2", "BLAS"), "cpu", 3, GitState.None);
        Assert.Equal(("engine", "build", "AVX2", "BLAS", "cpu", 3), (environment.Engine, environment.EngineBuild, environment.CpuCapability, environment.Blas, environment.Device, environment.Threads));
        Assert.Equal(Environment.ProcessorCount, environment.Cores);
        Assert.NotEmpty(environment.Cpu);
        Assert.True(environment.MemoryBytes > 1 << 20);
        Assert.Contains(".NET", environment.DotNet, StringComparison.Ordinal);
        Assert.Contains("xunit", environment.Packages.Keys);
    }

    [Fact]
    public void Peak_memory_is_at_least_what_the_process_holds_now()
    {
        using var process = Process.GetCurrentProcess();
        var block = new byte[64 << 20];
        for (var i = 0; i < block.Length; i += 4096) block[i] = 1;
        Assert.True(EnvironmentProbe.PeakMemoryBytes() >= 64 << 20);
        GC.KeepAlive(block);
    }

    [Fact]
    public void Every_condition_that_decides_bits_is_compared()
    {
        var before = Samples.Environment();
        Assert.Empty(before.DifferencesFrom(before));
        Assert.Empty((before with { Commit = "other", Dirty = true, PeakMemoryBytes = 1, Cpu = "other" }).DifferencesFrom(before));
        Assert.Equal(["threads 2 -> 8"], (before with { Threads = 8 }).DifferencesFrom(before));
        Assert.Equal(["another build of the engine"], (before with { EngineBuild = "b2" }).DifferencesFrom(before));
        Assert.Equal(["engine engine 1.0 -> engine 2.0"], (before with { Engine = "engine 2.0", EngineBuild = "b2" }).DifferencesFrom(before));
        Assert.Equal(["CPU capability AVX2 -> AVX512"], (before with { CpuCapability = "AVX512" }).DifferencesFrom(before));
        Assert.Equal(["BLAS OpenBLAS -> MKL"], (before with { Blas = "MKL" }).DifferencesFrom(before));
        Assert.Equal(["device cpu -> cuda", "GPU none -> H200"], (before with { Device = "cuda", Gpu = "H200" }).DifferencesFrom(before));
        Assert.Equal(["another build of this program"], (before with { Program = "p2" }).DifferencesFrom(before));
    }

    [Fact]
    public void Outside_a_checkout_git_says_nothing()
    {
        Assert.Equal(GitState.None, GitState.Of(_folder.Path));
        Assert.Equal(GitState.None, GitState.Of(_folder.File("absent")));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef01234567\n", "", "0123456789abcdef0123456789abcdef01234567", "")]
    [InlineData("0123456789abcdef0123456789abcdef01234567\n", "diff --git a/x b/x\n", "0123456789abcdef0123456789abcdef01234567", "diff --git a/x b/x\n")]
    [InlineData("\n", "", null, "")]
    public void A_bundle_has_the_state_that_was_noted_when_it_was_packed(string noted, string difference, string? commit, string diff)
    {
        Directory.CreateDirectory(_folder.File("provenance"));
        File.WriteAllText(_folder.File("provenance/commit"), noted);
        File.WriteAllText(_folder.File("provenance/diff"), difference);
        Assert.Equal(new GitState(commit, diff), GitState.Of(_folder.Path));
    }

    [SkippableFact]
    public void A_bundle_inside_another_checkout_has_its_own_state()
    {
        MakeCheckout();
        var bundle = _folder.File("repro-bundle");
        Directory.CreateDirectory(Path.Combine(bundle, "provenance"));
        File.WriteAllText(Path.Combine(bundle, "provenance", "commit"), "of the bundle\n");
        File.WriteAllText(Path.Combine(bundle, "provenance", "diff"), "");
        Assert.Equal(new GitState("of the bundle", ""), GitState.Of(bundle));
    }

    [SkippableFact]
    public void A_clean_checkout_has_its_commit_and_no_difference()
    {
        var commit = MakeCheckout();
        Assert.Equal(new GitState(commit, ""), GitState.Of(_folder.Path));
    }

    [SkippableFact]
    public void The_difference_of_a_checkout_applies_to_its_commit_and_holds_new_files()
    {
        var commit = MakeCheckout();
        File.WriteAllText(_folder.File("a.txt"), "changed\n");
        File.WriteAllText(_folder.File("new file.txt"), "new\n");
        File.WriteAllBytes(_folder.File("large.bin"), new byte[(1 << 20) + 1]);
        var status = Git("status", "--porcelain");
        var state = GitState.Of(_folder.Path);
        Assert.Equal(commit, state.Commit);
        Assert.True(state.Dirty);
        Assert.Contains("# untracked, too large to keep: large.bin, 1048577 bytes", state.Diff, StringComparison.Ordinal);
        Assert.Equal(status, Git("status", "--porcelain"));

        using var copy = new TemporaryFolder();
        Git("clone", "-q", _folder.Path, copy.File("clone"));
        File.WriteAllText(copy.File("dirty.diff"), state.Diff);
        Git("-C", copy.File("clone"), "apply", copy.File("dirty.diff"));
        Assert.Equal("changed\n", File.ReadAllText(copy.File("clone/a.txt")));
        Assert.Equal("new\n", File.ReadAllText(copy.File("clone/new file.txt")));
    }

    private string MakeCheckout()
    {
        Skip.If(Git("--version").Length == 0, "git is not installed");
        Git("init", "-q");
        File.WriteAllText(_folder.File("a.txt"), "first\n");
        Git("add", "-A");
        Git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-q", "-m", "First");
        return Git("rev-parse", "HEAD").Trim();
    }

    private string Git(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }
}
