using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Xunit.Abstractions;

namespace Repro.Cli.Tests.Processes;

/// <summary>The whole program as it is shipped, with a real engine and a real experiment, killed with SIGKILL and resumed until it is done.</summary>
public sealed class KilledTrainingTests(KilledTrainingTests.Undisturbed whole, ITestOutputHelper output) : IClassFixture<KilledTrainingTests.Undisturbed>, IDisposable
{
    private static readonly string[] Begin = ["run", "resnet", "--profile", "smoke", "--set", "steps=60", "--seed", "5"];

    // Some 20 steps between two checkpoints on one core: kills fall between them and lose steps, and there is one to go on from.
    private static readonly string[] Conditions = ["--threads", "1", "--checkpoint-every", "0.05", "--json"];

    private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_killed_at_random_events_ends_in_the_same_bits_as_an_undisturbed_one(ulong seed)
    {
        output.WriteLine($"kill points from seed {seed}");
        var numbers = new Philox(seed, RandomPurpose.Checks);
        var (kills, done) = (0, false);
        while (!done)
        {
            // The first attempt is killed soon after its first checkpoint, so that there is one to go on from.
            var (saved, events) = kills == 0 ? (false, 1 + numbers.NextInt32(3)) : (true, 1 + numbers.NextInt32(16));
            using var process = ReproProcess.StartShipped([.. kills == 0 ? Begin : ["run", "resnet", "--resume"], .. Conditions, "--runs", _runs]);
            process.WaitFor(line =>
            {
                saved |= (string?)line["event"] == "checkpoint";
                done = line["event"] is null;
                return done || (saved && --events == 0);
            });
            if (done)
            {
                Assert.Equal(0, process.End());
                break;
            }
            output.WriteLine($"attempt {++kills} killed at {process.Last.ToJsonString()}");
            process.KillNow();
            // Where its last word was said before the kill came, there is nothing to go on with.
            done = Only().State == RunState.Completed;
            Assert.True(kills < 100, "the run makes no progress");
        }

        var run = Only();
        Assert.Equal(RunState.Completed, run.State);
        Assert.True(kills > 0);
        Assert.Contains(run.Attempts, attempt => attempt.ResumedFrom is > 0);
        Assert.All(run.Attempts, attempt => Assert.Empty(attempt.Differences));
        Assert.Equal(Bits(whole.Run.Metrics), Bits(run.Metrics));
        Assert.Equal(Bits(whole.Run.Scores), Bits(run.Scores));
        Assert.Equal(["test", "validation"], StoredPredictions.Splits(run.Folder));
        foreach (var split in StoredPredictions.Splits(whole.Run.Folder))
            Assert.Equal(File.ReadAllBytes(StoredPredictions.FileOf(whole.Run.Folder, split)), File.ReadAllBytes(StoredPredictions.FileOf(run.Folder, split)));
        var parameters = FinalTensors(whole.Run);
        Assert.Contains(parameters.Keys, name => name.StartsWith("model.", StringComparison.Ordinal));
        Assert.Equal(parameters, FinalTensors(run));
    }

    [Fact]
    public void Measured_values_that_the_file_has_lost_come_back_from_the_checkpoint()
    {
        using (var process = ReproProcess.StartShipped(["run", "resnet", "--profile", "smoke", "--set", "steps=2000", .. Conditions, "--runs", _runs]))
        {
            process.WaitFor(line => (string?)line["event"] == "checkpoint" && (long)line["step"]! >= 100);
            process.KillNow();
        }
        var file = Path.Combine(Only().Folder, "metrics.jsonl");
        var before = Only();
        var step = RunFolderReader.Checkpoints(before)[0].Step;
        File.WriteAllText(file, "");
        using (var process = ReproProcess.StartShipped(["run", "resnet", "--resume", .. Conditions, "--runs", _runs]))
        {
            process.WaitFor(line => (string?)line["event"] == "checkpoint");
            process.KillNow();
        }
        // The first step stands alone in the file; no rule reads it, so the checkpoint does not have it.
        Assert.Equal(Bits(before.Metrics.Where(point => point.Step is > 1 && point.Step <= step)), Bits(Only().Metrics.Where(point => point.Step <= step)));
        Assert.Contains(Only().Messages, message => message.Contains("had lost came back from the checkpoint", StringComparison.Ordinal));
    }

    private RunRecord Only() => RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs)));

    private static IEnumerable<(string, long, long)> Bits(IEnumerable<MetricPoint> points) => points.Select(point => (point.Name, point.Step, BitConverter.DoubleToInt64Bits(point.Value)));

    private static IEnumerable<(string, long)> Bits(IReadOnlyDictionary<string, double> scores) =>
        scores.OrderBy(score => score.Key, StringComparer.Ordinal).Select(score => (score.Key, BitConverter.DoubleToInt64Bits(score.Value)));

    /// <summary>Every tensor of the checkpoint after the last step (parameters, optimizer, history), but the times, which differ between any two runs.</summary>
    private static Dictionary<string, string> FinalTensors(RunRecord run)
    {
        var last = RunFolderReader.Checkpoints(run)[0];
        Assert.Equal(60, last.Step);
        return CheckpointFile.Read(last.File).Tensors.Where(pair => !pair.Key.StartsWith("time.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => $"{pair.Value.Type} [{string.Join(", ", pair.Value.Shape)}] {Convert.ToHexString(pair.Value.Bytes)}");
    }

    /// <summary>The run that nothing disturbs, made once.</summary>
    public sealed class Undisturbed : IDisposable
    {
        private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

        public Undisturbed()
        {
            using var process = ReproProcess.StartShipped([.. Begin, .. Conditions, "--runs", _runs]);
            Assert.True(process.End() == 0, process.Error);
            Run = RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs)));
        }

        internal RunRecord Run { get; }

        public void Dispose() => Directory.Delete(_runs, recursive: true);
    }
}
