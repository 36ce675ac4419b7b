using Repro.Studies.Options;

namespace Repro.Studies.Tests.Options;

public class OptionSchemaTests
{
    [Fact]
    public void The_schema_lists_options_in_order_with_type_range_default_and_source()
    {
        var schema = OptionSchema.Of(typeof(NetOptions));
        Assert.Equal(["depth", "learning_rate", "augment", "shortcut", "precision", "iterations"], schema.Select(o => o.Name));
        var rate = schema[1];
        Assert.Equal(("number", "0 .. 10", 0.1, "section 4.2"), (rate.TypeWord, rate.RangeWord, rate.Default, rate.Source));
        Assert.Equal("20 | 32 | 56", schema[0].RangeWord);
        Assert.Equal("true or false", schema[2].TypeWord);
        Assert.Equal("zero_padded | projection", schema[3].RangeWord);
        Assert.Equal(">= 1", schema[5].RangeWord);
    }

    [Fact]
    public void Options_are_set_by_name_on_a_copy()
    {
        var original = new NetOptions();
        var changed = Apply(original, ("learning_rate", "0.05"), ("augment", "false"), ("shortcut", "projection"), ("iterations", "5000000000"));
        Assert.Equal(new NetOptions { LearningRate = 0.05, Augment = false, Shortcut = Shortcut.Projection, Iterations = 5_000_000_000 }, changed);
        Assert.Equal(new NetOptions(), original);
    }

    [Fact]
    public void Of_two_settings_of_one_option_the_last_counts() => Assert.Equal(56, Apply(new NetOptions(), ("depth", "32"), ("depth", "56")).Depth);

    [Fact]
    public void Values_read_back_into_an_equal_record()
    {
        var options = new NetOptions { Depth = 56, LearningRate = 1.0 / 3, Augment = false, Shortcut = Shortcut.Projection };
        var values = OptionSchema.Values(options).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value)));
        Assert.Equal(options, OptionSchema.Apply(new NetOptions(), values));
    }

    [Fact]
    public void An_unknown_name_lists_the_valid_ones_nearest_first()
    {
        var complaint = Complaint(("learnig_rate", "1"));
        Assert.StartsWith("There is no option 'learnig_rate'. Valid options, nearest first: learning_rate, ", complaint, StringComparison.Ordinal);
        Assert.All(OptionSchema.Of(typeof(NetOptions)), option => Assert.Contains(option.Name, complaint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("learning_rate", "fast", "Option 'learning_rate' takes a finite number in the range 0 .. 10; 'fast' is none.")]
    [InlineData("learning_rate", "11", "Option 'learning_rate' must be a finite number in the range 0 .. 10; it was 11.")]
    [InlineData("learning_rate", "-0.1", "Option 'learning_rate' must be a finite number in the range 0 .. 10; it was -0.1.")]
    [InlineData("learning_rate", "NaN", "Option 'learning_rate' must be a finite number in the range 0 .. 10; it was NaN.")]
    [InlineData("iterations", "Infinity", "Option 'iterations' takes an integer in the range >= 1; 'Infinity' is none.")]
    [InlineData("iterations", "0", "Option 'iterations' must be an integer in the range >= 1; it was 0.")]
    [InlineData("depth", "33", "Option 'depth' cannot be '33'. Valid values, nearest first: 32, 20, 56.")]
    [InlineData("depth", "deep", "Option 'depth' cannot be 'deep'. Valid values, nearest first: 20, 32, 56.")]
    [InlineData("shortcut", "padded", "Option 'shortcut' cannot be 'padded'. Valid values, nearest first: zero_padded, projection.")]
    [InlineData("precision", "float64", "Option 'precision' cannot be 'float64'. Valid values, nearest first: float32, bfloat16.")]
    [InlineData("augment", "yes", "Option 'augment' takes true or false; 'yes' is none.")]
    public void A_wrong_value_is_an_error_that_states_the_rule(string name, string text, string message) => Assert.Equal(message, Complaint((name, text)));

    private static NetOptions Apply(NetOptions options, params (string Name, string Text)[] settings) =>
        OptionSchema.Apply(options, settings.Select(s => KeyValuePair.Create(s.Name, s.Text)));

    private static string Complaint((string, string) setting) => Assert.Throws<BadInputException>(() => Apply(new NetOptions(), setting)).Message;

    private enum Shortcut
    {
        ZeroPadded,
        Projection,
    }

    private sealed record NetOptions
    {
        [Option("Layers with weights.", Choices = [20, 32, 56], Source = "Table 6")]
        public int Depth { get; init; } = 20;

        [Option("Rate of the first steps.", Min = 0, Max = 10, Source = "section 4.2")]
        public double LearningRate { get; init; } = 0.1;

        [Option("Pads, crops and flips.")]
        public bool Augment { get; init; } = true;

        [Option("How a shortcut widens.")]
        public Shortcut Shortcut { get; init; }

        [Option("Of the activations.", Choices = ["float32", "bfloat16"])]
        public string Precision { get; init; } = "float32";

        [Option("Optimizer steps.", Min = 1)]
        public long Iterations { get; init; } = 64_000;

        public int NoOption { get; init; }
    }
}
