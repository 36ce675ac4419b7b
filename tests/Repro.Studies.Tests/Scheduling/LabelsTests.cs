using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class LabelsTests
{
    [Fact]
    public void Labels_are_read_in_any_order_and_written_by_name()
    {
        var labels = Labels.Parse(" host=node-3 , gpu=h200");
        Assert.Equal("gpu=h200,host=node-3", labels.ToString());
        Assert.Equal(labels, Labels.Parse(labels.ToString()));
        Assert.True(labels.TryGet("gpu", out var gpu) && gpu == "h200");
        Assert.Equal(Labels.None, Labels.Parse("  "));
    }

    [Theory]
    [InlineData("gpu", "written name=value")]
    [InlineData("gpu=h200,", "written name=value")]
    [InlineData("Gpu=h200", "a to z")]
    [InlineData("=h200", "a to z")]
    [InlineData("gpu=", "no value")]
    [InlineData("gpu=h 200", "no blanks")]
    [InlineData("gpu=h200,gpu=a100", "given twice")]
    [InlineData("memory=20GiB", "demands")]
    [InlineData("gpus=2", "demands")]
    [InlineData("gpu=2", "gpus=2")]
    public void A_label_that_breaks_a_rule_is_refused_with_the_rule(string text, string rule) =>
        Assert.Contains(rule, Assert.Throws<BadInputException>(() => Labels.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_many_labels_and_too_long_ones_are_refused()
    {
        Assert.Throws<BadInputException>(() => Labels.Parse(string.Join(",", Enumerable.Range(0, Labels.Most + 1).Select(i => $"a{i}=b"))));
        Assert.Throws<BadInputException>(() => Labels.Parse("a=" + new string('b', Labels.Longest + 1)));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("gpu=h200", true)]
    [InlineData("gpu=h200,host=b", true)]
    [InlineData("gpu=H200", false)]
    [InlineData("gpu=h20", false)]
    [InlineData("rack=1", false)]
    [InlineData("gpu=h200,rack=1", false)]
    public void Every_demanded_label_must_be_there_exactly(string demanded, bool match) =>
        Assert.Equal(match, Labels.Parse("host=b,gpu=h200").Match(Labels.Parse(demanded)));

    [Fact]
    public void What_a_slot_says_of_itself_counts_over_what_its_silo_says()
    {
        Assert.Equal("gpu=a100,host=b", Labels.Parse("host=b,gpu=h200").With(Labels.Parse("gpu=a100")).ToString());
        Assert.Equal("host=b", Labels.Parse("host=b").With(Labels.None).ToString());
    }
}
