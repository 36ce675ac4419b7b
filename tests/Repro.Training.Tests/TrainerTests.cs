using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training.Killable;

namespace Repro.Training.Tests;

[Collection(EngineTests.Name)]
public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_run_learns_and_is_scored_on_every_split_asked_for()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { Steps = 150, Dropout = 0 }, sink);
        Assert.Equal((RunState.Completed, 150, null), (outcome.State, outcome.Step, outcome.Failure));
        Assert.True(sink.Of("train_loss").Last().Value < 0.8 * sink.Of("train_loss").First().Value);
        // Four classes: guessing errs in 75 of 100.
        Assert.True(outcome.Scores["test_error"] < 50, $"test error was {outcome.Scores["test_error"]}");
        Assert.Equal(["test_error", "test_loss", "train_error", "train_loss", "validation_error", "validation_loss"], outcome.Scores.Keys.Order());
        Assert.InRange(outcome.WaitingShare, 0, 1);
    }

    [Fact]
    public void Metrics_are_logged_and_splits_evaluated_at_the_steps_declared_and_at_the_end()
    {
        var sink = new RecordingSink();
        TinyRuns.Run(new TinyOptions { Steps = 23, LogEvery = 5, EvaluateEvery = 10 }, sink);
        Assert.Equal([1L, 5, 10, 15, 20, 23], sink.Of("train_loss").Select(point => point.Step));
        Assert.Equal([1L, 5, 10, 15, 20, 23], sink.Of("learning_rate").Select(point => point.Step));
        Assert.Equal([10L, 20, 23], sink.Of("validation_error").Select(point => point.Step));
        Assert.Empty(sink.Of("test_error"));
    }

    [Fact]
    public void An_evaluation_says_of_which_split_it_is()
    {
        var sink = new RecordingSink();
        TinyRuns.Run(new TinyOptions { Steps = 2, EvaluateEvery = 1 }, sink);
        var phases = sink.Reports.Select(report => report.Phase).Where(phase => phase.StartsWith("evaluating", StringComparison.Ordinal)).ToList();
        Assert.Equal("evaluating validation", phases[0]);
        Assert.Equal("evaluating test", phases[^1]);
        Assert.DoesNotContain("evaluating", phases);
    }

    [Fact]
    public void A_logged_value_is_the_mean_over_the_steps_since_the_point_before()
    {
        var (each, fifth) = (new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions { Steps = 10, LogEvery = 1 }, each);
        TinyRuns.Run(new TinyOptions { Steps = 10, LogEvery = 5 }, fifth);
        var means = each.Of("train_loss").Select(point => point.Value).Chunk(5).Select(chunk => chunk.Average());
        Assert.Equal(means, fifth.Of("train_loss").Skip(1).Select(point => point.Value), (a, b) => Math.Abs(a - b) < 1e-12);
        // The first step stands by itself, and its mean is its own value.
        Assert.Equal(each.Of("train_loss").First().Value, fifth.Of("train_loss").First().Value);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        var sinks = new[] { new RecordingSink(), new RecordingSink(), new RecordingSink() };
        var first = TinyRuns.Run(new TinyOptions(), sinks[0], seed: 1);
        var second = TinyRuns.Run(new TinyOptions(), sinks[1], seed: 1);
        var other = TinyRuns.Run(new TinyOptions(), sinks[2], seed: 2);
        Assert.Equal(TinyRuns.Bits(first.Scores), TinyRuns.Bits(second.Scores));
        Assert.Equal(TinyRuns.Bits(sinks[0].Metrics), TinyRuns.Bits(sinks[1].Metrics));
        Assert.NotEqual(TinyRuns.Bits(sinks[0].Metrics), TinyRuns.Bits(sinks[2].Metrics));
        Assert.NotEqual(TinyRuns.Bits(first.Scores), TinyRuns.Bits(other.Scores));
    }

    [Fact]
    public void What_was_drawn_from_the_engines_generator_before_a_run_does_not_matter()
    {
        var (first, second) = (new RecordingSink(), new RecordingSink());
        TorchSharp.torch.manual_seed(123);
        TinyRuns.Run(new TinyOptions(), first);
        TorchSharp.torch.manual_seed(456);
        TinyRuns.Run(new TinyOptions(), second);
        Assert.Equal(TinyRuns.Bits(first.Metrics), TinyRuns.Bits(second.Metrics));
    }

    [Fact]
    public void A_batch_in_equal_parts_gives_the_gradient_of_the_whole()
    {
        // Without batch statistics, dropout and a carried state, which look at a part alone.
        var (whole, parts) = (new RecordingSink(), new RecordingSink());
        var options = new TinyOptions { Dropout = 0, Normalize = false, Carry = false, LogEvery = 1, Clip = 0.5 };
        TinyRuns.Run(options, whole);
        TinyRuns.Run(options with { Parts = 3 }, parts);
        foreach (var name in new[] { "train_loss", "train_gradient_norm" })
            Assert.Equal(whole.Of(name).Select(point => point.Value), parts.Of(name).Select(point => point.Value), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Clipping_shortens_long_gradients_only()
    {
        var (free, loose, tight) = (new RecordingSink(), new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions(), free);
        TinyRuns.Run(new TinyOptions { Clip = 1e6 }, loose);
        TinyRuns.Run(new TinyOptions { Clip = 1e-3 }, tight);
        Assert.Equal(TinyRuns.Bits(free.Of("train_loss")), TinyRuns.Bits(loose.Of("train_loss")));
        // Forty steps of at most 0.05 x 10 x 0.001 hardly move the loss.
        Assert.True(tight.Of("train_loss").Last().Value > free.Of("train_loss").Last().Value);
    }

    [Fact]
    public void The_rate_of_a_rule_that_looks_at_the_training_error_rises_when_the_error_fell()
    {
        var sink = new RecordingSink();
        TinyRuns.Run(new TinyOptions { Steps = 120, WarmUpUntilError = 60, LearningRate = 0.05 }, sink);
        var crossed = sink.Of("train_error").First(point => point.Step > 1 && point.Value < 60).Step;
        Assert.All(sink.Of("learning_rate"), point => Assert.Equal(point.Step <= crossed ? 0.005 : 0.05, point.Value, 12));
        // A jump is logged at its last step before and its first one after, between two points of the log.
        Assert.Contains(sink.Of("learning_rate"), point => point.Step == crossed);
        Assert.Contains(sink.Of("learning_rate"), point => point.Step == crossed + 1);
        Assert.NotEqual(0, (crossed + 1) % new TinyOptions().LogEvery);
    }

    [Fact]
    public void A_rule_that_looks_at_the_training_error_does_not_take_one_step_for_a_mean()
    {
        // Some first batch of these is below 75 of 100 by chance; the mean over five steps is what the rule may see.
        var sinks = Enumerable.Range(0, 20).Select(seed =>
        {
            var sink = new RecordingSink();
            TinyRuns.Run(new TinyOptions { Steps = 4, WarmUpUntilError = 75, LearningRate = 1e-6 }, sink, seed: (ulong)seed);
            return sink;
        }).Where(sink => sink.Of("train_error").First() is { Step: 1, Value: < 75 }).ToList();
        Assert.NotEmpty(sinks);
        Assert.All(sinks, sink => Assert.All(sink.Of("learning_rate"), point => Assert.Equal(1e-7, point.Value, 15)));
    }

    [Fact]
    public void Training_ends_early_when_validation_gets_no_better_and_the_best_parameters_are_the_result()
    {
        var sink = new RecordingSink();
        var options = new TinyOptions { Steps = 2000, LearningRate = 0.5, EvaluateEvery = 5, Patience = 3 };
        var outcome = TinyRuns.Run(options, sink);
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.True(outcome.Step < 2000);
        var best = sink.Of("validation_loss").MinBy(point => point.Value);
        Assert.Equal(best.Step, outcome.Scores["best_step"]);
        Assert.Equal(best.Step + 15, outcome.Step);
        // Measured again at the end, on the parameters kept: the same bits.
        Assert.Equal(best.Value, outcome.Scores["validation_loss"]);
    }

    [Fact]
    public void The_last_iterate_is_the_result_where_nothing_is_selected()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { LearningRate = 0.5 }, sink);
        Assert.Equal(sink.Of("validation_loss").Last().Value, outcome.Scores["validation_loss"]);
    }

    [Fact]
    public void Evaluations_use_the_moving_average_and_training_does_not()
    {
        var (plain, averaged) = (new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions(), plain);
        TinyRuns.Run(new TinyOptions { EmaDecay = 0.9 }, averaged);
        Assert.Equal(TinyRuns.Bits(plain.Of("train_loss")), TinyRuns.Bits(averaged.Of("train_loss")));
        Assert.NotEqual(TinyRuns.Bits(plain.Of("validation_loss")), TinyRuns.Bits(averaged.Of("validation_loss")));
    }

    [Fact]
    public void Predictions_of_the_final_evaluation_are_handed_over_and_agree_with_the_scores()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions(), sink);
        Assert.Equal(["validation", "test"], sink.PredictionSets.Select(set => set.Split));
        var test = sink.PredictionSets[1];
        Assert.Equal((40, TinyTask.HeldOut, TinyTask.HeldOut * TinyTask.Classes), (test.Step, test.Examples.Length, test.LogProbabilities.Length));
        var wrong = test.LogProbabilities.Chunk(TinyTask.Classes).Zip(test.Labels).Count(pair => Array.IndexOf(pair.First, pair.First.Max()) != pair.Second);
        Assert.Equal(outcome.Scores["test_error"], 100.0 * wrong / TinyTask.HeldOut);
        var loss = -test.LogProbabilities.Chunk(TinyTask.Classes).Zip(test.Labels).Average(pair => (double)pair.First[pair.Second]);
        Assert.Equal(outcome.Scores["test_loss"], loss, 6);
    }

    public static TheoryData<string, TinyOptions> Unsound => new()
    {
        { "PartsPerStep", new TinyOptions { Parts = 0 } },
        { "LogEvery", new TinyOptions { LogEvery = 0 } },
        { "EvaluateEvery", new TinyOptions { EvaluateEvery = 0 } },
        { "Steps", new TinyOptions { Steps = 0 } },
    };

    [Theory]
    [MemberData(nameof(Unsound))]
    public void A_task_that_counts_in_zeros_is_refused_by_name(string member, TinyOptions options) =>
        Assert.Equal($"TinyTask.{member} is at least 1; it is 0.", Assert.Throws<InvalidOperationException>(() => TinyRuns.Run(options, new RecordingSink())).Message);

    [Fact]
    public void Inspection_records_every_layers_activations_and_gradients_and_changes_nothing()
    {
        var (plain, inspected) = (new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions(), plain);
        TinyRuns.Run(new TinyOptions(), inspected, change: context => context with { Inspect = true });
        foreach (var layer in new[] { "fc1", "bn1", "drop", "fc2" })
            Assert.Equal([5L, 10, 15, 20, 25, 30, 35, 40], inspected.Of("activation_rms." + layer).Select(point => point.Step));
        foreach (var layer in new[] { "fc1", "bn1", "fc2" })
            Assert.All(inspected.Of("gradient_norm." + layer), point => Assert.True(point.Value > 0));
        Assert.Empty(inspected.Of("gradient_norm.drop"));
        Assert.Equal(TinyRuns.Bits(plain.Metrics), TinyRuns.Bits(inspected.Metrics.Where(point => !point.Name.Contains('.'))));
    }

    [Fact]
    public void Progress_is_reported_as_often_as_the_clock_allows()
    {
        var (still, fast) = (new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions { EvaluateEvery = 1000 }, still, change: context => context with { Time = new SteppedTime() });
        TinyRuns.Run(new TinyOptions { EvaluateEvery = 1000 }, fast, change: context => context with { Time = new SteppedTime { EachReading = TimeSpan.FromSeconds(1) } });
        Assert.Single(still.Reports, report => report.Phase == "training");
        var reports = fast.Reports.Where(report => report.Phase == "training").ToList();
        Assert.Equal(Enumerable.Range(1, 40).Select(step => (long)step), reports.Select(report => report.Step));
        Assert.All(reports[1..^1], report => Assert.True(report.StepsPerSecond > 0 && report.Left > TimeSpan.Zero && report.MemoryBytes > 0));
        Assert.Equal(4, reports[^1].Epoch);
        Assert.Contains("train_error", reports[20].Values.Keys);
    }

    [Fact]
    public void A_run_leaves_no_tensor_behind()
    {
        var options = new TinyOptions { Steps = 30, Optimizer = "adam", EmaDecay = 0.9, KeepBest = true, Clip = 1, Parts = 2 };
        TinyRuns.Run(options, new RecordingSink(), _temporary.File("first"), change: context => context with { Inspect = true });
        var before = TorchSharp.torch.Tensor.TotalCount;
        var sink = new RecordingSink();
        TinyRuns.Run(options, sink, _temporary.File("second"), change: context => context with { Inspect = true });
        TinyRuns.Run(options, sink, _temporary.File("third"), resumeFrom: sink.CheckpointFiles);
        // Two layers with weights and biases and a normalization between them, twice.
        Assert.Equal(before + TensorCount.TooHighBy(parameters: 2 * 6), TorchSharp.torch.Tensor.TotalCount);
    }

    [Fact]
    public void What_is_trained_by_itself_first_is_not_selected_and_costs_no_patience()
    {
        var sink = new RecordingSink();
        var options = new TinyOptions { Steps = 40, EvaluateEvery = 5, LearningRate = 0, Normalize = false, Patience = 2, SelectFrom = 21 };
        // Nothing is learned, so that the first evaluation that counts, after 25 steps, is the best, and two more are as many as patience has.
        Assert.Equal(35, TinyRuns.Run(options, sink).Step);
        Assert.Equal(25, TinyRuns.Run(options, sink).Scores["best_step"]);
        Assert.Equal(15, TinyRuns.Run(options with { SelectFrom = 0 }, sink).Step);
    }

    [Fact]
    public void How_long_the_evaluation_of_the_result_takes_is_said_before_training_where_it_is_minutes()
    {
        var sink = new RecordingSink { WhenMetric = _ => throw new InvalidOperationException("It has begun to train.") };
        Assert.Throws<InvalidOperationException>(() => TinyRuns.Run(new TinyOptions { MinutesToEvaluate = 75 }, sink));
        Assert.Equal("The evaluation of the result will take about 2.5 hours here, as a small part of it did before training.", Assert.Single(sink.Messages));
        var quiet = new RecordingSink();
        TinyRuns.Run(new TinyOptions { MinutesToEvaluate = 0.4 }, quiet);
        Assert.Empty(quiet.Messages);
    }

    [Fact]
    public void A_selection_that_looks_at_the_test_split_is_refused()
    {
        using var model = new TinyModel(4, 0, true);
        var thrown = Assert.Throws<InvalidOperationException>(() => new Repro.Training.Loop.BestOnValidation(model, new Selection("test_error")));
        Assert.Contains("test_error", thrown.Message);
    }

    [Fact]
    public void An_exception_of_the_loader_reaches_the_caller() =>
        Assert.Equal(
            "The batch of step 12 is broken.",
            Assert.Throws<InvalidDataException>(() => TinyRuns.Run(new TinyOptions { BrokenBatchAt = 12 }, new RecordingSink())).Message);

    [Fact]
    public void A_device_of_another_name_is_refused() =>
        Assert.Contains("'gpu'", Assert.Throws<BadInputException>(() => TinyRuns.Run(new TinyOptions(), new RecordingSink(), change: context => context with { Device = "gpu" })).Message);

    [SkippableFact]
    public void A_gpu_that_is_not_there_is_a_missing_component()
    {
        Skip.If(TorchSharp.torch.cuda.is_available(), "this machine has a GPU");
        var message = Assert.Throws<MissingComponentException>(() => TinyRuns.Run(new TinyOptions(), new RecordingSink(), change: context => context with { Device = "cuda" })).Message;
        Assert.Contains("--device cpu", message);
    }
}
