using System.Globalization;

namespace TorchSharp;

/// <summary>How a tensor is written as text.</summary>
public enum TensorStringStyle
{
    /// <summary>Shape, element type and device alone.</summary>
    Metadata,

    /// <summary>Columns; of more than two dimensions one matrix after the other, each below its index.</summary>
    Julia,

    /// <summary>Nested brackets; long dimensions show their ends.</summary>
    Numpy,

    /// <summary>Nearly the C# that would make the array.</summary>
    CSharp,

    /// <summary>The one that <see cref="torch.TensorStringStyle"/> names.</summary>
    Default,
}

public static partial class torch
{
    private static TensorStringStyle style = TensorStringStyle.Julia;
    private static string floatFormat = "g5";
    private static string newLine = Environment.NewLine;
    private static int lineWidth = 100;
    private static int maxRows = 6;
    private static int maxColumns = 6;

    public const TensorStringStyle julia = TensorStringStyle.Julia;
    public const TensorStringStyle numpy = TensorStringStyle.Numpy;
    public const TensorStringStyle csharp = TensorStringStyle.CSharp;

    /// <summary>The style where none is asked for; Julia at first.</summary>
    public static TensorStringStyle TensorStringStyle
    {
        get => style;
        set => style = value != TensorStringStyle.Default ? value : throw new ArgumentException("The style cannot be set to 'Default'");
    }

    /// <param name="precision">Digits behind the point.</param>
    /// <param name="maxRows">Rows that Numpy and CSharp show of a longer dimension; 6 at first.</param>
    public static void set_printoptions(int precision, int? linewidth = null, string? newLine = null, bool sci_mode = false, int? maxRows = null, int? maxColumns = null) =>
        set_printoptions(null, sci_mode ? $"E{precision}" : $"F{precision}", linewidth, newLine, maxRows, maxColumns);

    /// <param name="floatFormat">As .NET's numbers take it; "g5" at first.</param>
    public static void set_printoptions(
        TensorStringStyle? style = null, string? floatFormat = null, int? linewidth = null, string? newLine = null, int? maxRows = null, int? maxColumns = null)
    {
        torch.style = style ?? torch.style;
        torch.floatFormat = floatFormat ?? torch.floatFormat;
        torch.newLine = newLine ?? torch.newLine;
        lineWidth = linewidth ?? lineWidth;
        torch.maxRows = maxRows ?? torch.maxRows;
        torch.maxColumns = maxColumns ?? torch.maxColumns;
    }

    public partial class Tensor
    {
        /// <summary>Shape, element type and device: <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString() => IsInvalid ? "[disposed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        /// <param name="disamb">False gives the metadata alone.</param>
        public string ToString(bool disamb, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null) =>
            disamb ? ToString(TensorStringStyle.Default, fltFormat, width, cultureInfo, newLine) : ToString();

        /// <param name="width">Characters of a line, for the Julia style: columns beyond it are left out.</param>
        public string ToString(TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null)
        {
            if (style == TensorStringStyle.Default)
                style = torch.style;
            if (style == TensorStringStyle.Metadata || IsInvalid || device_type == DeviceType.META)
                return ToString();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var text = new TensorText(this, fltFormat ?? floatFormat, cultureInfo ?? CultureInfo.CurrentCulture, newLine ?? torch.newLine, maxRows, maxColumns);
            return style switch
            {
                TensorStringStyle.Julia => text.Julia(width ?? lineWidth),
                TensorStringStyle.Numpy => text.Numpy(),
                TensorStringStyle.CSharp => text.CSharp(),
                _ => throw new ArgumentOutOfRangeException(nameof(style), style, "Not a style."),
            };
        }

        /// <summary>Lists of lists of <see cref="Scalar"/>, as deep as the tensor has dimensions; a scalar for none.</summary>
        public object tolist()
        {
            if (dim() == 0)
                return ToScalar();
            var list = new System.Collections.ArrayList();
            foreach (var part in unbind())
                using (part)
                    list.Add(part.tolist());
            return list;
        }
    }
}
