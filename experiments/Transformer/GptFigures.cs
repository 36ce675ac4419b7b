using Repro.Figures;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>Attention maps of a trained model.</summary>
internal static class GptFigures
{
    private const int Shown = 32;

    /// <summary>Of the first block and the last one the head that looks most sharply, on the first characters of the validation text.</summary>
    public static List<Figure> Attention(GptModel model, GptOptions options, long[] text, Device device)
    {
        using var scope = NewDisposeScope();
        var characters = text[..Math.Min(Shown, options.Context)];
        var blocks = model.Attention(tensor(characters, [1, characters.Length], device: device));
        return [.. new[] { 0, blocks.Count - 1 }.Distinct().Select(block => Of(blocks[block], block, GptText.Alphabet(options.Data), characters))];
    }

    /// <param name="weights">[1, heads, T, T].</param>
    private static Figure Of(Tensor weights, int block, string alphabet, long[] characters)
    {
        var (heads, t) = ((int)weights.size(1), characters.Length);
        var values = weights.to(ScalarType.Float32).cpu().data<float>().ToArray();
        var head = Enumerable.Range(0, heads).MinBy(h => Entropy(values.AsSpan(h * t * t, t * t)));
        IReadOnlyList<double> Row(int q) => [.. Enumerable.Range(0, t).Select(k => k > q ? double.NaN : values[(((head * t) + q) * t) + k])];
        IReadOnlyList<double>[] cells = [.. Enumerable.Range(0, t).Select(Row)];
        string[] names = [.. characters.Select(c => alphabet[(int)c] switch { '\n' => "↵", ' ' => "·", var other => other.ToString() })];
        var (columns, rows) = (new Axis("looked at") { Categories = names }, new Axis("looking") { Categories = names });
        return new Figure($"attention-{block + 1}", $"Attention, block {block + 1}, head {head + 1}", columns, rows, [new HeatMap(cells)])
        {
            Width = 516,
            Height = 516,
            Colours = new ColourScale("attention weight", 0, cells.Max(row => row.Where(double.IsFinite).Max())),
            Caption = $"Each row is one character's weights over itself and those before it, and adds up to 1; what comes after is masked. " +
                $"The first {t} characters of the validation text; of the block's {heads} heads the one with the lowest mean entropy.",
        };
    }

    private static double Entropy(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights) if (weight > 0) sum -= weight * Math.Log(weight);
        return sum;
    }
}
