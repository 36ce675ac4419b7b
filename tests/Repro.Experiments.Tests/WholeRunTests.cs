using Repro.Experiments.ResNet;
using Repro.Figures.Images;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using Repro.Training.Datasets;

namespace Repro.Experiments.Tests;

/// <summary>Runs through the real loop, checkpoints and all.</summary>
public sealed class WholeRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-experiments-").FullName;

    /// <summary>The catalog's, and what `repro new paper trial` writes: a working experiment already.</summary>
    private static readonly IReadOnlyList<Experiment> Experiments = [.. Catalog.All, new Trial.TrialExperiment()];

    public static TheoryData<string> Names => [.. Experiments.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_short_run_is_completed_and_scored_on_test_once(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var options = OptionSchema.Apply(experiment.Profiles[0].Options, [new("steps", "20")]);
        var sink = new RecordingSink();
        var outcome = Trainer.Run(experiment, options, Context(), sink, [], CancellationToken.None);
        Assert.Null(outcome.Failure);
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.True(outcome.Scores.ContainsKey(experiment.MainMetric));
        // What a claim of the card may be about.
        Assert.Empty(outcome.Scores.Keys.Where(score => MetricOfASplit(score)).Except(experiment.Metrics));
        // Test is read with the trained result alone: no curve of it, and its predictions once.
        Assert.DoesNotContain(sink.Metrics, m => m.Name.StartsWith("test", StringComparison.Ordinal));
        Assert.Equal(Classifies(experiment) ? ["test", "validation"] : [], sink.PredictionSets.Select(p => p.Split).Order());
        Assert.NotEmpty(sink.Checkpoints);
        if (experiment.SampleExample(options) is not { Length: > 0 } example) return;
        // What the run's last words propose is taken.
        string[] texts = example.StartsWith("--text ", StringComparison.Ordinal) ? [CatalogTests.TextOf(example)] : [];
        var sampled = experiment.Sample(options, Context(), Checkpoint.Read(sink.Checkpoints[^1].File), new SampleRequest(texts, 1, experiment.SampleOptions(options)!));
        Assert.NotEqual(0, sampled.Figures.Count + sampled.Texts.Sum(written => written.Items.Count));
    }

    /// <summary>Its data are images.</summary>
    private static bool TakesImages(Experiment experiment) =>
        experiment.DataSets(Activator.CreateInstance(experiment.OptionsType)!).Any(name => DatasetRegistry.Find(name).Classes.Count > 0);

    /// <summary>It predicts a class of each of them.</summary>
    private static bool Classifies(Experiment experiment) => TakesImages(experiment) && experiment.MainMetric.EndsWith("_error", StringComparison.Ordinal);

    // Others say something of the run, such as the step of its best value, and not of the model.
    private static bool MetricOfASplit(string score) => score.Split('_')[0] is Splits.Train or Splits.Validation or Splits.Test;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_model_passes_every_check_of_the_recipe(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var results = RecipeRunner.Run(experiment, experiment.Profiles[0].Options, Context(), _ => { }, CancellationToken.None);
        Assert.All(results, result => Assert.True(result.Verdict != CheckVerdict.Failed, $"{result.Name}: {result.Value}, expected {result.Expected}. {result.Detail}"));
    }

    [Fact]
    public void Checks_before_a_run_do_not_change_its_bits()
    {
        var experiment = new ResNetExperiment();
        var options = OptionSchema.Apply(experiment.Profiles[0].Options, [new("steps", "20")]);
        var (bare, checkedFirst) = (new RecordingSink(), new RecordingSink());
        Trainer.Run(experiment, options, Context(), bare, [], CancellationToken.None);
        RecipeRunner.Run(experiment, options, Context(), _ => { }, CancellationToken.None, ["loss-at-init", "training-loss-falls"]);
        Trainer.Run(experiment, options, Context(), checkedFirst, [], CancellationToken.None);
        Assert.Equal(bare.Metrics.Select(m => (m.Name, m.Step, m.Value)), checkedFirst.Metrics.Select(m => (m.Name, m.Step, m.Value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Own_images_of_the_generated_task_are_refused(string name)
    {
        var experiment = Experiments.Single(e => e.Name == name);
        var refused = Assert.Throws<Studies.BadInputException>(() => experiment.Predict(experiment.Profiles[0].Options, Context(), null!, [new RgbImage(4, 4)]));
        Assert.Contains(TakesImages(experiment) ? "--profile quick" : "takes no images", refused.Message);
    }

    [SkippableFact]
    public void A_checkpoint_says_of_a_test_image_given_as_a_picture_what_the_run_said_of_it()
    {
        var context = Context();
        Skip.If(DatasetRegistry.Find("cifar-10").Find(context.Data) is null, "CIFAR-10 is not in any data folder.");
        var experiment = new ResNetExperiment();
        var options = new ResNetOptions { Depth = 8, Width = 2, Steps = 3, BatchSize = 16 };
        var sink = new RecordingSink();
        Assert.Equal(RunState.Completed, Trainer.Run(experiment, options, context, sink, [], CancellationToken.None).State);

        var test = DatasetRegistry.Find("cifar-10").LoadImages(context.Data).Test;
        var said = sink.PredictionSets.Single(p => p.Split == Splits.Test);
        var trained = Checkpoint.Read(sink.Checkpoints[^1].File);
        var predictions = experiment.Predict(options, context, trained, [test.ToRgb(7), Framed(test.ToRgb(7))]);
        foreach (var prediction in predictions)
        {
            Assert.Equal(1, prediction.Classes.Sum(c => c.Probability), 1e-5);
            foreach (var (name, probability) in prediction.Classes)
            {
                var expected = Math.Exp(said.LogProbabilities[(Array.IndexOf(said.Examples, 7) * 10) + said.Classes.ToList().IndexOf(name)]);
                Assert.Equal(expected, probability, 2e-3);
            }
        }
    }

    /// <summary>Twice the size, with strips at both sides that the centre square leaves out.</summary>
    private static RgbImage Framed(RgbImage image)
    {
        var framed = new RgbImage((image.Width * 2) + 20, image.Height * 2);
        for (var y = 0; y < framed.Height; y++)
        {
            for (var x = 0; x < image.Width * 2; x++)
            {
                for (var c = 0; c < 3; c++) framed.Pixels[(((y * framed.Width) + x + 10) * 3) + c] = image.Pixels[((((y / 2) * image.Width) + (x / 2)) * 3) + c];
            }
        }
        return framed;
    }

    private RunContext Context() => new() { Folder = _folder, Threads = 1 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
