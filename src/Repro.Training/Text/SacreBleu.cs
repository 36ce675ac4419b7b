using System.Text.RegularExpressions;

namespace Repro.Training.Text;

/// <summary>BLEU as sacreBLEU computes it from plain text (Post 2018): its own tokenization 13a, which is that of mteval-v13a, and exponential smoothing.</summary>
public static partial class SacreBleu
{
    /// <summary>Stands in the signature where sacreBLEU writes its version; another word as soon as a score can change.</summary>
    public const string Version = "repro.1";

    /// <param name="hypotheses">Plain text, detokenized: a text that is tokenized already gives another score, which may not be compared.</param>
    /// <param name="references">As many, in the same order: text as people wrote it.</param>
    /// <param name="lowercase">Compares both sides lowercased; the signature says <c>case:lc</c>. True also where the data are lowercased already.</param>
    /// <exception cref="ArgumentException">There are no hypotheses, or not as many references.</exception>
    public static SacreBleuScore Score(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, bool lowercase) => Score(hypotheses, [references], lowercase);

    /// <summary>Against several sets of references.</summary>
    public static SacreBleuScore Score(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references, bool lowercase, int order = 4) => new(
        Bleu.Corpus(Tokens(hypotheses, lowercase), references.Select(set => Tokens(set, lowercase)).ToList(), BleuSmoothing.Exp, order),
        $"nrefs:{references.Count}|case:{(lowercase ? "lc" : "mixed")}|eff:no|tok:13a|smooth:exp|version:{Version}");

    /// <summary>The 13a tokens of a line.</summary>
    public static string[] Tokenize13a(string line)
    {
        line = line.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        // The ampersand after the quotation mark and before the brackets: &amp;lt; becomes <, and &amp;quot; stays &quot;.
        line = line.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = Symbols().Replace($" {line} ", " $1 ");
        line = MarkAfterOther().Replace(line, "$1 $2 ");
        line = MarkBeforeOther().Replace(line, " $1 $2");
        line = DashAfterDigit().Replace(line, "$1 $2 ");
        return line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static List<string[]> Tokens(IReadOnlyList<string> lines, bool lowercase) => lines.Select(line => Tokenize13a((lowercase ? line.ToLowerInvariant() : line).TrimEnd())).ToList();

    /// <summary>ASCII without letters, digits, apostrophe, comma, hyphen and full stop.</summary>
    [GeneratedRegex(@"([\x7b-\x7e\x5b-\x60\x20-\x26\x28-\x2b\x3a-\x40\x2f])")]
    private static partial Regex Symbols();

    [GeneratedRegex(@"([^0-9])([.,])")]
    private static partial Regex MarkAfterOther();

    [GeneratedRegex(@"([.,])([^0-9])")]
    private static partial Regex MarkBeforeOther();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
