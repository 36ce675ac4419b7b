using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Statistics;

namespace Repro.Reports.Tests.Figures;

public sealed class ValueBesideTests
{
    [Fact]
    public void Every_claim_is_drawn_in_its_own_tolerances_from_its_own_papers_value()
    {
        var figure = ValueBeside.Of("values", "Values",
            [new ValueRow("error", new PaperValue("Table 6", 8), 0.5, "%", [8, 9], new Interval(7.5, 9.5, 0.95)), new ValueRow("loss", new PaperValue("Table 1", 2), 0.1, "nats", [], null)], "95 % interval of the mean")!;
        FigureRules.Check(figure);
        var runs = figure.Marks.OfType<Points>().Single(points => points.Label == "one run");
        Assert.Equal([(0, 0), (2, 0)], runs.X.Zip(runs.Y, (x, y) => ((int)x, (int)y)));
        var interval = Assert.Single(figure.Marks.OfType<Intervals>());
        Assert.Equal((-1.0, 3.0, 0.0), (interval.Low[0], interval.High[0], interval.At[0]));
        Assert.Equal([1.0], figure.Marks.OfType<Points>().Single(points => points.Label == "our mean with interval").X);
        Assert.Equal([-1.0, 1.0], figure.Marks.OfType<Band>().Single().X);
        Assert.Equal(["2 nats, tolerance 0.1, no run of ours", "8 %, tolerance 0.5", "8.5 [7.5, 9.5] %"], figure.Marks.OfType<Texts>().SelectMany(texts => texts.Words).Order(StringComparer.Ordinal));
        Assert.Contains("n: error 2; loss 0", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_run_there_is_no_figure() => Assert.Null(ValueBeside.Of("values", "Values", [new ValueRow("loss", new PaperValue("Table 1", 2), 0.1, "nats", [], null)], ""));
}
