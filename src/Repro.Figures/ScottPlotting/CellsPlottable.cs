#if SCOTTPLOT
using ScottPlot;
using SkiaSharp;

namespace Repro.Figures.ScottPlotting;

/// <summary>The cells of a heat map. ScottPlot's own heat map stretches its colours over the data; here a colour means the same in every figure of one scale.</summary>
internal sealed class CellsPlottable(HeatMap map, ColourScale colours) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() => new(-0.5, map.Cells[0].Count - 0.5, -0.5, map.Cells.Count - 0.5);

    public void Render(RenderPack rp)
    {
        var (rows, columns) = (map.Cells.Count, map.Cells[0].Count);
        var pixels = new byte[rows * columns * 4];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                // A cell that is NaN stays transparent.
                if (map.Cells[row][column] is not double.NaN and var value)
                {
                    var colour = Color.FromHex(Shades.Hex(colours, value));
                    new[] { colour.R, colour.G, colour.B, (byte)255 }.CopyTo(pixels, (row * columns + column) * 4);
                }
            }
        }
        // Row 0 is at the top, for the axis runs downwards.
        var (topLeft, bottomRight) = (Axes.GetPixel(new Coordinates(-0.5, -0.5)), Axes.GetPixel(new Coordinates(columns - 0.5, rows - 0.5)));
        CanvasDrawing.Image(rp.Canvas, columns, rows, pixels, new SKRect(topLeft.X, topLeft.Y, bottomRight.X, bottomRight.Y));
    }
}
#endif
