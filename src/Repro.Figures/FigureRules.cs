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
        Require(figure, figure.Marks.Any(mark => mark is not Reference), "a reference line needs something to be compared with; it is the only mark");
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

    /// <summary>Every (x, y) of a mark; a reference line has x = NaN.</summary>
    internal static IEnumerable<(double X, double Y)> Values(Mark mark) => mark switch
    {
        Line line => line.X.Zip(line.Y),
        Points points => points.X.Zip(points.Y),
        Bars bars => bars.X.Zip(bars.Height),
        Band band => band.X.Zip(band.Low).Concat(band.X.Zip(band.High)),
        Reference reference => [(double.NaN, reference.At)],
        _ => [],
    };

    private static string Kind(Mark mark) => mark switch { Reference => "reference line", ImageGrid => "image grid", _ => mark.GetType().Name.ToLowerInvariant() };

    private static void Require(Figure figure, bool rule, string complaint)
    {
        if (!rule) throw new FigureException($"Figure '{figure.Name}' cannot be drawn: {complaint}.");
    }
}
