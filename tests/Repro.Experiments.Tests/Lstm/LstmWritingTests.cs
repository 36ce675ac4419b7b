using Repro.Experiments.Lstm;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

public sealed class LstmWritingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-lstm-writing-").FullName;
    private readonly LstmExperiment _experiment = new();

    private static readonly LstmOptions Options = new() { Data = "generated", TrainWords = 20_000, Layers = 1, Hidden = 16, LearningRate = 0.3, Epochs = 2, Members = 2 };

    [Fact]
    public void The_report_of_a_run_has_text_beside_how_the_validation_text_really_goes_on()
    {
        var samples = Assert.Single(Train().SampleSets);
        Assert.Equal(Splits.Validation, samples.Split);
        var gates = Assert.Single(samples.Figures);
        Assert.Equal("gates", gates.Name);
        Assert.EndsWith("Of the first of 2 networks.", gates.Caption, StringComparison.Ordinal);
        Assert.Equal(LstmText.Source.Text(10_000, 1).Take(44).Select(symbol => LstmText.Source.Symbols[symbol]), gates.Y.Categories);
        var items = Assert.Single(samples.Texts).Items;
        var validation = string.Join(' ', LstmText.Source.Text(10_000, 1).Select(symbol => LstmText.Source.Symbols[symbol]));
        Assert.Equal(4, items.Count);
        Assert.All(items, item => Assert.Contains($"{item.Prompt} {item.Reference}", validation));
        Assert.All(items, item => Assert.Equal(40, item.Text.Split(' ').Length));
        Assert.NotEqual(items[0].Reference, items[0].Text);
    }

    [Fact]
    public void Words_are_drawn_as_often_as_the_averaged_model_says()
    {
        using var model = new LstmEnsemble(Options with { InitRange = 1 }, 8, seed: 4);
        using var without = no_grad();
        model.eval();
        const int Count = 4000;
        var drawn = LstmWriting.Continue(model, 2, [2, 5], Count, new LstmSampling { Length = 1 }, seed: 9, index: 0, CPU);
        using var text = LstmText.Streams([2, 5], 1, CPU);
        var probabilities = Enumerable.Range(0, 2).Select(m => model[m].call(text, model[m].Begin(1)).Logits[1, 0].softmax(0).data<float>().ToArray()).ToList();
        for (var word = 0; word < 8; word++)
        {
            var p = probabilities.Average(each => (double)each[word]);
            Assert.InRange(drawn.Count(words => words[0] == word) / (double)Count, p - (5 * Math.Sqrt(p * (1 - p) / Count)), p + (5 * Math.Sqrt(p * (1 - p) / Count)));
        }
    }

    [Fact]
    public void A_temperature_of_zero_takes_the_likeliest_word_each_time_and_reads_on_what_it_wrote()
    {
        using var model = new LstmEnsemble(Options with { InitRange = 1, Members = 1 }, 8, seed: 4);
        using var without = no_grad();
        model.eval();
        var written = LstmWriting.Continue(model, 1, [3], 2, new LstmSampling { Temperature = 0, Length = 6 }, seed: 1, index: 0, CPU);
        Assert.Equal(written[0], written[1]);
        var text = new List<int> { 3 };
        for (var at = 0; at < 6; at++)
        {
            // The whole text again from the beginning, instead of a state that is carried.
            using var all = LstmText.Streams([.. text], 1, CPU);
            text.Add((int)model[0].call(all, model[0].Begin(1)).Logits[-1, 0].argmax().item<long>());
        }
        Assert.Equal(text.Skip(1), written[0]);
    }

    [Fact]
    public void A_trained_run_is_asked_how_well_it_predicts_a_text_and_what_comes_next()
    {
        var trained = Checkpoint.Read(Train().Checkpoints[^1].File);
        var symbols = LstmText.Source.Text(300, 5);
        var likely = string.Join(' ', symbols.Select(symbol => LstmText.Source.Symbols[symbol]));
        var constant = string.Join(' ', Enumerable.Repeat("a", 300));
        var predictions = _experiment.PredictTexts(Options, Context(), trained, [likely, constant, "b"]);
        Assert.InRange(predictions[0].Metrics["perplexity"], 2, 7.9);
        Assert.Empty(predictions[2].Metrics);
        Assert.All(predictions, prediction => Assert.Equal(1, prediction.Classes.Sum(c => c.Probability), 1e-5));
        Assert.All(predictions, prediction => Assert.Equal(prediction.Classes.OrderByDescending(c => c.Probability), prediction.Classes));
        Assert.Contains("'x'", Assert.Throws<BadInputException>(() => _experiment.PredictTexts(Options, Context(), trained, ["a x"])).Message);
        Assert.Throws<BadInputException>(() => _experiment.PredictTexts(Options, Context(), trained, [" "]));
    }

    [Fact]
    public void Samples_go_on_from_what_was_given_and_differ_from_each_other_and_by_seed()
    {
        var trained = Checkpoint.Read(Train().Checkpoints[^1].File);
        List<string> Sample(ulong seed) =>
        [
            .. _experiment.Sample(Options, Context() with { Seed = seed }, trained, new SampleRequest(["a b"], 2, new LstmSampling { Length = 30 })).Texts[0].Items
                .Select(item => item.Text),
        ];
        var first = Sample(1);
        Assert.All(first, text => Assert.StartsWith(" ", text));
        Assert.Equal(30, first[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.NotEqual(first[0], first[1]);
        Assert.Equal(first, Sample(1));
        Assert.NotEqual(first, Sample(2));
    }

    [Fact]
    public void Words_that_the_data_have_not_are_counted_and_named_up_to_five_of_them()
    {
        var vocabulary = new WordVocabulary(["<eos>", "the", "<unk>", "company", "said"]);
        using var model = new LstmEnsemble(Options with { Members = 1 }, vocabulary.Count, seed: 4);
        model.eval();
        TextPrediction Predict(string text) => LstmWriting.Predict(model, 1, vocabulary, text, CPU);
        var known = Predict("the <unk> company\nsaid");
        Assert.Equal((0.0, 0), (known.Metrics["unknown_words"], known.Warnings.Count));
        var nonsense = Predict("the xqz 🦀 \uFFFD\uFFFD xqz said");
        Assert.Equal(4, nonsense.Metrics["unknown_words"]);
        Assert.StartsWith("The run's data have no word for 4 of the words of \"the xqz 🦀 \uFFFD\uFFFD xqz said\": 'xqz', '🦀', '\uFFFD\uFFFD'; the model reads each as <unk>", Assert.Single(nonsense.Warnings));
        Assert.Contains("7 of the words of \"a b c d e f g\": 'a', 'b', 'c', 'd', 'e' and 2 others;", Assert.Single(Predict("a b c d e f g").Warnings));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\n")]
    public void White_space_alone_is_no_text_of_words(string text) =>
        Assert.Contains("at least one word", Assert.Throws<BadInputException>(() => LstmWriting.Given(new WordVocabulary(["<eos>", "<unk>", "a"]), text)).Message);

    [SkippableFact]
    public void A_sample_from_words_that_the_data_have_not_says_so()
    {
        var context = Context();
        Skip.If(DatasetRegistry.Find("ptb").Find(context.Data) is null, "Penn Treebank is not in any data folder.");
        var options = new LstmOptions { Evaluate = "validation", TrainWords = 1_000, Layers = 1, Hidden = 2, Steps = 1 };
        var sink = new RecordingSink();
        Assert.Null(Trainer.Run(_experiment, options, context, sink, [], CancellationToken.None).Failure);
        var trained = Checkpoint.Read(sink.Checkpoints[^1].File);
        SampleResult Sample(params string[] texts) => _experiment.Sample(options, context, trained, new SampleRequest(texts, 1, new LstmSampling { Length = 2 }));
        Assert.Contains("'xqzzy'", Assert.Single(Sample("the company said", "the xqzzy").Warnings));
        Assert.Empty(Sample().Warnings);
        Assert.Empty(Sample(CatalogTests.TextOf(_experiment.SampleExample(options))).Warnings);
    }

    private RecordingSink Train()
    {
        var sink = new RecordingSink();
        Assert.Null(Trainer.Run(_experiment, Options, Context(), sink, [], CancellationToken.None).Failure);
        return sink;
    }

    private RunContext Context() => new() { Folder = _folder, Threads = 1 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
