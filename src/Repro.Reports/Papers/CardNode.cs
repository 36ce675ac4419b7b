using System.Globalization;
using Repro.Studies;
using Repro.Studies.Options;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Repro.Reports.Papers;

/// <summary>One value in a card that knows where it stands, so that every complaint names the place.</summary>
/// <param name="what">What the value is, in messages: <c>the key 'year'</c>.</param>
internal sealed class CardNode(YamlNode node, string file, int firstLine, string what)
{
    public BadInputException Error(string rule) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}, line {node.Start.Line + firstLine - 1}, column {node.Start.Column}: {rule}."));

    /// <summary>The value as a mapping with these keys only.</summary>
    /// <param name="keys">Empty: any key.</param>
    public CardMap Map(IReadOnlyList<string> keys)
    {
        if (node is not YamlMappingNode mapping) throw Error($"{what} must be a mapping of keys to values, not {Kind()}");
        var values = new Dictionary<string, CardNode>();
        foreach (var (key, value) in mapping.Children)
        {
            var at = new CardNode(key, file, firstLine, "a key");
            var name = at.Scalar("a text");
            if (keys.Count > 0 && !keys.Contains(name))
            {
                var nearest = NearestWords.Nearest(name, keys) is { } word ? $"; did you mean '{word}'?" : "";
                throw at.Error($"{what} has no key '{name}'{nearest} Valid keys: {string.Join(", ", keys)}");
            }
            values.Add(name, new CardNode(value, file, firstLine, $"the key '{name}'"));
        }
        return new CardMap(this, what, values);
    }

    public IReadOnlyList<CardNode> List()
    {
        if (node is not YamlSequenceNode sequence) throw Error($"{what} must be a list, not {Kind()}");
        return sequence.Children.Select((child, i) => new CardNode(child, file, firstLine, string.Create(CultureInfo.InvariantCulture, $"entry {i + 1} of {what}"))).ToList();
    }

    /// <summary>A text that is not empty. Numbers are no texts unless quoted, so that a slip is seen.</summary>
    public string Text()
    {
        var text = Scalar("a text").Trim();
        if (text.Length == 0) throw Error($"{what} must not be empty");
        if (IsPlain && (IsNumber(text) || text is "true" or "false" or "null" or "~")) throw Error($"{what} must be a text, not {text}; put it in quotes if it is meant as one");
        return text;
    }

    /// <summary>A scalar of any kind, as it is written: an option's value.</summary>
    public string Written() => Scalar("one value");

    public double Number()
    {
        var text = Scalar("a number");
        if (!IsPlain || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw Error($"{what} must be a number without quotes, not '{text}'");
        return number;
    }

    public int Integer(int min, int max)
    {
        var text = Scalar("an integer");
        if (!IsPlain || !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            throw Error(string.Create(CultureInfo.InvariantCulture, $"{what} must be an integer from {min} to {max}, not '{text}'"));
        return number;
    }

    public bool Truth()
    {
        var text = Scalar("true or false");
        return IsPlain && text is "true" or "false" ? text == "true" : throw Error($"{what} must be true or false, not '{text}'");
    }

    /// <summary>One of a few words.</summary>
    public string Choice(IReadOnlyList<string> words)
    {
        var text = Scalar("one of " + string.Join(", ", words));
        return words.Contains(text) ? text
            : throw Error($"{what} cannot be '{text}'. Valid words, nearest first: {string.Join(", ", NearestWords.Order(text, words))}");
    }

    private bool IsPlain => node is YamlScalarNode { Style: ScalarStyle.Plain };

    private string Scalar(string expected) =>
        node is YamlScalarNode { Value: { } value } && !(IsPlain && value.Length == 0) ? value : throw Error($"{what} must be {expected}, not {Kind()}");

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private string Kind() => node switch { YamlMappingNode => "a mapping", YamlSequenceNode => "a list", _ => "empty" };
}

/// <summary>The values of a mapping by key.</summary>
internal sealed class CardMap(CardNode node, string what, IReadOnlyDictionary<string, CardNode> values)
{
    public CardNode Node => node;

    public IReadOnlyDictionary<string, CardNode> Values => values;

    public CardNode Required(string key) => values.GetValueOrDefault(key) ?? throw node.Error($"{what} lacks the key '{key}'");

    public CardNode? Optional(string key) => values.GetValueOrDefault(key);
}
