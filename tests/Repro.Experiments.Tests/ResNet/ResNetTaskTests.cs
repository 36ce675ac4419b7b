using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Loop;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.ResNet;

public sealed class ResNetTaskTests
{
    private static readonly ImageShape Small = new(3, 8, 8);

    [Fact]
    public void A_run_that_searches_never_opens_test()
    {
        var options = new ResNetOptions { TrainOn = "split", Evaluate = "validation", Augment = false, Depth = 8, Width = 2, Steps = 2, BatchSize = 16 };
        using var task = new ResNetTask(options, new RunContext(), SealedTest.Parts(Small));
        TaskLoop.Train(task, task.Steps);
        foreach (var split in task.SplitsWhileTraining.Concat(task.SplitsAtEnd)) TaskLoop.Evaluate(task, split);
        Assert.DoesNotContain(Splits.Test, task.SplitsWhileTraining.Concat(task.SplitsAtEnd));
        // The seal itself works.
        Assert.Equal(SealedTest.Seal, Assert.Throws<InvalidOperationException>(() => TaskLoop.Evaluate(task, Splits.Test)).Message);
    }

    [Theory]
    [InlineData("split", "validation", "validation", "validation")]
    [InlineData("split", "test", "validation", "validation,test")]
    [InlineData("split", "test_curve", "validation,test", "validation,test")]
    [InlineData("all", "test", "", "test")]
    [InlineData("all", "test_curve", "test", "test")]
    public void What_is_evaluated_follows_from_the_options(string trainOn, string evaluate, string whileTraining, string atEnd)
    {
        var options = new ResNetOptions { Data = "generated", Augment = false, TrainOn = trainOn, Evaluate = evaluate, Depth = 8, Width = 2 };
        using var task = (ResNetTask)new ResNetExperiment().CreateTask(options, new RunContext());
        Assert.Equal(whileTraining, string.Join(",", task.SplitsWhileTraining));
        Assert.Equal(atEnd, string.Join(",", task.SplitsAtEnd));
    }

    [Fact]
    public void Weight_decay_is_on_every_parameter()
    {
        using var model = ResNetTask.Build(new ResNetOptions { Depth = 8, Width = 2 }, SealedTest.Parts(Small), 2, 0, TorchSharp.torch.CPU);
        using var optimizer = ResNetTask.Sgd(new ResNetOptions { LearningRate = 0.5, WeightDecay = 0.1, Momentum = 0.9 }, model);
        var before = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone());
        foreach (var parameter in model.parameters()) parameter.grad = TorchSharp.torch.zeros(parameter.shape);
        optimizer.step();
        // With no gradient a step is p - rate * decay * p.
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var expected = before[name] * 0.95;
            Assert.True(parameter.detach().allclose(expected), name);
        }
    }

    [SkippableFact]
    public void The_split_holds_5000_of_50000_out_and_is_the_same_for_every_seed()
    {
        var (first, second) = (CifarParts(seed: 1), CifarParts(seed: 2));
        Assert.Equal(45_000, first.Split.Train.Length);
        Assert.Equal(5_000, first.Split.Validation.Length);
        Assert.Equal(50_000, first.Split.Train.Union(first.Split.Validation).Count());
        Assert.Equal(first.Split.Validation, second.Split.Validation);
    }

    [SkippableFact]
    public void The_mean_image_is_of_the_examples_trained_on_alone()
    {
        var (split, all) = (CifarParts(seed: 0), CifarParts(seed: 0, trainOn: "all"));
        Assert.NotEqual(all.Normalization!.Mean, split.Normalization!.Mean);
        var sums = new double[3072];
        var pixels = new float[3072];
        foreach (var example in split.Split.Train)
        {
            split.TrainingSource.Read(example, pixels);
            for (var i = 0; i < sums.Length; i++) sums[i] += pixels[i];
        }
        Assert.All(sums, sum => Assert.InRange(sum / split.Split.Train.Length, -1e-4, 1e-4));
    }

    private static ImageParts CifarParts(ulong seed, string trainOn = "split")
    {
        var context = new RunContext { Seed = seed };
        Skip.If(DatasetRegistry.Find("cifar-10").Find(context.Data) is null, "CIFAR-10 is not in any data folder.");
        return ResNetTask.Open(new ResNetOptions { TrainOn = trainOn }, context);
    }

    [SkippableFact]
    public void A_training_step_of_ResNet_20_makes_less_than_12_kilobytes_of_managed_garbage()
    {
        Skip.If(EngineInfo.Current.Name.StartsWith("TorchSharp", StringComparison.Ordinal), "what the TorchSharp package allocates is its own");
        var options = new ResNetOptions { Data = "generated", TrainOn = "split", Augment = false, Width = 2, BatchSize = 4, Steps = 100 };
        using var task = new ResNetExperiment().CreateTask(options, new RunContext());
        using var feed = task.OpenFeed(0, TimeProvider.System);
        using var averages = new RunningAverages(CPU);
        var step = new TrainingStep(task, feed, seed: 0) { Seen = result => averages.Add("loss", result.Loss) };
        var history = new MetricHistory();
        for (var number = 0; number < 5; number++) step.Take(number, history);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 5; number < 15; number++) step.Take(number, history);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 12 * 1024);
    }
}
