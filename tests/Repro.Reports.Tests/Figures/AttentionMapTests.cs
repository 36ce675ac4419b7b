using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class AttentionMapTests
{
    [Fact]
    public void Rows_are_queries_and_columns_are_keys()
    {
        var figure = AttentionMap.Of("attention", "layer 1, head 2", ["the", "cat"], ["le", "chat", "."], [[0.7, 0.2, 0.1], [0.1, 0.85, 0.05]]);
        FigureRules.Check(figure);
        Assert.Equal(["le", "chat", "."], figure.X.Categories);
        Assert.Equal(["the", "cat"], figure.Y.Categories);
        Assert.Equal(new ColourScale("attention weight", 0, 0.85), figure.Colours);
        Assert.Contains("The largest is 0.85, of 'cat' on 'chat'", figure.Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("masked", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Masked_cells_are_blank_and_said_to_be() =>
        Assert.Contains("Blank cells are masked", AttentionMap.Of("attention", "layer 1", ["a", "b"], ["a", "b"], [[1, double.NaN], [0.5, 0.5]]).Caption, StringComparison.Ordinal);

    [Fact]
    public void Scores_from_before_the_softmax_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => AttentionMap.Of("attention", "layer 1", ["a", "b"], ["a", "b"], [[1, 0], [2, 3]]));
        Assert.Contains("query 1 ('b') add up to 5", error.Message, StringComparison.Ordinal);
    }
}
