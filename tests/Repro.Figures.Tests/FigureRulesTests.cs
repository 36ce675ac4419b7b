namespace Repro.Figures.Tests;

public sealed class FigureRulesTests
{
    public static TheoryData<string, Figure> Refused() => new()
    {
        { "no marks", ExampleFigures.Curves() with { Marks = [] } },
        { "is empty", With(new Line("a", 0, [], [])) },
        { "3 positions but 2 values", With(new Line("a", 0, [1, 2, 3], [1, 2])) },
        { "2 positions but 1 values", With(new Band("a", 0, [1, 2], [1, 2], [1])) },
        { "none of its marks has a finite value", With(new Line("a", 0, [1, 2], [double.NaN, double.NaN])) },
        { "only mark", With(new Reference("a", 0, 1)) },
        { "stands at NaN", With(new Points("p", 0, [1], [1]), new Reference("a", 0, double.NaN)) },
        { "'a' has y = 0, and the y axis is logarithmic", With(new Line("a", 0, [1], [0])) with { Y = new Axis("y", Log: true) } },
        { "logarithmic axis does not have", With(new Bars("a", 0, [1], [1])) with { Y = new Axis("y", Log: true) } },
        { "must be a figure's only mark", With(new Points("p", 0, [1], [1]), new ImageGrid([ExampleFigures.Square(2)], [], 1)) },
        { "1 images but 2 captions", With(new ImageGrid([ExampleFigures.Square(2)], ["a", "b"], 1)) },
        { "begins at 2", With(new Points("p", 0, [1], [1])) with { X = new Axis("x", Min: 2, Max: 1) } },
        { "2 positions but 1 values", With(new Intervals("a", 0, [1, 2], [1, 2], [3])) },
        { "'a' goes from 3 down to 2 at 1", With(new Intervals("a", 0, [1], [3], [2])) },
        { "'a' has x = -1, and the x axis is logarithmic", With(new Intervals("a", 0, [1], [-1], [2], Horizontal: true)) with { X = new Axis("x", Log: true) } },
        { "'a' has x = 0, and the x axis is logarithmic", With(new Points("p", 0, [1], [1]), new Reference("a", 0, 0, Vertical: true)) with { X = new Axis("x", Log: true) } },
        { "2 positions but 1 words", With(new Points("p", 0, [1], [1]), new Texts(0, [1, 2], [1, 2], ["a"])) },
        { "'here' stands at (NaN, 1)", With(new Points("p", 0, [1], [1]), new Texts(0, [double.NaN], [1], ["here"])) },
        { "texts stand beside other marks", With(new Texts(0, [1], [1], ["a"])) },
        { "only mark beside texts", Map(new HeatMap([[1]]), new Points("p", 0, [1], [1])) },
        { "has no cells", Map(new HeatMap([])) },
        { "row 0 of its heat map has 2 cells but row 1 has 1", Map(new HeatMap([[1, 2], [3]])) },
        { "cell (0, 1) of its heat map is Infinity", Map(new HeatMap([[1, double.PositiveInfinity]])) },
        { "every cell of its heat map is NaN", Map(new HeatMap([[double.NaN]])) },
        { "cannot be logarithmic", Map(new HeatMap([[1]])) with { Y = new Axis("y", Log: true) } },
        { "2 columns, but its x axis names 3", Map(new HeatMap([[1, 2]])) with { X = new Axis("x") { Categories = ["a", "b", "c"] } } },
        { "no Colours that say what the values mean", With(new HeatMap([[1]])) },
        { "no Colours that say what the values mean", With(new Points("p", 0, [1], [1]) { Shade = 1 }) },
        { "no mark that they colour", Map(new Points("p", 0, [1], [1])) },
        { "shade NaN", Map(new Points("p", 0, [1], [1]) { Shade = double.NaN }) },
        { "colours go from 2 to 1", Map(new HeatMap([[1]])) with { Colours = new ColourScale("c", 2, 1) } },
        { "colours are logarithmic and cannot begin at 0", Map(new HeatMap([[1]])) with { Colours = new ColourScale("c", 0, 1, Log: true) } },
        { "cell (0, 0) of its heat map is -1, and the colours are logarithmic", Map(new HeatMap([[-1]])) with { Colours = new ColourScale("c", 1, 2, Log: true) } },
        { "file name", ExampleFigures.Curves() with { Name = "../escape" } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_figure_that_cannot_be_drawn_is_refused_with_the_rule(string complaint, Figure figure)
    {
        var error = Assert.Throws<FigureException>(() => FigureRules.Check(figure));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_of_every_mark_are_accepted()
    {
        foreach (var figure in ExampleFigures.All()) FigureRules.Check(figure);
    }

    private static Figure Map(params Mark[] marks) => With(marks) with { Colours = new ColourScale("c", 0, 1) };

    private static Figure With(params Mark[] marks) => new("f", "t", new Axis("x"), new Axis("y"), marks);
}
