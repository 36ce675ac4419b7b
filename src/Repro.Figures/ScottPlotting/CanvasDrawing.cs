#if SCOTTPLOT
using Repro.Figures.Layout;
using ScottPlot;
using SkiaSharp;

namespace Repro.Figures.ScottPlotting;

/// <summary>What stands around a plot, drawn where the layout says: titles, axis labels, legend, names of lines; and grids of images.</summary>
internal static class CanvasDrawing
{
    /// <summary>Of reference lines.</summary>
    public static LinePattern ReferencePattern { get; } = new([4, 3], 0, "reference");

    /// <summary>Beyond the palette colours come again, with a dash of their own.</summary>
    public static LinePattern Pattern(Mark mark) =>
        mark is Line { Dashed: true } ? new([6, 3], 0, "dashed") : (mark.Colour / Palette.Count) switch { 0 => LinePattern.Solid, 1 => new([10, 2], 0, "long"), _ => new([2, 2], 0, "dots") };

    public static void Labels(SKCanvas canvas, Figure figure, FigureLayout layout)
    {
        foreach (var title in layout.Title) Text(canvas, title);
        Text(canvas, layout.XLabel);
        Text(canvas, layout.YLabel);
        foreach (var text in layout.TickTexts) Text(canvas, text);
        foreach (var (_, text) in layout.ReferenceLabels) Text(canvas, text);
        foreach (var label in layout.DirectLabels)
        {
            using var paint = Stroke(label.Colour, 0.7f, LinePattern.Solid);
            canvas.DrawLine((float)label.FromX + 1, (float)label.FromY, (float)label.Text.X - 2, (float)label.Text.Y, paint);
            Text(canvas, label.Text);
        }
        foreach (var word in layout.Words) Text(canvas, word);
        foreach (var entry in layout.Legend) Entry(canvas, figure, entry);
        if (layout.Bar is { } bar) Bar(canvas, bar);
    }

    public static void Images(SKCanvas canvas, ImageGridLayout layout)
    {
        canvas.DrawColor(SKColor.Parse(Palette.Paper));
        foreach (var text in layout.Texts) Text(canvas, text);
        foreach (var (image, box) in layout.Images)
        {
            // Skia has no 24-bit format.
            var pixels = new byte[image.Width * image.Height * 4];
            for (int from = 0, to = 0; from < image.Pixels.Length; from += 3, to += 4)
            {
                image.Pixels.AsSpan(from, 3).CopyTo(pixels.AsSpan(to));
                pixels[to + 3] = 255;
            }
            Image(canvas, image.Width, image.Height, pixels, Rectangle(box));
        }
    }

    /// <summary>Pixels as sharp squares.</summary>
    /// <param name="rgba">Four bytes a pixel, row by row from the top left, not multiplied by alpha.</param>
    public static void Image(SKCanvas canvas, int width, int height, byte[] rgba, SKRect at)
    {
        using var drawn = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), rgba);
        canvas.DrawImage(drawn, at, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    private static void Bar(SKCanvas canvas, ColourBar bar)
    {
        foreach (var (box, colour) in bar.Pieces())
        {
            using var paint = new SKPaint { Style = SKPaintStyle.Fill, Color = SKColor.Parse(colour) };
            canvas.DrawRect(Rectangle(box), paint);
        }
        using var ink = Stroke(Palette.Ink, 0.7f, LinePattern.Solid);
        foreach (var y in bar.Ticks) canvas.DrawLine((float)bar.Box.Right, (float)y, (float)bar.Box.Right + 2, (float)y, ink);
        foreach (var text in bar.TickLabels) Text(canvas, text);
        Text(canvas, bar.Label);
    }

    private static void Entry(SKCanvas canvas, Figure figure, LegendEntry entry)
    {
        var (left, right, y) = ((float)entry.X, (float)(entry.X + LegendEntry.SampleWidth), (float)entry.Y);
        foreach (var mark in entry.Samples)
        {
            var colour = Shades.Hex(figure, mark);
            switch (mark)
            {
                case Band: Box(4, 0.22); break;
                case Bars: Box(3.5f, 0.85); break;
                case Points:
                    using (var paint = Paint.NewDisposablePaint())
                        new MarkerStyle(ScottPlotMarks.Marker(mark.Colour), 3.8f, Color.FromHex(colour)).Render(canvas, new Pixel((left + right) / 2, y), paint);
                    break;
                case Intervals:
                    using (var paint = Stroke(colour, 1, LinePattern.Solid))
                    {
                        canvas.DrawLine(left, y, right, y, paint);
                        foreach (var end in (float[])[left, right]) canvas.DrawLine(end, y - 2.2f, end, y + 2.2f, paint);
                    }
                    break;
                default:
                    using (var paint = Stroke(colour, mark is Reference ? 1 : 1.3f, mark is Reference ? ReferencePattern : Pattern(mark))) canvas.DrawLine(left, y, right, y, paint);
                    break;
            }

            void Box(float half, double opacity)
            {
                using var paint = new SKPaint { Style = SKPaintStyle.Fill, IsAntialias = true, Color = SKColor.Parse(colour).WithAlpha((byte)(opacity * 255)) };
                canvas.DrawRect(new SKRect(left, y - half, right, y + half), paint);
            }
        }
        Text(canvas, new PlacedText(entry.Label, right + LegendEntry.Gap, entry.Y, TextSize.Body));
    }

    private static void Text(SKCanvas canvas, PlacedText text)
    {
        if (text.Text.Length == 0) return;
        using var typeface = SKTypeface.FromFamilyName(TextSize.Family, text.Bold ? SKFontStyle.Bold : SKFontStyle.Normal);
        using var font = new SKFont(typeface, (float)text.Size);
        using var paint = new SKPaint { IsAntialias = true, Color = SKColor.Parse(text.Colour) };
        var align = text.Align switch { TextAlign.Centre => SKTextAlign.Center, TextAlign.Right => SKTextAlign.Right, _ => SKTextAlign.Left };
        canvas.Save();
        canvas.Translate((float)text.X, (float)text.Y);
        if (text.Turn != 0) canvas.RotateDegrees((float)-text.Turn);
        // Half the height of capitals below the middle.
        canvas.DrawText(text.Text, 0, (float)(text.Size * 0.365), align, font, paint);
        canvas.Restore();
    }

    private static SKRect Rectangle(Layout.Box box) => new((float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom);

    private static SKPaint Stroke(string colour, float width, LinePattern pattern)
    {
        var paint = new SKPaint { Style = SKPaintStyle.Stroke, IsAntialias = true, StrokeWidth = width, Color = SKColor.Parse(colour) };
        if (pattern.Intervals.Length > 0) paint.PathEffect = SKPathEffect.CreateDash(pattern.Intervals, 0);
        return paint;
    }
}
#endif
