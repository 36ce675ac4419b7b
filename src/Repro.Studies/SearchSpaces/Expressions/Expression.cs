namespace Repro.Studies.SearchSpaces.Expressions;

/// <summary>
/// A condition over names: <c>depth = 20 and accuracy > 0.9</c>. Constraints between hyperparameters and queries over runs are written in it.
/// </summary>
/// <remarks>
/// From the loosest binding to the tightest: <c>or</c>; <c>and</c>; <c>not</c>; one comparison (<c>= == != &lt; &lt;= > >=</c>); <c>+ -</c>; <c>* /</c>; unary minus;
/// parentheses, numbers, <c>'texts'</c> or <c>"texts"</c>, <c>true</c>, <c>false</c>, names. Numbers are doubles: 1/0 is infinite, and nothing compares with NaN.
/// A number and a text are equal where they are written alike; order is between two numbers, or two texts (ordinal).
/// A name without a value makes what it stands in unknown (Kleene's three-valued logic: <c>unknown and false</c> is false, <c>unknown or true</c> is true).
/// </remarks>
public sealed class Expression
{
    private readonly ExpressionNode _root;

    private Expression(string text, ExpressionNode root, IEnumerable<string> names) => (Text, _root, Names) = (text, root, [.. names.Order(StringComparer.Ordinal)]);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The names that it reads, each once, in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="names">
    /// Every name that may stand in it, with the texts that it can have where they are few (else empty). Beside such a name in an equality the text needs
    /// no quotes: <c>shortcut = projection</c>.
    /// </param>
    /// <exception cref="BadInputException">States the column (from 1), the rule and the nearest valid word.</exception>
    public static Expression Parse(string text, IReadOnlyDictionary<string, IReadOnlyList<string>> names)
    {
        var parser = new ExpressionParser(text, names);
        return new Expression(text, parser.Parse(), parser.NamesRead);
    }

    /// <inheritdoc cref="Parse(string, IReadOnlyDictionary{string, IReadOnlyList{string}})"/>
    public static Expression Parse(string text, IEnumerable<string> names) => Parse(text, names.ToDictionary(name => name, _ => (IReadOnlyList<string>)[]));

    /// <summary>True, false, or null where a name without a value decides.</summary>
    /// <param name="valueOf">The value of a name, <see cref="ExpressionValue.Unknown"/> where it has none.</param>
    /// <exception cref="BadInputException">A value is of the wrong kind: a text in arithmetic, a number beside <c>and</c>.</exception>
    public bool? Test(Func<string, ExpressionValue> valueOf)
    {
        var value = _root.Evaluate(valueOf);
        return value.Kind switch
        {
            ExpressionKind.Unknown => null,
            ExpressionKind.Truth => value.Truth,
            _ => throw new BadInputException($"'{Text}' must be true or false; it was {value}. Write a comparison."),
        };
    }

    /// <summary>As <see cref="Test(Func{string, ExpressionValue})"/>, with a configuration's settings for values.</summary>
    public bool? Test(Configuration configuration) =>
        Test(name => configuration.TryGet(name, out var text) ? ExpressionValue.Read(text) : ExpressionValue.Unknown);

    public override string ToString() => Text;
}
