using System.Text;

namespace TorchSharp;

/// <summary>How a tensor is written as text.</summary>
public enum TensorStringStyle
{
    Default = 0,
    Julia = 1,
    Numpy = 2,
    Metadata = 3,
    CSharp = 4,
}

public static partial class torch
{
    public partial class Tensor
    {
        private const int ShownAtEdges = 3;
        private const int ShownWhole = 1000;

        /// <summary>Shape, element type and device: <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString()
        {
            if (IsInvalid)
                return "[disposed]";
            var size = string.Join("x", shape);
            return $"[{size}], type = {dtype}, device = {device}";
        }

        /// <summary>Metadata for that style, otherwise the elements in brackets; large tensors show their edges.</summary>
        public string ToString(TensorStringStyle style, string? fltFormat = null, int? width = null, System.Globalization.CultureInfo? cultureInfo = null, string? newLine = null)
        {
            if (style is TensorStringStyle.Metadata or TensorStringStyle.Default || IsInvalid)
                return ToString();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var text = new StringBuilder();
            var shown = detach().cpu();
            Write(text, shown.is_floating_point() ? shown.to(ScalarType.Float64) : shown, fltFormat ?? "g5", newLine ?? "\n", 1, numel() > ShownWhole);
            return text.ToString();
        }

        private static void Write(StringBuilder text, Tensor tensor, string format, string newLine, int depth, bool summarize)
        {
            if (tensor.dim() == 0)
            {
                text.Append(tensor.dtype == ScalarType.Float64 ? tensor.ToDouble().ToString(format) : tensor.ToScalar().ToString());
                return;
            }
            var count = tensor.shape[0];
            var separator = tensor.dim() == 1 ? ", " : "," + newLine + new string(' ', depth);
            text.Append('[');
            for (long i = 0; i < count; i++)
            {
                if (i > 0)
                    text.Append(separator);
                if (summarize && count > 2 * ShownAtEdges && i == ShownAtEdges)
                {
                    text.Append("...");
                    i = count - ShownAtEdges - 1;
                    continue;
                }
                using var part = tensor.select(0, i);
                Write(text, part, format, newLine, depth + 1, summarize);
            }
            text.Append(']');
        }
    }
}
