namespace Repro.Figures;

/// <summary>What a figure must satisfy before any renderer draws it.</summary>
public static class FigureRules
{
    /// <exception cref="FigureException">A rule is broken; the message names the figure, the mark, the rule and the value.</exception>
    public static void Check(Figure figure)
    {
        if (figure.Name.Length == 0 || figure.Name is "." or ".." || figure.Name.AsSpan().ContainsAny("/\\\0\n"))
            throw new FigureException($"A figure's name becomes a file name; '{figure.Name}' cannot be one.");
        Require(figure, double.IsFinite(figure.Width) && figure.Width is >= 100 and <= 5000, $"its width must be 100 to 5000 points, not {figure.Width}");
        Require(figure, double.IsFinite(figure.Height) && figure.Height is >= 80 and <= 5000, $"its height must be 80 to 5000 points, not {figure.Height}");
        Require(figure, figure.Marks.Count > 0, "it has no marks, so there is nothing to draw");
        foreach (var mark in figure.Marks) CheckMark(figure, mark);
        if (figure.Marks.Any(mark => mark is ImageGrid))
        {
            Require(figure, figure.Marks.Count == 1, "an image grid must be a figure's only mark");
            return;
        }
        CheckAxis(figure, figure.X, "x");
        CheckAxis(figure, figure.Y, "y");
        CheckColours(figure);
        if (figure.Marks.OfType<HeatMap>().FirstOrDefault() is { } map)
        {
            Require(figure, figure.Marks.Count(mark => mark is not Texts) == 1, "a heat map must be a figure's only mark beside texts");
            CheckNames(figure, figure.X, "x", map.Cells[0].Count, "columns");
            CheckNames(figure, figure.Y, "y", map.Cells.Count, "rows");
        }
        Require(figure, figure.Marks.Any(mark => mark is not Texts), "texts stand beside other marks; they are its only marks");
        Require(figure, figure.Marks.Any(mark => mark is not (Reference or Texts)), "a reference line needs something to be compared with; it is the only mark");
        Require(figure, figure.Marks.Any(HasFinite), "none of its marks has a finite value, so there is nothing to draw");
        Require(figure, !(figure.Y.Log && figure.Marks.Any(mark => mark is Bars)), "bars begin at zero, which a logarithmic axis does not have");
    }

    private static void CheckMark(Figure figure, Mark mark)
    {
        var name = mark.Label.Length > 0 ? $"its {Kind(mark)} '{mark.Label}'" : $"its {Kind(mark)}";
        Require(figure, mark.Colour >= 0, $"{name} has colour {mark.Colour}; colours are counted from 0");
        switch (mark)
        {
            case Line line: CheckLengths(line.X.Count, line.Y.Count); break;
            case Points points: CheckLengths(points.X.Count, points.Y.Count); break;
            case Bars bars: CheckLengths(bars.X.Count, bars.Height.Count); break;
            case Band band:
                CheckLengths(band.X.Count, band.Low.Count);
                CheckLengths(band.X.Count, band.High.Count);
                break;
            case Reference reference: Require(figure, double.IsFinite(reference.At), $"{name} stands at {reference.At}, which cannot be drawn"); break;
            case Intervals intervals: CheckIntervals(intervals); break;
            case Texts texts: CheckTexts(texts); break;
            case HeatMap map: CheckCells(figure, map); break;
            case ImageGrid grid: CheckGrid(figure, grid); return;
            default: throw new FigureException($"Figure '{figure.Name}': no renderer draws {mark.GetType().Name}.");
        }
        foreach (var (x, y) in Values(mark))
        {
            Require(figure, !figure.X.Log || !double.IsFinite(x) || x > 0, $"{name} has x = {x}, and the x axis is logarithmic");
            Require(figure, !figure.Y.Log || !double.IsFinite(y) || y > 0, $"{name} has y = {y}, and the y axis is logarithmic");
        }

        void CheckLengths(int x, int y)
        {
            Require(figure, x == y, $"{name} has {x} positions but {y} values");
            Require(figure, x > 0, $"{name} is empty");
        }

        void CheckIntervals(Intervals intervals)
        {
            CheckLengths(intervals.At.Count, intervals.Low.Count);
            CheckLengths(intervals.At.Count, intervals.High.Count);
            for (var i = 0; i < intervals.At.Count; i++)
                Require(figure, !(intervals.Low[i] > intervals.High[i]), $"{name} goes from {intervals.Low[i]} down to {intervals.High[i]} at {intervals.At[i]}; Low is the lower end");
        }

        void CheckTexts(Texts texts)
        {
            CheckLengths(texts.X.Count, texts.Y.Count);
            Require(figure, texts.Words.Count == texts.X.Count, $"{name} has {texts.X.Count} positions but {texts.Words.Count} words");
            Require(figure, Enum.IsDefined(texts.Side), $"{name} stands on side {(int)texts.Side}, which is none");
            for (var i = 0; i < texts.X.Count; i++)
                Require(figure, double.IsFinite(texts.X[i]) && double.IsFinite(texts.Y[i]), $"its text '{texts.Words[i]}' stands at ({texts.X[i]}, {texts.Y[i]}), which is no place");
        }
    }

