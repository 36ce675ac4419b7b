using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Tests.SearchSpaces;

public class CompactFormTests
{
    [Fact]
    public void Ranges_are_read_in_every_form()
    {
        Assert.Equal(new FloatRange("learning_rate", 1e-4, 1, Logarithmic: true), CompactForm.Parse("learning_rate=log:1e-4..1"));
        Assert.Equal(new FloatRange("momentum", 0.8, 0.99), CompactForm.Parse("momentum=0.8..0.99"));
        Assert.Equal(new FloatRange("momentum", -1, 1, Step: 0.5), CompactForm.Parse("momentum=float:-1..1:0.5"));
        Assert.Equal(new FloatRange("momentum", .5, 1, Step: 0.25), CompactForm.Parse("momentum=.5..1.:.25"));
        Assert.Equal(new IntRange("batch_size", 16, 256), CompactForm.Parse("batch_size=int:16..256"));
        Assert.Equal(new IntRange("batch_size", 16, 256, Step: 16), CompactForm.Parse("batch_size=int:16..256:16"));
        Assert.Equal(new IntRange("batch_size", 16, 1024, Logarithmic: true), CompactForm.Parse("batch_size=logint:16..1024"));
    }

    [Theory]
    [InlineData("depth=20,32", "20|32")]
    [InlineData("depth=20", "20")]
    [InlineData("data='a..b','c:d',e f,'it''s','x,y',''", "a..b|c:d|e f|it's|x,y|")]
    public void Values_are_read_with_and_without_quotes(string text, string values)
    {
        var parameter = Assert.IsType<Categorical>(CompactForm.Parse(text));
        Assert.Equal(values.Split('|'), parameter.Values);
        Assert.Equal(parameter.Values.Count == 1 ? HyperparameterRole.Fixed : HyperparameterRole.Scientific, parameter.Role);
    }

    [Theory]
    [InlineData("learning_rate", "In 'learning_rate', column 14: a range must follow, as in learning_rate=log:1e-4..1 or depth=20,32.")]
    [InlineData("Learning=1..2", "In 'Learning=1..2', column 1: the name before '=' is an option's, in snake_case; it was 'Learning'.")]
    [InlineData("a=", "In 'a=', column 3: a range or values must follow '='.")]
    [InlineData("a=lgo:1..2", "In 'a=lgo:1..2', column 3: 'lgo' is no kind of range; valid, nearest first: log, int, float, logint. A value with a colon stands in single quotes.")]
    [InlineData("a=log:1", "In 'a=log:1', column 7: a range is written low..high, as in a=log:1..10; it was '1'.")]
    [InlineData("a=log:x..2", "In 'a=log:x..2', column 7: a finite number must stand here; it was 'x'.")]
    [InlineData("a=1..y", "In 'a=1..y', column 6: a finite number must stand here; it was 'y'.")]
    [InlineData("a=1..2:z", "In 'a=1..2:z', column 8: a finite number must stand here; it was 'z'.")]
    [InlineData("a=int:1.5..2", "In 'a=int:1.5..2', column 7: an integer must stand here; it was '1.5'.")]
    [InlineData("a=log:0..1", "In 'a=log:0..1', column 3: 'a' is logarithmic, so its range must be above 0; it was 0..1.")]
    [InlineData("a=2..1", "In 'a=2..1', column 3: 'a' must begin below its end; it was 2..1.")]
    [InlineData("a=1..2:0", "In 'a=1..2:0', column 3: 'a' must have a step above 0; it was 0.")]
    [InlineData("a=log:1..2:1", "In 'a=log:1..2:1', column 3: 'a' is logarithmic, so it cannot have a step.")]
    [InlineData("a=logint:0..4", "In 'a=logint:0..4', column 3: 'a' is logarithmic, so its range must begin at 1 or above; it was 0..4.")]
    [InlineData("a=x,,y", "In 'a=x,,y', column 5: a value is missing; an empty text is written ''.")]
    [InlineData("a=x,x", "In 'a=x,x', column 3: 'a' has the value 'x' twice.")]
    [InlineData("a='x,y", "In 'a='x,y', column 3: a quoted text begins and ends with ', and ' within it is written ''; it was 'x,y.")]
    public void A_wrong_form_is_an_error_with_column_rule_and_value(string text, string message) =>
        Assert.Equal(message, Assert.Throws<BadInputException>(() => CompactForm.Parse(text)).Message);

    [Fact]
    public void What_is_written_reads_back()
    {
        var floats = from low in Gen.Choose(-1000, 1000) from width in Gen.Choose(0, 1000) from step in Gen.Choose(0, 10)
                     select (Hyperparameter)new FloatRange("a", low / 7.0, (low + width) / 7.0, Step: step == 0 ? null : step / 3.0);
        var logs = from low in Gen.Choose(1, 1000) from width in Gen.Choose(0, 1000) select (Hyperparameter)new FloatRange("a", low * 1e-5, (low + width) * 1e-5, Logarithmic: true);
        var integers = from low in Gen.Choose(1, 1000) from width in Gen.Choose(0, 1000) from log in Gen.Elements(true, false) select (Hyperparameter)new IntRange("a", low, low + width, log, log ? 1 : 3);
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.OneOf(floats, logs, integers).ToArbitrary(), parameter => CompactForm.Parse(CompactForm.Write(parameter)).Equals(parameter)));
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Elements("a", "b c", "1..2", "x:y", "it's", "x,y", "", " ", "=").NonEmptyListOf().ToArbitrary(), values =>
        {
            var categorical = new Categorical("a", [.. values.Distinct()]);
            return ((Categorical)CompactForm.Parse(CompactForm.Write(categorical))).Values.SequenceEqual(categorical.Values);
        }));
    }
}
