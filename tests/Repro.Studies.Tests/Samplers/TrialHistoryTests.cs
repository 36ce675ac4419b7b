using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.Samplers;

public class TrialHistoryTests
{
    private static readonly SearchSpace Space = new([new FloatRange("x", 0, 1), new Categorical("kind", ["a", "b"])]);

    [Theory]
    [InlineData(ObjectiveDirection.Minimize, new[] { 1, 0, 6, 4, 3, 5, 2, 7 })]
    [InlineData(ObjectiveDirection.Maximize, new[] { 0, 6, 1, 3, 4, 5, 2, 7 })]
    public void Trials_are_ranked_completed_first_then_stopped_ones_by_length_then_those_that_diverged(ObjectiveDirection direction, int[] ranking)
    {
        var history = new TrialHistory(Space, direction);
        history.Record(7, At(0.1), RunState.Pruned, double.NegativeInfinity, 4);
        history.Record(5, At(0.2), RunState.Pruned, 0.1, 3);
        history.Record(4, At(0.3), RunState.Paused, 0.5, 9);
        history.Record(3, At(0.4), RunState.Pruned, 0.6, 9);
        history.Record(2, At(0.5), RunState.Completed, double.NaN);
        history.Record(0, At(0.6), RunState.Completed, 2);
        history.Record(6, At(0.7), RunState.Completed, 2);
        history.Record(1, At(0.8), RunState.Completed, 1);
        history.Record(8, At(0.9), RunState.Failed, 0);
        history.Record(9, At(0.9), RunState.Running, 0);
        history.Record(10, At(0.9), RunState.Paused);
        Assert.Equal((8, 2), (history.Finished, history.Pending));
        Assert.Equal(ranking[0], history.Best);
        var x = history.Units(0);
        var byNumber = new[] { 0.6, 0.8, 0.5, 0.4, 0.3, 0.2, 0.7, 0.1 };
        Assert.Equal(ranking.Select(trial => byNumber[trial]), history.Ranked.ToArray().Select(row => history.Units(0)[row]));
        Assert.Equal(11, x.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_many_trials_failed_the_others_keep_their_coordinates(bool askedBefore)
    {
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        history.Record(0, At(0.25), RunState.Completed, 1);
        if (askedBefore) _ = history.Units(0);
        for (var trial = 1; trial <= 200; trial++) history.Record(trial, At(0.5), RunState.Failed);
        history.Record(201, At(0.75), RunState.Completed, 2);
        Assert.Equal([0.25, 0.75], Ordered(history));
        Assert.Equal(202, history.Units(0).Length);
    }

    [Fact]
    public void A_trial_that_is_told_again_replaces_what_was_known()
    {
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        history.Record(0, At(0.5), RunState.Running);
        history.Record(1, At(0.4), RunState.Completed, 3);
        Assert.Equal([0.4, 0.5], Ordered(history));
        history.Record(0, At(0.5), RunState.Completed, 1);
        Assert.Equal((2, 0, (int?)0), (history.Finished, history.Pending, history.Best));
        history.Record(0, At(0.5), RunState.Failed);
        Assert.Equal((1, 0, (int?)1), (history.Finished, history.Pending, history.Best));
        Assert.Equal([0.4], Ordered(history));
        history.Record(0, At(0.3), RunState.Completed, 0.5);
        Assert.Equal([0.3, 0.4], Ordered(history));
        Assert.Equal(0, history.Best);
    }

    [Fact]
    public void There_is_no_best_trial_where_none_has_completed_with_a_number()
    {
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        Assert.Null(history.Best);
        history.Record(0, At(0.5), RunState.Pruned, 1, 3);
        history.Record(1, At(0.5), RunState.Completed, double.NaN);
        Assert.Null(history.Best);
    }

    [Fact]
    public void A_value_outside_its_range_counts_as_not_set()
    {
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        history.Record(0, Configuration.Parse("x=3,kind=c"), RunState.Completed, 1);
        history.Record(1, Configuration.Parse("kind=b"), RunState.Completed, 2);
        Assert.Equal(2, history.Finished);
        Assert.True(double.IsNaN(history.Units(0)[0]) && double.IsNaN(history.Units(1)[0]) && double.IsNaN(history.Units(0)[1]));
        Assert.Equal(0.75, history.Units(1)[1]);
        Assert.Empty(Ordered(history));
    }

    [Fact]
    public void Slots_that_ask_at_the_same_time_get_configurations_further_apart_with_the_constant_liar()
    {
        // Many trials have told where the best is; what runs there already counts against it.
        foreach (var multivariate in new[] { false, true })
        {
            double Spread(bool liar) => Enumerable.Range(0, 10).Average(seed =>
            {
                var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
                for (var trial = 0; trial < 60; trial++) history.Record(trial, At(trial / 60.0), RunState.Completed, Math.Pow((trial / 60.0) - 0.5, 2));
                var sampler = new TpeSampler(Space, (ulong)seed, new TpeSettings { Multivariate = multivariate, ConstantLiar = liar });
                var asked = new List<double>();
                for (var trial = 60; trial < 90; trial++)
                {
                    var configuration = sampler.Suggest(trial, history);
                    history.Record(trial, configuration, RunState.Running);
                    asked.Add(configuration.Number("x"));
                }
                return Math.Sqrt(asked.Average(x => Math.Pow(x - asked.Average(), 2)));
            });
            Assert.True(Spread(liar: true) > 1.3 * Spread(liar: false));
        }
    }

    private static double[] Ordered(TrialHistory history) => [.. history.OrderedBy(0).ToArray().Select(row => history.Units(0)[row])];

    private static Configuration At(double x) => Configuration.Parse($"x={x:R},kind=a");
}