    private static void CheckCells(Figure figure, HeatMap map)
    {
        Require(figure, map.Cells.Count > 0 && map.Cells[0].Count > 0, "its heat map has no cells");
        Require(figure, !figure.X.Log && !figure.Y.Log, "the axes of a heat map count columns and rows and cannot be logarithmic");
        for (var row = 0; row < map.Cells.Count; row++)
        {
            Require(figure, map.Cells[row].Count == map.Cells[0].Count, $"row 0 of its heat map has {map.Cells[0].Count} cells but row {row} has {map.Cells[row].Count}");
            for (var column = 0; column < map.Cells[row].Count; column++)
            {
                var value = map.Cells[row][column];
                Require(figure, !double.IsInfinity(value), $"cell ({row}, {column}) of its heat map is {value}; NaN leaves a cell blank");
                Require(figure, figure.Colours is not { Log: true } || !(value <= 0), $"cell ({row}, {column}) of its heat map is {value}, and the colours are logarithmic");
            }
        }
        Require(figure, map.Cells.Any(row => row.Any(double.IsFinite)), "every cell of its heat map is NaN, so there is nothing to draw");
    }

    private static void CheckNames(Figure figure, Axis axis, string name, int count, string what) =>
        Require(figure, axis.Categories.Count == 0 || axis.Categories.Count == count, $"its heat map has {count} {what}, but its {name} axis names {axis.Categories.Count}");

    private static void CheckColours(Figure figure)
    {
        var shaded = figure.Marks.FirstOrDefault(mark => mark is HeatMap || mark.Shade is not null);
        if (figure.Colours is not { } colours)
        {
            Require(figure, shaded is null, $"its {(shaded is null ? "" : Kind(shaded))} is coloured by value, and the figure has no Colours that say what the values mean");
            return;
        }
        Require(figure, shaded is not null, "it has Colours, and no mark that they colour");
        Require(figure, double.IsFinite(colours.Low) && double.IsFinite(colours.High) && colours.Low < colours.High, $"its colours go from {colours.Low} to {colours.High}; both must be finite, and the first the lower");
        Require(figure, !colours.Log || colours.Low > 0, $"its colours are logarithmic and cannot begin at {colours.Low}");
        foreach (var mark in figure.Marks.Where(mark => mark.Shade is not null))
        {
            Require(figure, double.IsFinite(mark.Shade!.Value), $"its {Kind(mark)} '{mark.Label}' has shade {mark.Shade}, which is no colour");
            Require(figure, !colours.Log || mark.Shade > 0, $"its {Kind(mark)} '{mark.Label}' has shade {mark.Shade}, and the colours are logarithmic");
        }
    }

    private static void CheckGrid(Figure figure, ImageGrid grid)
    {
        Require(figure, grid.Images.Count > 0, "its image grid is empty");
        Require(figure, grid.Columns > 0, $"its image grid has {grid.Columns} columns");
        Require(figure, grid.Scale >= 0, $"its image grid has scale {grid.Scale}");
        Require(figure, grid.Captions.Count == 0 || grid.Captions.Count == grid.Images.Count, $"it has {grid.Images.Count} images but {grid.Captions.Count} captions");
        foreach (var image in grid.Images)
        {
            Require(figure, image.Width > 0 && image.Height > 0 && image.Pixels.Length == image.Width * image.Height * 3,
                $"an image of {image.Width} x {image.Height} cannot have {image.Pixels.Length} bytes");
        }
    }

    private static void CheckAxis(Figure figure, Axis axis, string name)
    {
        Require(figure, axis.Min is not { } min || double.IsFinite(min), $"its {name} axis begins at {axis.Min}");
        Require(figure, axis.Max is not { } max || double.IsFinite(max), $"its {name} axis ends at {axis.Max}");
        Require(figure, !(axis.Min >= axis.Max), $"its {name} axis begins at {axis.Min}, which is not before its end, {axis.Max}");
        Require(figure, !axis.Log || !(axis.Min <= 0 || axis.Max <= 0), $"its {name} axis is logarithmic and cannot begin at {axis.Min} or end at {axis.Max}");
        Require(figure, !axis.Log || axis.Categories.Count == 0, $"its {name} axis has categories and cannot be logarithmic");
    }

    private static bool HasFinite(Mark mark) => Values(mark).Any(value => double.IsFinite(value.X) && double.IsFinite(value.Y));

    /// <summary>Every (x, y) of a mark; a reference line has NaN for the axis along which it runs, a heat map the outer corners of its cells.</summary>
    internal static IEnumerable<(double X, double Y)> Values(Mark mark) => mark switch
    {
        Line line => line.X.Zip(line.Y),
        Points points => points.X.Zip(points.Y),
        Bars bars => bars.X.Zip(bars.Height),
        Band band => band.X.Zip(band.Low).Concat(band.X.Zip(band.High)),
        Reference { Vertical: true } reference => [(reference.At, double.NaN)],
        Reference reference => [(double.NaN, reference.At)],
        Intervals { Horizontal: true } intervals => intervals.Low.Zip(intervals.At).Concat(intervals.High.Zip(intervals.At)),
        Intervals intervals => intervals.At.Zip(intervals.Low).Concat(intervals.At.Zip(intervals.High)),
        Texts texts => texts.X.Zip(texts.Y),
        HeatMap map => [(-0.5, -0.5), (map.Cells[0].Count - 0.5, map.Cells.Count - 0.5)],
        _ => [],
    };

    private static string Kind(Mark mark) => mark switch { Reference => "reference line", ImageGrid => "image grid", HeatMap => "heat map", _ => mark.GetType().Name.ToLowerInvariant() };

    private static void Require(Figure figure, bool rule, string complaint)
    {
        if (!rule) throw new FigureException($"Figure '{figure.Name}' cannot be drawn: {complaint}.");
    }
}
