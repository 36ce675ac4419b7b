namespace Repro.Figures.Layout;

/// <summary>Places the words of <see cref="Texts"/> marks.</summary>
internal static class Words
{
    private const double Offset = 4, SmallestInCells = 5;

    /// <summary>Every word, its place from the data and the side it stands on. In a heat map words are as small as their cells demand, and black or white by the cell under them.</summary>
    public static IReadOnlyList<PlacedText> Place(Figure figure, Func<double, double, (double X, double Y)> map, Box plot, AxisScale x)
    {
        var cells = figure.Marks.OfType<HeatMap>().FirstOrDefault()?.Cells;
        var words = new List<PlacedText>();
        foreach (var texts in figure.Marks.OfType<Texts>())
        {
            var size = cells is null || texts.Side != TextSide.Centre ? TextSize.Small : CellSize(texts, 0.94 * plot.Width / (x.Max - x.Min), plot.Height / cells.Count);
            for (var i = 0; i < texts.Words.Count; i++)
            {
                var (atX, atY) = map(texts.X[i], texts.Y[i]);
                var text = TextSize.Clean(texts.Words[i]);
                var colour = cells is null ? Shades.Hex(figure, texts) : InkOn(figure, cells, texts.X[i], texts.Y[i]);
                words.Add((texts.Side switch
                {
                    TextSide.Right => new PlacedText(text, atX + Offset, atY, size),
                    TextSide.Left => new PlacedText(text, atX - Offset, atY, size, TextAlign.Right),
                    TextSide.Above => new PlacedText(text, atX, atY - Offset - size / 2, size, TextAlign.Centre),
                    TextSide.Below => new PlacedText(text, atX, atY + Offset + size / 2, size, TextAlign.Centre),
                    _ => new PlacedText(text, atX, atY, size, TextAlign.Centre),
                }) with { Colour = colour });
            }
        }
        return words;
    }

    private static double CellSize(Texts texts, double width, double height)
    {
        var widest = texts.Words.Max(word => TextSize.Width(TextSize.Clean(word), 1));
        return Math.Max(SmallestInCells, Math.Min(Math.Min(TextSize.Small, height), widest > 0 ? width / widest : TextSize.Small));
    }

    private static string InkOn(Figure figure, IReadOnlyList<IReadOnlyList<double>> cells, double x, double y)
    {
        var (row, column) = (Math.Round(y), Math.Round(x));
        if (row < 0 || row >= cells.Count || column < 0 || column >= cells[0].Count) return Palette.Ink;
        var value = cells[(int)row][(int)column];
        return double.IsFinite(value) ? Shades.InkOn(figure.Colours!, value) : Palette.Ink;
    }
}
