using Repro.Experiments.Lstm;
using Repro.Training;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

public sealed class LstmTextTests
{
    [Fact]
    public void Every_line_ends_with_eos_and_white_space_divides_words() =>
        Assert.Equal(["no", "it", "was", "<eos>", "n't", "<eos>"], WordVocabulary.Split(" no it  was \n n't \n"));

    [Fact]
    public void Words_are_numbered_as_they_first_appear_and_others_are_unknown()
    {
        var words = new WordVocabulary(["the", "<unk>", "the", "cat"]);
        Assert.Equal([0, 2, 1], words.Numbers(["the", "cat", "dog"]));
        Assert.Equal(3, words.Count);
        var without = new WordVocabulary(["a", "b"]);
        Assert.Contains("'dog'", Assert.Throws<Studies.BadInputException>(() => without.Numbers(["a", "dog"])).Message);
    }

    [Fact]
    public void A_text_comes_back_with_a_line_break_where_a_line_ends()
    {
        var words = new WordVocabulary(["<eos>", "a", "b"]);
        Assert.Equal("a b\na", words.Text([1, 2, 0, 1]));
    }

    [Fact]
    public void Streams_are_the_text_in_equal_pieces_side_by_side()
    {
        // 11 words in 3 streams: 3 each, the last two are left out.
        using var streams = LstmText.Streams([.. Enumerable.Range(0, 11)], 3, CPU);
        Assert.Equal([3, 3], streams.shape);
        Assert.Equal([0, 3, 6, 1, 4, 7, 2, 5, 8], streams.data<long>().ToArray());
    }

    [Fact]
    public void Steps_read_on_where_the_last_one_ended_and_predict_one_word_further()
    {
        var options = new LstmOptions { Layers = 1, Hidden = 2, BatchSize = 2, Unroll = 3, Epochs = 2, Evaluate = "validation" };
        using var task = new LstmTask(options, new RunContext(), Numbered(21));
        // 10 words a stream: pieces at 0, 3 and 6, whose last word predicts word 9.
        Assert.Equal(3, task.StepsPerEpoch);
        Assert.Equal(6, task.Steps);
        Assert.Equal(
            [(0, true), (3, false), (6, false), (0, true)], Enumerable.Range(0, 4).Select(step => task.Prepare(step, 0)).Select(window => ((int)window.First, window.Begins)));
    }

    [Fact]
    public void Part_of_the_training_text_keeps_the_vocabulary_of_all_of_it()
    {
        var part = LstmText.Open(new LstmOptions { Data = "generated", TrainWords = 1000 }, new RunContext());
        var whole = LstmText.Open(new LstmOptions { Data = "generated" }, new RunContext());
        Assert.Equal(whole.Vocabulary.Words, part.Vocabulary.Words);
        Assert.Equal(whole.Words(Splits.Train)[..1000], part.Words(Splits.Train));
        Assert.Equal(whole.Words(Splits.Validation), part.Words(Splits.Validation));
        Assert.Contains("train_words", LstmText.Complaint(new LstmOptions { Data = "generated", TrainWords = 300 }));
    }

    [SkippableFact]
    public void Penn_Treebank_has_ten_thousand_words_and_the_published_numbers_of_tokens()
    {
        var context = new RunContext();
        Skip.If(DatasetRegistry.Find("ptb").Find(context.Data) is null, "Penn Treebank is not in any data folder.");
        var text = LstmText.Open(new LstmOptions(), context);
        Assert.Equal(10_000, text.Vocabulary.Count);
        Assert.Equal([929_589, 73_760, 82_430], new[] { Splits.Train, Splits.Validation, Splits.Test }.Select(split => text.Words(split).Length));
        Assert.Equal(LstmText.TreebankWords, text.Words(Splits.Train).Length);
        Assert.Equal(2323, LstmSchedule.StepsPerEpoch(new LstmOptions(), LstmText.TreebankWords));
    }

    [SkippableFact]
    public void A_sealed_test_text_cannot_be_read()
    {
        var context = new RunContext();
        Skip.If(DatasetRegistry.Find("ptb").Find(context.Data) is null, "Penn Treebank is not in any data folder.");
        var text = LstmText.Open(new LstmOptions(), context with { Data = context.Data with { TestIsSealed = true } });
        Assert.Throws<SealedTestException>(() => text.Words(Splits.Test));
    }

    private static LstmText Numbered(int words) =>
        new(
            new WordVocabulary(Enumerable.Range(0, words).Select(word => $"{word}")), [.. Enumerable.Range(0, words)], [.. Enumerable.Range(0, words)],
            () => throw new InvalidOperationException(SealedTest.Seal));
}
