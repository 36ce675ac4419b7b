using Spectre.Console;

namespace Repro.Cli.Output;

/// <summary>A table for people: with lines and colours on a terminal, otherwise in padded columns that any tool can cut.</summary>
public sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Columns, from 0, whose values stand at the right: numbers.</summary>
    public IReadOnlySet<int> Right { get; init; } = new HashSet<int>();

    public TextTable Row(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void Write(CommandOutput output)
    {
        if (output.Interactive) WriteDrawn(output);
        else WritePlain(output.People);
    }

    private void WriteDrawn(CommandOutput output)
    {
        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < headers.Length; i++)
        {
            var column = new TableColumn($"[bold]{Markup.Escape(headers[i])}[/]");
            table.AddColumn(Right.Contains(i) ? column.RightAligned() : column);
        }
        foreach (var row in _rows) table.AddRow(row.Select(Markup.Escape).ToArray());
        Terminal.Console(output.People).Write(table);
    }

    private void WritePlain(TextWriter writer)
    {
        var widths = headers.Select((header, i) => Math.Max(header.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Length))).ToArray();
        foreach (var row in _rows.Prepend(headers))
            writer.WriteLine(string.Join("  ", row.Select((cell, i) => Right.Contains(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }
}
