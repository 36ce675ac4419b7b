using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Runs;

namespace Repro.Cli.Tests.Processes;

public sealed class SignalTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Theory]
    [InlineData(ReproProcess.Interrupt)]
    [InlineData(ReproProcess.Terminate)]
    [InlineData(ReproProcess.HangUp)]
    public void A_first_signal_checkpoints_and_the_run_goes_on_to_the_same_end(int signal)
    {
        using (var process = Start("hold"))
        {
            process.WaitForStep(3);
            process.Send(signal);
            Assert.Equal(130, process.End());
            Assert.Equal("paused", (string)process.Last["status"]!);
            Assert.Equal($"./repro run net --resume {(string)process.Last["run"]!} --runs {_runs}", (string)process.Last["resume"]!);
            Assert.Contains("Stopping after the step", process.Error, StringComparison.Ordinal);
        }
        Assert.Equal(RunState.Paused, Only().State);
        Resume(from: 3);
    }

    [Fact]
    public void A_second_interrupt_ends_at_once_and_the_run_goes_on_from_its_last_checkpoint()
    {
        using (var process = Start("hang"))
        {
            process.WaitForStep(3);
            process.Send(ReproProcess.Interrupt);
            // Two signals of a kind that are pending at once are one.
            process.WaitFor(e => (string?)e["event"] == "stopping");
            process.Send(ReproProcess.Interrupt);
            Assert.Equal(130, process.End());
            Assert.Equal((Only().Id, "interrupted"), ((string)process.Last["run"]!, (string)process.Last["status"]!));
            Assert.Equal($"./repro run net --resume {Only().Id} --runs {_runs}", (string)process.Last["resume"]!);
        }
        Assert.Equal(RunState.Failed, Only().State);
        Resume(from: 2);
    }

    [Fact]
    public void A_killed_run_reads_as_interrupted_and_goes_on_from_its_last_checkpoint()
    {
        using (var process = Start("hang"))
        {
            process.WaitForStep(3);
            Assert.Equal(RunState.Running, Only().State);
            process.Send(ReproProcess.Kill);
            Assert.Equal(137, process.End());
        }
        Assert.Contains("ended without a word", Only().Failure!, StringComparison.Ordinal);
        using (var list = ReproProcess.Start("list", "--runs", _runs, "--json"))
        {
            Assert.Equal(0, list.End());
            Assert.Equal("interrupted", (string)list.Last["runs"]![0]!["status"]!);
        }
        using (var report = ReproProcess.Start("report", "last", "--runs", _runs, "--json"))
        {
            Assert.Equal(0, report.End());
            Assert.Equal("interrupted", (string)report.Last["status"]!);
            var text = File.ReadAllText((string)report.Last["report"]!);
            Assert.Contains($"To go on: `./repro run net --resume {Only().Id}`", text, StringComparison.Ordinal);
            Assert.DoesNotContain("failed", text, StringComparison.Ordinal);
        }
        Resume(from: 2);
    }

    [Fact]
    public void Of_two_processes_on_one_run_the_second_is_refused_and_the_first_is_not_disturbed()
    {
        using var first = Start("hold");
        first.WaitForStep(3);
        using (var second = ReproProcess.Start("run", "net", "--resume", Only().Id, "--runs", _runs, "--json"))
        {
            Assert.Equal(2, second.End());
            Assert.Contains($"is being written by another process (process {first.Id} on {Environment.MachineName}).", second.Error, StringComparison.Ordinal);
        }
        using (var unnamed = ReproProcess.Start("run", "net", "--resume", "--runs", _runs, "--json"))
        {
            Assert.Equal(2, unnamed.End());
            Assert.Contains("There is no unfinished run", unnamed.Error, StringComparison.Ordinal);
            Assert.Contains($"The run {Only().Id} is being written by process {first.Id} on ", unnamed.Error, StringComparison.Ordinal);
        }
        first.Send(ReproProcess.Interrupt);
        Assert.Equal(130, first.End());
        Assert.Equal(3, Only().Metrics.Count);
    }

    [Fact]
    public void Two_runs_beside_each_other_get_folders_of_their_own()
    {
        using (var first = ReproProcess.Start("run", "net", "--runs", _runs, "--json"))
        using (var second = ReproProcess.Start("run", "net", "--runs", _runs, "--json"))
        {
            Assert.Equal(0, first.End());
            Assert.Equal(0, second.End());
        }
        Assert.All(Directory.GetDirectories(_runs), folder => Assert.Equal(RunState.Completed, RunFolderReader.Read(folder).State));
        Assert.Equal(2, Directory.GetDirectories(_runs).Length);
    }

    [Fact]
    public void Looking_at_a_run_that_is_written_disturbs_nobody()
    {
        using var process = Start("hold");
        process.WaitForStep(3);
        using (var list = ReproProcess.Start("list", "--runs", _runs, "--json"))
        {
            Assert.Equal(0, list.End());
            Assert.Equal("running", (string)list.Last["runs"]![0]!["status"]!);
        }
        using (var clean = ReproProcess.Start("clean", "--yes", "--runs", _runs, "--json"))
        {
            Assert.Equal(0, clean.End());
            Assert.Equal(0, (long)clean.Last["bytes"]!);
        }
        process.Send(ReproProcess.Interrupt);
        Assert.Equal(130, process.End());
    }

    private ReproProcess Start(string fault) => ReproProcess.Start(
        "run", "net", "--set", $"fault={fault}", "--set", "fault_at=3", "--seed", "11", "--threads", "1", "--runs", _runs, "--json");

    private Results.RunRecord Only() => RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs)));

    private void Resume(long from)
    {
        var file = Path.Combine(Only().Folder, "run.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"hold\"", "\"none\"", StringComparison.Ordinal).Replace("\"hang\"", "\"none\"", StringComparison.Ordinal));
        using var process = ReproProcess.Start("run", "net", "--resume", "--threads", "1", "--runs", _runs, "--json");
        Assert.Equal(from, (long)process.WaitFor(e => (string?)e["event"] == "started")["resumed_from"]!);
        Assert.Equal(0, process.End());
        var run = Only();
        Assert.Equal(Enumerable.Range(1, 6).Select(step => (step, FakeTraining.Loss(11, step))), run.Metrics.Select(m => ((int)m.Step, m.Value)));
        Assert.Equal(6, File.ReadAllLines(Path.Combine(run.Folder, "metrics.jsonl")).Length);
        Assert.Empty(run.Attempts[^1].Differences);
    }
}
