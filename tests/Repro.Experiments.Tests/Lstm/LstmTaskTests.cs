using Repro.Experiments.Lstm;
using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

public sealed class LstmTaskTests
{
    private static readonly LstmOptions Small = new() { Data = "generated", TrainWords = 2000, Layers = 2, Hidden = 8, Unroll = 10, Dropout = 0.3, Epochs = 2, DecayAfter = 0 };

    /// <summary>Streams of five symbols, too: of the four predicted there, one is predicted from one symbol alone.</summary>
    [Theory]
    [InlineData(Splits.Validation, 20, 20)]
    [InlineData(Splits.Validation, 2000, 2000)]
    [InlineData(Splits.Test, 20, 1)]
    public void The_best_possible_loss_is_what_the_text_costs_whoever_knows_its_source(string split, int batchSize, int streams)
    {
        var options = Small with { BatchSize = batchSize };
        var (source, text) = (LstmText.Source, LstmText.Open(options, new RunContext()).Words(split));
        // How often each symbol follows each, counted in another text.
        var (other, follows) = (source.Text(400_000, 9), new double[8, 8]);
        for (var i = 1; i < other.Length; i++) follows[other[i - 1], other[i]]++;
        var costs = new List<double>();
        var length = text.Length / streams;
        for (var first = 0; first < streams * length; first += length)
        {
            costs.Add(-Math.Log(follows[text[first], text[first + 1]] / Enumerable.Range(0, 8).Sum(next => follows[text[first], next])));
            for (var i = first + 2; i < first + length; i++) costs.Add(-Math.Log(source.Probability(text[i - 2], text[i - 1], text[i])));
        }
        var best = new LstmExperiment().BestPossible(options);
        var mean = costs.Average();
        var error = Math.Sqrt(costs.Sum(cost => (cost - mean) * (cost - mean))) / costs.Count;
        Assert.InRange(best[split + "_loss"] - mean, -3 * error, 3 * error);
        Assert.Equal(Math.Exp(best[split + "_loss"]), best[split + "_perplexity"], 1e-12);
    }

    [Fact]
    public void Perplexity_is_exp_of_the_loss_of_a_word_in_training_too()
    {
        var sink = new RecordingSink();
        var outcome = Trainer.Run(new LstmExperiment(), Small, new RunContext { Threads = 1 }, sink, [], CancellationToken.None);
        foreach (var split in new[] { Splits.Train, Splits.Validation, Splits.Test })
            Assert.Equal(Math.Exp(outcome.Scores[split + "_loss"]), outcome.Scores[split + "_perplexity"], 1e-9);
        // Nats a word, not their sum over a step: about ln 8 at first.
        Assert.InRange(sink.Metrics.First(m => m.Name == "train_loss").Value, 1.9, 2.3);
    }

    [Fact]
    public void A_run_that_searches_never_opens_test()
    {
        var text = new LstmText(
            new WordVocabulary(LstmText.Source.Symbols), LstmText.Source.Text(500, 0), LstmText.Source.Text(200, 1), () => throw new InvalidOperationException(SealedTest.Seal));
        using var task = new LstmTask(Small with { Evaluate = "validation", Steps = 2 }, new RunContext(), text);
        TaskLoop.Train(task, task.Steps);
        foreach (var split in task.SplitsWhileTraining.Concat(task.SplitsAtEnd)) TaskLoop.Evaluate(task, split);
        Assert.DoesNotContain(Splits.Test, task.SplitsWhileTraining.Concat(task.SplitsAtEnd));
        // The seal itself works.
        Assert.Equal(SealedTest.Seal, Assert.Throws<InvalidOperationException>(() => TaskLoop.Evaluate(task, Splits.Test)).Message);
    }

    [Fact]
    public void The_gradient_is_that_of_the_sum_over_the_words_of_a_step()
    {
        // The same text and parameters, the loss differentiated twice: as the task does, and as a mean.
        using var task = (LstmTask)new LstmExperiment().CreateTask(Small with { Dropout = 0 }, new RunContext());
        using var scope = NewDisposeScope();
        var result = task.Forward(task.Prepare(0, 0));
        result.Loss.backward(retain_graph: true);
        var mean = Acceleration.Norm([.. task.Model.parameters().Select(p => p.grad!.clone())]).item<float>();
        task.Model.zero_grad();
        result.Objective!.backward();
        var summed = Acceleration.Norm([.. task.Model.parameters().Select(p => p.grad!)]).item<float>();
        Assert.Equal(Small.Unroll * mean, summed, 1e-3 * summed);
    }

