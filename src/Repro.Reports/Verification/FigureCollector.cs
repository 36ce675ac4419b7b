using System.Text;
using Repro.Figures;

namespace Repro.Reports.Verification;

/// <summary>Draws nothing: keeps the figures of a report, and leaves an empty picture in the place of each, so that the report can be written.</summary>
/// <param name="name">Of the renderer that is to draw them.</param>
public sealed class FigureCollector(string name) : IFigureRenderer
{
    private const string Empty = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", Narrow = "-column";

    private readonly List<Figure> _figures = [];

    public string Name => name;

    /// <summary>In the order of the report; once each, without the ones for narrow screens.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        if (!_figures.Exists(known => known.Name == figure.Name || known.Name == FigureOf(figure.Name))) _figures.Add(figure);
        return Leave(figure, folder, formats);
    }

    /// <summary>The figure that a picture's file shows, without the mark of the one for narrow screens.</summary>
    internal static string FigureOf(string file) => Path.GetFileNameWithoutExtension(file) is var stem && stem.EndsWith(Narrow, StringComparison.Ordinal) ? stem[..^Narrow.Length] : stem;

    /// <summary>Writes empty pictures; refuses what a renderer would.</summary>
    internal static IReadOnlyList<string> Leave(Figure figure, string folder, ReadOnlySpan<FigureFormat> formats)
    {
        FigureRules.Check(figure);
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var format in formats)
        {
            var file = Path.GetFullPath(Path.Combine(folder, $"{figure.Name}.{format.ToString().ToLowerInvariant()}"));
            File.WriteAllText(file, format == FigureFormat.Svg ? Empty : "", new UTF8Encoding(false));
            files.Add(file);
        }
        return files;
    }
}
