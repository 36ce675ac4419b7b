using Repro.Figures;
using Repro.Figures.Images;

namespace Repro.Reports.Tests.Verification;

/// <summary>Draws every figure as one flat colour, in real PNG files; its SVG and PDF hold the title.</summary>
internal sealed class FlatRenderer(string name = "flat 1.0") : IFigureRenderer
{
    /// <summary>What a pixel of every picture is, of 255.</summary>
    public byte Grey { get; init; } = 100;

    /// <summary>Names of the figures that were drawn.</summary>
    public List<string> Drawn { get; } = [];

    public string Name => name;

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        Drawn.Add(figure.Name);
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var format in formats)
        {
            var file = Path.Combine(folder, $"{figure.Name}.{format.ToString().ToLowerInvariant()}");
            if (format == FigureFormat.Png) Write(file, Grey);
            else File.WriteAllText(file, $"<svg xmlns=\"http://www.w3.org/2000/svg\"><title>{figure.Title}</title></svg>");
            files.Add(file);
        }
        return files;
    }

    /// <param name="others">So many pixels, from the first on, are black.</param>
    public static void Write(string file, byte grey, int others = 0)
    {
        var image = new RgbImage(400, 300);
        Array.Fill(image.Pixels, grey);
        Array.Fill(image.Pixels, (byte)0, 0, 3 * others);
        ImageFile.WritePng(image, file);
    }
}
