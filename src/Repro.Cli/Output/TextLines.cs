namespace Repro.Cli.Output;

/// <summary>Breaks text into lines.</summary>
internal static class TextLines
{
    /// <summary>Lines of at most <paramref name="width"/> characters, broken between words; none of an empty text.</summary>
    /// <param name="breakWords">
    /// Whether a word that is longer than a line is broken, after a slash where it has one; otherwise it stands on a line of its own, longer than the others.
    /// </param>
    public static IReadOnlyList<string> Wrap(string text, int width, bool breakWords)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length <= width)
            {
                line += " " + rest;
                continue;
            }
            if (line.Length > 0) lines.Add(line);
            while (breakWords && rest.Length > width)
            {
                var slash = rest.LastIndexOf('/', width - 1);
                var end = slash > 0 ? slash + 1 : width;
                lines.Add(rest[..end]);
                rest = rest[end..];
            }
            line = rest;
        }
        if (line.Length > 0) lines.Add(line);
        return lines;
    }
}
