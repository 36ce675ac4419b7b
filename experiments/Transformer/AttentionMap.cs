using Repro.Figures;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>What the decoder looks at in the source as it gives each symbol: the attention of its last layer, the mean of its heads.</summary>
internal static class AttentionMap
{
    /// <param name="source">Without its end.</param>
    /// <param name="target">A translation, without start and end.</param>
    public static Figure Draw(TransformerModel model, TranslationData data, int[] source, int[] target, Device device, string name = "attention")
    {
        var weights = Weights(model, source, target, device);
        string[] Words(int[] symbols) => [.. symbols.Select(data.Vocabulary.Word), data.Vocabulary.Word(PieceVocabulary.End)];
        return new Figure(
            name, "What the decoder looks at in the source",
            new Axis("source") { Categories = Words(source) }, new Axis("translation") { Categories = Words(target) }, [new HeatMap(weights)])
        {
            Caption = "Encoder-decoder attention of the last layer, the mean of its heads: a row a symbol of the translation, as it is given; the weights of a row sum to 1.",
            Colours = new ColourScale("weight", 0, 1),
            Height = Math.Clamp(90 + (14 * weights.Count), 220, 640),
        };
    }

    /// <summary>One row a symbol of the translation, its end last; one column a symbol of the source, its end last.</summary>
    internal static IReadOnlyList<IReadOnlyList<double>> Weights(TransformerModel model, int[] source, int[] target, Device device)
    {
        using var without = no_grad();
        using var scope = NewDisposeScope();
        var batch = TranslationBatch.Of([new SentencePair(source, target, "", "")]);
        var (from, to, _, _) = batch.To(device);
        Tensor? last = null;
        _ = model.Decode(model.Embed(to), model.Encode(from, null), null, weights => last = weights.mean([0]));
        var (values, columns) = (last!.cpu().data<float>().ToArray(), source.Length + 1);
        return [.. values.Chunk(columns).Select(row => (IReadOnlyList<double>)Array.ConvertAll(row, value => (double)value))];
    }
}
