using Repro.Experiments.Ddpm;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;

namespace Repro.Experiments.Tests.Ddpm;

[Collection(OneGenerator.Name)]
public sealed class DdpmSamplingTests : IDisposable
{
    private static readonly DdpmExperiment Experiment = new();

    private static readonly DdpmOptions Smoke = (DdpmOptions)Experiment.Profiles.Single(p => p.Name == "smoke").Options with { Steps = 4, Width = 8, Samples = 200 };

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-ddpm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Samples_are_drawn_as_the_run_was_evaluated_and_an_option_that_is_named_counts_even_where_it_is_0()
    {
        var few = Smoke with { SampleSteps = 10, Eta = 1 };
        var trained = Trained(few);
        var own = (DdpmSampleOptions)Experiment.SampleOptions(few)!;
        Assert.Contains("10 of 100 steps, eta = 1", Caption(few, trained, own), StringComparison.Ordinal);
        Assert.Contains("10 of 100 steps, eta = 0", Caption(few, trained, own with { Eta = 0 }), StringComparison.Ordinal);
        Assert.Contains("20 of 100 steps, eta = 1", Caption(few, trained, own with { Steps = 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_without_fewer_steps_would_change_nothing_and_is_refused()
    {
        var trained = Trained(Smoke);
        var own = (DdpmSampleOptions)Experiment.SampleOptions(Smoke)!;
        Assert.Contains("all 100 steps", Caption(Smoke, trained, own), StringComparison.Ordinal);
        Assert.Contains("--set steps=50 --set eta=0.5", Assert.Throws<BadInputException>(() => Caption(Smoke, trained, own with { Eta = 0.5 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_steps_than_the_process_has_are_refused_by_the_name_that_they_were_given_by()
    {
        var wanted = (DdpmSampleOptions)Experiment.SampleOptions(Smoke)! with { Steps = 200 };
        var refused = Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, new RunContext(), null!, new SampleRequest([], 5, wanted)));
        Assert.Equal("The run's process has 100 steps to sample in; steps=200 are more. Set fewer, or steps=0 for all of them.", refused.Message);
    }

    [Fact]
    public void The_floor_of_a_distance_is_that_of_its_split_and_other_metrics_have_none()
    {
        Assert.Equal("validation_frechet_floor", Experiment.FloorOf("validation_frechet_distance"));
        Assert.Equal("test_frechet_floor", Experiment.FloorOf(Experiment.MainMetric));
        Assert.Null(Experiment.FloorOf("validation_bits_per_dim"));
    }

    [Theory]
    [InlineData("denoising")]
    [InlineData("interpolations")]
    [InlineData("steps")]
    public void What_takes_steps_of_its_own_refuses_steps_and_noise_that_would_change_nothing(string draw)
    {
        var trained = Trained(Smoke);
        var own = (DdpmSampleOptions)Experiment.SampleOptions(Smoke)! with { Draw = draw, Steps = 7, Eta = 0.5 };
        var refused = Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, new RunContext(), trained, new SampleRequest([], 2000, own)));
        Assert.Contains($"draw={draw} takes steps of its own; steps=7 would change nothing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_of_so_many_rows_refuses_another_count()
    {
        var trained = Trained(Smoke);
        var request = new SampleRequest([], 9, (DdpmSampleOptions)Experiment.SampleOptions(Smoke)! with { Draw = "denoising" }) { CountIsGiven = true };
        Assert.Contains("always has 6 rows, whatever --count says. Leave --count 9 out", Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, new RunContext(), trained, request)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("denoising")]
    [InlineData("interpolations")]
    public void Points_have_no_pictures_on_their_way(string draw)
    {
        var wanted = (DdpmSampleOptions)Experiment.SampleOptions(Smoke)! with { Draw = draw };
        var refused = Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, new RunContext(), null!, new SampleRequest([], 5, wanted)));
        Assert.Contains("--set draw=samples", refused.Message, StringComparison.Ordinal);
    }

    private static string Caption(DdpmOptions run, Checkpoint trained, DdpmSampleOptions how) =>
        Assert.Single(Experiment.Sample(run, new RunContext { Seed = 3 }, trained, new SampleRequest([], 5, how)).Figures).Caption;

    private Checkpoint Trained(DdpmOptions options)
    {
        var sink = new RecordingSink();
        Assert.Equal(RunState.Completed, Trainer.Run(Experiment, options, new RunContext { Folder = _folder, Threads = 1 }, sink, [], CancellationToken.None).State);
        return Checkpoint.Read(sink.Checkpoints[^1].File);
    }
}
