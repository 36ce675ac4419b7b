using Repro.Experiments.Lstm;
using Repro.Figures;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Lstm;

public sealed class LstmFiguresTests
{
    private const int Layers = 3, Units = 4;

    private static readonly string[] Words = ["<eos>", "the", "company", "said", "it"];

    private static readonly int[] Text = [1, 2, 3, 4, 0, 1, 2];

    [Fact]
    public void The_cells_are_the_gates_of_section_3_1_word_by_word_in_the_mean_over_units()
    {
        using var model = new LstmModel(Words.Length, Layers, Units, dropout: 0.5, recurrentDropout: 0, range: 2, new InitialValues(7));
        var cells = Assert.IsType<HeatMap>(Assert.Single(Draw(model).Marks)).Cells;
        var expected = Expected(model);
        Assert.Equal(Text.Length, cells.Count);
        for (var at = 0; at < Text.Length; at++)
        {
            // The first layer and the last one; the one between is left out.
            var shown = expected[at][0].Concat(expected[at][Layers - 1]).ToArray();
            Assert.Equal(6, cells[at].Count);
            for (var gate = 0; gate < 6; gate++) Assert.Equal(shown[gate], cells[at][gate], 1e-5);
        }
    }

    [Fact]
    public void Rows_are_the_words_of_the_text_and_columns_name_gate_and_layer()
    {
        using var model = new LstmModel(Words.Length, Layers, Units, dropout: 0, recurrentDropout: 0, range: 1, new InitialValues(7));
        var figure = Draw(model);
        FigureRules.Check(figure);
        Assert.Equal(["the", "company", "said", "it", "end of line", "the", "company"], figure.Y.Categories);
        Assert.Equal(["input 1", "forget 1", "output 1", "input 3", "forget 3", "output 3"], figure.X.Categories);
        Assert.DoesNotContain("networks", figure.Caption, StringComparison.Ordinal);
        Assert.EndsWith("Of the first of 5 networks.", Draw(model, members: 5).Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_one_layer_has_its_gates_once_and_a_long_text_is_shown_in_part()
    {
        using var model = new LstmModel(Words.Length, 1, Units, dropout: 0, recurrentDropout: 0, range: 1, new InitialValues(7));
        var text = new LstmText(new WordVocabulary(Words), [], [.. Enumerable.Range(0, 500).Select(at => at % Words.Length)], () => []);
        var figure = LstmFigures.Gates(model, 1, text, CPU);
        FigureRules.Check(figure);
        Assert.Equal(["input 1", "forget 1", "output 1"], figure.X.Categories);
        Assert.Equal(44, figure.Y.Categories.Count);
    }

    private static Figure Draw(LstmModel model, int members = 1) => LstmFigures.Gates(model, members, new LstmText(new WordVocabulary(Words), [], Text, () => []), CPU);

    /// <summary>The equations in plain loops: for each word and layer the means of i, f and o.</summary>
    private static double[][][] Expected(LstmModel model)
    {
        var named = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var (h, c) = (Enumerable.Range(0, Layers).Select(_ => new double[Units]).ToArray(), Enumerable.Range(0, Layers).Select(_ => new double[Units]).ToArray());
        return [.. Text.Select(word =>
        {
            var below = Enumerable.Range(0, Units).Select(u => Value(named["embedding.weight"], word, u)).ToArray();
            return Enumerable.Range(0, Layers).Select(l =>
            {
                double Sum(int row) => Value(named[$"layers.{l}.bias_ih_l0"], row) + Value(named[$"layers.{l}.bias_hh_l0"], row)
                    + Enumerable.Range(0, Units).Sum(u => (Value(named[$"layers.{l}.weight_ih_l0"], row, u) * below[u]) + (Value(named[$"layers.{l}.weight_hh_l0"], row, u) * h[l][u]));
                var sums = Enumerable.Range(0, 4 * Units).Select(Sum).ToArray();
                double[] Gate(int gate) => [.. sums[(gate * Units)..((gate + 1) * Units)].Select(sum => 1 / (1 + Math.Exp(-sum)))];
                var (i, f, o) = (Gate(0), Gate(1), Gate(3));
                for (var u = 0; u < Units; u++)
                {
                    c[l][u] = (f[u] * c[l][u]) + (i[u] * Math.Tanh(sums[(2 * Units) + u]));
                    h[l][u] = o[u] * Math.Tanh(c[l][u]);
                }
                below = [.. h[l]];
                return new[] { i.Average(), f.Average(), o.Average() };
            }).ToArray();
        })];
    }

    private static double Value(Parameter parameter, params long[] at) => at.Length == 1 ? parameter[at[0]].item<float>() : parameter[at[0], at[1]].item<float>();
}
