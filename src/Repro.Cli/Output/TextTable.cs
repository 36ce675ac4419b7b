namespace Repro.Cli.Output;

/// <summary>
/// A table for people, in padded columns that any tool can cut. No wider than the terminal (100 where there is none): what does not fit beside the
/// other columns goes on in the lines below, and nothing is left out.
/// </summary>
public sealed class TextTable(params string[] headers)
{
    private const int Gap = 2, Narrowest = 8, LongestWholeWord = 40;
    private readonly List<(string[] Cells, string Note)> _rows = [];

    /// <summary>Columns, from 0, whose values stand at the right: numbers.</summary>
    public IReadOnlySet<int> Right { get; init; } = new HashSet<int>();

    public TextTable Row(params string[] cells)
    {
        _rows.Add((cells, ""));
        return this;
    }

    /// <summary>A row with a sentence under it, for what is too long for a column.</summary>
    public TextTable RowWithNote(string note, params string[] cells)
    {
        _rows.Add((cells, note));
        return this;
    }

    public void Write(CommandOutput output)
    {
        var widths = Widths(output.Width);
        var bold = output.Interactive && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
        foreach (var line in Lines(headers, widths)) output.Say(bold ? $"\u001b[1m{line}\u001b[0m" : line);
        foreach (var (cells, note) in _rows)
        {
            foreach (var line in Lines(cells, widths)) output.Say(line);
            foreach (var line in TextLines.Wrap(note, output.Width - 4, breakWords: false)) output.Say("    " + line);
        }
    }

    private IEnumerable<string> Lines(string[] cells, int[] widths)
    {
        // The last column has nothing beside it that a long path could push away.
        var columns = cells.Select((cell, i) => TextLines.Wrap(cell, widths[i], breakWords: i < cells.Length - 1)).ToList();
        for (var line = 0; line < Math.Max(1, columns.Max(column => column.Count)); line++)
        {
            var parts = columns.Select((column, i) => line < column.Count ? column[line] : "").Select((part, i) => Right.Contains(i) ? part.PadLeft(widths[i]) : part.PadRight(widths[i]));
            yield return string.Join(new string(' ', Gap), parts).TrimEnd();
        }
    }

    /// <summary>Columns keep the width of their content as long as there is room; then the widest ones share what the others leave, and keep their words whole where they can.</summary>
    private int[] Widths(int total)
    {
        var columns = Enumerable.Range(0, headers.Length).Select(i => _rows.Select(row => row.Cells[i]).Append(headers[i]).ToList()).ToList();
        var wanted = columns.Select(column => column.Max(cell => cell.Length)).ToArray();
        var least = columns.Select(column => Math.Min(LongestWholeWord, column.SelectMany(cell => cell.Split(' ')).Max(word => word.Length))).ToArray();
        var left = total - Gap * (headers.Length - 1);
        if (least.Sum() > left) Array.Fill(least, Narrowest);
        var widths = new int[headers.Length];
        var first = Enumerable.Range(0, headers.Length).OrderBy(i => wanted[i] - least[i]).ToList();
        for (var n = 0; n < first.Count; n++)
        {
            var others = first.Skip(n + 1).Sum(i => least[i]);
            var share = least[first[n]] + Math.Max(0, left - others - least[first[n]]) / (first.Count - n);
            widths[first[n]] = Math.Clamp(wanted[first[n]], 1, Math.Max(Narrowest, share));
            left -= widths[first[n]];
        }
        return widths;
    }
}
