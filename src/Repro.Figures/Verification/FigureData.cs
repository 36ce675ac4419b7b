using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Repro.Figures.Verification;

/// <summary>
/// The exact data of a figure as CSV: for readers who plot it themselves, and for comparing figures without comparing pictures. One row a value,
/// in the figure's own order and unreduced, whatever a picture leaves out. Equal figures give equal bytes on every machine.
/// </summary>
/// <remarks>
/// UTF-8 without a byte order mark, lines end in LF, fields are quoted as in RFC 4180. Numbers are written so that they read back as the same
/// double, with a point; what is not finite is <c>NaN</c>, <c>Infinity</c> or <c>-Infinity</c>. Rows of mark 0 are the figure's title, axes,
/// categories and colour scale; marks are counted from 1. The caption and the size are no data.
/// </remarks>
public static class FigureData
{
    /// <summary>The first row.</summary>
    public const string Header = "mark,kind,label,colour,index,x,y,low,high,shade,text";

    /// <summary>The whole file.</summary>
    public static string Csv(Figure figure)
    {
        var csv = new StringBuilder(Header).Append('\n');
        foreach (var row in Rows(figure)) csv.AppendJoin(',', row.Select(Quote)).Append('\n');
        return csv.ToString();
    }

    /// <summary>Writes <c>folder/figure.Name.csv</c> and returns its full path.</summary>
    /// <exception cref="FigureException">The folder cannot be written.</exception>
    public static string Write(Figure figure, string folder) => FigureFiles.Write(folder, figure.Name + ".csv", Encoding.UTF8.GetBytes(Csv(figure)));

    /// <summary>What differs between the data of two figures, in words; empty where nothing does.</summary>
    /// <param name="old">Of the figure as it was.</param>
    /// <param name="new">Of the figure made again.</param>
    /// <param name="most">Rows that are told one by one; a last line counts the others.</param>
    public static IReadOnlyList<string> Differences(string old, string @new, int most = 5)
    {
        if (old == @new) return [];
        var (before, after) = (CsvRows.Read(old), CsvRows.Read(@new));
        if (before.Count == 0 || after.Count == 0 || string.Join(',', before[0]) != string.Join(',', after[0]))
            return [$"the columns were '{First(before)}' and are '{First(after)}'"];
        var differences = Compare(before, after).ToList();
        // Bytes that differ in nothing but quoting or line ends: still not the same file.
        if (differences.Count == 0) return ["the values are the same, but the files are written differently"];
        return differences.Count <= most ? differences : [.. differences.Take(most), $"and {differences.Count - most:N0} more rows"];

        static string First(List<string[]> rows) => rows.Count == 0 ? "" : string.Join(',', rows[0]);
    }

    private static IEnumerable<string> Compare(List<string[]> before, List<string[]> after)
    {
        var columns = before[0];
        var old = Keyed(before);
        var renewed = Keyed(after);
        foreach (var (key, row) in old)
        {
            if (!renewed.TryGetValue(key, out var other)) yield return $"{Place(row)} is missing; it was {Content(columns, row)}";
            else if (!row.SequenceEqual(other)) yield return $"{Place(row)}: {string.Join(", ", Changes(columns, row, other))}";
        }
        foreach (var (key, row) in renewed)
        {
            if (!old.ContainsKey(key)) yield return $"{Place(row)} is new: {Content(columns, row)}";
        }
    }

    // By mark and index, so that one inserted row is one difference. Rows that share both are told apart by their order.
    private static Dictionary<(string Mark, string Kind, string Index, int Again), string[]> Keyed(List<string[]> rows)
    {
        var keyed = new Dictionary<(string, string, string, int), string[]>(rows.Count);
        foreach (var row in rows.Skip(1))
        {
            var again = 0;
            while (!keyed.TryAdd((Field(row, 0), Field(row, 1), Field(row, 4), again), row)) again++;
        }
        return keyed;
    }

    private static string Field(string[] row, int index) => index < row.Length ? row[index] : "";

    private static string Place(string[] row)
    {
        var label = Field(row, 2).Length > 0 ? $" '{Field(row, 2)}'" : "";
        var index = Field(row, 4).Length > 0 ? $", row {Field(row, 4)}" : "";
        return Field(row, 0) == "0" ? $"the figure's {Field(row, 1)}{index}" : $"mark {Field(row, 0)} ({Field(row, 1)}{label}){index}";
    }

