using System.Text.Json.Nodes;

namespace Repro.Figures.Tests;

public sealed class FigureJsonTests
{
    public static TheoryData<string> Names => [.. Figures.Keys];

    private static Dictionary<string, Figure> Figures { get; } = new[]
    {
        ExampleFigures.Curves(), ExampleFigures.Broken(), ExampleFigures.Categories(), ExampleFigures.Images(), ExampleFigures.Forest(), ExampleFigures.ErrorBars(),
        new Figure("attention", "Who looks where", new Axis("source") { Categories = ["a", "man"] }, new Axis("target") { Categories = ["ein"] }, [new HeatMap([[0.25, double.NaN]])])
        {
            Colours = new ColourScale("weight", 0, 1), Frame = false,
        },
    }.ToDictionary(figure => figure.Name);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_figure_that_was_stored_is_the_same_figure(string name)
    {
        var figure = Figures[name];
        var stored = FigureJson.Write(figure).ToJsonString();
        var read = FigureJson.Read(JsonNode.Parse(stored));
        Assert.Equivalent(figure, read, strict: true);
        Assert.Equal(stored, FigureJson.Write(read).ToJsonString());
    }

    [Theory]
    [InlineData("null", "is null")]
    [InlineData("{}", "cannot be read")]
    [InlineData("""{"name": "a", "title": "b", "x": {"label": ""}, "y": {"label": ""}, "marks": [{"mark": "pie"}]}""", "cannot be read")]
    [InlineData("""{"name": "a", "title": "b", "x": {"label": ""}, "y": {"label": ""}, "marks": [], "colour": 3}""", "cannot be read")]
    [InlineData("""{"name": "a", "title": "b", "x": {"label": ""}, "y": {"label": ""}, "marks": [{"mark": "image_grid", "images": ["AAAA"], "captions": [], "columns": 1}]}""", "cannot be read")]
    public void What_is_no_figure_is_refused(string json, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<FigureException>(() => FigureJson.Read(JsonNode.Parse(json))).Message, StringComparison.Ordinal);
}
