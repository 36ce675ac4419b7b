using Repro.Figures;

namespace Repro.Cli.Drawing;

/// <summary>Tells of each figure before it is drawn, and stops between figures where it is asked to.</summary>
internal sealed class WatchedRenderer(IFigureRenderer inner, CancellationToken stop) : IFigureRenderer
{
    public string Name => inner.Name;

    /// <summary>Told the name of each figure.</summary>
    public Action<string> Drawing { get; set; } = _ => { };

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        stop.ThrowIfCancellationRequested();
        Drawing(figure.Name);
        try
        {
            return inner.Render(figure, folder, formats);
        }
        catch (FigureException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C reaches the program that draws too.
            throw new OperationCanceledException(stop);
        }
    }
}
