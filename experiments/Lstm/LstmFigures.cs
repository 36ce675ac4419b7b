using Repro.Figures;
using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Lstm;

/// <summary>What a trained network does with its memory.</summary>
internal static class LstmFigures
{
    // Three lines or so of Penn Treebank, and a figure of one page's height.
    private const int Shown = 44;

    /// <summary>How far the gates of the first layer and of the last one are open at each of the first words of the validation text, which are read from states of zero.</summary>
    /// <param name="members">Of the ensemble whose first network this is.</param>
    public static Figure Gates(LstmModel model, int members, LstmText text, Device device)
    {
        using var without = no_grad();
        using var scope = NewDisposeScope();
        var words = text.Words(Splits.Validation).Take(Shown).ToArray();
        using var stream = LstmText.Streams(words, 1, device);
        var layers = model.Gates(stream, model.Begin(1));
        var gates = new[] { 0, layers.Count - 1 }.Distinct().SelectMany(layer => new[]
        {
            (Name: $"input {layer + 1}", Open: Openness(layers[layer].Input)), (Name: $"forget {layer + 1}", Open: Openness(layers[layer].Forget)),
            (Name: $"output {layer + 1}", Open: Openness(layers[layer].Output)),
        }).ToList();
        IReadOnlyList<double>[] cells = [.. words.Select((_, at) => gates.ConvertAll(gate => (double)gate.Open[at]))];
        return new Figure(
            "gates", "How far the gates are open as a text is read",
            new Axis("gate, and layer from below") { Categories = gates.ConvertAll(gate => gate.Name) },
            new Axis("text, from above") { Categories = [.. words.Select(word => text.Vocabulary.Words[word] is var name && name == WordVocabulary.EndOfLine ? "end of line" : name)] },
            [new HeatMap(cells)])
        {
            Width = 420,
            Height = 90 + (13 * words.Length),
            Colours = new ColourScale("open (mean over units)", 0, 1),
            Caption = $"The mean over a layer's units, at each of the first {words.Length} words of the validation text, read from states of zero: 0 is shut, 1 open. " +
                "Input: how much of what is read is written into the memory; forget: how much of the memory before is kept; output: how much of the memory the layer shows." + (members > 1 ? $" Of the first of {members} networks." : ""),
        };
    }

    private static float[] Openness(Tensor gate) => gate.mean([2]).reshape(-1).to(ScalarType.Float32).cpu().data<float>().ToArray();
}
