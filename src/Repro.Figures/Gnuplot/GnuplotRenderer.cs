using System.Text;
using Repro.Figures.Layout;

namespace Repro.Figures.Gnuplot;

/// <summary>
/// Draws figures with gnuplot (Debian's gnuplot-nox): PNG at twice a screen's resolution, SVG and PDF with real text.
/// The same figure gives the same bytes on the same gnuplot, fonts and cairo.
/// </summary>
public sealed class GnuplotRenderer : IFigureRenderer
{
    private readonly string _program;

    /// <param name="program">The program's name or path.</param>
    /// <exception cref="FigureException">It cannot be started; the message says how to install it.</exception>
    public GnuplotRenderer(string program = "gnuplot")
    {
        _program = program;
        var version = GnuplotProcess.Run(program, ["--version"], "", "to say its version");
        Name = Encoding.UTF8.GetString(version).Trim();
    }

    public string Name { get; }

    /// <summary>A renderer, or null where gnuplot is not installed.</summary>
    /// <param name="path">Folders to look in, separated as in PATH; null is PATH itself.</param>
    public static GnuplotRenderer? Find(string? path = null)
    {
        var folders = (path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, "gnuplot")).FirstOrDefault(File.Exists) is { } program ? new GnuplotRenderer(program) : null;
    }

    public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
    {
        FigureRules.Check(figure);
        var (script, width, height) = figure.Marks[0] is ImageGrid
            ? GnuplotImages.Script(figure)
            : (GnuplotAxes.Script(figure), figure.Width, figure.Height);
        // A process a format, side by side: most of the time is spent in starting them and in drawing letters.
        var pictures = formats.ToArray().Select(format => (Format: format, Drawing: Task.Run(() => Draw(figure, script, format, width, height)))).ToList();
        return pictures.Select(picture => FigureFiles.Write(folder, figure.Name, picture.Format, picture.Drawing.GetAwaiter().GetResult())).ToList();
    }

    private byte[] Draw(Figure figure, GnuplotScript script, FigureFormat format, double width, double height)
    {
        // -d: without the person's own start-up file.
        var picture = GnuplotProcess.Run(_program, ["-d"], script.Write(Terminal(format, width, height)), $"figure '{figure.Name}{FigureFiles.Extension(format)}'");
        return format switch
        {
            FigureFormat.Svg => GnuplotOutput.Svg(picture, figure, width, height),
            FigureFormat.Pdf => GnuplotOutput.Pdf(picture),
            _ => picture,
        };
    }

    private static string Terminal(FigureFormat format, double width, double height)
    {
        var font = $"noenhanced font '{TextSize.Family},{GnuplotScript.Number(TextSize.Body)}'";
        var paper = $"background rgb '{Palette.Paper}'";
        // A point is a unit of the SVG, 1/72 inch of the PDF, and 8/3 pixels of the PNG (96 dpi, twice).
        const double Zoom = 1 / ImageGridLayout.Pixel;
        var zoom = GnuplotScript.Number(Zoom);
        return format switch
        {
            FigureFormat.Svg => $"svg size {GnuplotScript.Number(width)},{GnuplotScript.Number(height)} standalone butt {font} {paper}",
            FigureFormat.Pdf => $"pdfcairo size {GnuplotScript.Number(width / 72)}in,{GnuplotScript.Number(height / 72)}in butt {font} {paper} fontscale 0.75 linewidth 2",
            _ => $"pngcairo size {Math.Round(width * Zoom)},{Math.Round(height * Zoom)} butt {font} {paper} fontscale {GnuplotScript.Number(Zoom * 72 / 96)} linewidth {zoom} pointscale {zoom}",
        };
    }
}
