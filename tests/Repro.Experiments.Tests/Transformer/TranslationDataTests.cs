using Repro.Experiments.Transformer;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Experiments.Tests.Transformer;

public sealed class TranslationDataTests
{
    [Fact]
    public void Words_are_numbered_by_how_often_they_occur_behind_the_four_that_are_no_words()
    {
        var vocabulary = PieceVocabulary.Of("a b b\n", "c b a\n");

        Assert.Equal([5, 4, 6, PieceVocabulary.Unknown], vocabulary.Numbers("a b c d"));
        Assert.Equal("b a c", vocabulary.Line([4, 5, 6]));
        // Seven that stand for something, and one more that fills up to a multiple of 8.
        Assert.Equal((8, "c", "<none>"), (vocabulary.Count, vocabulary.Word(6), vocabulary.Word(7)));
    }

    [Fact]
    public void A_batch_shifts_targets_by_one_and_expects_an_end()
    {
        var batch = TranslationBatch.Of([new SentencePair([5, 6], [7], "", ""), new SentencePair([8], [9, 10, 11], "", "")]);

        Assert.Equal([5, 6, 2, 8, 2, 0], batch.Source);
        Assert.Equal([1, 7, 0, 0, 1, 9, 10, 11], batch.Target);
        Assert.Equal([0, 1, 4, 5, 6, 7], batch.Places);
        Assert.Equal([7, 2, 9, 10, 11, 2], batch.Expected);
        Assert.True(batch.Padded);
    }

    [Fact]
    public void A_batch_may_be_longer_than_its_sentences()
    {
        var batch = TranslationBatch.Of([new SentencePair([5, 6], [7], "", "")], length: 4);

        Assert.Equal([5, 6, 2, 0], batch.Source);
        Assert.Equal([1, 7, 0, 0], batch.Target);
        Assert.Equal([0, 1], batch.Places);
        Assert.True(batch.Padded);
    }

    [Fact]
    public void Every_epoch_has_each_pair_once_in_batches_no_larger_than_allowed()
    {
        var pairs = GeneratedTranslation.Data.Train;
        var batches = new TranslationBatches(pairs, symbols: 300, seed: 5);

        for (var epoch = 0; epoch < 2; epoch++)
        {
            var all = Enumerable.Range(0, batches.Count).Select(i => batches[((long)epoch * batches.Count) + i]).ToList();
            Assert.Equal(pairs.Count, all.Sum(batch => batch.Count));
            Assert.Equal(pairs.Count, all.SelectMany(batch => batch).ToHashSet(ReferenceEqualityComparer.Instance).Count);
            Assert.All(all, batch => Assert.True(batch.Count * batch.Max(pair => pair.Length) <= 300));
        }
    }

    [Fact]
    public void Batches_are_a_function_of_seed_and_number_and_differ_from_epoch_to_epoch()
    {
        var pairs = GeneratedTranslation.Data.Train;
        var (one, again, other) = (new TranslationBatches(pairs, 300, 5), new TranslationBatches(pairs, 300, 5), new TranslationBatches(pairs, 300, 6));
        // Asked in another order, and the first epoch again after the second.
        _ = again[one.Count + 7];

        Assert.Equal(one[3], again[3]);
        Assert.Equal(one[one.Count + 3], again[one.Count + 3]);
        Assert.NotEqual(one[3], one[one.Count + 3]);
        Assert.NotEqual(one[3], other[3]);
    }

    [Fact]
    public void A_sentence_that_fits_into_no_batch_is_refused() =>
        Assert.Contains("Raise batch_tokens", Assert.Throws<BadInputException>(() => new TranslationBatches([new SentencePair(new int[40], [4], "", "")], 32, 0)).Message);

    [Fact]
    public void Texts_of_different_lengths_are_no_translations_of_each_other() =>
        Assert.Throws<BadInputException>(() => TranslationData.Pairs(PieceVocabulary.Of("a"), "a\na\n", "a\n"));

    [Fact]
    public void The_generated_channel_replaces_a_tenth_of_the_words_and_its_best_loss_is_its_entropy()
    {
        var data = GeneratedTranslation.Data;
        var pairs = data.Train;
        var words = pairs.SelectMany(pair => pair.Target.Zip(data.Vocabulary.Numbers(pair.Reference))).ToList();

        Assert.InRange(words.Count(word => word.First != word.Second) / (double)words.Count, 0.097, 0.103);
        Assert.All(pairs, pair => Assert.Equal(pair.Source.Reverse().Select(symbol => symbol + 12), data.Vocabulary.Numbers(pair.Reference)));
        // H(0.1) + 0.1 ln 11 = 0.3251 + 0.2398 nats a word, none for an end.
        Assert.Equal(0.5649 * words.Count / (words.Count + pairs.Count), GeneratedTranslation.BestLoss(pairs), 4);
        // What the channel itself loses on them is that but for the draw of its noise, whose mean over 75,000 words has an error of 0.004.
        Assert.InRange(TrueLoss(pairs) - GeneratedTranslation.BestLoss(pairs), -0.016, 0.016);
    }

    /// <summary>What the channel's own probabilities give on just these pairs, in nats a symbol.</summary>
    internal static double TrueLoss(IReadOnlyList<SentencePair> pairs)
    {
        var right = pairs.Sum(pair => GeneratedTranslation.Data.Vocabulary.Numbers(pair.Reference).Zip(pair.Target).Count(word => word.First == word.Second));
        var words = pairs.Sum(pair => pair.Target.Length);
        return -((right * Math.Log(0.9)) + ((words - right) * Math.Log(0.1 / 11))) / (words + pairs.Count);
    }

    [Theory]
    [InlineData("A man's dog, running!", "a man &apos;s dog , running !")]
    [InlineData("He said \"no\" at 3.5 m.", "he said &quot; no &quot; at 3.5 m .")]
    [InlineData("T-shirt & jeans", "t-shirt &amp; jeans")]
    public void Own_sentences_are_tokenized_as_the_data_are(string text, string expected) => Assert.Equal(expected, OwnSentences.Tokenize(text));

    [SkippableFact]
    public void Multi30k_has_the_published_sizes_and_its_own_tokens_are_what_own_sentences_become()
    {
        var context = new RunContext();
        Skip.If(DatasetRegistry.Find("multi30k-bpe").Find(context.Data) is null, "multi30k-bpe is in no data folder.");
        var data = TranslationData.Open(new TransformerOptions(), context);

        Assert.Equal((29_000, 1_014, 1_000), (data.Train.Count, data.Split(Splits.Validation).Count, data.Split(Splits.Test).Count));
        // 9,708 words and the four that are none: the published 2.6 million parameters.
        Assert.Equal(9712, data.Vocabulary.Count);
        Assert.Equal(data.Split(Splits.Test)[2].Source, OwnSentences.Symbols(data, "A girl in karate uniform breaking a stick with a front kick."));
        Assert.Throws<BadInputException>(() => OwnSentences.Symbols(data, "  "));
    }
}
