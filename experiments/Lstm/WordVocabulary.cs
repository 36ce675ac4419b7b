namespace Repro.Experiments.Lstm;

/// <summary>The words of a training text, numbered in the order in which they first appear.</summary>
public sealed class WordVocabulary
{
    /// <summary>Stands for the end of a line; predicted and counted like a word.</summary>
    public const string EndOfLine = "<eos>";

    /// <summary>Stands in Penn Treebank's files for every word that is not among the 10,000.</summary>
    public const string Unknown = "<unk>";

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];

    /// <param name="words">A text, or just the words.</param>
    public WordVocabulary(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            if (_numbers.TryAdd(word, _words.Count)) _words.Add(word);
        }
    }

    public int Count => _words.Count;

    /// <summary>By number.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>The number of <see cref="EndOfLine"/>; null where the text has no lines.</summary>
    public int? End => _numbers.TryGetValue(EndOfLine, out var number) ? number : null;

    /// <summary>The number of a word; that of <see cref="Unknown"/> for one that was never seen; null where there is no such entry either.</summary>
    public int? Number(string word) => _numbers.TryGetValue(word, out var number) || _numbers.TryGetValue(Unknown, out number) ? number : null;

    /// <summary>Those of some words that were never seen and are read as <see cref="Unknown"/>, each as often as it stands there.</summary>
    public IReadOnlyList<string> UnknownOf(IEnumerable<string> words) => _numbers.ContainsKey(Unknown) ? [.. words.Where(word => word != EndOfLine && !_numbers.ContainsKey(word))] : [];

    /// <summary>A text's words by number.</summary>
    /// <exception cref="Studies.BadInputException">A word was never seen and the vocabulary has no <see cref="Unknown"/>.</exception>
    public int[] Numbers(IEnumerable<string> words) => [.. words.Select(word => Number(word) ?? throw new Studies.BadInputException(Missing(word)))];

    private string Missing(string word) => word == EndOfLine
        ? "The training text has no lines; leave the line break out of the text."
        : $"'{word}' is none of the {Count} words that the training text has, and the text has no {Unknown} for others. "
            + $"Known are {string.Join(", ", _words.Take(10))}{(Count > 10 ? " ..." : "")}.";

    /// <summary>Words between white space; <see cref="EndOfLine"/> after each line, the last one too where the text ends with a line break.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            foreach (var word in lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) yield return word;
            if (i + 1 < lines.Length) yield return EndOfLine;
        }
    }

    /// <summary>Words as a text: spaces between, a line break for <see cref="EndOfLine"/>.</summary>
    public string Text(IEnumerable<int> numbers) =>
        string.Join(' ', numbers.Select(number => _words[number] == EndOfLine ? "\n" : _words[number]))
            .Replace(" \n ", "\n", StringComparison.Ordinal).Replace(" \n", "\n", StringComparison.Ordinal);
}
