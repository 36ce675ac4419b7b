using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Repro.Figures.Layout;

namespace Repro.Figures.Tests;

/// <summary>What an SVG draws, in the page's points, whoever wrote it: texts, vertices of strokes and areas, and centres of small shapes.</summary>
internal sealed partial class SvgDrawing
{
    private const double LargestMarker = 8;

    private readonly Dictionary<string, XElement> _ids;

    private SvgDrawing(XElement root)
    {
        _ids = root.Descendants().Where(e => e.Attribute("id") is not null).ToDictionary(e => e.Attribute("id")!.Value);
        foreach (var element in root.Elements()) Walk(element, Matrix3x2.Identity);
    }

    /// <summary>(X, Y) is the middle of the height at the text's left end.</summary>
    public List<(string Text, double X, double Y)> Texts { get; } = [];

    public List<(double X, double Y)> Vertices { get; } = [];

    public List<(double X, double Y)> Shapes { get; } = [];

    public static SvgDrawing Read(string file) => new(XDocument.Load(file).Root!);

    /// <summary>Where a text of the layout begins.</summary>
    public static (double X, double Y) Start(PlacedText text)
    {
        var before = TextSize.Width(text.Text, text.Size, text.Bold) * text.Align switch { TextAlign.Centre => 0.5, TextAlign.Right => 1, _ => 0 };
        var (sin, cos) = Math.SinCos(text.Turn * Math.PI / 180);
        return (text.X - before * cos, text.Y + before * sin);
    }

    private void Walk(XElement element, Matrix3x2 outer)
    {
        var at = Transform(element.Attribute("transform")?.Value) * outer;
        switch (element.Name.LocalName)
        {
            case "defs" or "clipPath" or "title" or "desc" or "style": return;
            case "text": AddText(element, at); return;
            case "path": AddVertices(PathPoints(element.Attribute("d")!.Value), at); return;
            case "polygon" or "polyline": AddVertices(Pairs(Numbers(element.Attribute("points")!.Value)), at); return;
            case "line": AddVertices([(Number(element, "x1"), Number(element, "y1")), (Number(element, "x2"), Number(element, "y2"))], at); return;
            case "circle" or "ellipse": Shapes.Add(Map(Number(element, "cx"), Number(element, "cy"), at)); return;
            case "rect":
                var (x, y, w, h) = (Number(element, "x"), Number(element, "y"), Number(element, "width"), Number(element, "height"));
                AddVertices([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], at);
                return;
            case "use":
                // A marker's definition has its data point as origin.
                Shapes.Add(Map(Number(element, "x"), Number(element, "y"), at));
                Assert.True(_ids.ContainsKey(element.Attributes().First(a => a.Name.LocalName == "href").Value[1..]));
                return;
        }
        foreach (var child in element.Elements()) Walk(child, at);
    }

    private void AddText(XElement element, Matrix3x2 at)
    {
        string? Inherited(string name) => element.AncestorsAndSelf().Select(e => e.Attribute(name)?.Value).FirstOrDefault(value => value is not null);
        var size = double.Parse(Inherited("font-size")!.TrimEnd('p', 'x'), CultureInfo.InvariantCulture);
        var text = element.Value.Trim();
        var before = TextSize.Width(text, size, Inherited("font-weight") is "bold" or "700") * Inherited("text-anchor") switch { "middle" => 0.5, "end" => 1, _ => 0 };
        // The baseline lies half the height of capitals below the middle.
        var (x, y) = Map(First(element, "x") - before, First(element, "y") - 0.365 * size, at);
        Texts.Add((text, x, y));
    }

    private void AddVertices(List<(double X, double Y)> points, Matrix3x2 at)
    {
        var mapped = points.Select(point => Map(point.X, point.Y, at)).ToList();
        if (mapped.Count == 0) return;
        Vertices.AddRange(mapped);
        var (left, right, top, bottom) = (mapped.Min(p => p.X), mapped.Max(p => p.X), mapped.Min(p => p.Y), mapped.Max(p => p.Y));
        if (right - left <= LargestMarker && bottom - top <= LargestMarker) Shapes.Add(((left + right) / 2, (top + bottom) / 2));
    }

    // Absolute commands, and the end points only of curves: all that is asked is where something was drawn.
    private static List<(double X, double Y)> PathPoints(string path)
    {
        var points = new List<(double X, double Y)>();
        foreach (Match command in Command().Matches(path))
        {
            var numbers = Numbers(command.Groups[2].Value);
            switch (command.Groups[1].Value)
            {
                case "M" or "L": points.AddRange(Pairs(numbers)); break;
                case "H": points.AddRange(numbers.Select(x => (x, points[^1].Y))); break;
                case "V": points.AddRange(numbers.Select(y => (points[^1].X, y))); break;
                case "C": points.AddRange(Pairs(numbers).Where((_, i) => i % 3 == 2)); break;
                case "Q": points.AddRange(Pairs(numbers).Where((_, i) => i % 2 == 1)); break;
                case "Z" or "z": break;
                default: throw new FormatException($"No reading of the path command '{command.Value}'.");
            }
        }
        return points;
    }

    private static Matrix3x2 Transform(string? text)
    {
        var matrix = Matrix3x2.Identity;
        foreach (Match call in Call().Matches(text ?? ""))
        {
            var n = Numbers(call.Groups[2].Value).Select(value => (float)value).ToArray();
            // The first of a list is the outermost.
            matrix = call.Groups[1].Value switch
            {
                "translate" => Matrix3x2.CreateTranslation(n[0], n.Length > 1 ? n[1] : 0),
                "scale" => Matrix3x2.CreateScale(n[0], n.Length > 1 ? n[1] : n[0]),
                "rotate" => Matrix3x2.CreateRotation(n[0] * MathF.PI / 180),
                "matrix" => new Matrix3x2(n[0], n[1], n[2], n[3], n[4], n[5]),
                _ => throw new FormatException($"No reading of the transform '{call.Value}'."),
            } * matrix;
        }
        return matrix;
    }

    private static (double X, double Y) Map(double x, double y, Matrix3x2 at)
    {
        var mapped = Vector2.Transform(new Vector2((float)x, (float)y), at);
        return (mapped.X, mapped.Y);
    }

    private static double Number(XElement element, string name) => element.Attribute(name) is { } value ? double.Parse(value.Value, CultureInfo.InvariantCulture) : 0;

    // Skia gives a place for every letter.
    private static double First(XElement element, string name) => element.Attribute(name) is { } value ? Numbers(value.Value)[0] : 0;

    private static List<(double X, double Y)> Pairs(List<double> numbers) => Enumerable.Range(0, numbers.Count / 2).Select(i => (numbers[2 * i], numbers[2 * i + 1])).ToList();

    private static List<double> Numbers(string text) => NumberPattern().Matches(text).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).ToList();

    [GeneratedRegex(@"([A-Za-z])([^A-DF-Za-df-z]*)")]
    private static partial Regex Command();

    [GeneratedRegex(@"([a-z]+)\(([^)]*)\)")]
    private static partial Regex Call();

    [GeneratedRegex(@"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")]
    private static partial Regex NumberPattern();
}
