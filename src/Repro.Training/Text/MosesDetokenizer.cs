using System.Globalization;
using System.Text;

namespace Repro.Training.Text;

/// <summary>
/// Turns text that Moses tokenized into text as people write it: entities, punctuation, brackets, currency, quotation marks in pairs, hyphens that stand apart as <c>@-@</c>, and in
/// English the contractions. The rules are those of Moses' detokenizer.perl for English and for the languages without rules of their own there, German among them.
/// </summary>
public static class MosesDetokenizer
{
    private static readonly (string Entity, string Text)[] Entities =
        [("&bar;", "|"), ("&#124;", "|"), ("&lt;", "<"), ("&gt;", ">"), ("&bra;", "["), ("&ket;", "]"), ("&quot;", "\""), ("&apos;", "'"), ("&#91;", "["), ("&#93;", "]"), ("&amp;", "&")];

    /// <param name="line">Tokens with spaces between them, without the marks of byte pair encoding (<see cref="BytePairEncoding.Join"/> takes them out).</param>
    /// <param name="language"><c>en</c> joins contractions; others are treated alike.</param>
    public static string Detokenize(string line, string language)
    {
        line = $" {line} ".Replace(" @-@ ", "-", StringComparison.Ordinal);
        foreach (var (entity, text) in Entities) line = line.Replace(entity, text, StringComparison.Ordinal);
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (result, space, quotes) = (new StringBuilder(), false, new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            var (before, after) = (space, true);
            if (word.All(Opens)) after = false;
            else if (word.All(Closes)) before = false;
            else if (language == "en" && i > 0 && word.Length > 1 && word[0] == '\'' && char.IsLetter(word[1])) before = false;
            else if (word.All(c => c is '\'' or '"' or '„' or '“' or '`'))
            {
                var kind = word.All(c => c is '„' or '“') ? "\"" : word;
                var open = quotes.GetValueOrDefault(kind) % 2 == 0;
                // The Jones' house: a possessive, and no quotation begins.
                if (open && language == "en" && word == "'" && i > 0 && words[i - 1].EndsWith('s')) before = false;
                else
                {
                    (before, after) = open ? (space, false) : (false, true);
                    quotes[kind] = quotes.GetValueOrDefault(kind) + 1;
                }
            }
            if (before) result.Append(' ');
            result.Append(word);
            space = after;
        }
        return result.ToString();
    }

    private static bool Opens(char c) => c is '(' or '[' or '{' or '¿' or '¡' || char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol;

    private static bool Closes(char c) => c is ',' or '.' or '?' or '!' or ':' or ';' or '\\' or '%' or '}' or ']' or ')';
}
