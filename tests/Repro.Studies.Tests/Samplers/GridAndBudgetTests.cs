using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.Samplers;

public class GridAndBudgetTests
{
    [Fact]
    public void A_grid_has_every_combination_once_the_last_hyperparameter_changing_fastest()
    {
        var space = new SearchSpace([new Categorical("depth", ["20", "32"]), new FloatRange("rate", 0.1, 0.3, Step: 0.1)]);
        Assert.Equal(["depth=20,rate=0.1", "depth=20,rate=0.2", "depth=20,rate=0.3", "depth=32,rate=0.1", "depth=32,rate=0.2", "depth=32,rate=0.3"], All(new GridSampler(space), space));
    }

    [Fact]
    public void A_range_without_a_step_has_evenly_spaced_values_on_its_scale_with_both_ends()
    {
        var space = new SearchSpace([new FloatRange("rate", 1e-4, 1, Logarithmic: true)]);
        Assert.Equal([1e-4, 1e-3, 1e-2, 1e-1, 1], Numbers(new GridSampler(space), space, "rate"), (a, b) => Math.Abs(a - b) < 1e-12);
        var integers = new SearchSpace([new IntRange("batch_size", 16, 256, Logarithmic: true)]);
        Assert.Equal([16, 64, 256], Numbers(new GridSampler(integers, 3), integers, "batch_size"));
        var few = new SearchSpace([new IntRange("layers", 2, 4), new IntRange("log", 1, 3, Logarithmic: true)]);
        Assert.Equal(9, new GridSampler(few).Count);
    }

    [Fact]
    public void An_inactive_hyperparameter_is_not_varied()
    {
        var space = new SearchSpace([new Categorical("optimizer", ["sgd", "adam"]), new Categorical("momentum", ["0", "0.9"]) { Condition = new ActiveWhen("optimizer", ["sgd"]) }]);
        Assert.Equal(["momentum=0,optimizer=sgd", "momentum=0.9,optimizer=sgd", "optimizer=adam"], All(new GridSampler(space), space));
    }

    [Fact]
    public void A_grid_ends()
    {
        var space = new SearchSpace([new Categorical("depth", ["20", "32"])]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GridSampler(space).Suggest(2, new TrialHistory(space, ObjectiveDirection.Minimize)));
    }

    [Fact]
    public void A_grid_that_is_too_large_says_how_large_it_is()
    {
        var error = Assert.Throws<BadInputException>(() => new GridSampler(new SearchSpace([new FloatRange("a", 0, 1, Step: 0.001), new FloatRange("b", 0, 1, Step: 0.001)])));
        Assert.StartsWith("The grid has 1,002,001 combinations (1001 x 1001); at most 1,000,000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.95, 0.05, 59)]
    [InlineData(0.75, 0.5, 2)]
    [InlineData(0.5, 0.5, 1)]
    [InlineData(0.99, 0.01, 459)]
    [InlineData(0.95, 1, 1)]
    [InlineData(0, 0.05, 0)]
    public void So_many_draws_reach_the_top_share_with_the_probability(double probability, double share, long trials)
    {
        Assert.Equal(trials, RandomSearchBudget.TrialsFor(probability, share));
        Assert.True(RandomSearchBudget.ProbabilityOf(trials, share) >= probability - 1e-12);
        if (trials > 0) Assert.True(trials == 1 || RandomSearchBudget.ProbabilityOf(trials - 1, share) < probability);
    }

    [Fact]
    public void Certainty_needs_no_number_of_draws() => Assert.Throws<BadInputException>(() => RandomSearchBudget.TrialsFor(1, 0.05));

    // An oracle by counting: the best of 59 uniform draws is below 0.05 in 95 of 100 sweeps; 10,000 sweeps have a standard deviation of 0.2 %.
    [Fact]
    public void Random_search_keeps_what_the_budget_promises()
    {
        var space = new SearchSpace([new FloatRange("x", 0, 1)]);
        var none = new TrialHistory(space, ObjectiveDirection.Minimize);
        var hits = Enumerable.Range(0, 10_000).Count(seed =>
        {
            var sampler = new RandomSampler(space, (ulong)seed);
            return Enumerable.Range(0, 59).Any(n => sampler.Suggest(n, none).Number("x") < 0.05);
        });
        Assert.InRange(hits, 9_400, 9_620);
    }

    private static IEnumerable<string> All(GridSampler grid, SearchSpace space) =>
        Enumerable.Range(0, (int)grid.Count!.Value).Select(n => grid.Suggest(n, new TrialHistory(space, ObjectiveDirection.Minimize)).ToString());

    private static IEnumerable<double> Numbers(GridSampler grid, SearchSpace space, string name) =>
        Enumerable.Range(0, (int)grid.Count!.Value).Select(n => grid.Suggest(n, new TrialHistory(space, ObjectiveDirection.Minimize)).Number(name));
}
