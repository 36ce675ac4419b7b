using Repro.Experiments.Transformer;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;

namespace Repro.Experiments.Tests.Transformer;

/// <summary>Runs through the real loop, and what their checkpoints say afterwards.</summary>
[Collection(OneGenerator.Name)]
public sealed class GptRunTests : IDisposable
{
    private static readonly GptExperiment Experiment = new();

    // Dropout, so that the engine's generator matters; several evaluations, so that the lowest estimate does.
    private static readonly GptOptions Short = (GptOptions)Experiment.Profiles[0].Options with { Width = 16, Dropout = 0.1, Steps = 24, EvaluateEvery = 6, SampledBatches = 2 };

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-gpt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_that_was_stopped_and_resumed_has_the_same_bits()
    {
        using var stop = new CancellationTokenSource();
        var (whole, first, second) = (new RecordingSink(), new RecordingSink(12, stop), new RecordingSink());
        var expected = Trainer.Run(Experiment, Short, Context("whole"), whole, [], CancellationToken.None);
        Assert.Equal(RunState.Paused, Trainer.Run(Experiment, Short, Context("attempt-1"), first, [], stop.Token).State);
        var outcome = Trainer.Run(Experiment, Short, Context("attempt-2"), second, [first.Checkpoints[^1].File], CancellationToken.None);
        Assert.Equal(expected.Scores.OrderBy(s => s.Key), outcome.Scores.OrderBy(s => s.Key));
        Assert.Contains("validation_best_sampled_loss", outcome.Scores.Keys);
        Assert.Equal(
            whole.Metrics.Select(m => (m.Name, m.Step, m.Value)).Where(m => m.Step > 12), second.Metrics.Select(m => (m.Name, m.Step, m.Value)).Where(m => m.Step > 12));
    }

    [Fact]
    public void A_trained_run_writes_on_and_predicts()
    {
        var sink = new RecordingSink();
        var context = Context("run");
        Assert.Equal(RunState.Completed, Trainer.Run(Experiment, Short, context, sink, [], CancellationToken.None).State);
        Assert.Equal(["written"], Assert.Single(sink.SampleSets).Texts.Select(t => t.Name));
        var trained = Checkpoint.Read(sink.Checkpoints[^1].File);

        var request = new SampleRequest(["abc", "f"], 2, new GptSampling { Length = 40 });
        var items = Assert.Single(Experiment.Sample(Short, context, trained, request).Texts).Items;
        Assert.Equal(["abc", "abc", "f", "f"], items.Select(i => i.Prompt));
        Assert.All(items, item => Assert.Equal(40, item.Text.Length));
        Assert.Equal(items.Select(i => i.Text), Experiment.Sample(Short, context, trained, request).Texts[0].Items.Select(i => i.Text));
        Assert.NotEqual(items.Select(i => i.Text), Experiment.Sample(Short, context with { Seed = 9 }, trained, request).Texts[0].Items.Select(i => i.Text));

        // The same beginning twice, and no random number twice.
        var twice = Experiment.Sample(Short, context, trained, new SampleRequest(["a", "a"], 1, new GptSampling { Length = 40 })).Texts[0].Items;
        Assert.NotEqual(twice[0].Text, twice[1].Text);

        var text = GptText.Generated(2_000, stream: 7);
        var predictions = Experiment.PredictTexts(Short, context, trained, [text, "a"]);
        Assert.Equal(1, predictions[0].Classes.Sum(c => c.Probability), 5);
        Assert.Equal("abcdef", string.Concat(predictions[0].Classes.Select(c => c.Class).Order()));
        // A text of the same source is as hard as the validation text, by a few thousandths.
        Assert.Equal(sink.Metrics.Last(m => m.Name == "validation_loss").Value, predictions[0].Metrics["nats_per_character"], 0.05);
        Assert.Empty(predictions[1].Metrics);
        Assert.Contains("'z'", Assert.Throws<BadInputException>(() => Experiment.PredictTexts(Short, context, trained, ["az"])).Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => Experiment.Sample(Short, context, trained, new SampleRequest([""], 1, new GptSampling())));
    }

    private RunContext Context(string name) => new() { Seed = 3, Threads = 1, Folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName };
}
