using Repro.Figures;
using Repro.Reports.Documents;
using Repro.Reports.Figures;

namespace Repro.Reports.Runs;

/// <summary>Renders a report's figures into <c>figures/</c>: for both columns and, where it has axes, for one, which narrow screens show.</summary>
/// <param name="again">The command that makes the report again, for the note where nothing draws.</param>
internal sealed class PictureFolder(IFigureRenderer? renderer, string folder, string again)
{
    private readonly List<string> _files = [];

    public IReadOnlyList<string> Files => _files;

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
            var place = Path.Combine(folder, "figures");
            var wide = renderer!.Render(figure, place, FigureFormat.Svg, FigureFormat.Png, FigureFormat.Pdf);
            _files.AddRange(wide);
            var narrow = wide[0];
            if (figure.Marks[0] is not ImageGrid)
            {
                narrow = renderer.Render(ColumnWidths.Narrow(figure), place, FigureFormat.Svg)[0];
                _files.Add(narrow);
            }
            var alt = figure.Caption.Length > 0 ? $"{figure.Title}. {figure.Caption}" : figure.Title;
            return new Picture("figures/" + Path.GetFileName(wide[1]), wide[0], narrow, alt, figure.Caption);
        }
        catch (FigureException e)
        {
            // The rest of a report is worth having without one of its figures; what is missing is said where it is missing.
            return new Note(NoteKind.Warning, $"The figure \"{figure.Title}\" is missing: {e.Message}");
        }
    }
}
