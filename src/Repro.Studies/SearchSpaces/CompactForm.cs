using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces;

/// <summary>
/// One hyperparameter in one word of the command line:
/// <c>learning_rate=log:1e-4..1</c>, <c>momentum=0.8..0.99</c>, <c>momentum=0.8..0.99:0.01</c> (with a step), <c>batch_size=int:16..256:16</c>,
/// <c>batch_size=logint:16..1024</c>, <c>depth=20,32</c> (one of these), <c>width=16</c> (fixed).
/// </summary>
/// <remarks>Values with a comma, a colon, two dots or a quote in them stand in single quotes, a quote doubled: <c>data='a..b',c</c>.</remarks>
public static class CompactForm
{
    private static readonly string[] Kinds = ["float", "log", "int", "logint"];

    /// <summary>Reads one hyperparameter. It is scientific, or fixed where it has one value, and always active.</summary>
    /// <exception cref="BadInputException">States the column (from 1), the rule, the actual value and the nearest valid word.</exception>
    public static Hyperparameter Parse(string text)
    {
        var equals = text.IndexOf('=');
        var name = equals < 0 ? text : text[..equals];
        if (equals < 0) throw Fail(text, text.Length + 1, "a range must follow, as in learning_rate=log:1e-4..1 or depth=20,32");
        if (!SearchSpace.IsName(name)) throw Fail(text, 1, $"the name before '=' is an option's, in snake_case; it was '{name}'");
        var range = text[(equals + 1)..];
        if (range.Trim().Length == 0) throw Fail(text, equals + 2, "a range or values must follow '='");
        var parameter = IsRange(range) ? Range(text, name, range, equals + 2) : Values(text, name, range, equals + 2);
        return parameter.Complaint() is { } complaint ? throw Fail(text, equals + 2, $"'{name}' {complaint}") : parameter;
    }

    /// <summary>The word that <see cref="Parse"/> reads as the same values. Role and condition are not in it.</summary>
    public static string Write(Hyperparameter parameter) => parameter.Name + "=" + parameter switch
    {
        FloatRange range => $"{(range.Logarithmic ? "log:" : "")}{OptionText.Write(range.Low)}..{OptionText.Write(range.High)}{(range.Step is { } step ? ":" + OptionText.Write(step) : "")}",
        IntRange range => $"{(range.Logarithmic ? "logint:" : "int:")}{range.Low}..{range.High}{(range.Step != 1 ? $":{range.Step}" : "")}",
        Categorical categorical => string.Join(",", categorical.Values.Select(Quoted)),
        _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "has no compact form"),
    };

    private static string Quoted(string value) => value.Contains(':') || value.Contains("..", StringComparison.Ordinal) ? $"'{value.Replace("'", "''", StringComparison.Ordinal)}'" : QuotedList.Quote(value);

    private static bool IsRange(string range)
    {
        var plain = string.Join(' ', QuotedList.Split(range, ',').Where(p => !QuotedList.IsQuoted(p.Raw)).Select(p => p.Raw));
        return plain.Contains("..", StringComparison.Ordinal) || plain.Contains(':');
    }

    private static Categorical Values(string text, string name, string range, int column)
    {
        var values = QuotedList.Split(range, ',').Select(p => (p.Raw, Value: QuotedList.Unquote(text, p.Raw, column + p.Column - 1), p.Column)).ToList();
        foreach (var (raw, value, at) in values)
        {
            if (value.Length == 0 && !QuotedList.IsQuoted(raw)) throw Fail(text, column + at - 1, "a value is missing; an empty text is written ''");
        }
        return new Categorical(name, [.. values.Select(v => v.Value)]) { Role = values.Count == 1 ? HyperparameterRole.Fixed : HyperparameterRole.Scientific };
    }

    private static Hyperparameter Range(string text, string name, string range, int column)
    {
        var kind = "float";
        var colon = range.IndexOf(':');
        var dots = range.IndexOf("..", StringComparison.Ordinal);
        if (colon >= 0 && (dots < 0 || colon < dots))
        {
            kind = range[..colon].Trim();
            if (!Kinds.Contains(kind))
                throw Fail(text, column, $"'{kind}' is no kind of range; valid, nearest first: {string.Join(", ", NearestWords.Order(kind, Kinds))}. A value with a colon stands in single quotes");
            column += colon + 1;
            range = range[(colon + 1)..];
            dots = range.IndexOf("..", StringComparison.Ordinal);
        }
        if (dots < 0) throw Fail(text, column, $"a range is written low..high, as in {name}={kind}:1..10; it was '{range}'");
        var stepAt = range.IndexOf(':', dots);
        var high = stepAt < 0 ? range[(dots + 2)..] : range[(dots + 2)..stepAt];
        var step = stepAt < 0 ? null : range[(stepAt + 1)..];
        var (lowColumn, highColumn, stepColumn) = (column, column + dots + 2, column + stepAt + 1);
        return kind is "int" or "logint"
            ? new IntRange(name, Integer(text, range[..dots], lowColumn), Integer(text, high, highColumn), kind == "logint", step is null ? 1 : Integer(text, step, stepColumn))
            : new FloatRange(name, Number(text, range[..dots], lowColumn), Number(text, high, highColumn), kind == "log", step is null ? null : Number(text, step, stepColumn));
    }

    private static double Number(string whole, string text, int column) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw Fail(whole, column, $"a finite number must stand here; it was '{text}'");

    private static long Integer(string whole, string text, int column) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fail(whole, column, $"an integer must stand here; it was '{text}'");

    private static BadInputException Fail(string text, int column, string rule) => new($"In '{text}', column {column}: {rule}.");
}
