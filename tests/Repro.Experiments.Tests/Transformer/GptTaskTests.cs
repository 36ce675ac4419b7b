using Repro.Experiments.Transformer;
using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class GptTaskTests
{
    private static readonly GptExperiment Experiment = new();

    private static readonly GptOptions Tiny = (GptOptions)Experiment.Profiles[0].Options with
    {
        Width = 16, Context = 12, BatchSize = 4, Steps = 20, Warmup = 5, EvaluateEvery = 10, SampledBatches = 3,
    };

    // By hand from get_lr in train.py: 1e-3 x 1/101 first, the peak at step 100, 1e-4 at the end, halfway between at half of the cosine.
    [Theory]
    [InlineData(0, 1e-3 / 101)]
    [InlineData(99, 1e-3 * 100 / 101)]
    [InlineData(100, 1e-3)]
    [InlineData(2550, (1e-3 + 1e-4) / 2)]
    [InlineData(5000, 1e-4)]
    public void The_learning_rate_rises_and_falls_as_in_train_py(long step, double expected) => Assert.Equal(expected, GptSchedule.Rate(new GptOptions(), step), 12);

    [Fact]
    public void Matrices_and_embeddings_decay_and_nothing_else()
    {
        using var model = new GptModel(Tiny with { Bias = true, WeightDecay = 0.3 }, 6, seed: 0);
        using var optimizer = GptTask.AdamW(Tiny with { WeightDecay = 0.3 }, model);
        var groups = optimizer.ParamGroups.Cast<AdamW.ParamGroup>().ToList();
        Assert.Equal([0.3, 0], groups.Select(g => g.Options.weight_decay!.Value));
        Assert.All(groups[0].Parameters, p => Assert.True(p.dim() >= 2));
        Assert.All(groups[1].Parameters, p => Assert.Equal(1, p.dim()));
        Assert.Equal(model.parameters().Count(), groups.Sum(g => g.Parameters.Count()));
        // A zero gradient leaves decay alone: w (1 - rate x decay).
        var (before, gain) = (model.parameters().First(p => p.dim() >= 2).detach().clone(), model.named_parameters().First(p => p.name == "ln_f.weight").parameter);
        foreach (var group in groups) group.LearningRate = 0.1;
        foreach (var parameter in model.parameters()) parameter.grad = zeros_like(parameter);
        optimizer.step();
        using var scope = NewDisposeScope();
        Assert.True((before * 0.97f).allclose(model.parameters().First(p => p.dim() >= 2)));
        Assert.True(gain.eq(1).all().item<bool>());
    }

    [Fact]
    public void Pieces_begin_anywhere_and_their_targets_are_one_further_on()
    {
        using var task = Create(Tiny);
        var beginnings = Enumerable.Range(0, 200).SelectMany(step => task.Prepare(step, 0)).ToList();
        Assert.All(beginnings, b => Assert.InRange(b, 0, 100_000 - 12 - 1));
        Assert.True(beginnings.Distinct().Count() > 780);
        Assert.Equal(task.Prepare(7, 0), task.Prepare(7, 0));
        using var scope = NewDisposeScope();
        using var text = arange(100, ScalarType.Int64);
        var (inputs, targets) = GptTask.Take(GptTask.Pieces(text, 3), [0, 96, 40]);
        Assert.Equal([0, 1, 2, 96, 97, 98, 40, 41, 42], inputs.contiguous().data<long>().ToArray());
        Assert.Equal([1, 2, 3, 97, 98, 99, 41, 42, 43], targets.contiguous().data<long>().ToArray());
    }

    [Fact]
    public void The_whole_loss_predicts_every_character_but_the_first_once()
    {
        using var task = Create(Tiny);
        var loss = TaskLoop.Evaluate(task, Splits.Validation)["loss"];
        // Piece by piece, one at a time, the remainder too.
        var model = (GptModel)task.Model;
        var text = GptText.Open(Tiny, new RunContext()).Validation;
        model.eval();
        using var without = no_grad();
        var (sum, count) = (0.0, 0);
        for (var first = 0; first < text.Length - 1; first += 12)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(12, text.Length - 1 - first);
            var probabilities = model.call(tensor(text[first..(first + length)], [1, length])).squeeze(0).log_softmax(1);
            for (var i = 0; i < length; i++) sum -= probabilities[i, text[first + i + 1]].item<float>();
            count += length;
        }
        Assert.Equal(text.Length - 1, count);
        Assert.Equal(sum / count, loss, 5);
    }

    [Fact]
    public void The_sampled_loss_is_near_the_whole_one_and_its_best_is_the_lowest_so_far()
    {
        using var task = Create(Tiny with { SampledBatches = 400 });
        var metrics = TaskLoop.Evaluate(task, Splits.Validation);
        Assert.Equal(metrics["loss"], metrics["sampled_loss"], 0.02);
        Assert.Equal(metrics["sampled_loss"], metrics["best_sampled_loss"]);
        var (_, best) = Assert.Single(task.State);
        best.fill_(0.5);
        Assert.Equal(0.5, TaskLoop.Evaluate(task, Splits.Validation)["best_sampled_loss"]);
        using var without = Create(Tiny with { SampledBatches = 0 });
        Assert.Equal(["loss"], TaskLoop.Evaluate(without, Splits.Validation).Keys);
    }

    [Fact]
    public void Nothing_is_read_as_test()
    {
        using var task = Create(Tiny);
        Assert.Equal([Splits.Validation], task.SplitsAtEnd.Concat(task.SplitsWhileTraining).Distinct());
        Assert.Empty(TaskLoop.Evaluate(task, Splits.Test));
    }

    [Fact]
    public void A_final_evaluation_writes_text_and_draws_where_the_model_looks()
    {
        using var task = Create(Tiny);
        using var scope = NewDisposeScope();
        using var without = no_grad();
        task.Model.eval();
        var evaluation = task.Evaluate(Splits.Validation, keepPredictions: true);
        Assert.Equal(["attention-1", "attention-2"], evaluation.Figures.Select(f => f.Name));
        Assert.All(Assert.Single(evaluation.Texts).Items, item => Assert.Equal(300, item.Text.Length));
    }

    /// <summary>Below a bigram's best, since where characters stand is learned; above what is possible.</summary>
    [Fact]
    public void The_generated_task_is_learned_towards_its_best_possible_loss()
    {
        var options = (GptOptions)Experiment.Profiles[0].Options;
        using var task = Create(options);
        TaskLoop.Train(task, options.Steps);
        var loss = TaskLoop.Evaluate(task, Splits.Validation)["loss"];
        var best = Experiment.BestPossible(options)[Experiment.MainMetric];
        Assert.InRange(loss, best - 0.03, best + 0.12);
        Assert.True(loss < GptText.Source.Uncertainty(1) - 0.2);
    }

    [Fact]
    public void A_width_that_the_heads_cannot_share_is_refused() =>
        Assert.Contains("no multiple of heads=4", Experiment.Complaint(new GptOptions { Width = 30, Heads = 4 }), StringComparison.Ordinal);

    private static GptTask Create(GptOptions options) => (GptTask)Experiment.CreateTask(options, new RunContext());
}
