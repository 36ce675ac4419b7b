#if SCOTTPLOT
using System.Text;
using Repro.Figures.Layout;
using SkiaSharp;

namespace Repro.Figures.ScottPlotting;

/// <summary>
/// Draws figures with ScottPlot 5, from the same layout as every renderer: PNG at twice a screen's resolution, SVG and PDF with real text.
/// Compiled only where the package restores.
/// </summary>
public sealed class ScottPlotRenderer : IFigureRenderer
{
    /// <summary>A renderer, or null where SkiaSharp's native library is not there or does not load.</summary>
    public static ScottPlotRenderer? Find()
    {
        try
        {
            return SkiaSharpVersion.Native.Major > 0 ? new ScottPlotRenderer() : null;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            return null;
        }
    }

    public string Name => ScottPlot.Version.LongString;

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        FigureRules.Check(figure);
        var (draw, width, height) = Prepare(figure);
        var files = new List<string>();
        foreach (var format in formats)
        {
            var content = format switch
            {
                FigureFormat.Png => Png(draw, width, height),
                FigureFormat.Svg => Svg(draw, figure, width, height),
                FigureFormat.Pdf => Pdf(draw, width, height),
                _ => throw new ArgumentOutOfRangeException(nameof(formats), format, "There are PNG, SVG and PDF."),
            };
            files.Add(FigureFiles.Write(folder, figure.Name, format, content));
        }
        return files;
    }

    private static (Action<SKCanvas> Draw, double Width, double Height) Prepare(Figure figure)
    {
        if (figure.Marks[0] is ImageGrid)
        {
            var grid = ImageGridLayout.Of(figure);
            return (canvas => CanvasDrawing.Images(canvas, grid), grid.Width, grid.Height);
        }
        var layout = FigureLayout.Of(figure);
        return (canvas =>
        {
            using var plot = ScottPlotAxes.Build(figure, layout);
            // The first render of a plot sets its limits and is followed by a second; on a page of vectors both would be seen.
            plot.RenderInMemory((int)Math.Ceiling(layout.Width), (int)Math.Ceiling(layout.Height));
            plot.RenderManager.ClearCanvasBeforeEachRender = false;
            plot.Render(canvas, new ScottPlot.PixelRect(0, (float)layout.Width, (float)layout.Height, 0));
            CanvasDrawing.Labels(canvas, figure, layout);
        }, layout.Width, layout.Height);
    }

    private static byte[] Png(Action<SKCanvas> draw, double width, double height)
    {
        const double Zoom = 1 / ImageGridLayout.Pixel;
        using var surface = SKSurface.Create(new SKImageInfo((int)Math.Round(width * Zoom), (int)Math.Round(height * Zoom), SKColorType.Rgba8888, SKAlphaType.Premul))
            ?? throw new FigureException($"ScottPlot's canvas cannot have {width} x {height} points.");
        surface.Canvas.Clear(SKColor.Parse(Palette.Paper));
        surface.Canvas.Scale((float)Zoom);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static byte[] Svg(Action<SKCanvas> draw, Figure figure, double width, double height)
    {
        using var stream = new MemoryStream();
        // The document is whole only when its canvas is disposed.
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, (float)width, (float)height), stream)) draw(canvas);
        return SvgFile.Finish(Encoding.UTF8.GetString(stream.ToArray()), figure, width, height);
    }

    private static byte[] Pdf(Action<SKCanvas> draw, double width, double height)
    {
        using var stream = new MemoryStream();
        using (var document = SKDocument.CreatePdf(stream))
        {
            using (var canvas = document.BeginPage((float)width, (float)height)) draw(canvas);
            document.EndPage();
            document.Close();
        }
        return stream.ToArray();
    }
}
#endif
