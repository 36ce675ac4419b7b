using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces.Expressions;

/// <summary>What an expression has for a value.</summary>
public enum ExpressionKind
{
    /// <summary>A name has no value here: an inactive hyperparameter, a metric that a run has not reported.</summary>
    Unknown,
    Number,
    Text,
    Truth,
}

/// <summary>A number, a text, a truth, or nothing known.</summary>
public readonly struct ExpressionValue
{
    private readonly double _number;
    private readonly string? _text;

    private ExpressionValue(ExpressionKind kind, double number, string? text) => (Kind, _number, _text) = (kind, number, text);

    public static ExpressionValue Unknown => default;

    public ExpressionKind Kind { get; }

    public static ExpressionValue Of(double number) => new(ExpressionKind.Number, number, null);

    public static ExpressionValue Of(bool truth) => new(ExpressionKind.Truth, truth ? 1 : 0, null);

    /// <summary>The text itself, even where it looks like a number.</summary>
    public static ExpressionValue Of(string text) => new(ExpressionKind.Text, 0, text);

    /// <summary>What an option's text says: a truth (<c>true</c>, <c>false</c>), a number, otherwise the text.</summary>
    public static ExpressionValue Read(string text) =>
        text == "true" ? Of(true)
        : text == "false" ? Of(false)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Of(number)
        : Of(text);

    /// <exception cref="InvalidOperationException">The value is no number.</exception>
    public double Number => Kind == ExpressionKind.Number ? _number : throw new InvalidOperationException($"{this} is no number.");

    /// <exception cref="InvalidOperationException">The value is no truth.</exception>
    public bool Truth => Kind == ExpressionKind.Truth ? _number != 0 : throw new InvalidOperationException($"{this} is no truth.");

    /// <summary>As it is written on the command line: <c>20</c>, <c>true</c>, <c>projection</c>.</summary>
    public override string ToString() => Kind switch
    {
        ExpressionKind.Number => OptionText.Write(_number),
        ExpressionKind.Truth => _number != 0 ? "true" : "false",
        ExpressionKind.Text => _text!,
        _ => "unknown",
    };

    /// <summary>Numbers by value (NaN equals nothing), everything else by its text, so that 20 equals '20'.</summary>
    internal bool SameAs(ExpressionValue other) =>
        Kind == ExpressionKind.Number && other.Kind == ExpressionKind.Number ? _number == other._number : ToString() == other.ToString();
}
