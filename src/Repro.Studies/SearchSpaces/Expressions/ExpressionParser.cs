using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces.Expressions;

/// <summary>Recursive descent over the grammar of <see cref="Expression"/>: one method a level of binding.</summary>
internal sealed class ExpressionParser(string text, IReadOnlyDictionary<string, IReadOnlyList<string>> names)
{
    // Deeper nesting is no expression that a person wrote, and would end the program by a stack overflow.
    private const int DeepestNesting = 100;

    private readonly List<ExpressionToken> _tokens = ExpressionToken.Split(text);
    private readonly HashSet<string> _read = [];
    private int _next;
    private int _depth;

    public IEnumerable<string> NamesRead => _read;

    private ExpressionToken Now => _tokens[_next];

    public ExpressionNode Parse()
    {
        var root = Or();
        if (Now.Kind != TokenKind.End) throw Fail(Now, $"'{Now.Text}' is one word too many; join conditions with 'and' or 'or'");
        return Condition(root, "The whole");
    }

    private ExpressionNode Or()
    {
        if (++_depth > DeepestNesting) throw Fail(Now, $"at most {DeepestNesting} parentheses and signs may be nested");
        var left = And();
        while (Take("or") is { } token) left = new LogicNode("or", true, Condition(left, "What 'or' joins"), Condition(And(), "What 'or' joins"), Place(token));
        _depth--;
        return left;
    }

    private ExpressionNode And()
    {
        var left = Not();
        while (Take("and") is { } token) left = new LogicNode("and", false, Condition(left, "What 'and' joins"), Condition(Not(), "What 'and' joins"), Place(token));
        return left;
    }

    private ExpressionNode Not()
    {
        if (Take("not") is not { } token) return Comparison();
        return new NotNode(Condition(Nested(Not), "What 'not' turns round"), Place(token));
    }

    private ExpressionNode Comparison()
    {
        var start = _next;
        var left = Sum(choices: null);
        if (Take("=", "==", "!=", "<", "<=", ">", ">=") is not { } token) return left;
        var sign = token.Text == "==" ? "=" : token.Text;
        // Beside a name with few values one of these values needs no quotes.
        var choices = sign is "=" or "!=" && left is NameNode && _next == start + 2 ? names[((NameNode)left).Name] : null;
        var right = Sum(choices is { Count: > 0 } ? choices : null);
        if (sign is not ("=" or "!=") && (left.Kind == ExpressionKind.Truth || right.Kind == ExpressionKind.Truth))
            throw Fail(token, $"'{token.Text}' orders numbers or texts, not conditions");
        if (Now.Text is "=" or "==" or "!=" or "<" or "<=" or ">" or ">=" && Now.Kind == TokenKind.Sign)
            throw Fail(Now, "one comparison cannot follow another; join them with 'and'");
        return new ComparisonNode(sign, left, right, Place(token));
    }

    private ExpressionNode Sum(IReadOnlyList<string>? choices)
    {
        var left = Product(choices);
        while (Take("+", "-") is { } token) left = new ArithmeticNode(token.Text[0], Number(left, token), Number(Product(null), token), Place(token));
        return left;
    }

    private ExpressionNode Product(IReadOnlyList<string>? choices)
    {
        var left = Operand(choices);
        while (Take("*", "/") is { } token) left = new ArithmeticNode(token.Text[0], Number(left, token), Number(Operand(null), token), Place(token));
        return left;
    }

    private ExpressionNode Operand(IReadOnlyList<string>? choices)
    {
        var token = Now;
        if (Take("-") is not null)
        {
            var operand = Number(Nested(() => Operand(null)), token);
            return new ArithmeticNode('-', new LiteralNode(ExpressionValue.Of(0.0), Place(token)), operand, Place(token));
        }
        if (Take("(") is not null)
        {
            var inner = Or();
            if (Take(")") is null) throw Fail(Now, $"the parenthesis of column {token.Column} is not closed");
            return inner;
        }
        _next++;
        switch (token.Kind)
        {
            case TokenKind.Number: return new LiteralNode(ExpressionValue.Of(token.Number), Place(token));
            case TokenKind.Text: return new LiteralNode(ExpressionValue.Of(token.Text), Place(token));
            case TokenKind.Word when token.Text is "true" or "false": return new LiteralNode(ExpressionValue.Of(token.Text == "true"), Place(token));
            case TokenKind.Word when !token.IsKeyword: return Name(token, choices);
            case TokenKind.End: throw Fail(token, "a name, a number or a text is missing at the end");
            default: throw Fail(token, $"a name, a number or a text must stand where '{token.Text}' stands");
        }
    }

    private ExpressionNode Name(ExpressionToken token, IReadOnlyList<string>? choices)
    {
        if (choices is not null && choices.Contains(token.Text)) return new LiteralNode(ExpressionValue.Of(token.Text), Place(token));
        if (names.ContainsKey(token.Text))
        {
            _read.Add(token.Text);
            return new NameNode(token.Text, Place(token));
        }
        var valid = NearestWords.Order(token.Text, choices ?? names.Keys);
        var nearest = NearestWords.Nearest(token.Text, valid) is { } near ? $"; did you mean '{near}'?" : "";
        var listed = string.Join(", ", valid.Take(12)) + (valid.Count > 12 ? ", ..." : "");
        throw Fail(token, (choices is null ? $"there is no '{token.Text}'" : $"'{token.Text}' is none of the values") + nearest
            + (nearest.Length > 0 ? $" Valid, nearest first: {listed}" : $". Valid, nearest first: {listed}") + ". A text stands in quotes");
    }

    private ExpressionNode Nested(Func<ExpressionNode> parse)
    {
        if (++_depth > DeepestNesting) throw Fail(Now, $"at most {DeepestNesting} parentheses and signs may be nested");
        var node = parse();
        _depth--;
        return node;
    }

    private ExpressionToken? Take(params ReadOnlySpan<string> words)
    {
        if (Now.Kind is not (TokenKind.Sign or TokenKind.Word)) return null;
        foreach (var word in words)
        {
            if (Now.Text == word) return _tokens[_next++];
        }
        return null;
    }

    private static ExpressionNode Condition(ExpressionNode node, string what) =>
        node.Kind is ExpressionKind.Truth or ExpressionKind.Unknown ? node : throw new BadInputException($"{node.Place}: {what} must be a condition, as in depth = 20.");

    private ExpressionNode Number(ExpressionNode node, ExpressionToken sign) =>
        node.Kind is ExpressionKind.Number or ExpressionKind.Unknown ? node : throw Fail(sign, $"'{sign.Text}' needs numbers on both sides");

    private string Place(ExpressionToken token) => $"In \"{text}\", column {token.Column}";

    private BadInputException Fail(ExpressionToken token, string rule) => new($"{Place(token)}: {rule}.");
}
