using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Repro.Studies;

namespace Repro.Training.Text;

/// <summary>
/// Byte pair encoding of words (Sennrich et al. 2016): a word is cut into characters, and the learned pairs are merged in the order in which they were learned. What does not end its
/// word carries <c>@@</c>. The codes are those of subword-nmt, versions 0.1 and 0.2, character by character of Unicode.
/// </summary>
public sealed partial class BytePairEncoding
{
    internal const string EndOfWord = "</w>";

    private readonly Dictionary<(string, string), int> _ranks = [];
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly bool _endApart;

    internal BytePairEncoding(IReadOnlyList<(string First, string Second)> codes, bool endApart = false)
    {
        (Codes, _endApart) = (codes, endApart);
        for (var i = 0; i < codes.Count; i++) _ranks.TryAdd(codes[i], i);
    }

    /// <summary>The merges, the first learned first.</summary>
    public IReadOnlyList<(string First, string Second)> Codes { get; }

    /// <summary>Reads the text of a file of codes: <c>#version: 0.2</c>, then a pair a line. Without that line it is version 0.1, in which the end of a word is a symbol of its own.</summary>
    /// <exception cref="BadInputException">Another version, or a line that is no pair.</exception>
    public static BytePairEncoding Read(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        var version = lines[0].StartsWith("#version:", StringComparison.Ordinal) ? lines[0]["#version:".Length..].Trim() : null;
        if (version is not (null or "0.1" or "0.2"))
        {
            throw new BadInputException($"Codes of byte pair encoding are of version 0.1 or 0.2, made of characters; this file says '{version}'. Learn codes with ./repro bpe learn.");
        }
        var codes = new List<(string, string)>();
        for (var i = version is null ? 0 : 1; i < lines.Length; i++)
        {
            if (lines[i].Trim('\r', ' ').Split(' ') is not [var first, var second])
            {
                throw new BadInputException($"A line of codes is two symbols with a space between them; line {i + 1} is '{lines[i]}'. A file of codes begins with '#version: 0.2' (./repro bpe learn writes one).");
            }
            codes.Add((first, second));
        }
        return new BytePairEncoding(codes, endApart: version is not "0.2");
    }

    /// <summary>Learns merges from text. The most frequent pair within words is merged first; of equally frequent ones the one that sorts last by code points, as subword-nmt does.</summary>
    /// <param name="lines">Words with spaces between them: tokenized text.</param>
    /// <param name="merges">At most as many; fewer where no pair is left that occurs often enough.</param>
    /// <param name="minFrequency">A pair that occurs less often is not merged.</param>
    public static BytePairEncoding Learn(IEnumerable<string> lines, int merges, int minFrequency = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(merges, 0);
        return new BytePairEncoding(PairLearning.Learn(lines, merges, minFrequency));
    }

    /// <summary>The file of codes, as <see cref="Read"/> reads it.</summary>
    public string Write()
    {
        var text = new StringBuilder(_endApart ? "" : "#version: 0.2\n");
        foreach (var (first, second) in Codes) text.Append(first).Append(' ').Append(second).Append('\n');
        return text.ToString();
    }

    /// <summary>Encodes a line. Spaces at its ends stay, several between words become one; other white space belongs to words.</summary>
    public string Apply(string line)
    {
        var words = line.Trim('\r', '\n', ' ');
        if (words.Length == 0) return line;
        var start = line.IndexOf(words, StringComparison.Ordinal);
        return string.Concat(line.AsSpan(0, start), string.Join(' ', words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => _known.GetOrAdd(word, Encode))), line.AsSpan(start + words.Length));
    }

    /// <summary>The words of an encoded line.</summary>
    public static string Join(string line) => Marks().Replace(line, "");

    /// <summary>The characters of a word, the last one with the end of the word.</summary>
    internal static List<string> Characters(string word)
    {
        var characters = new List<string>(word.Length);
        for (var i = 0; i < word.Length;)
        {
            var length = char.IsSurrogatePair(word, i) ? 2 : 1;
            characters.Add(word.Substring(i, length));
            i += length;
        }
        characters[^1] += EndOfWord;
        return characters;
    }

    private string Encode(string word)
    {
        var symbols = Characters(word);
        if (symbols.Count == 1) return word;
        if (_endApart)
        {
            symbols[^1] = symbols[^1][..^EndOfWord.Length];
            symbols.Add(EndOfWord);
        }
        while (symbols.Count > 1)
        {
            var best = int.MaxValue;
            for (var i = 0; i + 1 < symbols.Count; i++) best = Math.Min(best, _ranks.GetValueOrDefault((symbols[i], symbols[i + 1]), int.MaxValue));
            if (best == int.MaxValue) break;
            var (first, second) = Codes[best];
            var kept = 0;
            for (var i = 0; i < symbols.Count; i++)
            {
                var merges = i + 1 < symbols.Count && symbols[i] == first && symbols[i + 1] == second;
                symbols[kept++] = merges ? first + second : symbols[i];
                if (merges) i++;
            }
            symbols.RemoveRange(kept, symbols.Count - kept);
        }
        if (symbols[^1] == EndOfWord) symbols.RemoveAt(symbols.Count - 1);
        else symbols[^1] = symbols[^1][..^EndOfWord.Length];
        return string.Join("@@ ", symbols);
    }

    [GeneratedRegex("(@@ )|(@@ ?$)")]
    private static partial Regex Marks();
}
