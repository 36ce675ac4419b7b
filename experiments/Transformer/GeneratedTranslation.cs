using Repro.Studies.Randomness;
using Repro.Training;

namespace Repro.Experiments.Transformer;

/// <summary>
/// A language pair made by a rule: a sentence of the one is 3 to 6 words, each drawn evenly from 12; its translation has them in reverse order, each replaced by the word of the
/// same number in the other language. A noisy channel then replaces each word of the translation, with probability 0.1, by one of the 11 others.
/// </summary>
/// <remarks>
/// What is known: the noise is what nobody can foresee, so no model has an expected loss below <see cref="BestLoss"/>; and the references of validation and test, which have
/// not gone through the channel, are what the best model translates to, so the best BLEU is 100.
/// </remarks>
internal static class GeneratedTranslation
{
    private const int Words = 12, Shortest = 3, Longest = 6, HeldOut = 200;

    /// <summary>Pairs to train on.</summary>
    public const int Training = 16_384;

    /// <summary>A sentence of it.</summary>
    public const string Example = "s0 s1 s2";

    /// <summary>Probability that a word of the translation is replaced.</summary>
    private const double Noise = 0.1;

    private static readonly Lazy<TranslationData> Generated = new(() => new TranslationData(
        PieceVocabulary.OfWords(Enumerable.Range(0, 2 * Words).Select(word => word < Words ? $"s{word}" : $"t{word - Words}")),
        Draw(0, Training),
        split => split == Splits.Validation ? Draw(Training, HeldOut) : Draw(Training + HeldOut, HeldOut)));

    public static TranslationData Data => Generated.Value;

    /// <summary>
    /// The entropy of a target symbol, in nats: that of the channel, H = -(1 - p) ln(1 - p) - p ln(p / 11), for each word, and 0 for the sentence's end, which the source's
    /// length gives away. Over the pairs of a split, words by symbols with ends.
    /// </summary>
    public static double BestLoss(IReadOnlyList<SentencePair> pairs)
    {
        double words = pairs.Sum(pair => pair.Target.Length);
        return Entropy * words / (words + pairs.Count);
    }

    /// <summary>Of the channel: nats a word.</summary>
    private static double Entropy => -((1 - Noise) * Math.Log(1 - Noise)) - (Noise * Math.Log(Noise / (Words - 1)));

    private static SentencePair[] Draw(int first, int count) => [.. Enumerable.Range(first, count).Select(example => Draw(example))];

    // Seed 0 and not the run's: runs that are compared must be compared on the same data.
    private static SentencePair Draw(int example)
    {
        var numbers = new Philox(0, RandomPurpose.GeneratedData, example);
        var source = new int[Shortest + numbers.NextInt32(Longest - Shortest + 1)];
        for (var i = 0; i < source.Length; i++) source[i] = numbers.NextInt32(Words);
        var reference = source.Reverse().ToArray();
        var target = Array.ConvertAll(reference, word => numbers.NextDouble() < Noise ? (word + 1 + numbers.NextInt32(Words - 1)) % Words : word);
        const int First = PieceVocabulary.Unknown + 1, Second = First + Words;
        return new SentencePair([.. source.Select(word => First + word)], [.. target.Select(word => Second + word)], Line("s", source), Line("t", reference));
    }

    private static string Line(string language, int[] words) => string.Join(' ', words.Select(word => $"{language}{word}"));
}
