using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.SearchSpaces;

public class SearchSpaceTests
{
    [Fact]
    public void Coordinates_become_values_on_their_scales()
    {
        var space = new SearchSpace(
        [
            new FloatRange("a", 0, 10), new FloatRange("b", 1e-4, 1, Logarithmic: true), new FloatRange("c", 0.8, 0.99, Step: 0.01), new IntRange("d", 3, 6),
            new Categorical("e", ["x", "y", "z"]), new IntRange("f", 1, 1000, Logarithmic: true),
        ]);
        Assert.Equal("a=0,b=0.0001,c=0.8,d=3,e=x,f=1", space.At([0, 0, 0, 0, 0, 0]).ToString());
        Assert.Equal("a=10,b=1,c=0.99,d=6,e=z,f=1000", space.At([1, 1, 1, 1, 1, 1]).ToString());
        var middle = space.At([0.5, 0.5, 0.16, 0.5, 0.5, 0.5]);
        Assert.Equal(("5", "0.83", "5", "y"), (middle["a"], middle["c"], middle["d"], middle["e"]));
        Assert.Equal(0.01, middle.Number("b"), 1e-12);
    }

    [Fact]
    public void Discrete_values_have_equal_shares_and_logarithmic_integers_those_of_their_scale()
    {
        var share = Share(new IntRange("a", 2, 6), 100_000);
        Assert.Equal([0.2, 0.2, 0.2, 0.2, 0.2], share.OrderBy(s => s.Key).Select(s => Math.Round(s.Value, 4)));
        var log = Share(new IntRange("a", 1, 4, Logarithmic: true), 100_000);
        for (var k = 1; k <= 4; k++) Assert.Equal(Math.Log((k + 0.5) / (k - 0.5)) / Math.Log(4.5 / 0.5), log[k.ToString()], 1e-4);

        static Dictionary<string, double> Share(Hyperparameter parameter, int count) =>
            Enumerable.Range(0, count).GroupBy(i => parameter.At((i + 0.5) / count)).ToDictionary(g => g.Key, g => g.Count() / (double)count);
    }

    [Fact]
    public void A_values_coordinate_gives_the_value_again()
    {
        foreach (var parameter in new Hyperparameter[]
        {
            new FloatRange("a", -3, 10), new FloatRange("b", 1e-4, 1, true), new FloatRange("c", 0.8, 0.99, Step: 0.01), new IntRange("d", -3, 60, Step: 7), new IntRange("e", 1, 1000, true), new Categorical("f", ["x", "y"]),
        })
        {
            for (var unit = 0.0; unit <= 1; unit += 0.0037)
            {
                var text = parameter.At(unit);
                Assert.Equal(parameter.Snap(unit), parameter.UnitOf(text), 1e-12);
                if (parameter.Count is not null) Assert.Equal(text, parameter.At(parameter.UnitOf(text)));
            }
            Assert.True(double.IsNaN(parameter.UnitOf("nothing")) && double.IsNaN(parameter.UnitOf("10000")));
        }
        Assert.True(double.IsNaN(new FloatRange("c", 0, 1, Step: 0.25).UnitOf("0.3")));
    }

    [Fact]
    public void A_conditional_hyperparameter_is_there_only_where_its_parent_has_the_value()
    {
        var space = new SearchSpace(
        [
            new FloatRange("nesterov_rate", 0, 1) { Condition = new ActiveWhen("momentum_kind", ["nesterov"]) },
            new Categorical("momentum_kind", ["plain", "nesterov"]) { Condition = new ActiveWhen("optimizer", ["sgd"]) },
            new Categorical("optimizer", ["sgd", "adam"]),
        ]);
        Assert.Equal("momentum_kind=nesterov,nesterov_rate=0.5,optimizer=sgd", space.At([0.5, 0.9, 0.1]).ToString());
        Assert.Equal("momentum_kind=plain,optimizer=sgd", space.At([0.5, 0.1, 0.1]).ToString());
        Assert.Equal("optimizer=adam", space.At([0.5, 0.9, 0.9]).ToString());
        Assert.Equal([2, 1, 0], space.Order);
        var units = new double[3];
        space.UnitsOf(space.At([0.5, 0.9, 0.9]), units);
        Assert.Equal([double.NaN, double.NaN, 0.75], units);
    }

    [Fact]
    public void A_constraint_that_an_inactive_hyperparameter_decides_does_not_apply()
    {
        var space = new SearchSpace([new Categorical("optimizer", ["sgd", "adam"]), new FloatRange("momentum", 0, 1) { Condition = new ActiveWhen("optimizer", ["sgd"]) }], ["momentum < 0.5"]);
        Assert.True(space.Allows(space.At([0.9, 0.9])));
        Assert.False(space.Allows(space.At([0.1, 0.9])));
        Assert.True(space.Allows(space.At([0.1, 0.1])));
    }

