using Repro.Figures.Images;

namespace Repro.Reports.Documents;

/// <summary>A report without a word on its format: the Markdown and the HTML file are written from the same one, so they cannot differ in content.</summary>
/// <param name="Lead">The first screen, before any section.</param>
public sealed record Document(string Title, string Subtitle, IReadOnlyList<Block> Lead, IReadOnlyList<Section> Sections);

/// <param name="Id">Unique in the document; the anchor of links.</param>
public sealed record Section(string Id, string Title, IReadOnlyList<Block> Blocks);

/// <summary>A place that links lead to, with a title of its own below a section's: the card of one claim.</summary>
public sealed record Subsection(string Id, string Title, IReadOnlyList<Block> Blocks) : Block;

/// <summary>Something that stands on its own lines.</summary>
public abstract record Block;

public sealed record Paragraph(Words Words) : Block;

/// <summary>A remark that must not be overlooked.</summary>
public sealed record Note(NoteKind Kind, Words Words) : Block;

public enum NoteKind
{
    Information,
    Warning,
    Failure,
}

public sealed record BulletList(IReadOnlyList<Words> Items) : Block;

/// <summary>A table whose first column names its rows.</summary>
/// <param name="Caption">What the table shows; read out before it.</param>
public sealed record Table(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Words>> Rows) : Block
{
    /// <summary>The name of its LaTeX file, <c>tables/NAME.tex</c>; empty where it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Anchors of the rows, one each, for links from elsewhere in the document; empty where nothing links to them.</summary>
    public IReadOnlyList<string> RowIds { get; init; } = [];

    /// <summary>Rows that Markdown shows, which has no scrolling; what is left out is said there, with the file that has all of it. Null: all.</summary>
    public int? MarkdownRows { get; init; }

    public Ledger? Ledger { get; init; }
}

/// <summary>Commands or a file to copy.</summary>
/// <param name="Language">For highlighting: <c>sh</c>, <c>yaml</c>.</param>
public sealed record CodeBlock(string Code, string Language = "sh") : Block;

/// <summary>Few numbers to see first.</summary>
public sealed record KeyFigures(IReadOnlyList<KeyFigure> Items) : Block;

/// <param name="Note">Below the value, smaller.</param>
public sealed record KeyFigure(string Name, string Value, string Note = "");

/// <summary>A figure that was rendered into files.</summary>
/// <param name="Png">Relative to the report's folder, for Markdown.</param>
/// <param name="Svg">Full path; its content goes into the HTML.</param>
/// <param name="ColumnSvg">The same for narrow screens, where the wide one's text would be too small to read.</param>
/// <param name="Alt">For those who cannot see it.</param>
public sealed record Picture(string Png, string Svg, string ColumnSvg, string Alt, string Caption) : Block
{
    /// <summary>The figure's, by which <c>repro figures --only</c> makes it again.</summary>
    public string Name => Path.GetFileNameWithoutExtension(Png);

    public Ledger? Ledger { get; init; }
}

/// <summary>Small images with captions; in Markdown they are one picture.</summary>
public sealed record ImageSheet(IReadOnlyList<(RgbImage Image, string Caption)> Images, Picture Together) : Block;

/// <summary>A person's own Markdown, headings below the section's.</summary>
public sealed record Prose(string Markdown) : Block;

/// <summary>Closed until one opens it.</summary>
public sealed record Details(string Summary, IReadOnlyList<Block> Blocks) : Block;
