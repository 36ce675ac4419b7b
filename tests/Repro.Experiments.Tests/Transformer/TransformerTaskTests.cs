using Repro.Experiments.Transformer;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

[Collection(OneGenerator.Name)]
public sealed class TransformerTaskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-transformer-").FullName;

    private static readonly TransformerExperiment Experiment = new();

    private static TransformerOptions Smoke => (TransformerOptions)Experiment.Profiles[0].Options;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_schedule_is_the_papers_where_no_peak_is_named()
    {
        var options = new TransformerOptions { ModelSize = 512, Warmup = 4000, PeakLearningRate = 0 };
        foreach (var step in new[] { 1, 100, 3999, 4000, 4001, 100_000 })
            Assert.Equal(Math.Pow(512, -0.5) * Math.Min(Math.Pow(step, -0.5), step * Math.Pow(4000, -1.5)), TransformerSchedule.Rate(options, step - 1), 12);
    }

    [Fact]
    public void The_tiny_settings_rate_peaks_at_the_published_one_when_its_warm_up_ends()
    {
        var options = new TransformerOptions();
        Assert.Equal(0.005, TransformerSchedule.Rate(options, 1999), 12);
        Assert.Equal(0.0025, TransformerSchedule.Rate(options, 999), 12);
        Assert.Equal(0.0025, TransformerSchedule.Rate(options, 7999), 12);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.7)]
    public void Label_smoothing_and_its_gradients_are_those_of_libtorchs_own_cross_entropy(double epsilon)
    {
        using var scope = NewDisposeScope();
        using var model = TransformerModelTests.Small(PositionKind.Sinusoids);
        var states = (rand(7, 8, generator: new Generator(1)) * 4).requires_grad_();
        var expected = tensor(new long[] { 3, 4, 5, 12, 0, 2, 2 });

        var (loss, plain) = SmoothedLoss.Of(model, states, expected, epsilon);
        loss.backward();
        var (byState, byTable) = (states.grad!.clone(), model.Table.grad!.clone());
        states.grad!.zero_();
        model.Table.grad!.zero_();
        var reference = nn.functional.cross_entropy(states.matmul(model.Table.t()), expected, label_smoothing: epsilon);
        reference.backward();

        Assert.Equal(reference.item<float>(), loss.item<float>(), 4);
        Assert.Equal(nn.functional.cross_entropy(states.matmul(model.Table.t()), expected).item<float>(), plain.item<float>(), 4);
        Assert.True((byState - states.grad!).abs().max().item<float>() < 1e-5);
        Assert.True((byTable - model.Table.grad!).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void The_gradient_of_a_step_in_two_batches_is_that_of_all_its_symbols_at_once()
    {
        using var scope = NewDisposeScope();
        using var task = Task(Smoke with { Batches = 2, Dropout = 0, LabelSmoothing = 0.1 });
        var parts = Enumerable.Range(0, 20).Select(step => new[] { task.Prepare(step, 0), task.Prepare(step, 1) })
            .First(step => step[0].Expected.Length != step[1].Expected.Length);
        foreach (var part in parts) (task.Forward(part).Loss / 2).backward();
        var model = (TransformerModel)task.Model;
        var gradient = model.Table.grad!.clone();
        model.zero_grad();

        var (a, _) = TransformerTask.Loss(model, parts[0], CPU, 0.1);
        var (b, _) = TransformerTask.Loss(model, parts[1], CPU, 0.1);
        double symbols = parts.Sum(part => part.Expected.Length);
        ((a * (parts[0].Expected.Length / symbols)) + (b * (parts[1].Expected.Length / symbols))).backward();

        Assert.True((gradient - model.Table.grad!).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void The_average_is_the_mean_of_the_parameters_after_the_last_steps_of_each_interval()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(2, 1, hasBias: false);
        using var average = new ParameterAverage(model, last: 10, every: 3, count: 3);
        for (var step = 1; step <= 10; step++)
        {
            using (no_grad()) model.weight!.fill_(step * step);
            average.Step();
        }
        average.Put();

        // After steps 4, 7 and 10.
        Assert.Equal((16 + 49 + 100) / 3f, model.weight!.data<float>()[0], 4);
    }

    [Fact]
    public void Where_a_run_is_too_short_for_all_snapshots_the_average_is_of_those_there_are()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(2, 1, hasBias: false);
        using var average = new ParameterAverage(model, last: 4, every: 3, count: 10);
        for (var step = 1; step <= 4; step++)
        {
            using (no_grad()) model.weight!.fill_(step);
            average.Step();
        }
        average.Put();

        Assert.Equal(2.5f, model.weight!.data<float>()[0], 5);
    }

    [Fact]
    public void An_average_before_the_last_step_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Linear(2, 1, hasBias: false);
        using var average = new ParameterAverage(model, last: 10, every: 3, count: 3);
        for (var step = 1; step <= 9; step++) average.Step();
        using (no_grad()) model.weight!.fill_(7);
        average.Put();

        Assert.Equal(7f, model.weight!.data<float>()[0]);
    }

    [Fact]
    public void The_smoke_profile_learns_to_translate_comes_near_the_true_channel_and_translates_own_sentences()
    {
        var sink = new RecordingSink();
        var context = new RunContext { Seed = 1, Threads = 1, Folder = Directory.CreateDirectory(_folder).FullName };
        var outcome = Trainer.Run(Experiment, Smoke, context, sink, [], CancellationToken.None);

        Assert.Equal(RunState.Completed, outcome.State);
        var (pairs, loss) = (GeneratedTranslation.Data.Split(Splits.Test), outcome.Scores["test_loss"]);
        Assert.InRange(loss - TranslationDataTests.TrueLoss(pairs), -0.01, 0.08);
        // The draw of the noise moves the loss of 200 sentences by a few hundredths; what can be expected knows nothing of it.
        Assert.InRange(loss - Experiment.BestPossible(Smoke)["test_loss"], -0.1, 0.18);
        Assert.InRange(outcome.Scores["test_bleu"], 96, 100);
        Assert.Equal(Math.Exp(loss), outcome.Scores["test_perplexity"], 9);
        var samples = sink.SampleSets.Single(set => set.Split == Splits.Test);
        Assert.Contains("case:lc", samples.Texts.Single().Caption);
        Assert.Equal("attention", samples.Figures.Single().Name);

        // The checkpoint gives the same result: the averaged parameters, by which the run was scored.
        var trained = Checkpoint.Read(sink.Checkpoints[^1].File);
        var said = Experiment.PredictTexts(Smoke, context, trained, [.. pairs.Take(12).Select(pair => pair.Text)]);
        Assert.Equal(samples.Texts.Single().Items.Select(item => item.Text), said.Select(prediction => prediction.Answer));
        var sampled = Experiment.Sample(Smoke, context, trained, new SampleRequest([pairs[0].Text, "s1 s2 s99"], 2, new TranslationSampling()));
        Assert.Equal([pairs[0].Text, pairs[0].Text, "s1 s2 s99", "s1 s2 s99"], sampled.Texts.Single().Items.Select(item => item.Prompt));
        Assert.Equal(said[0].Answer, sampled.Texts.Single().Items[0].Text);
        Assert.Equal(["attention-1", "attention-2"], sampled.Figures.Select(figure => figure.Name));
        Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, context, trained, new SampleRequest([], 1, new TranslationSampling())));
        Assert.Throws<BadInputException>(() => Experiment.Sample(Smoke, context, trained, new SampleRequest(["s1"], 6, new TranslationSampling())));
    }

    [Theory]
    [InlineData(Splits.Validation, Splits.Test)]
    [InlineData(Splits.Test, Splits.Validation)]
    public void A_run_keeps_all_of_its_translations_and_its_scores_are_computed_again_from_them(string split, string other)
    {
        // Too short to be right everywhere.
        var options = Smoke with { Steps = 150, Beam = 1 };
        var (sink, context) = (new RecordingSink(), new RunContext { Seed = 1, Threads = 1 });
        var scores = Trainer.Run(Experiment, options, context, sink, [], CancellationToken.None).Scores;
        var (pairs, kept) = (GeneratedTranslation.Data.Split(split), sink.SampleSets.Single(set => set.Split == split).Translations!);

        Assert.InRange(scores[$"{split}_bleu"], 1, 99);
        Assert.Equal(pairs.Count, kept.Lines.Count);
        Assert.Equal(scores[$"{split}_bleu"], Bleu.Corpus([.. kept.Lines.Select(line => line.Split(' '))], [.. pairs.Select(pair => pair.Reference.Split(' '))]).Score);
        var again = Experiment.Score(options, context, split, kept);
        Assert.Equal((scores[$"{split}_bleu"], scores[$"{split}_sacrebleu"]), (again["bleu"], again["sacrebleu"]));
        Assert.Equal(100, Experiment.Score(options, context, split, kept with { Lines = [.. pairs.Select(pair => pair.Reference)] })["bleu"], 9);

        Assert.Contains("other references", Assert.Throws<BadInputException>(() => Experiment.Score(options, context, other, kept)).Message);
        var fewer = kept with { Lines = [.. kept.Lines.Skip(1)] };
        Assert.Contains("199 translations of 200", Assert.Throws<BadInputException>(() => Experiment.Score(options, context, split, fewer)).Message);
        Assert.Equal(12, sink.SampleSets.Single(set => set.Split == split).Texts.Single().Items.Count);
    }

    [Fact]
    public void A_run_that_is_stopped_between_two_snapshots_and_resumed_has_the_same_bits_and_scores()
    {
        var options = Smoke with { Steps = 24, Average = 4, AverageEvery = 5, Beam = 1, Dropout = 0.2, Batches = 2 };
        RunContext In(string name) => new() { Seed = 3, Threads = 1, Folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName };
        var whole = new RecordingSink();
        var expected = Trainer.Run(Experiment, options, In("whole"), whole, [], CancellationToken.None);

        using var stop = new CancellationTokenSource();
        var first = new RecordingSink(stop: stop, stopAt: 15);
        Assert.Equal(RunState.Paused, Trainer.Run(Experiment, options, In("first"), first, [], stop.Token).State);
        var second = new RecordingSink();
        var resumed = Trainer.Run(Experiment, options, In("second"), second, [first.Checkpoints[^1].File], CancellationToken.None);

        Assert.Equal(expected.Scores, resumed.Scores);
        Assert.Equal(Parameters(whole.Checkpoints[^1].File), Parameters(second.Checkpoints[^1].File));

        float[] Parameters(string file)
        {
            using var scope = NewDisposeScope();
            using var model = TransformerTask.Build(options, GeneratedTranslation.Data, 0, CPU);
            var checkpoint = Checkpoint.Read(file);
            var values = new List<float>();
            foreach (var average in new[] { false, true })
            {
                checkpoint.LoadResult(model);
                foreach (var (name, parameter) in model.named_parameters())
                {
                    if (average) checkpoint.LoadState(ParameterAverage.Prefix + name, parameter);
                    values.AddRange(parameter.data<float>().ToArray());
                }
            }
            return [.. values];
        }
    }

    [Fact]
    public void A_run_that_searches_computes_no_test_metric_and_cannot_read_test()
    {
        var options = Smoke with { Evaluate = "validation", Steps = 3 };
        var outcome = Trainer.Run(Experiment, options, new RunContext { Seed = 1, Threads = 1, TestIsSealed = true }, new RecordingSink(), [], CancellationToken.None);

        Assert.Contains("validation_bleu", outcome.Scores.Keys);
        Assert.DoesNotContain(outcome.Scores.Keys, name => name.StartsWith("test_", StringComparison.Ordinal));
        var data = new TranslationData(GeneratedTranslation.Data.Vocabulary, GeneratedTranslation.Data.Train, split =>
            split == Splits.Test ? throw new InvalidOperationException(SealedTest.Seal) : GeneratedTranslation.Data.Split(split));
        using var task = new TransformerTask(options, new RunContext { Seed = 1 }, data);
        TaskLoop.Train(task, 2);
        Assert.Contains("perplexity", TaskLoop.Evaluate(task, Splits.Validation).Keys);
        Assert.Throws<InvalidOperationException>(() => TaskLoop.Evaluate(task, Splits.Test));
    }

    [Fact]
    public void Heads_of_one_number_each_translate_too()
    {
        using var task = Task(Smoke with { Heads = Smoke.ModelSize, Beam = 2 });
        TaskLoop.Train(task, 1);
        task.Model.eval();
        Assert.InRange(task.Evaluate(Splits.Validation, keepPredictions: true).Metrics["bleu"], 0, 100);
    }

    [Fact]
    public void Heads_that_do_not_divide_the_model_are_refused() =>
        Assert.Contains("heads must divide", new TransformerOptions { Heads = 3 }.Complaint());

    private static TransformerTask Task(TransformerOptions options) => new(options, new RunContext { Seed = 1 }, GeneratedTranslation.Data);
}