    [Fact]
    public void Wrong_spaces_are_refused()
    {
        Refused("is there twice", [new IntRange("a", 1, 2), new IntRange("a", 1, 2)]);
        Refused("it was 'Bad'", [new IntRange("Bad", 1, 2)]);
        Refused("Hyperparameter 'a' must begin below its end; it was 2..1", [new IntRange("a", 2, 1)]);
        Refused("is fixed, so it has one value, not 2", [new Categorical("a", ["x", "y"]) { Role = HyperparameterRole.Fixed }]);
        Refused("has no value to choose from", [new Categorical("a", [])]);
        Refused("active by 'optimiser', which is not in the search space. Valid, nearest first: optimizer", [new Categorical("optimizer", ["x"]), new IntRange("a", 1, 2) { Condition = new ActiveWhen("optimiser", ["x"]) }]);
        Refused("is 'z', which it never is. Valid, nearest first: x, y", [new Categorical("b", ["x", "y"]), new IntRange("a", 1, 2) { Condition = new ActiveWhen("b", ["z"]) }]);
        Refused("a condition reads a choice or an integer", [new FloatRange("b", 0, 1), new IntRange("a", 1, 2) { Condition = new ActiveWhen("b", ["1"]) }]);
        Refused("break the circle", [new IntRange("b", 1, 2) { Condition = new ActiveWhen("a", ["1"]) }, new IntRange("a", 1, 2) { Condition = new ActiveWhen("b", ["1"]) }]);
        Refused("there is no 'c'", [new IntRange("a", 1, 2)], "c > 1");

        static void Refused(string rule, Hyperparameter[] parameters, params string[] constraints) =>
            Assert.Contains(rule, Assert.Throws<BadInputException>(() => new SearchSpace(parameters, constraints)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configurations_are_equal_by_content_and_read_back()
    {
        var configuration = Configuration.Parse("depth=20, rate=0.1,note='a, it''s',empty=''");
        Assert.Equal(Configuration.Of([KeyValuePair.Create("note", "a, it's"), KeyValuePair.Create("rate", "0.1"), KeyValuePair.Create("depth", "20"), KeyValuePair.Create("empty", "")]), configuration);
        Assert.Equal(configuration, Configuration.Parse(configuration.ToString()));
        Assert.Equal(configuration.GetHashCode(), Configuration.Parse(configuration.ToString()).GetHashCode());
        Assert.NotEqual(configuration, configuration.With("depth", "32"));
        Assert.Equal(20, configuration.Number("depth"));
        Assert.Contains("does not set 'dept'", Assert.Throws<BadInputException>(() => configuration["dept"]).Message, StringComparison.Ordinal);
        Assert.Contains("must be a number here", Assert.Throws<BadInputException>(() => configuration.Number("note")).Message, StringComparison.Ordinal);
        Assert.Contains("column 6: every setting is written name=value", Assert.Throws<BadInputException>(() => Configuration.Parse("a=20,b")).Message, StringComparison.Ordinal);
        Assert.Contains("'a' is set twice", Assert.Throws<BadInputException>(() => Configuration.Parse("a=20,a=3")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_written_as_the_options_write_them()
    {
        var space = new SearchSpace(
        [
            new Categorical("learning_rate", ["1e-1", "0.010"]), new Categorical("shortcut", ["projection", "zero_padded"]), new Categorical("depth", ["+20", "32"]),
            new IntRange("width", 1, 2) { Condition = new ActiveWhen("depth", ["+20"]) },
        ], ["learning_rate < 1"]);
        var matched = space.For(OptionSchema.Of(typeof(NetOptions)));
        Assert.Equal("depth=20,learning_rate=0.1,shortcut=projection,width=1", matched.At([0, 0, 0, 0]).ToString());
        Assert.Single(matched.Constraints);
    }

    [Theory]
    [InlineData("learnig_rate=1..2", "There is no option 'learnig_rate' to vary. Valid options, nearest first: learning_rate, ")]
    [InlineData("learning_rate=log:1e-3..20", "Option 'learning_rate' must stay in the range 0 .. 10; it was to vary over learning_rate=log:0.001..20.")]
    [InlineData("learning_rate=0.1,fast", "Option 'learning_rate' takes a finite number in the range 0 .. 10; 'fast' is none.")]
    [InlineData("width=1..20", "Option 'width' takes integers, so it cannot vary over width=1..20; write width=int:1..20.")]
    [InlineData("width=log:1.5..20", "write width=logint:2..20.")]
    [InlineData("width=int:0..20", "must stay in the range >= 1")]
    [InlineData("width=int:1..5000000000", "takes integers of 32 bits")]
    [InlineData("depth=int:20..56", "Option 'depth' takes one of 20, 32, 56, so it cannot vary over the range depth=int:20..56; list values: depth=20,32,56.")]
    [InlineData("depth=20,33", "Option 'depth' cannot be '33'. Valid values, nearest first: 32, 20, 56.")]
    [InlineData("augment=0..1", "Option 'augment' is true or false, so it cannot vary over the range augment=0..1; list values: augment=true,false.")]
    [InlineData("shortcut=int:0..1", "Option 'shortcut' is a text, so it cannot vary over the range shortcut=int:0..1; list values: shortcut=zero_padded,projection.")]
    public void A_hyperparameter_that_its_option_does_not_take_is_refused(string compact, string message)
    {
        var space = new SearchSpace([CompactForm.Parse(compact)]);
        Assert.Contains(message, Assert.Throws<BadInputException>(() => space.For(OptionSchema.Of(typeof(NetOptions)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_integer_range_may_vary_a_number()
    {
        var space = new SearchSpace([CompactForm.Parse("learning_rate=int:1..3")]).For(OptionSchema.Of(typeof(NetOptions)));
        Assert.Equal(3.0, OptionSchema.Apply(new NetOptions(), space.At([1.0]).Settings).LearningRate);
    }

    private enum Shortcut
    {
        ZeroPadded,
        Projection,
    }

    private sealed record NetOptions
    {
        [Option("Layers with weights.", Choices = [20, 32, 56])]
        public int Depth { get; init; } = 20;

        [Option("Filters.", Min = 1)]
        public int Width { get; init; } = 16;

        [Option("Rate of the first steps.", Min = 0, Max = 10)]
        public double LearningRate { get; init; } = 0.1;

        [Option("Pads, crops and flips.")]
        public bool Augment { get; init; } = true;

        [Option("How a shortcut widens.")]
        public Shortcut Shortcut { get; init; }
    }
}
