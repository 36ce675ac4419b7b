using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class ParallelCoordinatesTests
{
    [Fact]
    public void A_line_runs_through_the_places_of_its_values_with_the_lowest_below()
    {
        var figure = ParallelCoordinates.Of(ExampleTrials.Six)!;
        FigureRules.Check(figure);
        // The rate 1 lies 3 of 4 decades up, residual is the first of three choices, and 10 % is the lowest error; the y axis runs downwards.
        var best = figure.Marks.OfType<Line>().Single(line => line.Label == "trial 5: the best");
        Assert.Equal([0.25, 1, 1], best.Y.Select(y => Math.Round(y, 12)));
        var paper = figure.Marks.OfType<Line>().Single(line => line.Label == "trial 0: profile paper's");
        Assert.Equal([0.5, 1, 1 - (20.0 / 30)], paper.Y.Select(y => Math.Round(y, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(["learning rate (log)", "network", "validation error (%)"], figure.X.Categories);
    }

    [Fact]
    public void Lines_are_shaded_by_rank_and_the_better_ones_are_drawn_later()
    {
        var figure = ParallelCoordinates.Of(ExampleTrials.Six)!;
        Assert.Equal([4.0, 2.0], figure.Marks.OfType<Line>().Where(line => line.Shade is not null).Select(line => line.Shade!.Value));
        Assert.Equal(new ColourScale("rank (1 is best)", 1, 4), figure.Colours);
    }

    [Fact]
    public void The_ends_of_each_axis_carry_their_values()
    {
        var words = ParallelCoordinates.Of(ExampleTrials.Six)!.Marks.OfType<Texts>().SelectMany(texts => texts.X.Zip(texts.Words)).ToList();
        Assert.Equal([(0.0, "0.001"), (0, "10"), (1, "plain"), (1, "residual"), (1, "wide"), (2, "10"), (2, "40")], words.Order());
    }

    [Fact]
    public void Of_many_trials_the_best_sixty_and_an_even_rest_are_drawn()
    {
        var figure = ParallelCoordinates.Of(ExampleTrials.Many(10_000))!;
        var ranks = figure.Marks.OfType<Line>().Where(line => line.Shade is not null).Select(line => (int)line.Shade!.Value).ToList();
        // Rank 1 is the best itself and has a colour of its own.
        Assert.Equal(299, ranks.Count);
        Assert.Equal(Enumerable.Range(2, 59), ranks.Where(rank => rank <= 60).Order());
        Assert.Equal((61, 10_000), (ranks.Where(rank => rank > 60).Min(), ranks.Max()));
        Assert.Contains("the 60 best of 10,000 and 240 more, evenly over the ranks of the others", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_trial_lies_at_the_end_of_the_axis_and_presses_no_other_together()
    {
        var trials = Enumerable.Range(0, 9).Select(i => ExampleTrials.Trial(i, 10 + i, "learning_rate=1,network=plain")).Append(ExampleTrials.Trial(9, 1e15, "learning_rate=10,network=plain"));
        var figure = ParallelCoordinates.Of(ExampleTrials.Of([.. trials]))!;
        FigureRules.Check(figure);
        var heights = figure.Marks.OfType<Line>().Where(line => line.Shade is not null).Select(line => (line.Shade, Height: 1 - line.Y[^1])).ToDictionary(line => line.Shade!.Value, line => line.Height);
        Assert.Equal(1, heights[10], 1e-12);
        Assert.Equal(1, heights[9], 1e-12);
        Assert.Equal(0.5, heights[5], 1e-12);
        Assert.Contains("≥ 18", figure.Marks.OfType<Texts>().SelectMany(texts => texts.Words));
        Assert.Contains("but 1 far worse than the rest", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void One_trial_is_no_comparison() => Assert.Null(ParallelCoordinates.Of(ExampleTrials.Of(ExampleTrials.Six.All[0])));

    [Fact]
    public void A_line_breaks_at_a_hyperparameter_that_plays_no_part()
    {
        var figure = ParallelCoordinates.Of(ExampleTrials.Of(ExampleTrials.Trial(0, 10, "learning_rate=1"), ExampleTrials.Trial(1, 20, "learning_rate=1,network=plain")))!;
        FigureRules.Check(figure);
        Assert.Equal([false, true, false], figure.Marks.OfType<Line>().Single(line => line.Label.Length > 0).Y.Select(double.IsNaN));
    }
}
