using System.Globalization;
using System.Text.Json.Nodes;

namespace Repro.Cli.Output;

/// <summary>Options as a program wants them: a number as a JSON number with the very digits that the option has, true and false as such, everything else as text.</summary>
public static class OptionJson
{
    public static JsonObject Of(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var options = new JsonObject();
        foreach (var (name, text) in settings) options[name] = Value(text);
        return options;
    }

    private static JsonNode Value(string text) =>
        text is "true" or "false" || IsNumber(text) ? JsonNode.Parse(text)! : JsonValue.Create(text);

    // As JSON writes numbers: no leading zero or plus, no bare point. What options write is that already; a text that looks like a number may not be.
    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1])) && !digits.EndsWith(".", StringComparison.Ordinal)
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            && !text.Contains(".e", StringComparison.OrdinalIgnoreCase);
    }
}