    [Fact]
    public void The_mean_of_several_networks_is_that_of_their_probabilities()
    {
        var options = new LstmOptions { Layers = 1, Hidden = 3, Members = 2, InitRange = 2 };
        using var ensemble = new LstmEnsemble(options, 4, seed: 1);
        using var recording = no_grad();
        var words = new[] { 0, 3, 1, 1, 2 };
        using var text = LstmText.Streams(words, 1, CPU);
        double Mean(int members)
        {
            var sum = 0.0;
            var each = Enumerable.Range(0, members).Select(m => ensemble[m].call(text.narrow(0, 0, 4), ensemble[m].Begin(1)).Logits.softmax(-1)).ToList();
            for (var i = 0; i < 4; i++) sum -= Math.Log(each.Average(p => (double)p[i, 0, words[i + 1]].item<float>()));
            return sum / 4;
        }
        Assert.Equal(Mean(1), LstmEvaluation.Loss(ensemble, 1, words, 1, CPU), 1e-6);
        Assert.Equal(Mean(2), LstmEvaluation.Loss(ensemble, 2, words, 1, CPU), 1e-6);
    }

    [Fact]
    public void Members_are_trained_one_after_another_each_with_the_whole_schedule()
    {
        var options = Small with { Members = 2, Epochs = 3, DecayAfter = 0, Decay = 2 };
        using var task = (LstmTask)new LstmExperiment().CreateTask(options, new RunContext());
        var epoch = task.StepsPerEpoch;
        Assert.Equal(6 * epoch, task.Steps);
        Assert.Equal([1, 0.5, 0.25, 1, 0.5, 0.25], Enumerable.Range(0, 6).Select(e => task.LearningRate(e * epoch, new MetricHistory())));
        Assert.Equal([0, 0, 0, 1, 1, 1], Enumerable.Range(0, 6).Select(e => task.Prepare(e * epoch, 0).Member));
        var before = task.Model.get_parameter("members.1.decoder.weight")!.detach().clone();
        TaskLoop.Train(task, 3);
        Assert.True(before.allclose(task.Model.get_parameter("members.1.decoder.weight")!, 0, 0));
    }

    // "After 6 epochs we decrease it by a factor of 1.2 after each epoch": seven epochs at the first rate.
    [Theory]
    [InlineData("paper", 4, 1)]
    [InlineData("paper", 5, 0.5)]
    [InlineData("paper", 12, 1.0 / 256)]
    [InlineData("medium", 6, 1)]
    [InlineData("medium", 7, 1 / 1.2)]
    [InlineData("large", 14, 1)]
    [InlineData("large", 15, 1 / 1.15)]
    public void The_rate_falls_after_the_epochs_that_the_paper_names(string profile, int epochsBefore, double expected)
    {
        var options = (LstmOptions)new LstmExperiment().Profiles.Single(p => p.Name == profile).Options;
        Assert.Equal(expected, LstmSchedule.Rate(options, epochsBefore * 100, 100), 1e-12);
        Assert.Equal(expected, LstmSchedule.Rate(options, (epochsBefore * 100) + 99, 100), 1e-12);
    }

    [Fact]
    public void Steps_that_end_before_the_last_network_begins_are_refused()
    {
        // 20,000 symbols in 20 streams are 49 pieces of 20: 98 steps a network of two epochs.
        var options = new LstmOptions { Data = "generated", TrainWords = 20_000, Epochs = 2, Members = 3 };
        Assert.Equal(49, LstmSchedule.StepsPerEpoch(options, 20_000));
        Assert.Null(LstmText.Complaint(options));
        Assert.Null(LstmText.Complaint(options with { Steps = 197 }));
        Assert.Null(LstmText.Complaint(options with { Steps = 196, Members = 2 }));
        var complaint = new LstmExperiment().Complaint(options with { Steps = 196 });
        Assert.Equal(
            "Each of members=3 networks trains for epochs=2, here 98 steps, and steps=196 end before the last one begins, after step 196. " +
            "Leave steps out, or set it above 196, or lower epochs, or members to 2.", complaint);
        Assert.EndsWith("or members to 1.", LstmText.Complaint(options with { Steps = 98 }));
    }

    [Fact]
    public void A_rate_rises_again_for_another_member_alone()
    {
        var options = new LstmOptions { Members = 2, Epochs = 3, DecayAfter = 0, Decay = 2, LearningRate = 1 };
        // Two members of three epochs, and two epochs more than they have.
        Assert.Equal([1, 0.5, 0.25, 1, 0.5, 0.25, 0.125, 0.0625], Enumerable.Range(0, 8).Select(epoch => LstmSchedule.Rate(options, epoch * 10, 10)));
    }
}
