namespace Repro.Studies.SearchSpaces;

/// <summary>Texts in a list on the command line: those with a separator in them stand in single quotes, a quote doubled.</summary>
internal static class QuotedList
{
    /// <summary>The pieces between separators, as written, with the column (from 1) where each begins. Separators within quotes do not count.</summary>
    public static List<(string Raw, int Column)> Split(string text, char separator)
    {
        var pieces = new List<(string, int)>();
        var start = 0;
        var quoted = false;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '\'') quoted = !quoted;
            if (i < text.Length && (quoted || text[i] != separator)) continue;
            pieces.Add((text[start..i], start + 1));
            start = i + 1;
        }
        return pieces;
    }

    public static bool IsQuoted(string raw) => raw.Trim().StartsWith('\'');

    /// <summary>What a piece says, without quotes and the blanks around it.</summary>
    /// <exception cref="BadInputException">A quote is not closed, or something follows it.</exception>
    public static string Unquote(string whole, string raw, int column)
    {
        var text = raw.Trim();
        if (!text.Contains('\'')) return text;
        var inner = text.Length >= 2 && text[0] == '\'' && text[^1] == '\'' ? text[1..^1].Replace("''", "\0", StringComparison.Ordinal) : "'";
        if (inner.Contains('\''))
            throw new BadInputException($"In '{whole}', column {column}: a quoted text begins and ends with ', and ' within it is written ''; it was {text}.");
        return inner.Replace('\0', '\'');
    }

    public static string Quote(string text) =>
        text.Length == 0 || text != text.Trim() || text.AsSpan().ContainsAny(',', '\'') ? $"'{text.Replace("'", "''", StringComparison.Ordinal)}'" : text;
}
