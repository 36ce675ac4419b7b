using Repro.Cli.Tests.Fakes;
using Repro.Results;
using Repro.Results.Provenance;

namespace Repro.Cli.Tests.Verbs.Sweeps;

/// <summary>A sweep whose code was edited while it was stopped.</summary>
public sealed class SweepProgramsTests : IDisposable
{
    private static readonly RunEnvironment Now = EnvironmentProbe.Capture(new EngineFacts("an engine", "build 7", "AVX2", "none"), "cpu", 1, new GitState("0123456789abcdef", ""));
    private static readonly RunEnvironment Before = Now with { Program = "feedfacecafebeef", Commit = "fedcba9876543210", Dirty = true };

    private readonly CommandLine _cli = new();

    public SweepProgramsTests() => FilledSweep.Write(_cli.Runs, "lr", FilledSweep.Search(5), (_, _) => 1);

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Whoever_goes_on_with_it_is_told_which_trials_another_program_trained()
    {
        foreach (var trial in (int[])[0, 1, 3]) Ran(trial, Before);
        Ran(2, Now);
        foreach (var command in (string[][])[["resume", "lr"], ["sweep", "lr", "--enqueue", "learning_rate=0.05"], ["sweep", "lr", "--extend", "1"]])
            Assert.Contains("lr has runs under another program: build feedfacecafe, commit fedcba987654 with uncommitted changes: trials 0–1, 3. This one is build ", _cli.Run(command).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_ran_under_this_program_nothing_is_said()
    {
        for (var trial = 0; trial < 5; trial++) Ran(trial, Now);
        Assert.DoesNotContain("program", _cli.Run("resume", "lr").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("under one program", Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_says_which_program_trained_which_trials_and_does_not_speak_of_last_digits()
    {
        for (var trial = 0; trial < 3; trial++) Ran(trial, Before);
        Ran(3, Now);
        Ran(4, Now, RunEnvironment.AnotherProgram);
        var report = Report();
        Assert.Contains("The trials did not all train under one program", report, StringComparison.Ordinal);
        Assert.Contains("build feedfacecafe, commit fedcba987654 with uncommitted changes: trials 0–2; build ", report, StringComparison.Ordinal);
        Assert.Contains(", commit 0123456789ab: trials 3–4.", report, StringComparison.Ordinal);
        Assert.DoesNotContain("last digits", report, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_went_on_from_a_checkpoint_of_a_program_of_which_nothing_is_here_is_named()
    {
        Ran(3, Now, "threads 1 -> 2", RunEnvironment.AnotherProgram);
        var report = Report();
        Assert.Contains("3-0 went on under another program than the one that wrote the checkpoint.", report, StringComparison.Ordinal);
    }

    private string Report()
    {
        var result = _cli.Run("report", "lr", "--json");
        Assert.Equal(0, result.Code);
        return File.ReadAllText((string)result.Last["report"]!);
    }

    private void Ran(int trial, RunEnvironment environment, params string[] differences) =>
        new AttemptEnvironment(null, differences, environment).Write(Directory.CreateDirectory(Path.Combine(_cli.Runs, "lr", $"{trial}-0", "attempt-1")).FullName);
}