    private static IEnumerable<string> Changes(string[] columns, string[] row, string[] other) =>
        from i in Enumerable.Range(0, Math.Max(columns.Length, Math.Max(row.Length, other.Length)))
        where Field(row, i) != Field(other, i)
        select $"{(i < columns.Length ? columns[i] : "a field beyond the columns")} was {Shown(Field(row, i))}, is {Shown(Field(other, i))}";

    private static string Content(string[] columns, string[] row) =>
        string.Join(", ", columns.Select((name, i) => (name, value: Field(row, i))).Skip(5).Where(field => field.value.Length > 0).Select(field => $"{field.name} {Shown(field.value)}"));

    private static string Shown(string value) => value.Length == 0 ? "empty" : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? value : $"'{value}'";

    private static IEnumerable<string[]> Rows(Figure figure)
    {
        yield return Meta("title", figure.Title);
        foreach (var (name, axis) in new[] { ("x", figure.X), ("y", figure.Y) })
        {
            yield return Meta($"{name} axis", axis.Label, low: axis.Min, high: axis.Max, text: axis.Log ? "logarithmic" : "linear");
            for (var i = 0; i < axis.Categories.Count; i++) yield return Meta($"{name} category", axis.Categories[i], index: i);
        }
        if (figure.Colours is { } colours) yield return Meta("colours", colours.Label, low: colours.Low, high: colours.High, text: colours.Log ? "logarithmic" : "linear");
        for (var i = 0; i < figure.Marks.Count; i++)
        {
            foreach (var row in Rows(figure.Marks[i])) yield return [(i + 1).ToString(CultureInfo.InvariantCulture), .. row];
        }

        static string[] Meta(string kind, string label, int? index = null, double? low = null, double? high = null, string text = "") =>
            ["0", kind, label, "", index?.ToString(CultureInfo.InvariantCulture) ?? "", "", "", Number(low), Number(high), "", text];
    }

    private static IEnumerable<string[]> Rows(Mark mark)
    {
        switch (mark)
        {
            case Line line: return line.X.Select((x, i) => Row(line.Dashed ? "dashed line" : "line", i, x, line.Y[i]));
            case Points points: return points.X.Select((x, i) => Row("points", i, x, points.Y[i]));
            case Bars bars: return bars.X.Select((x, i) => Row("bars", i, x, bars.Height[i]));
            case Band band: return band.X.Select((x, i) => Row("band", i, x, low: band.Low[i], high: band.High[i]));
            case Reference { Vertical: true } reference: return [Row("vertical reference", 0, x: reference.At)];
            case Reference reference: return [Row("reference", 0, y: reference.At)];
            case Intervals { Horizontal: true } intervals: return intervals.At.Select((at, i) => Row("horizontal intervals", i, y: at, low: intervals.Low[i], high: intervals.High[i]));
            case Intervals intervals: return intervals.At.Select((at, i) => Row("intervals", i, x: at, low: intervals.Low[i], high: intervals.High[i]));
            case Texts texts: return texts.X.Select((x, i) => Row($"texts {texts.Side.ToString().ToLowerInvariant()}", i, x, texts.Y[i], text: texts.Words[i]));
            case HeatMap map: return map.Cells.SelectMany((row, y) => row.Select((value, x) => Row("cells", y * row.Count + x, x, y, shade: value)));
            // A grid's pixels are named by their hash; low and high hold the image's width and height.
            case ImageGrid grid:
                return grid.Images.Select((image, i) => Row(
                    "images", i, i % grid.Columns, i / grid.Columns, image.Width, image.Height,
                    text: $"sha256:{Convert.ToHexStringLower(SHA256.HashData(image.Pixels))}{(grid.Captions.Count > 0 ? " " + grid.Captions[i] : "")}"));
            default: throw new FigureException($"The data of {mark.GetType().Name} have no rows in a figure's CSV.");
        }

        string[] Row(string kind, int index, double? x = null, double? y = null, double? low = null, double? high = null, double? shade = null, string text = "") =>
        [
            kind, mark.Label, mark.Colour.ToString(CultureInfo.InvariantCulture), index.ToString(CultureInfo.InvariantCulture),
            Number(x), Number(y), Number(low), Number(high), Number(shade ?? mark.Shade), text,
        ];
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
