using Repro.Figures;
using Repro.Figures.Verification;
using Repro.Reports.Documents;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Results.Provenance;

namespace Repro.Reports.Runs;

/// <summary>
/// Renders a report's figures into <c>figures/</c>: for both columns and, where it has axes, for one, which narrow screens show; and beside them the exact data of each,
/// <c>NAME.csv</c>, and <c>ledger.json</c>.
/// </summary>
/// <param name="again">The command that makes the report again, for the note where nothing draws.</param>
internal sealed class PictureFolder(IFigureRenderer? renderer, string folder, string again)
{
    private readonly List<string> _files = [];
    private readonly Dictionary<string, (string Title, string Sha256)> _drawn = [];

    public IReadOnlyList<string> Files => _files;

    private string Place => Path.Combine(folder, "figures");

    /// <summary>The picture, or a note that says why there is none.</summary>
    public IEnumerable<Block> Draw(Figure figure)
    {
        if (renderer is null)
        {
            yield return new Note(NoteKind.Warning, $"The figure \"{figure.Title}\" is missing, because nothing on this machine draws figures. Install gnuplot-nox, then: " + Words.Code(again));
            yield break;
        }
        yield return TryDraw(figure);
    }

    private Block TryDraw(Figure figure)
    {
        try
        {
            var wide = renderer!.Render(figure, Place, FigureFormat.Svg, FigureFormat.Png, FigureFormat.Pdf);
            _files.AddRange(wide);
            var narrow = wide[0];
            if (figure.Marks[0] is not ImageGrid)
            {
                narrow = renderer.Render(ColumnWidths.Narrow(figure), Place, FigureFormat.Svg)[0];
                _files.Add(narrow);
            }
            _drawn[figure.Name] = (figure.Title, FileDigest.Of(FigureData.Write(figure, Place)));
            var alt = figure.Caption.Length > 0 ? $"{figure.Title}. {figure.Caption}" : figure.Title;
            return new Picture("figures/" + Path.GetFileName(wide[1]), wide[0], narrow, alt, figure.Caption);
        }
        catch (FigureException e)
        {
            // The rest of a report is worth having without one of its figures; what is missing is said where it is missing.
            return new Note(NoteKind.Warning, $"The figure \"{figure.Title}\" is missing: {e.Message}");
        }
    }

    /// <summary>Writes the ledger of what the document shows, and removes what an earlier one names and this one does not.</summary>
    /// <param name="head">What the ledger says of the report as a whole.</param>
    /// <param name="document">With ledgers, and written.</param>
    public void WriteLedger(LedgerFile head, Document document)
    {
        var drawnBy = renderer is not null && _drawn.Count > 0 ? RendererIdentity.Of(renderer) : null;
        foreach (var block in document.Lead.Concat(document.Sections.SelectMany(section => section.Blocks)).SelectMany(All))
        {
            if (block is Picture { Ledger: { } of } picture && _drawn.TryGetValue(picture.Name, out var drawn))
                head.Figures[picture.Name] = FigureEntry.Of(drawn.Title, of, drawn.Sha256, drawnBy!);
            else if (block is Table { Name.Length: > 0, Ledger: { } from } table)
                head.Tables[table.Name] = TableEntry.Of(table.Caption, from, FilesOf(table));
        }
        head.ReplaceIn(folder);
    }

    private static IEnumerable<Block> All(Block block) => block switch
    {
        Subsection inner => inner.Blocks.SelectMany(All),
        Details details => details.Blocks.SelectMany(All),
        ImageSheet sheet => [sheet.Together],
        _ => [block],
    };

    private SortedDictionary<string, string> FilesOf(Table table)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var file = Path.Combine(folder, LatexWriter.FileOf(table.Name));
        if (File.Exists(file)) files[LatexWriter.FileOf(table.Name)] = FileDigest.Of(file);
        return files;
    }
}
