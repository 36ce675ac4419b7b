namespace Repro.Studies.SearchSpaces.Expressions;

/// <summary>A part of an expression. <paramref name="Kind"/> is what it surely is, Unknown where only the values of names tell.</summary>
/// <param name="Place">The expression and the column, as they begin an error.</param>
internal abstract record ExpressionNode(ExpressionKind Kind, string Place)
{
    public abstract ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf);

    protected BadInputException Wrong(string rule, ExpressionValue actual) => new($"{Place}: {rule}; it was '{actual}'.");
}

internal sealed record LiteralNode(ExpressionValue Value, string Place) : ExpressionNode(Value.Kind, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf) => Value;
}

internal sealed record NameNode(string Name, string Place) : ExpressionNode(ExpressionKind.Unknown, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf) => valueOf(Name);
}

internal sealed record NotNode(ExpressionNode Operand, string Place) : ExpressionNode(ExpressionKind.Truth, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf)
    {
        var value = Operand.Evaluate(valueOf);
        return value.Kind switch
        {
            ExpressionKind.Unknown => value,
            ExpressionKind.Truth => ExpressionValue.Of(!value.Truth),
            _ => throw Wrong("'not' needs a condition behind it", value),
        };
    }
}

/// <summary>and, or: <paramref name="Deciding"/> is the truth of one side that settles the whole (false for and, true for or).</summary>
internal sealed record LogicNode(string Word, bool Deciding, ExpressionNode Left, ExpressionNode Right, string Place) : ExpressionNode(ExpressionKind.Truth, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf)
    {
        var left = Checked(Left.Evaluate(valueOf));
        if (left.Kind == ExpressionKind.Truth && left.Truth == Deciding) return left;
        var right = Checked(Right.Evaluate(valueOf));
        if (right.Kind == ExpressionKind.Truth && right.Truth == Deciding) return right;
        return left.Kind == ExpressionKind.Unknown ? left : right;
    }

    private ExpressionValue Checked(ExpressionValue value) =>
        value.Kind is ExpressionKind.Truth or ExpressionKind.Unknown ? value : throw Wrong($"'{Word}' needs a condition on both sides", value);
}

internal sealed record ComparisonNode(string Sign, ExpressionNode Left, ExpressionNode Right, string Place) : ExpressionNode(ExpressionKind.Truth, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf)
    {
        var (left, right) = (Left.Evaluate(valueOf), Right.Evaluate(valueOf));
        if (left.Kind == ExpressionKind.Unknown || right.Kind == ExpressionKind.Unknown) return ExpressionValue.Unknown;
        if (Sign == "=") return ExpressionValue.Of(left.SameAs(right));
        if (Sign == "!=") return ExpressionValue.Of(!left.SameAs(right));
        if (left.Kind == ExpressionKind.Number && right.Kind == ExpressionKind.Number)
        {
            var (a, b) = (left.Number, right.Number);
            return ExpressionValue.Of(Sign switch { "<" => a < b, "<=" => a <= b, ">" => a > b, _ => a >= b });
        }
        if (left.Kind != ExpressionKind.Text || right.Kind != ExpressionKind.Text)
            throw Wrong($"'{Sign}' orders two numbers or two texts", left.Kind == ExpressionKind.Number ? right : left);
        var order = string.CompareOrdinal(left.ToString(), right.ToString());
        return ExpressionValue.Of(Sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 });
    }
}

internal sealed record ArithmeticNode(char Sign, ExpressionNode Left, ExpressionNode Right, string Place) : ExpressionNode(ExpressionKind.Number, Place)
{
    public override ExpressionValue Evaluate(Func<string, ExpressionValue> valueOf)
    {
        var (left, right) = (Checked(Left.Evaluate(valueOf)), Checked(Right.Evaluate(valueOf)));
        if (left.Kind == ExpressionKind.Unknown || right.Kind == ExpressionKind.Unknown) return ExpressionValue.Unknown;
        var (a, b) = (left.Number, right.Number);
        return ExpressionValue.Of(Sign switch { '+' => a + b, '-' => a - b, '*' => a * b, _ => a / b });
    }

    private ExpressionValue Checked(ExpressionValue value) =>
        value.Kind is ExpressionKind.Number or ExpressionKind.Unknown ? value : throw Wrong($"'{Sign}' needs numbers", value);
}
