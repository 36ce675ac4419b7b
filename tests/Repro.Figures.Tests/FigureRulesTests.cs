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

    private static Figure With(params Mark[] marks) => new("f", "t", new Axis("x"), new Axis("y"), marks);
}
