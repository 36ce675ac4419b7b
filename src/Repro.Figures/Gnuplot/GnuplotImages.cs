using Repro.Figures.Layout;

namespace Repro.Figures.Gnuplot;

/// <summary>The script of an image grid: the canvas is one plot in points, each image a raster on it.</summary>
internal static class GnuplotImages
{
    public static (GnuplotScript Script, double Width, double Height) Script(Figure figure)
    {
        var layout = ImageGridLayout.Of(figure);
        var script = new GnuplotScript(layout.Width, layout.Height);
        script.Set($"unset border");
        script.Set($"unset tics");
        script.Set($"set lmargin at screen 0; set rmargin at screen 1; set tmargin at screen 1; set bmargin at screen 0");
        script.Set($"set xrange [0:{GnuplotScript.Number(layout.Width)}] noextend; set yrange [{GnuplotScript.Number(layout.Height)}:0] noextend");
        foreach (var text in layout.Texts) script.Text(text);
        foreach (var (image, box) in layout.Images)
        {
            var (stepX, stepY) = (box.Width / image.Width, box.Height / image.Height);
            var rows =
                from y in Enumerable.Range(0, image.Height)
                from x in Enumerable.Range(0, image.Width)
                let at = (y * image.Width + x) * 3
                select new double[] { box.Left + (x + 0.5) * stepX, box.Top + (y + 0.5) * stepY, image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2] };
            // gnuplot cannot tell the pixel size of an image that is one pixel wide or high; its pixels are drawn as boxes.
            script.Plot(image.Width > 1 && image.Height > 1 ? rows : Boxes(rows, stepX, stepY), image.Width > 1 && image.Height > 1
                ? "using 1:2:3:4:5 with rgbimage"
                : "using 1:2:3:4:5:6:(int($7)*65536+int($8)*256+int($9)) with boxxyerror fs solid 1 noborder lc rgb variable");
        }
        return (script, layout.Width, layout.Height);
    }

    private static IEnumerable<double[]> Boxes(IEnumerable<double[]> pixels, double stepX, double stepY) =>
        pixels.Select(p => new[] { p[0], p[1], p[0] - stepX / 2, p[0] + stepX / 2, p[1] - stepY / 2, p[1] + stepY / 2, p[2], p[3], p[4] });
}
