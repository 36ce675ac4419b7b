using Repro.Figures;
using Repro.Figures.Verification;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Verification;
using Repro.Results.Provenance;
using Repro.Studies;
using Repro.Studies.Options;

namespace Repro.Cli.Drawing;

/// <summary>A figure that is to be drawn, and where.</summary>
/// <param name="Report">The report that it is part of.</param>
/// <param name="Ledger">Of that report, as it is made now.</param>
/// <param name="Folder">Full path.</param>
internal sealed record WantedFigure(RepeatableReport Report, Figure Figure, LedgerFile Ledger, string Folder);

/// <summary>Makes figures of reports without the reports.</summary>
/// <param name="renderer">Null draws no pictures, and writes data alone.</param>
/// <param name="formats">Of the pictures.</param>
/// <param name="widths">See <see cref="FigureWidths"/>.</param>
internal sealed class FigureDrawing(IFigureRenderer? renderer, IReadOnlyList<FigureFormat> formats, FigureWidths widths)
{
    /// <summary>Every figure of the reports, in their order.</summary>
    /// <param name="folderOf">Where a report's figures go.</param>
    /// <param name="unmade">Told what a report shows and cannot be made here.</param>
    public IReadOnlyList<WantedFigure> Of(IEnumerable<RepeatableReport> reports, Func<RepeatableReport, string> folderOf, Action<UnmadeSection> unmade)
    {
        var wanted = new List<WantedFigure>();
        foreach (var report in reports)
        {
            var place = Directory.CreateTempSubdirectory("repro-figures-").FullName;
            try
            {
                var collector = new FigureCollector(renderer?.Name ?? "");
                foreach (var section in report.Write(collector, place)) unmade(section);
                var ledger = LedgerFile.Read(place)!;
                wanted.AddRange(collector.Figures.Where(figure => ledger.Figures.ContainsKey(figure.Name)).Select(figure => new WantedFigure(report, figure, ledger, folderOf(report))));
            }
            finally
            {
                Directory.Delete(place, recursive: true);
            }
        }
        return wanted;
    }

    /// <summary>Those with the given names; all where none is given.</summary>
    /// <exception cref="BadInputException">A name is none of theirs.</exception>
    public static IReadOnlyList<WantedFigure> Only(IReadOnlyList<WantedFigure> figures, IReadOnlyList<string> names)
    {
        var known = figures.Select(wanted => wanted.Figure.Name).Distinct().ToList();
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new BadInputException($"There is no figure '{unknown}'. Figures, nearest first: {(known.Count > 0 ? string.Join(", ", NearestWords.Order(unknown, known)) : "none")}.");
        return names.Count == 0 ? figures : [.. figures.Where(wanted => names.Contains(wanted.Figure.Name))];
    }

    /// <summary>Writes the figure's data and pictures.</summary>
    /// <returns>Full paths.</returns>
    /// <exception cref="FigureException">The renderer refuses the figure, or the folder cannot be written.</exception>
    public IReadOnlyList<string> Draw(WantedFigure wanted)
    {
        var (figure, files) = (wanted.Figure, new List<string> { FigureData.Write(wanted.Figure, wanted.Folder) });
        if (renderer is null || formats.Count == 0) return files;
        var grid = figure.Marks[0] is ImageGrid;
        if (widths != FigureWidths.Column || grid) files.AddRange(renderer.Render(figure, wanted.Folder, [.. formats]));
        if (widths == FigureWidths.Page || grid) return files;
        // A report shows it on narrow screens, as SVG.
        var asked = widths == FigureWidths.Column ? formats : formats.Where(format => format == FigureFormat.Svg);
        files.AddRange(renderer.Render(ColumnWidths.Narrow(figure), wanted.Folder, [.. asked]));
        return files;
    }

    /// <summary>Writes what was drawn into the ledgers of the folders; what they say of other figures and of tables stays.</summary>
    public void Record(IEnumerable<WantedFigure> drawn)
    {
        var drawnBy = renderer is null ? null : RendererIdentity.Of(renderer);
        foreach (var folder in drawn.GroupBy(wanted => wanted.Folder))
        {
            var path = Path.Combine(folder.Key, LedgerFile.FileName);
            var made = folder.First().Ledger;
            // Those of another report would be taken for this one's.
            var ledger = Earlier(path) is { } earlier ? (earlier.Report == made.Report ? earlier : throw new BadInputException($"{folder.Key} holds the figures of {earlier.Report}; name another folder for those of {made.Report}: --output DIR.")) : new LedgerFile(made.Report, made.Command) { Sources = made.Sources, TestShown = made.TestShown, TestElsewhere = made.TestElsewhere };
            foreach (var wanted in folder)
            {
                var entry = wanted.Ledger.Figures[wanted.Figure.Name] with { Sha256 = FileDigest.Of(Path.Combine(folder.Key, wanted.Figure.Name + ".csv")) };
                var before = ledger.Figures.GetValueOrDefault(wanted.Figure.Name);
                // Pictures that were not drawn now are as they were.
                ledger.Figures[wanted.Figure.Name] = drawnBy is not null && formats.Count > 0
                    ? entry with { Renderer = drawnBy.Renderer, Font = drawnBy.Font, FontSha256 = drawnBy.FontHash }
                    : entry with { Renderer = before?.Renderer ?? "", Font = before?.Font ?? "", FontSha256 = before?.FontSha256 ?? "" };
            }
            ledger.WriteTo(path);
        }
    }

    private static LedgerFile? Earlier(string path)
    {
        try
        {
            return LedgerFile.ReadFrom(path);
        }
        catch (BadInputException)
        {
            // It is written anew.
            return null;
        }
    }
}

/// <summary>In which widths a figure is drawn.</summary>
internal enum FigureWidths
{
    /// <summary>As a report has it: over both columns in every format, and for one as SVG.</summary>
    Report,

    /// <summary>For one column of a paper, as <c>NAME-column</c>. Images in rows have one width.</summary>
    Column,

    /// <summary>Over both columns.</summary>
    Page,
}
