using Repro.Experiments.Lstm;
using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Experiments.Tests.Lstm;

[Collection(OneGenerator.Name)]
public sealed class LstmResumeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-lstm-").FullName;

    private static readonly LstmOptions Small = new() { Data = "generated", TrainWords = 2000, Layers = 2, Hidden = 8, Unroll = 10, Dropout = 0.3, Epochs = 2, DecayAfter = 0 };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 28)]
    public void A_run_that_was_stopped_goes_on_with_the_same_bits(int members, long stopAt)
    {
        var options = Small with { Members = members };
        var whole = new RecordingSink();
        Trainer.Run(new LstmExperiment(), options, Context("whole"), whole, [], CancellationToken.None);

        using var stop = new CancellationTokenSource();
        var (before, after) = (new RecordingSink(stopAt, stop), new RecordingSink());
        Assert.Equal(RunState.Paused, Trainer.Run(new LstmExperiment(), options, Context("parts"), before, [], stop.Token).State);
        Assert.Equal(stopAt, before.Checkpoints[^1].Step);
        Assert.Equal(RunState.Completed, Trainer.Run(new LstmExperiment(), options, Context("parts"), after, [before.Checkpoints[^1].File], CancellationToken.None).State);
        var (expected, found) = (whole.Metrics, before.Metrics.Concat(after.Metrics));
        Assert.Equal(expected.Select(m => (m.Name, m.Step, m.Value)), found.Select(m => (m.Name, m.Step, m.Value)));
    }

    [Fact]
    public void A_run_that_has_only_its_evaluation_left_averages_all_its_members()
    {
        var (whole, again) = (new RecordingSink(), new RecordingSink());
        var expected = Trainer.Run(new LstmExperiment(), Small with { Members = 2 }, Context("whole"), whole, [], CancellationToken.None);
        var found = Trainer.Run(new LstmExperiment(), Small with { Members = 2 }, Context("again"), again, [whole.Checkpoints[^1].File], CancellationToken.None);
        Assert.Equal(expected.Scores.OrderBy(s => s.Key), found.Scores.OrderBy(s => s.Key));
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_evaluates_its_result_is_paused_and_ends_alike_when_it_goes_on()
    {
        using var stop = new CancellationTokenSource();
        var (whole, first, second) = (new RecordingSink(), new RecordingSink { WhenSamples = stop.Cancel }, new RecordingSink());
        var expected = Trainer.Run(new LstmExperiment(), Small, Context("whole"), whole, [], CancellationToken.None);
        // Validation, which gives the texts, comes first; test is left.
        var paused = Trainer.Run(new LstmExperiment(), Small, Context("first"), first, [], stop.Token);
        Assert.Equal((RunState.Paused, expected.Step), (paused.State, paused.Step));
        var found = Trainer.Run(new LstmExperiment(), Small, Context("second"), second, [first.Checkpoints[^1].File], CancellationToken.None);
        Assert.Equal(expected.Scores.OrderBy(s => s.Key), found.Scores.OrderBy(s => s.Key));
        Assert.Contains("test_perplexity", found.Scores.Keys);
    }

    private RunContext Context(string name) => new() { Folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName, Threads = 1, KeepsEveryCheckpoint = true };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
