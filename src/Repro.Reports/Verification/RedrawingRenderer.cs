using Repro.Figures;
using Repro.Figures.Verification;
using Repro.Reports.Ledgers;

namespace Repro.Reports.Verification;

/// <summary>
/// Draws the figures whose pictures can be compared: those that the same renderer drew with the same fonts. In the place of the others it writes an empty picture, so that
/// the report is made whole.
/// </summary>
/// <param name="renderer">What draws here; null where nothing does.</param>
/// <param name="stored">The ledger of the report that is compared with; null where it has none.</param>
/// <param name="drawing">Told the name of each figure before it is drawn.</param>
internal sealed class RedrawingRenderer(IFigureRenderer? renderer, LedgerFile? stored, Action<string> drawing, CancellationToken stop) : IFigureRenderer
{
    /// <summary>Pictures that were drawn again, by their files' names.</summary>
    public HashSet<string> Drawn { get; } = [];

    private readonly RendererIdentity? _here = renderer is null ? null : RendererIdentity.Of(renderer);

    public string Name => renderer?.Name ?? "";

    /// <summary>Why the pictures of a figure are not drawn again, as a sentence; null where they are.</summary>
    public string? Undrawn(string figure) =>
        stored?.Figures.GetValueOrDefault(figure) is not { } entry ? "the ledger does not say what drew them."
        : _here is null ? "nothing on this machine draws figures. Install gnuplot-nox."
        : entry.DrawnBy.Difference(_here) is { } difference ? difference + "."
        : null;

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        stop.ThrowIfCancellationRequested();
        var files = Undrawn(figure.Name) is null || Undrawn(FigureCollector.FigureOf(figure.Name)) is null ? Draw(figure, folder, formats) : FigureCollector.Leave(figure, folder, formats);
        stop.ThrowIfCancellationRequested();
        return files;
    }

    private IReadOnlyList<string> Draw(Figure figure, string folder, ReadOnlySpan<FigureFormat> formats)
    {
        drawing(figure.Name);
        var files = renderer!.Render(figure, folder, formats);
        foreach (var file in files) Drawn.Add(Path.GetFileName(file));
        return files;
    }
}
