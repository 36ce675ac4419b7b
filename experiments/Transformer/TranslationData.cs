using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Text;

namespace Repro.Experiments.Transformer;

/// <summary>A sentence and its translation, as numbers of symbols, both without their ends.</summary>
/// <param name="Text">The source as it was read.</param>
/// <param name="Reference">What a translation of the source is compared with, likewise. On the generated task it is the target before the noise.</param>
internal sealed record SentencePair(int[] Source, int[] Target, string Text, string Reference)
{
    /// <summary>The longer of the two, with its end.</summary>
    public int Length => Math.Max(Source.Length, Target.Length) + 1;
}

/// <summary>The pairs of each split with the symbols that they are made of. Test is not opened before it is asked for.</summary>
internal sealed class TranslationData
{
    private readonly Func<string, IReadOnlyList<SentencePair>> _heldOut;

    public TranslationData(PieceVocabulary vocabulary, IReadOnlyList<SentencePair> train, Func<string, IReadOnlyList<SentencePair>> heldOut, BytePairEncoding? pieces = null) =>
        (Vocabulary, Train, _heldOut, Pieces) = (vocabulary, train, heldOut, pieces);

    public PieceVocabulary Vocabulary { get; }

    public IReadOnlyList<SentencePair> Train { get; }

    /// <summary>How words were cut into symbols; null where symbols are no pieces of words.</summary>
    public BytePairEncoding? Pieces { get; }

    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    public IReadOnlyList<SentencePair> Split(string name) => name == Splits.Train ? Train : _heldOut(name);

    /// <exception cref="MissingComponentException">The data set is not on this machine.</exception>
    public static TranslationData Open(TransformerOptions options, RunContext context)
    {
        if (options.Data == "generated") return GeneratedTranslation.Data;
        var texts = DatasetRegistry.Find(options.Data).LoadTexts(context.Data);
        var (english, german) = (texts.Train["train.en"], texts.Train["train.de"]);
        // As the published setting's: every word that occurs in training, on either side.
        var vocabulary = PieceVocabulary.Of(english, german);
        return new TranslationData(
            vocabulary, Pairs(vocabulary, english, german),
            split => split == Splits.Validation
                ? Pairs(vocabulary, texts.Validation["valid.en"], texts.Validation["valid.de"])
                : Pairs(vocabulary, texts.Test["test.2016.en"], texts.Test["test.2016.de"]),
            BytePairEncoding.Read(texts.Train["code"]));
    }

    /// <exception cref="BadInputException">The two texts have different numbers of lines.</exception>
    internal static IReadOnlyList<SentencePair> Pairs(PieceVocabulary vocabulary, string source, string target)
    {
        var (left, right) = (Lines(source), Lines(target));
        if (left.Length != right.Length)
            throw new BadInputException(
                $"Line by line, a text belongs to its translation; one has {left.Length:N0} lines and the other {right.Length:N0}. " +
                "The files are damaged or not of the same split.");
        return [.. left.Zip(right, (from, to) => new SentencePair(vocabulary.Numbers(from), vocabulary.Numbers(to), from, to))];
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');
}
