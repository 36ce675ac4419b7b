using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.SearchSpaces;
using Repro.Studies.SearchSpaces.Expressions;

namespace Repro.Studies.Tests.SearchSpaces;

public class ExpressionTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Names = new()
    {
        ["depth"] = [], ["accuracy"] = [], ["width"] = [], ["note"] = [], ["augment"] = [], ["missing"] = [], ["shortcut"] = ["zero_padded", "projection"],
    };

    private static readonly Configuration Run = Configuration.Parse("depth=20,accuracy=0.91,width=16,note='a b',augment=true,shortcut=projection");

    [Theory]
    [InlineData("depth=20 and accuracy>0.9", true)]
    [InlineData("depth == 20 AND Not accuracy <= 0.9", true)]
    [InlineData("depth = 32 or width = 16", true)]
    [InlineData("depth = 32 or width = 16 and augment = false", false)]
    [InlineData("(depth = 20 or width = 99) and augment", true)]
    [InlineData("not augment or depth != 20", false)]
    [InlineData("1 + 2 * 3 = 7", true)]
    [InlineData("(1 + 2) * 3 = 9", true)]
    [InlineData("7 - 4 - 2 = 1", true)]
    [InlineData("8 / 4 / 2 = 1", true)]
    [InlineData("-depth + 2e1 = 0", true)]
    [InlineData("- -1 = 1", true)]
    [InlineData("2 * -3 = -6", true)]
    [InlineData("depth * width <= 320", true)]
    [InlineData("depth / 0 > 1e300", true)]
    [InlineData("0/0 = 0/0", false)]
    [InlineData("note = 'a b'", true)]
    [InlineData("note = \"a b\" and note < 'b'", true)]
    [InlineData("depth = '20'", true)]
    [InlineData("shortcut = projection", true)]
    [InlineData("shortcut != zero_padded", true)]
    [InlineData("shortcut = 'projection'", true)]
    [InlineData("augment = true", true)]
    [InlineData("true", true)]
    [InlineData(".5 < accuracy", true)]
    public void An_expression_has_its_value(string text, bool value) => Assert.Equal(value, Expression.Parse(text, Names).Test(Run));

    [Theory]
    [InlineData("missing = 1", null)]
    [InlineData("missing = 1 and depth = 20", null)]
    [InlineData("missing = 1 and depth = 32", false)]
    [InlineData("depth = 32 and missing = 1", false)]
    [InlineData("missing = 1 or depth = 20", true)]
    [InlineData("missing = 1 or depth = 32", null)]
    [InlineData("not missing", null)]
    [InlineData("missing + 1 > 0", null)]
    [InlineData("missing != 1", null)]
    public void A_name_without_a_value_leaves_unknown_only_what_it_decides(string text, bool? value) => Assert.Equal(value, Expression.Parse(text, Names).Test(Run));

    [Theory]
    [InlineData("dept = 20", "In \"dept = 20\", column 1: there is no 'dept'; did you mean 'depth'?")]
    [InlineData("depth = 20 and acuracy > 1", "In \"depth = 20 and acuracy > 1\", column 16: there is no 'acuracy'; did you mean 'accuracy'?")]
    [InlineData("shortcut = projektion", "In \"shortcut = projektion\", column 12: 'projektion' is none of the values; did you mean 'projection'?")]
    [InlineData("depth = ", "column 9: a name, a number or a text is missing at the end")]
    [InlineData("depth = 20 30", "column 12: '30' is one word too many")]
    [InlineData("(depth = 20", "column 12: the parenthesis of column 1 is not closed")]
    [InlineData("depth = )", "column 9: a name, a number or a text must stand where ')' stands")]
    [InlineData("depth = 'a", "column 9: the text that begins here has no closing '")]
    [InlineData("depth = 2x", "column 9: '2x' is no finite number")]
    [InlineData("depth = 1e999", "column 9: '1e999' is no finite number")]
    [InlineData("depth & 3", "column 7: '&' has no meaning here")]
    [InlineData("1 < depth < 3", "column 11: one comparison cannot follow another")]
    [InlineData("depth + 1", "column 7: The whole must be a condition")]
    [InlineData("depth = 1 and 3", "column 15: What 'and' joins must be a condition")]
    [InlineData("not 3", "column 5: What 'not' turns round must be a condition")]
    [InlineData("(depth = 1) + 2 = 3", "column 13: '+' needs numbers on both sides")]
    [InlineData("(depth = 1) < 2", "column 13: '<' orders numbers or texts, not conditions")]
    [InlineData("'a' * 2 = 3", "column 5: '*' needs numbers on both sides")]
    [InlineData("", "column 1: a name, a number or a text is missing at the end")]
    [InlineData("and depth", "column 1: a name, a number or a text must stand where 'and' stands")]
    public void A_wrong_expression_is_an_error_with_its_column(string text, string message) =>
        Assert.Contains(message, Assert.Throws<BadInputException>(() => Expression.Parse(text, Names)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("note > 3", "column 6: '>' orders two numbers or two texts; it was 'a b'")]
    [InlineData("note + 1 = 3", "column 6: '+' needs numbers; it was 'a b'")]
    [InlineData("depth and augment", "column 7: 'and' needs a condition on both sides; it was '20'")]
    [InlineData("not depth", "column 1: 'not' needs a condition behind it; it was '20'")]
    [InlineData("depth", "must be true or false; it was 20")]
    public void A_value_of_the_wrong_kind_is_an_error_with_column_and_value(string text, string message) =>
        Assert.Contains(message, Assert.Throws<BadInputException>(() => Expression.Parse(text, Names).Test(Run)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nesting_that_nobody_writes_is_an_error_and_no_crash()
    {
        foreach (var deep in new[] { new string('(', 100_000), string.Concat(Enumerable.Repeat("not ", 100_000)), new string('-', 100_000) })
            Assert.Contains("at most 100", Assert.Throws<BadInputException>(() => Expression.Parse(deep + "1", Names)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_knows_the_names_that_it_reads() => Assert.Equal(["depth", "width"], Expression.Parse("width = 1 or depth < width", Names).Names);

    [Fact]
    public void Any_text_is_an_expression_or_a_clear_error()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Elements("depth", "and", "or", "not", "(", ")", "=", "<", "3", "'a'", "+", "-", "shortcut", "projection", "~", "true").ArrayOf().ToArbitrary(), words =>
        {
            try
            {
                Expression.Parse(string.Join(' ', words), Names).Test(Run);
            }
            catch (BadInputException error)
            {
                return error.Message.Length > 10;
            }
            return true;
        }));
    }
}
