using Repro.Cli.Output;

namespace Repro.Cli.Tests.Output;

public sealed class OptionJsonTests
{
    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("1.2906686988606553E-06", "1.2906686988606553E-06")]
    [InlineData("-3", "-3")]
    [InlineData("20", "20")]
    [InlineData("0", "0")]
    [InlineData("true", "true")]
    [InlineData("False", "\"False\"")]
    [InlineData("deep", "\"deep\"")]
    [InlineData("", "\"\"")]
    [InlineData("-", "\"-\"")]
    [InlineData("007", "\"007\"")]
    [InlineData("1.", "\"1.\"")]
    [InlineData("1.e5", "\"1.e5\"")]
    [InlineData(".5", "\".5\"")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("1,2", "\"1,2\"")]
    [InlineData("null", "\"null\"")]
    public void An_option_is_the_json_that_has_its_value_and_its_digits(string text, string json) =>
        Assert.Equal($$"""{"option":{{json}}}""", OptionJson.Of([KeyValuePair.Create("option", text)]).ToJsonString());
}
