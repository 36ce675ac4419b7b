namespace Repro.Experiments.Transformer;

/// <summary>
/// The symbols that source and target share, numbered: four of no word, then every word or piece of one in the training texts, the most frequent first, equally frequent ones by
/// their UTF-16 code units.
/// </summary>
/// <remarks>As many numbers as a multiple of 8, the size that the published code gives its tables too; the last few stand for nothing and never occur.</remarks>
public sealed class PieceVocabulary
{
    /// <summary>Fills sentences up to the longest of their batch.</summary>
    public const int Padding = TransformerModel.Padding;

    /// <summary>Stands before a target sentence.</summary>
    public const int Start = 1;

    /// <summary>Ends a sentence, source or target.</summary>
    public const int End = 2;

    /// <summary>Any word that is not in the vocabulary.</summary>
    public const int Unknown = 3;

    private static readonly string[] Special = ["<pad>", "<s>", "</s>", "<unk>"];

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _words = [.. Special];

    private PieceVocabulary(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            _numbers.Add(word, _words.Count);
            _words.Add(word);
        }
        while (_words.Count % 8 != 0) _words.Add("<none>");
    }

    /// <summary>Numbers there are, those of nothing included.</summary>
    public int Count => _words.Count;

    /// <summary>Of texts whose words have spaces between them.</summary>
    public static PieceVocabulary Of(params IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) counts[word] = counts.GetValueOrDefault(word) + 1;
        }
        return new PieceVocabulary(counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key));
    }

    /// <summary>Of these words, in this order.</summary>
    public static PieceVocabulary OfWords(IEnumerable<string> words) => new(words);

    /// <summary>Numbers of a line's words, without an end.</summary>
    public int[] Numbers(string line) => Array.ConvertAll(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), word => _numbers.GetValueOrDefault(word, Unknown));

    /// <summary>The word of a number.</summary>
    public string Word(int number) => _words[number];

    /// <summary>Words with spaces between them.</summary>
    public string Line(IEnumerable<int> numbers) => string.Join(' ', numbers.Select(Word));
}
