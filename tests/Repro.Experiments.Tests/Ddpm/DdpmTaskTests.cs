using Repro.Experiments.Ddpm;
using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

public sealed class DdpmTaskTests
{
    private static readonly DdpmOptions Smoke = (DdpmOptions)new DdpmExperiment().Profiles.Single(p => p.Name == "smoke").Options;

    [Fact]
    public void A_fresh_network_loses_1_and_in_300_steps_it_comes_near_the_least_there_can_be()
    {
        using var task = (DdpmTask)new DdpmExperiment().CreateTask(Smoke with { Warmup = 0 }, new RunContext());
        manual_seed(1);
        var losses = TaskLoop.Train(task, 300);
        Assert.Equal(1, losses[0], 0.15);
        // The least there can be is that of the exact noise.
        var least = MixtureBound.LeastSimpleLoss(GeneratedPoints.Mixture, Smoke.Schedule());
        Assert.InRange(losses[^50..].Average(), least, least + 0.1);
    }

    [Fact]
    public void A_run_that_searches_never_opens_test()
    {
        var options = Smoke with { Data = "optdigits", Evaluate = "validation", Width = 8, Groups = 4, Steps = 2, BatchSize = 8, Timesteps = 4, FirstBeta = 0.1, LastBeta = 0.5 };
        using var task = new DdpmTask(options, new RunContext(), SealedTest.Parts(new ImageShape(1, 8, 8)));
        TaskLoop.Train(task, task.Steps);
        foreach (var split in task.SplitsWhileTraining) TaskLoop.Evaluate(task, split);
        Assert.DoesNotContain(Splits.Test, task.SplitsWhileTraining.Concat(task.SplitsAtEnd));
        Assert.Equal(SealedTest.Seal, Assert.Throws<InvalidOperationException>(() => TaskLoop.Evaluate(task, Splits.Test)).Message);
    }

    [Fact]
    public void The_rate_rises_from_0_over_the_warm_up_and_then_stays()
    {
        using var task = (DdpmTask)new DdpmExperiment().CreateTask(Smoke with { Warmup = 4, LearningRate = 0.5 }, new RunContext());
        Assert.Equal([0, 0.125, 0.25, 0.375, 0.5, 0.5], Enumerable.Range(0, 6).Select(step => task.LearningRate(step, new MetricHistory())));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(10, 4)]
    [InlineData(100, 20)]
    [InlineData(1000, 1000)]
    [InlineData(7, 2)]
    public void The_terms_of_the_bound_that_are_drawn_stand_for_every_step_once_and_the_first_for_itself(int timesteps, int terms)
    {
        var parts = DdpmEvaluation.Parts(timesteps, terms).ToList();
        Assert.Equal(terms == 0 ? timesteps : terms, parts.Count);
        Assert.Equal((0, 1), parts[0]);
        Assert.Equal(Enumerable.Range(0, timesteps), parts.SelectMany(part => Enumerable.Range(part.First, part.Size)));
    }

    [Fact]
    public void Samples_become_the_nearest_level_and_stay_within_them()
    {
        using var samples = tensor(new[] { -3f, -1f, -0.95f, 0.01f, 0.1f, 7f });
        using var levels = DdpmEvaluation.ToLevels(samples, 17);
        Assert.Equal([-1, -1, -1, 0, 0.125f, 1], levels.data<float>().ToArray());
    }

    [Fact]
    public void A_shrunk_image_has_the_means_of_its_pixels_rounded_to_levels()
    {
        // Levels 0, 16, 4, 6 in the upper left corner: mean 6.5, rounded to even: 6, which is -0.25.
        var pixels = new byte[16];
        (pixels[0], pixels[1], pixels[4], pixels[5], pixels[15]) = (0, 16, 4, 6, 16);
        var shape = new ImageShape(1, 4, 4) { Levels = 17 };
        var split = ImageSplit.FromFileOrder(Splits.Train, shape, [3], pixels);
        var shrunk = new ShrunkImages(new NormalizedImages(split, ["a", "b", "c", "d"], PixelNormalization.Fixed(shape, 8, 8)), 2);
        var result = new float[4];
        shrunk.Read(0, result);
        Assert.Equal(new ImageShape(1, 2, 2) { Levels = 17 }, shrunk.Shape);
        Assert.Equal([-0.25f, -1, -1, -0.5f], result);
        Assert.Equal((1, 3), (shrunk.Count, shrunk.Label(0)));
    }

