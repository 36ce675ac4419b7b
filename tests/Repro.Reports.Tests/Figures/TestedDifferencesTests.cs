using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Statistics;

namespace Repro.Reports.Tests.Figures;

public sealed class TestedDifferencesTests
{
    [Fact]
    public void Every_claim_has_a_row_with_its_interval_in_a_region_of_its_own()
    {
        var figure = TestedDifferences.Of("differences", "Differences", "test_crps", "standardized", "Diebold and Mariano's test",
        [
            new DifferenceRow("a", 0.2, new Interval(0.1, 0.3, 0.95), (0.05, double.PositiveInfinity)),
            new DifferenceRow("b", -0.01, new Interval(-0.04, 0.02, 0.95), (-0.03, 0.03)),
        ])!;
        FigureRules.Check(figure);
        var intervals = Assert.Single(figure.Marks.OfType<Intervals>());
        Assert.Equal([(0.1, 0.3), (-0.04, 0.02)], intervals.Low.Zip(intervals.High));
        var regions = figure.Marks.OfType<Band>().Select(band => (band.X[0], band.X[1], band.Low[0], band.High[0])).ToList();
        // What has no end reaches to the plot's.
        Assert.Equal([(0.05, figure.X.Max!.Value, -0.4, 0.4), (-0.03, 0.03, 0.6, 1.4)], regions);
        Assert.Equal(["+0.20 [+0.10, +0.30]", "−0.010 [−0.040, +0.020]"], figure.Marks.OfType<Texts>().SelectMany(texts => texts.Words).Order(StringComparer.Ordinal));
        Assert.Equal("difference in test_crps (standardized)", figure.X.Label);
    }

    [Fact]
    public void Without_a_comparison_there_is_no_figure() => Assert.Null(TestedDifferences.Of("differences", "Differences", "test_crps", "", "", []));
}
