using Repro.Studies.Runs;
using Repro.Training.Killable;

namespace Repro.Training.Tests.Loop;

[Collection(EngineTests.Name)]
public sealed class DivergenceTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_loss_that_is_no_number_fails_the_run_records_it_and_keeps_the_last_good_checkpoint()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { LogOfNegativeAt = 17 }, sink, _temporary.Path);
        Assert.Equal((RunState.Failed, 17), (outcome.State, outcome.Step));
        Assert.Empty(outcome.Scores);
        Assert.Contains("became NaN at step 18 of 40 (learning rate 0.05; the last logged loss was", outcome.Failure);
        Assert.Contains("--detect-anomaly", outcome.Failure);
        Assert.Equal((18, double.NaN), sink.Of("train_loss").Select(point => (point.Step, point.Value)).Last());
        Assert.Equal(17, sink.Checkpoints.Last().Step);
        Assert.DoesNotContain(TinyRuns.Content(sink.Checkpoints.Last().File), pair => pair.Key.StartsWith("model.", StringComparison.Ordinal) && pair.Value.Contains("0000C07F"));
    }

    [Fact]
    public void A_rate_that_is_far_too_high_is_named_in_the_failure()
    {
        var outcome = TinyRuns.Run(new TinyOptions { LearningRate = 1e30, Steps = 200 }, new RecordingSink());
        Assert.Equal(RunState.Failed, outcome.State);
        Assert.Contains("learning rate 1e+30", outcome.Failure);
    }

    [Fact]
    public void Anomaly_mode_names_the_operator_whose_gradient_became_NaN()
    {
        var outcome = TinyRuns.Run(new TinyOptions { RootOfZeroAt = 7 }, new RecordingSink(), change: context => context with { DetectAnomaly = true });
        Assert.Equal((RunState.Failed, 7), (outcome.State, outcome.Step));
        // The root of zero has an infinite slope; times the zero before it that is NaN, in the multiplication's backward pass.
        Assert.Contains("MulBackward", outcome.Failure);
        Assert.Contains("step 8", outcome.Failure);
    }

    [Fact]
    public void Without_anomaly_mode_the_same_NaN_is_seen_one_step_later_in_the_loss()
    {
        var outcome = TinyRuns.Run(new TinyOptions { RootOfZeroAt = 7 }, new RecordingSink());
        Assert.Contains("at step 9 of 40", outcome.Failure);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void Parameters_that_are_no_numbers_are_in_no_checkpoint_though_the_loss_before_them_was_finite(double emaDecay)
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { RootOfZeroAt = 7, EmaDecay = emaDecay }, sink, _temporary.Path);
        Assert.Equal((RunState.Failed, 8), (outcome.State, outcome.Step));
        Assert.Contains("The parameter 'fc1.weight' became NaN or infinite not later than at step 8 of 40 (learning rate 0.05; the last logged loss was", outcome.Failure);
        Assert.Equal(7, sink.Checkpoints.Last().Step);
        Assert.DoesNotContain(Directory.GetFiles(_temporary.Path), file => file.Contains("000000008", StringComparison.Ordinal));
    }

    [Fact]
    public void A_moving_average_that_is_no_number_is_in_no_checkpoint()
    {
        using var task = new TinyTask(new TinyOptions { EmaDecay = 0.9 }, new RunContext());
        using var average = new Training.Loop.MovingAverage(task.Model, 0.9);
        Assert.Null(average.FirstNotFinite());
        using var gradients = TorchSharp.torch.no_grad();
        task.Model.named_parameters().First(named => named.name == "fc2.bias").parameter.fill_(float.PositiveInfinity);
        average.Update();
        Assert.Equal("fc2.bias", average.FirstNotFinite());
    }

    [Fact]
    public void Large_parameters_are_finite_though_their_norm_is_not()
    {
        using var task = new TinyTask(new TinyOptions(), new RunContext());
        using var gradients = TorchSharp.torch.no_grad();
        foreach (var (_, parameter) in task.Model.named_parameters()) parameter.fill_(1e30f);
        Assert.Null(ModelCopy.FirstNotFinite(task.Model));
    }

    [Fact]
    public void A_result_whose_parameters_are_no_numbers_is_not_evaluated()
    {
        var sink = new RecordingSink();
        var outcome = TinyRuns.Run(new TinyOptions { RootOfZeroAt = 7, Steps = 8 }, sink);
        Assert.Equal((RunState.Failed, 8), (outcome.State, outcome.Step));
        Assert.Empty(outcome.Scores);
        Assert.Empty(sink.PredictionSets);
    }

    [Theory]
    [InlineData(TorchSharp.DeviceType.CPU, false, true)]
    [InlineData(TorchSharp.DeviceType.CUDA, false, false)]
    [InlineData(TorchSharp.DeviceType.CUDA, true, true)]
    public void Anomaly_mode_reads_the_loss_of_every_step_on_every_device(TorchSharp.DeviceType device, bool detectAnomaly, bool reads) =>
        Assert.Equal(reads, Training.Loop.RunLoop.ReadsEveryLoss(device, detectAnomaly));

    [SkippableFact]
    public void Anomaly_mode_names_the_operator_of_the_forward_pass_that_gave_the_first_NaN()
    {
        SkipWithThePackage();
        var outcome = TinyRuns.Run(new TinyOptions { LogOfNegativeAt = 17 }, new RecordingSink(), change: context => context with { DetectAnomaly = true });
        Assert.Contains("born in the operator aten::log, outside the layers, whose outputs were all finite.", outcome.Failure);
        Assert.Contains("at step 18 of 40", outcome.Failure);
    }

    [SkippableFact]
    public void Anomaly_mode_says_when_a_NaN_came_with_the_data()
    {
        SkipWithThePackage();
        var outcome = TinyRuns.Run(new TinyOptions { NanInputAt = 3 }, new RecordingSink(), change: context => context with { DetectAnomaly = true });
        Assert.Contains("its arguments held it already: it came with the data or a parameter, before layer 'fc1', whose input had it already", outcome.Failure);
    }

    [Fact]
    public void Anomaly_mode_names_the_layer_that_gave_an_infinity()
    {
        var outcome = TinyRuns.Run(new TinyOptions { LearningRate = 1e30, Steps = 200, Normalize = false }, new RecordingSink(), change: context => context with { DetectAnomaly = true });
        Assert.Equal(RunState.Failed, outcome.State);
        Assert.Contains("layer 'fc", outcome.Failure);
    }

    [Fact]
    public void Anomaly_mode_does_not_change_a_healthy_run()
    {
        var (plain, watched) = (new RecordingSink(), new RecordingSink());
        TinyRuns.Run(new TinyOptions(), plain);
        TinyRuns.Run(new TinyOptions(), watched, change: context => context with { DetectAnomaly = true });
        Assert.Equal(TinyRuns.Bits(plain.Metrics), TinyRuns.Bits(watched.Metrics));
    }

    private static void SkipWithThePackage() =>
        Skip.If(EngineInfo.Current.Name.StartsWith("TorchSharp", StringComparison.Ordinal), "the TorchSharp package does not let operators be watched");
}
