using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Statistics;

namespace Repro.Reports.Tests.Figures;

public sealed class BestOfNTests
{
    private static readonly TrialDraws Random = new("random", "none");

    [Fact]
    public void The_curve_is_the_mean_best_over_all_choices_of_the_random_trials()
    {
        // Trial 0 is the paper's own and no draw; those with 1 .. 50 % are. The mean smallest of n out of 1 .. B is (B + 1) / (n + 1).
        var figure = BestOfN.Of(ExampleTrials.Many(51), Random).Figure!;
        FigureRules.Check(figure);
        var lines = figure.Marks.OfType<Line>().ToList();
        Assert.All(lines, line => Assert.All(line.X.Zip(line.Y), point => Assert.Equal(51 / (point.First + 1), point.Second, 1e-9)));
        // References are dashed; the curve is not.
        Assert.Equal([(1.0, 50.0, false)], lines.Select(line => (line.X[0], line.X[^1], line.Dashed)));
        Assert.Equal([1.0, 2, 3, 4, 5], Assert.Single(figure.Marks.OfType<Band>()).X);
        Assert.Equal(("profile paper's values: 0 %", 0.0), figure.Marks.OfType<Reference>().Select(reference => (reference.Label, reference.At)).Single());
        Assert.Contains("in simulations it covers 89 to 96 %", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("60 trials, which hold one of the best 5 % of the space with probability 95 %, are more than this search has.", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_search_marks_sixty_trials_and_says_what_they_find()
    {
        var figure = BestOfN.Of(ExampleTrials.Many(10_000), Random).Figure!;
        FigureRules.Check(figure);
        Assert.True(figure.X.Log);
        Assert.Equal(60, figure.Marks.OfType<Reference>().Single(reference => reference.Vertical).At);
        // 10,000 / 61.
        Assert.Contains("Of 60 trials the best is 163.9 % on average", figure.Caption, StringComparison.Ordinal);
        Assert.InRange(figure.Marks.OfType<Line>().Sum(line => line.X.Count), 20, 60);
    }

    [Fact]
    public void Trials_that_failed_count_as_the_worst_that_completed()
    {
        var completed = ExampleTrials.Many(21);
        var failed = completed.All.Select((trial, i) => i is 19 or 20 ? trial with { Objective = null, State = Studies.Runs.RunState.Failed } : trial).ToArray();
        var figure = BestOfN.Of(ExampleTrials.Of(failed), Random).Figure!;
        // 1 .. 18 and twice 18.
        Assert.Equal(((18 * 19 / 2) + 36) / 20.0, figure.Marks.OfType<Line>().First().Y[0], 1e-9);
        Assert.Contains("The 2 that failed count as the worst that completed.", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_few_trials_the_curve_has_no_interval()
    {
        var figure = BestOfN.Of(ExampleTrials.Many(21), Random).Figure!;
        FigureRules.Check(figure);
        Assert.Empty(figure.Marks.OfType<Band>());
        Assert.Equal(20, Assert.Single(figure.Marks.OfType<Line>()).X.Count);
        Assert.Contains("The trials are too few for an interval.", figure.Caption, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tpe", "none")]
    [InlineData("random", "hyperband")]
    public void Trials_that_are_no_independent_draws_are_refused_with_a_sentence(string sampler, string pruner)
    {
        var drawn = BestOfN.Of(ExampleTrials.Many(100), new TrialDraws(sampler, pruner));
        Assert.Null(drawn.Figure);
        Assert.StartsWith("An expected best-of-n curve", drawn.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nine_random_trials_are_too_few() =>
        Assert.Equal("An expected best-of-n curve takes 10 completed random trials or more; this search has 9.", BestOfN.Of(ExampleTrials.Many(10), Random).Reason);
}
