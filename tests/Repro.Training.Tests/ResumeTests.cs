using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Training.Checkpoints;
using Repro.Training.Killable;

namespace Repro.Training.Tests;

[Collection(EngineTests.Name)]
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    public static TheoryData<string, TinyOptions> Settings => new()
    {
        { "plain", new TinyOptions() },
        { "adam, clipping, parts", new TinyOptions { Optimizer = "adam", LearningRate = 0.01, Clip = 0.5, Parts = 3, LogEvery = 7 } },
        { "an optimizer of our own", new TinyOptions { Optimizer = "lion", LearningRate = 0.003 } },
        { "moving average and best", new TinyOptions { EmaDecay = 0.9, KeepBest = true, LearningRate = 0.3 } },
        { "early stop and warm-up by error", new TinyOptions { Patience = 2, EvaluateEvery = 3, WarmUpUntilError = 70, LearningRate = 0.5 } },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_run_stopped_at_random_steps_and_resumed_gives_the_same_bits(string setting, TinyOptions options)
    {
        var whole = new RecordingSink();
        var expected = TinyRuns.Run(options, whole, _temporary.File("whole"));
        var numbers = new Philox(20250101, RandomPurpose.Checks, setting.Length);
        for (var round = 0; round < 4; round++)
        {
            var sink = new RecordingSink();
            RunOutcome outcome;
            var attempt = 0;
            do
            {
                // Stops at the n-th event of this attempt, a metric or a checkpoint; none may be left, then the run completes.
                using var stop = new CancellationTokenSource();
                var events = 1 + numbers.NextInt32(25);
                void Count()
                {
                    if (--events == 0) stop.Cancel();
                }
                sink.WhenMetric = _ => Count();
                sink.WhenCheckpoint = _ => Count();
                outcome = TinyRuns.Run(options, sink, _temporary.File($"round-{round}/attempt-{++attempt}"), resumeFrom: sink.CheckpointFiles, stop: stop.Token);
                Assert.True(outcome.State == RunState.Completed || outcome.Step == Checkpoint.Read(sink.Checkpoints.Last().File).Step);
            }
            while (outcome.State == RunState.Paused);
            Assert.Equal(RunState.Completed, outcome.State);
            Assert.Equal(expected.Step, outcome.Step);
            Assert.Equal(TinyRuns.Bits(expected.Scores), TinyRuns.Bits(outcome.Scores));
            Assert.Equal(TinyRuns.Bits(whole.Metrics), TinyRuns.Bits(sink.Metrics));
            Assert.Equal(TinyRuns.Content(whole.CheckpointFiles[0]), TinyRuns.Content(sink.CheckpointFiles[0]));
            Assert.Equal(whole.PredictionSets[^1].LogProbabilities, sink.PredictionSets[^1].LogProbabilities);
        }
    }

    [Theory]
    [InlineData(20, 6)]
    [InlineData(40, 6)]
    [InlineData(40, 0)]
    public void A_run_stopped_in_an_evaluation_makes_it_when_it_goes_on_and_gives_the_same_bits(long step, int patience)
    {
        var options = new TinyOptions { EmaDecay = 0.9, KeepBest = patience == 0, Patience = patience, TestCurve = true };
        var whole = new RecordingSink();
        var expected = TinyRuns.Run(options, whole, _temporary.File("whole"));
        var sink = new RecordingSink();
        using var stop = new CancellationTokenSource();
        // Of the second split, so that the first is measured already.
        sink.WhenProgress = progress =>
        {
            if (progress.Step == step && progress.Phase == "evaluating test") stop.Cancel();
        };
        Assert.Equal((RunState.Paused, step), (TinyRuns.Run(options, sink, _temporary.File("stopped"), stop: stop.Token) is var outcome ? outcome.State : default, outcome.Step));
        Assert.DoesNotContain(sink.Metrics, point => point.Step == step && point.Name.StartsWith("validation_", StringComparison.Ordinal));
        sink.WhenProgress = _ => { };
        var resumed = TinyRuns.Run(options, sink, _temporary.File("resumed"), resumeFrom: sink.CheckpointFiles);
        Assert.Equal(TinyRuns.Bits(expected.Scores), TinyRuns.Bits(resumed.Scores));
        Assert.Equal(TinyRuns.Bits(whole.Metrics), TinyRuns.Bits(sink.Metrics));
        Assert.Equal(TinyRuns.Content(whole.CheckpointFiles[0]), TinyRuns.Content(sink.CheckpointFiles[0]));
    }

    [Fact]
    public void A_stop_requested_before_the_first_step_leaves_a_checkpoint_to_begin_from()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions(), sink, _temporary.Path, stop: new CancellationToken(canceled: true));
        Assert.Equal((RunState.Paused, 0), (outcome.State, outcome.Step));
        Assert.Equal(0, sink.Checkpoints.Single().Step);
        Assert.Equal(RunState.Completed, TinyRuns.Run(new TinyOptions(), sink, _temporary.Path, resumeFrom: sink.CheckpointFiles).State);
    }

    [Fact]
    public void A_completed_run_resumed_is_evaluated_again_to_the_same_scores()
    {
        var sink = new RecordingSink();
        var first = TinyRuns.Run(new TinyOptions { EmaDecay = 0.9 }, sink, _temporary.File("a"));
        var second = TinyRuns.Run(new TinyOptions { EmaDecay = 0.9 }, sink, _temporary.File("b"), resumeFrom: sink.CheckpointFiles);
        Assert.Equal(RunState.Completed, second.State);
        Assert.Equal(TinyRuns.Bits(first.Scores), TinyRuns.Bits(second.Scores));
    }

    [Fact]
    public void The_newest_two_checkpoints_are_on_disk_at_any_time()
    {
        var sink = new RecordingSink();
        sink.WhenCheckpoint = written => Assert.True(File.Exists(written.File) && Directory.GetFiles(_temporary.Path).Length <= Retention.WhileUnfinished + 1);
        TinyRuns.Run(new TinyOptions { Steps = 12 }, sink, _temporary.Path);
        Assert.Equal(12, sink.Checkpoints.Count);
        Assert.Equal(["step-000000011.safetensors", "step-000000012.safetensors"], Directory.GetFiles(_temporary.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_checkpoint_that_the_disk_damaged_does_not_cost_the_last_whole_one()
    {
        var sink = new RecordingSink();
        sink.WhenCheckpoint = written =>
        {
            if (written.Step <= 4) return;
            var bytes = File.ReadAllBytes(written.File);
            bytes[^100] ^= 1;
            File.WriteAllBytes(written.File, bytes);
        };
        TinyRuns.Run(new TinyOptions { Steps = 12 }, sink, _temporary.Path);
        Assert.Equal([4, 3], sink.CheckpointFiles.Where(File.Exists).Select(Read).OfType<Checkpoint>().Select(checkpoint => checkpoint.Step));
        Assert.Equal(8, sink.Messages.Count(message => message.Contains("corrupt", StringComparison.Ordinal)));

        static Checkpoint? Read(string file)
        {
            try
            {
                return Checkpoint.Read(file);
            }
            catch (BadInputException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_with_a_message_and_the_one_before_it_is_used()
    {
        var whole = new RecordingSink();
        var expected = TinyRuns.Run(new TinyOptions(), whole);
        var sink = StopAtStep(20);
        File.WriteAllBytes(sink.CheckpointFiles[0], File.ReadAllBytes(sink.CheckpointFiles[0])[..^100]);
        var outcome = TinyRuns.Run(new TinyOptions(), sink, _temporary.File("b"), resumeFrom: sink.CheckpointFiles);
        var message = Assert.Single(sink.Messages);
        Assert.Contains("step-000000020.safetensors", message);
        Assert.Contains("cut off", message);
        Assert.Equal(20, sink.Checkpoints.Skip(20).First().Step);
        Assert.Equal(TinyRuns.Bits(expected.Scores), TinyRuns.Bits(outcome.Scores));
        Assert.Equal(TinyRuns.Bits(whole.Metrics), TinyRuns.Bits(sink.Metrics));
    }

    [Fact]
    public void Where_no_checkpoint_is_whole_the_run_begins_anew_and_says_so()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { Steps = 3 }, sink, _temporary.Path, resumeFrom: [_temporary.File("step-000000002.safetensors"), _temporary.File("step-000000001.safetensors")]);
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.Equal(3, sink.Messages.Count);
        Assert.Equal("No checkpoint is whole: the run begins anew.", sink.Messages[2]);
        Assert.Equal([1L, 2, 3], sink.Checkpoints.Select(checkpoint => checkpoint.Step));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused_with_what_differs()
    {
        var sink = StopAtStep(3);
        var options = Assert.Throws<BadInputException>(() => TinyRuns.Run(new TinyOptions { Hidden = 8 }, sink, resumeFrom: sink.CheckpointFiles)).Message;
        Assert.Contains("hidden was '16' and is '8'", options);
        var seed = Assert.Throws<BadInputException>(() => TinyRuns.Run(new TinyOptions(), sink, seed: 2, resumeFrom: sink.CheckpointFiles)).Message;
        Assert.Contains("seed was '1' and is '2'", seed);
    }

    [Fact]
    public void A_resume_under_other_conditions_is_done_and_labelled_by_who_records_the_attempts_alone()
    {
        var sink = StopAtStep(3);
        Assert.Equal("1", Checkpoint.Read(sink.CheckpointFiles[0]).Text("condition.threads"));
        var outcome = TinyRuns.Run(new TinyOptions(), sink, _temporary.File("resumed"), resumeFrom: sink.CheckpointFiles, change: context => context with { Threads = 2 });
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.Equal("2", Checkpoint.Read(sink.CheckpointFiles[0]).Text("condition.threads"));
        Assert.Empty(sink.Messages);
    }

    [Fact]
    public void NaN_and_infinities_in_the_history_survive_a_checkpoint()
    {
        using var model = new TinyTask(new TinyOptions(), new RunContext());
        using var state = new Training.Loop.LoopState(model, TorchSharp.torch.CPU);
        foreach (var (value, step) in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon }.Select((value, step) => (value, step)))
            state.History.Add(new MetricPoint("validation_loss", step, value, 0.5 * step));
        var draft = state.Save(TimeSpan.FromSeconds(3), TimeSpan.Zero);
        draft.Metadata["format"] = "repro-checkpoint";
        draft.Metadata["version"] = "1";
        draft.Metadata["seed"] = "0";
        var file = _temporary.File("step-000000005.safetensors");
        using (var stream = File.Create(file)) CheckpointFile.Write(stream, draft.Tensors, draft.Metadata);
        using var restored = new Training.Loop.LoopState(model, TorchSharp.torch.CPU);
        restored.Load(Checkpoint.Read(file));
        Assert.Equal(TinyRuns.Bits(state.History.Points), TinyRuns.Bits(restored.History.Points));
        Assert.Equal([0, 0.5, 1, 1.5, 2], restored.History.Points.Select(point => point.Seconds));
        Assert.Equal(TimeSpan.FromSeconds(3), restored.TrainedBefore);
    }

    [Fact]
    public void The_result_of_a_checkpoint_is_what_was_scored()
    {
        foreach (var options in new[] { new TinyOptions(), new TinyOptions { EmaDecay = 0.8 }, new TinyOptions { KeepBest = true, EmaDecay = 0.8, LearningRate = 0.5 } })
        {
            var sink = new RecordingSink();
            var outcome = TinyRuns.Run(options, sink, _temporary.File(Guid.NewGuid().ToString("N")));
            using var task = new TinyTask(options, new RunContext { Seed = 1 });
            Checkpoint.Read(sink.CheckpointFiles[0]).LoadResult(task.Model);
            task.Model.eval();
            using var gradients = TorchSharp.torch.no_grad();
            Assert.Equal(outcome.Scores["test_loss"], task.Evaluate("test", false).Metrics["loss"]);
        }
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_fails_the_run_and_leaves_the_one_before_it()
    {
        // A folder in the place of the file that step 5 would be written to.
        Directory.CreateDirectory(_temporary.File("step-000000005.safetensors.partial"));
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions(), sink, _temporary.Path);
        Assert.Equal((RunState.Failed, 5), (outcome.State, outcome.Step));
        Assert.Contains("The checkpoint at step 5 could not be written", outcome.Failure);
        Assert.Contains("The checkpoint at step 4 is whole", outcome.Failure);
        Assert.Equal(4, Checkpoint.Read(sink.CheckpointFiles[0]).Step);
    }

    [Fact]
    public void What_fails_after_a_checkpoint_is_on_disk_is_not_said_to_be_its_writing()
    {
        var sink = new RecordingSink { WhenCheckpoint = written => throw new IOException("The list of checkpoints cannot be written.") };
        var thrown = Assert.Throws<IOException>(() => TinyRuns.Run(new TinyOptions(), sink, _temporary.Path));
        Assert.Equal("The list of checkpoints cannot be written.", thrown.Message);
        Assert.Equal(1, Checkpoint.Read(sink.CheckpointFiles[0]).Step);
    }

    private RecordingSink StopAtStep(long step)
    {
        var sink = new RecordingSink();
        using var stop = new CancellationTokenSource();
        sink.WhenCheckpoint = written =>
        {
            if (written.Step == step) stop.Cancel();
        };
        Assert.Equal(RunState.Paused, TinyRuns.Run(new TinyOptions(), sink, _temporary.File("stopped"), stop: stop.Token).State);
        sink.WhenCheckpoint = _ => { };
        return sink;
    }
}