    [SkippableFact]
    public void Digits_are_levels_from_minus_1_to_1_and_999_of_them_are_held_out()
    {
        var context = new RunContext();
        Skip.If(DatasetRegistry.Find("optdigits").Find(context.Data) is null, "The digits are not in any data folder.");
        var parts = DdpmData.Open(DdpmExperiment.SmallDigits, context);
        Assert.Equal((2000, 999), (parts.Split.Train.Length, parts.Split.Validation.Length));
        var (pixels, seen) = (new float[64], new HashSet<float>());
        for (var i = 0; i < 200; i++)
        {
            parts.TrainingSource.Read(i, pixels);
            seen.UnionWith(pixels);
        }
        Assert.Equal(Enumerable.Range(0, 17).Select(level => (level / 8f) - 1), seen.Order());
    }

    [Fact]
    public void The_bound_from_some_terms_is_that_from_all_in_the_mean()
    {
        using var scope = NewDisposeScope();
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(100, 1e-3, 0.2), MeanKind.Noise, VarianceKind.FixedLarge, LossKind.Simple, 17, CPU);
        manual_seed(3);
        var start = zeros(20_000, 1, 1, 1);
        using var silent = DdpmEvaluation.Bits(diffusion, (x, _) => zeros_like(x), start, terms: 0).mean();
        using var some = DdpmEvaluation.Bits(diffusion, (x, _) => zeros_like(x), start, terms: 12).mean();
        Assert.Equal(1, (double)(some / silent), 0.03);
    }

    [SkippableFact]
    public void A_digit_given_as_a_picture_is_the_digit_of_the_data_set()
    {
        var context = new RunContext();
        Skip.If(DatasetRegistry.Find("optdigits").Find(context.Data) is null, "The digits are not in any data folder.");
        var parts = DdpmData.Open(DdpmExperiment.SmallDigits, context);
        var picture = DatasetRegistry.Find("optdigits").LoadImages(context.Data).Train.ToRgb(7);
        var pixels = new float[64];
        parts.TrainingSource.Read(7, pixels);
        using var input = DdpmData.ToInput(picture, DdpmExperiment.SmallDigits, CPU);
        Assert.Equal([1, 1, 8, 8], input.shape);
        Assert.Equal(pixels, input.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData("loss=simple,variance=learned", "loss=bound")]
    [InlineData("first_beta=0.1,last_beta=0.05", "first_beta=0.1")]
    [InlineData("sample_steps=2000", "sample_steps=2000")]
    [InlineData("bound_terms=1", "bound_terms is 0 for all")]
    [InlineData("eta=0.5", "eta=0.5 and sample_spacing=linear with all of them would change nothing")]
    [InlineData("sample_spacing=quadratic", "sample_spacing=quadratic with all of them would change nothing")]
    [InlineData("data=generated,shrink=2", "no pixels")]
    [InlineData("first_beta=0.999,last_beta=0.999", "nothing is left of the data")]
    [InlineData("samples=128", "samples=128 has to be at least 129")]
    [InlineData("groups=24", "groups=24 does not divide width=128")]
    [InlineData("data=fashion-mnist", "cannot halve 3 times")]
    public void Options_that_contradict_each_other_are_refused(string settings, string complaint)
    {
        var options = Repro.Studies.Options.OptionSchema.Apply(new DdpmOptions(), Repro.Studies.SearchSpaces.Configuration.Parse(settings).Settings);
        Assert.Contains(complaint, new DdpmExperiment().Complaint(options));
    }

    [Theory]
    [InlineData(MeanKind.Noise, VarianceKind.FixedLarge, LossKind.Simple)]
    [InlineData(MeanKind.Posterior, VarianceKind.Learned, LossKind.Bound)]
    public void The_recipes_packing_of_timesteps_and_targets_gives_the_losses_of_training(MeanKind mean, VarianceKind variance, LossKind loss)
    {
        var options = Smoke with { Mean = mean, Variance = variance, Loss = loss, BatchSize = 16 };
        var recipe = DdpmRecipe.Create(options, new RunContext());
        using var scope = NewDisposeScope();
        using var model = recipe.Build(3, 1);
        using var batch = recipe.Batch(5);
        var losses = model.Losses(model.Outputs(batch.Inputs), batch.Targets);
        using var diffusion = DdpmTask.Diffusion(options, CPU);
        var (start, noise, t) = (batch.Targets.narrow(1, 0, 2), batch.Targets.narrow(1, 2, 2), (batch.Targets.select(1, 4).flatten() * 100).round().to_type(ScalarType.Int64));
        Assert.True(losses.allclose(diffusion.TrainingLosses(((nn.Module<Tensor, Tensor, Tensor>)model.Module).call, start, t, noise)));
        Assert.InRange((long)t.max() - (long)t.min(), 10, 99);
    }
}
