using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Samplers;

namespace Repro.Reports.Tests.Figures;

public sealed class SweepScatterTests
{
    [Fact]
    public void The_best_so_far_steps_down_at_the_trials_that_were_better_than_all_before()
    {
        var line = Assert.Single(SweepScatter.Of(ExampleTrials.Six)!.Marks.OfType<Line>());
        Assert.Equal([(0, 30), (3, 30), (3, 20), (5, 20), (5, 10), (5, 10)], line.X.Zip(line.Y, (x, y) => ((int)x, (int)y)));
    }

    [Fact]
    public void Where_more_is_better_the_best_so_far_steps_up()
    {
        var trials = new SearchedTrials("validation_accuracy", ObjectiveDirection.Maximize, ExampleTrials.Space, ExampleTrials.Six.All);
        var line = Assert.Single(SweepScatter.Of(trials)!.Marks.OfType<Line>());
        Assert.Equal([(0, 30), (1, 30), (1, 40), (5, 40)], line.X.Zip(line.Y, (x, y) => ((int)x, (int)y)));
        Assert.Equal(1, trials.Best!.Number);
    }

    [Fact]
    public void Every_trial_stands_where_it_ended_and_the_failed_ones_at_the_height_of_the_worst()
    {
        var figure = SweepScatter.Of(ExampleTrials.Six, new PaperValue("Table 6", 8.75))!;
        FigureRules.Check(figure);
        Assert.Equal([(1, 40), (3, 20)], Places("other trials"));
        Assert.Equal([(0, 30)], Places("trial 0: profile paper's"));
        Assert.Equal([(5, 10)], Places("trial 5: the best"));
        Assert.Equal([(4, 25)], Places("pruned, where it was cut"));
        Assert.Equal([(2, 40)], Places("failed, without a value"));
        Assert.Equal(("paper, Table 6: 8.75 %", 8.75), figure.Marks.OfType<Reference>().Select(reference => (reference.Label, reference.At)).Single());
        Assert.Equal("validation error (%)", figure.Y.Label);
        Assert.Contains("last fell to 10 % with trial 5 of 6", figure.Caption, StringComparison.Ordinal);

        List<(int, int)> Places(string label) => figure.Marks.OfType<Points>().Where(points => points.Label == label).SelectMany(points => points.X.Zip(points.Y, (x, y) => ((int)x, (int)y))).ToList();
    }

    [Fact]
    public void Of_ten_thousand_trials_some_are_drawn_evenly_and_the_caption_says_which()
    {
        var figure = SweepScatter.Of(ExampleTrials.Many(10_000))!;
        var others = figure.Marks.OfType<Points>().Single(points => points.Label == "other trials");
        Assert.Equal(1500, others.X.Count);
        Assert.Equal((1, 9999), (others.X[0], others.X[^1]));
        Assert.All(others.X.Zip(others.X.Skip(1), (a, b) => b - a), gap => Assert.InRange(gap, 6, 7));
        Assert.StartsWith("1,501 of 10,000 completed trials, evenly over their numbers", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_completed_trial_there_is_no_figure() => Assert.Null(SweepScatter.Of(ExampleTrials.Of(ExampleTrials.Six.All[2])));
}
