using Repro.Experiments.Images;
using Repro.Experiments.LeNet;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.LeNet;

public sealed class LeNetTests
{
    [Fact]
    public void LeNet_5_has_the_60000_parameters_of_the_paper_and_850_of_its_softmax_layer()
    {
        using var model = new LeNetModel(10, seed: 0, new InputScale(new ImageShape(1, 28, 28), null));
        Assert.Equal(60_000 + 850, model.CountParameters());
    }

    [Fact]
    public void The_squashing_function_maps_one_to_one_and_minus_one_to_minus_one()
    {
        using var squashed = LeNetModel.Squash(tensor([1f, -1f, 0f]));
        Assert.Equal([1f, -1f, 0f], squashed.data<float>().ToArray().Select(v => MathF.Round(v, 3)));
    }

    [Fact]
    public void Subsampling_begins_as_the_mean_of_four()
    {
        using var subsampling = new Subsampling(1);
        using var output = subsampling.call(tensor([1f, 2f, 5f, 8f], [1, 1, 2, 2]));
        Assert.Equal(4f, output.item<float>(), 5);
    }

    [Fact]
    public void A_pair_of_maps_that_Table_I_does_not_connect_gets_no_gradient()
    {
        using var model = new LeNetModel(10, seed: 0, new InputScale(new ImageShape(1, 28, 28), null));
        using var scope = NewDisposeScope();
        manual_seed(0);
        model.call(randn(2, 1, 28, 28)).pow(2).sum().backward();
        var weight = model.named_parameters().Single(p => p.name == "c3.weight").parameter;
        var touched = Enumerable.Range(0, 16).Select(map => Enumerable.Range(0, 6).Count(from => weight.grad![map, from].abs().sum().item<float>() > 0)).ToArray();
        Assert.Equal([3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6], touched);
    }

    [Fact]
    public void The_linear_rival_learns_the_generated_task()
    {
        var experiment = new LeNetExperiment();
        var options = OptionSchema.Apply(experiment.Profiles[0].Options, [new("network", "linear")]);
        using var task = (LeNetTask)experiment.CreateTask(options, new RunContext());
        TaskLoop.Train(task, task.Steps);
        // Guessing errs 90 %, the best classifier next to 0 %.
        Assert.InRange(TaskLoop.Evaluate(task, Splits.Test)["error"], 0, 5);
    }
}
