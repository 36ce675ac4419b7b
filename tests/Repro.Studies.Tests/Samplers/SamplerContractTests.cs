using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.Samplers;

/// <summary>What every sampler keeps to.</summary>
public class SamplerContractTests
{
    private static readonly SearchSpace Space = new(
    [
        new FloatRange("learning_rate", 1e-4, 1, Logarithmic: true), new FloatRange("dropout", 0, 0.5, Step: 0.1), new IntRange("batch_size", 16, 1024, Logarithmic: true),
        new IntRange("layers", 1, 4), new Categorical("optimizer", ["sgd", "adam"]),
        new FloatRange("momentum", 0.5, 0.99) { Condition = new ActiveWhen("optimizer", ["sgd"]) },
        new Categorical("nesterov", ["true", "false"]) { Condition = new ActiveWhen("optimizer", ["sgd"]) },
        new IntRange("bottleneck", 2, 8, Step: 2) { Condition = new ActiveWhen("layers", ["3", "4"]) },
        new Categorical("data", ["cifar-10"]) { Role = HyperparameterRole.Fixed },
    ], ["learning_rate * 256 < batch_size or optimizer = adam", "not (momentum > 0.9 and nesterov)"]);

    public static TheoryData<string> Names => [.. SamplerCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Suggestions_lie_in_the_space_and_fulfil_its_constraints(string name)
    {
        var sampler = SamplerCatalog.Create(name, Space, 3);
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        for (var trial = 0; trial < 150; trial++)
        {
            var configuration = sampler.Suggest(trial, history);
            Assert.True(Space.Allows(configuration));
            foreach (var (parameter, text) in configuration.Settings) Assert.False(double.IsNaN(Space.Parameters.Single(p => p.Name == parameter).UnitOf(text)), $"{parameter}={text}");
            Assert.Equal(configuration["optimizer"] == "sgd", configuration.TryGet("momentum", out _));
            Assert.Equal(configuration["optimizer"] == "sgd", configuration.TryGet("nesterov", out _));
            Assert.Equal(configuration.Number("layers") >= 3, configuration.TryGet("bottleneck", out _));
            Assert.Equal("cifar-10", configuration["data"]);
            history.Record(trial, configuration, RunState.Completed, Value(configuration));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_values_of_every_condition_are_tried(string name)
    {
        var sampler = SamplerCatalog.Create(name, Space, 3);
        var history = new TrialHistory(Space, ObjectiveDirection.Minimize);
        var suggestions = Enumerable.Range(0, name == "grid" ? (int)sampler.Count!.Value : 200).Select(n => sampler.Suggest(n, history)).ToList();
        Assert.Equal(2, suggestions.Select(s => s["optimizer"]).Distinct().Count());
        Assert.Equal(4, suggestions.Select(s => s["layers"]).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_suggestion_is_a_function_of_seed_number_and_history(string name)
    {
        var history = History(40, 7);
        var sampler = SamplerCatalog.Create(name, Space, 5);
        var forwards = Enumerable.Range(40, 30).Select(n => sampler.Suggest(n, history)).ToList();
        var other = SamplerCatalog.Create(name, Space, 5);
        Assert.Equal(forwards, Enumerable.Range(40, 30).Reverse().Select(n => other.Suggest(n, history)).Reverse());
        if (name != "grid") Assert.NotEqual(forwards, Enumerable.Range(40, 30).Select(n => SamplerCatalog.Create(name, Space, 6).Suggest(n, history)));
        Assert.True(forwards.Distinct().Count() > 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Suggestions_do_not_depend_on_the_order_in_which_results_arrived(string name)
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(name == "grid" ? 4 : 40), Prop.ForAll(ArbMap.Default.GeneratorFor<ulong>().ToArbitrary(), seed =>
        {
            var trials = 11 + (int)(seed % 60);
            var expected = SamplerCatalog.Create(name, Space, seed).Suggest(trials, History(trials, seed));
            return expected.Equals(SamplerCatalog.Create(name, Space, seed).Suggest(trials, History(trials, seed, shuffled: true)));
        }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Constraints_that_nothing_fulfils_are_an_error_that_names_them(string name)
    {
        var impossible = new SearchSpace([new IntRange("a", 1, 3), new IntRange("b", 4, 6)], ["a > b"]);
        var error = Assert.Throws<BadInputException>(() => SamplerCatalog.Create(name, impossible, 0).Suggest(0, new TrialHistory(impossible, ObjectiveDirection.Minimize)));
        Assert.Contains("\"a > b\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_negative_number_is_refused(string name) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SamplerCatalog.Create(name, Space, 0).Suggest(-1, new TrialHistory(Space, ObjectiveDirection.Minimize)));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_space_without_hyperparameters_has_one_configuration(string name)
    {
        var empty = new SearchSpace([]);
        Assert.Equal(Configuration.Empty, SamplerCatalog.Create(name, empty, 0).Suggest(0, new TrialHistory(empty, ObjectiveDirection.Minimize)));
    }

    [Fact]
    public void An_unknown_name_lists_the_samplers_nearest_first()
    {
        var error = Assert.Throws<BadInputException>(() => SamplerCatalog.Create("sobel", Space, 0));
        Assert.Equal("There is no sampler 'sobel'. Valid samplers, nearest first: sobol, tpe, grid, random, tpe_multivariate.", error.Message);
    }

    /// <summary>Trials in every state, with equal and with infinite values; shuffled: recorded in another order, most of them as running first.</summary>
    private static TrialHistory History(int trials, ulong seed, bool shuffled = false)
    {
        var history = new TrialHistory(Space, ObjectiveDirection.Maximize);
        var random = new RandomSampler(Space, seed + 1);
        var order = new Philox(seed, RandomPurpose.Order, 99);
        foreach (var trial in shuffled ? order.Permutation(trials) : Enumerable.Range(0, trials).ToArray())
        {
            var configuration = random.Suggest(trial, history);
            if (shuffled && order.NextInt32(3) > 0) history.Record(trial, configuration, RunState.Running);
            if (shuffled && order.NextInt32(5) == 0) history.Record(trial, configuration, RunState.Completed, 1e9);
            var own = new Philox(seed, RandomPurpose.GeneratedData, trial);
            var value = Math.Round(own.NextDouble(), 1);
            switch (own.NextInt32(12))
            {
                case 0: history.Record(trial, configuration, RunState.Running); break;
                case 1: history.Record(trial, configuration, RunState.Failed); break;
                case 2: history.Record(trial, configuration, RunState.Completed, double.NaN); break;
                case 3 or 4: history.Record(trial, configuration, RunState.Pruned, value, own.NextInt32(3)); break;
                case 5: history.Record(trial, configuration, RunState.Paused, value, 1 + own.NextInt32(3)); break;
                default: history.Record(trial, configuration, RunState.Completed, value); break;
            }
        }
        return history;
    }

    private static double Value(Configuration c) => Math.Pow(Math.Log10(c.Number("learning_rate")) + 2, 2) + (c["optimizer"] == "sgd" ? Math.Abs(c.Number("momentum") - 0.9) : 0.3);
}
