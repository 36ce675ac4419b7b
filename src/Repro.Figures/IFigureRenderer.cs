namespace Repro.Figures;

/// <summary>Draws figures: ScottPlot where a feed has it, otherwise gnuplot.</summary>
public interface IFigureRenderer
{
    /// <summary>What draws, with its version: it is written into every report.</summary>
    string Name { get; }

    /// <summary>Writes <c>folder/figure.Name.extension</c> for each format and returns the files.</summary>
    /// <exception cref="Repro.Figures.FigureException">The renderer is not there or refused the figure; the message says which and what to do.</exception>
    IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats);
}

/// <summary>File formats of figures.</summary>
public enum FigureFormat
{
    Png,
    Svg,
    Pdf,
}

/// <summary>A figure could not be drawn.</summary>
public sealed class FigureException(string message, Exception? inner = null) : Exception(message, inner);
