using System.Globalization;
using System.Numerics;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A tensor's elements as text, in the styles of TorchSharp.</summary>
internal sealed class TensorText
{
    private const string Ellipsis = "...";
    private readonly string metadata;
    private readonly ScalarType type;
    private readonly long[] sizes;
    private readonly string newLine;
    private readonly int maxRows;
    private readonly int maxColumns;
    private readonly Func<long, string> element;

    public TensorText(Tensor tensor, string format, CultureInfo culture, string newLine, int maxRows, int maxColumns)
    {
        metadata = tensor.ToString();
        type = tensor.dtype;
        sizes = tensor.shape;
        this.newLine = newLine;
        this.maxRows = maxRows;
        this.maxColumns = maxColumns;
        var plain = (tensor.is_sparse ? tensor.to_dense() : tensor).detach().cpu();
        element = type switch
        {
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 => Reader<float>(plain.to(ScalarType.Float32), value => value.ToString(format, culture)),
            ScalarType.Float64 => Reader<double>(plain, value => value.ToString(format, culture)),
            ScalarType.ComplexFloat32 => Reader<(float, float)>(plain, value => ComplexText(value.Item1, value.Item2, part => ((float)part).ToString(format, culture))),
            ScalarType.ComplexFloat64 => Reader<Complex>(plain, value => ComplexText(value.Real, value.Imaginary, part => part.ToString(format, culture))),
            ScalarType.Bool => Reader<bool>(plain, value => value.ToString(culture)),
            _ when type.IsIntegral() => Reader<long>(plain.to(ScalarType.Int64), value => value.ToString(culture)),
            _ => _ => "?",
        };
    }

    private int Dimensions => sizes.Length;

    public string Numpy()
    {
        if (Dimensions == 0)
            return element(0);
        var text = new StringBuilder("[");
        Nested(text, 0, 0, "[", "]", dimension => string.Concat(Enumerable.Repeat(newLine, Dimensions - dimension - 1)), "");
        return text.Append(']').ToString();
    }

    public string CSharp()
    {
        var (word, suffix) = type switch
        {
            ScalarType.Bool => ("bool", ""),
            ScalarType.Byte => ("byte", ""),
            ScalarType.Int8 => ("sbyte", ""),
            ScalarType.Int16 => ("short", ""),
            ScalarType.Int32 => ("int", ""),
            ScalarType.Int64 => ("long", "L"),
            ScalarType.Float16 => ("float16", "f"),
            ScalarType.BFloat16 => ("bfloat16", "f"),
            ScalarType.Float32 => ("float", "f"),
            ScalarType.Float64 => ("double", ""),
            ScalarType.ComplexFloat32 => ("complex32", ""),
            ScalarType.ComplexFloat64 => ("complex64", ""),
            _ => (null, ""),
        };
        if (word is null)
            return metadata;
        if (Dimensions == 0)
            return $"{metadata}, value = {element(0)}";
        var lineBreak = Dimensions > 1 ? newLine : "";
        var text = new StringBuilder($"{metadata}, value = {lineBreak}{word} [{new string(',', Dimensions - 1)}] {{{lineBreak}{(Dimensions > 1 ? " " : "")}");
        Nested(text, 0, 0, "{", "}", _ => "," + newLine, suffix);
        return text.Append(lineBreak).Append('}').ToString();
    }

    public string Julia(int width)
    {
        var text = new StringBuilder(metadata);
        if (Dimensions == 0)
            return text.Append(", value = ").Append(element(0)).ToString();
        var (rows, columns) = (Dimensions == 1 ? 1 : sizes[^2], sizes[^1]);
        var matrices = Dimensions <= 2 ? 1 : sizes[..^2].Aggregate(1L, (product, n) => product * n);
        for (long matrix = 0; matrix < matrices; matrix++)
        {
            text.Append(newLine);
            if (Dimensions > 2)
                text.Append(IndexOf(matrix)).Append(" =").Append(newLine);
            Matrix(text, matrix * rows * columns, rows, columns, width);
        }
        return text.ToString();
    }

    private void Matrix(StringBuilder text, long offset, long rows, long columns, int width)
    {
        var cells = new List<List<string>>();
        for (long row = 0; row < rows; row++)
        {
            var cellsOfRow = new List<string>();
            var left = width;
            for (long column = 0; column < columns; column++)
            {
                var cell = element(offset + row * columns + column);
                if (left - cell.Length - Ellipsis.Length - 1 < 0)
                    break;
                cellsOfRow.Add(cell);
                left -= cell.Length + 1;
            }
            cells.Add(cellsOfRow);
        }
        var shown = cells.Count > 0 ? cells.Min(row => row.Count) : 0;
        var widths = Enumerable.Range(0, shown).Select(column => cells.Max(row => row[column].Length)).ToArray();
        foreach (var row in cells)
        {
            for (var column = 0; column < shown; column++)
                text.Append(' ').Append(row[column].PadLeft(widths[column]));
            text.Append(shown < columns ? " " + Ellipsis : "").Append(newLine);
        }
    }

    private string IndexOf(long matrix)
    {
        var index = new long[Dimensions - 2];
        for (var d = index.Length - 1; d >= 0; d--)
            (matrix, index[d]) = Math.DivRem(matrix, sizes[d]);
        return $"[{string.Join(",", index)},..,..]";
    }

    // What stands between a dimension's brackets.
    private void Nested(StringBuilder text, int dimension, long offset, string open, string close, Func<int, string> between, string suffix)
    {
        var last = dimension == Dimensions - 1;
        var (count, most) = (sizes[dimension], last ? maxColumns : maxRows);
        var step = sizes[(dimension + 1)..].Aggregate(1L, (product, n) => product * n);
        var indent = new string(' ', dimension + 1);
        var (leading, trailing) = count <= most ? (count, 0L) : (Math.Max(most - most / 2, 1), most / 2);
        for (long i = 0; i < count; i++)
        {
            if (i == leading && leading + trailing < count)
            {
                text.Append(last ? $", {Ellipsis} " : between(dimension) + indent + Ellipsis + newLine + indent);
                i = count - trailing;
                if (i == count)
                    break;
            }
            else if (i > 0)
            {
                text.Append(last ? ", " : between(dimension) + indent);
            }
            if (last)
            {
                text.Append(element(offset + i)).Append(suffix);
                continue;
            }
            text.Append(open);
            Nested(text, dimension + 1, offset + i * step, open, close, between, suffix);
            text.Append(close);
        }
    }

    private static Func<long, string> Reader<T>(Tensor tensor, Func<T, string> write) where T : unmanaged
    {
        var values = tensor.data<T>();
        return position => write(values.AtPosition(position));
    }

    private static string ComplexText(double real, double imaginary, Func<double, string> write) =>
        imaginary == 0 ? write(real) : real == 0 ? write(imaginary) + "i" : $"{write(real)}+{write(imaginary)}i";
}
