using System.Globalization;
using Repro.Studies.Options;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Repro.Studies.Formats;

/// <summary>One value of a YAML file that knows where it stands, so that every complaint names the place.</summary>
/// <param name="file">Named in errors.</param>
/// <param name="firstLine">Line of the file, from 1, at which its YAML begins.</param>
/// <param name="what">What the value is, in messages: <c>the key 'year'</c>.</param>
public sealed class YamlValue(YamlNode node, string file, int firstLine, string what)
{
    // Deeper nesting is no file that a person wrote, and would end the program by a stack overflow.
    private const int DeepestNesting = 50;

    /// <summary>The one document of a text.</summary>
    /// <param name="keys">What it should have, for the message where it has none.</param>
    /// <exception cref="BadInputException">No YAML, a key twice, or not one document.</exception>
    public static YamlValue Read(string yaml, string file, int firstLine, string what, IReadOnlyList<string> keys)
    {
        BadInputException Fail(Mark at, string rule, Exception? e = null) =>
            new(string.Create(CultureInfo.InvariantCulture, $"{file}, line {at.Line + firstLine - 1}, column {at.Column}: {rule}"), e);
        var scanner = new Scanner(new StringReader(yaml));
        try
        {
            RequirePlain(new Parser(new Scanner(new StringReader(yaml))), Fail);
            var stream = new YamlStream();
            stream.Load(new Parser(scanner));
            return stream.Documents.Count == 1
                ? new YamlValue(stream.Documents[0].RootNode, file, firstLine, what)
                : throw new BadInputException($"{file}, line {firstLine}, column 1: {what} is one document with the keys {string.Join(", ", keys)}; this has {stream.Documents.Count}.");
        }
        catch (YamlException e) when (e.Message.StartsWith("Duplicate key", StringComparison.Ordinal))
        {
            throw Fail(e.Start, $"a key stands here once only; '{e.Message["Duplicate key".Length..].Trim()}' is there twice.", e);
        }
        catch (YamlException e)
        {
            if (TabIn(yaml) is { } tab) throw Fail(tab, "YAML is indented with blanks; this line begins with a tab.", e);
            throw Fail(e.Start, $"this is not YAML: {e.Message.TrimEnd('.')}.", e);
        }
        catch (InvalidOperationException e)
        {
            // The scanner's own way out of some broken flow sequences, which carries no place.
            throw Fail(scanner.CurrentPosition, "this is not YAML: a '[' or '{' before this place is not closed.", e);
        }
    }

    // The scanner places a tab where it began to look for a word, which may be lines before.
    private static Mark? TabIn(string yaml)
    {
        foreach (var (line, text) in yaml.Split('\n').Index())
        {
            var tab = text.IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && text.AsSpan(0, tab).Trim(' ').IsEmpty) return new Mark(0, line + 1, tab + 1);
        }
        return null;
    }

    private static void RequirePlain(Parser events, Func<Mark, string, Exception?, BadInputException> fail)
    {
        var depth = 0;
        while (events.MoveNext())
        {
            // A name for another place could name the place that it stands in.
            if (events.Current is AnchorAlias alias) throw fail(alias.Start, $"'*{alias.Value}' stands for another place of the file; write out what stands there.", null);
            depth += events.Current!.NestingIncrease;
            if (depth > DeepestNesting) throw fail(events.Current.Start, $"at most {DeepestNesting} lists and mappings may be nested.", null);
        }
    }

    public BadInputException Error(string rule) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}, line {node.Start.Line + firstLine - 1}, column {node.Start.Column}: {rule}."));

    /// <summary>The value as a mapping with these keys only.</summary>
    /// <param name="keys">Empty: any key.</param>
    public YamlMap Map(IReadOnlyList<string> keys)
    {
        if (node is not YamlMappingNode mapping) throw Error($"{what} must be a mapping of keys to values, not {Kind()}");
        var values = new Dictionary<string, YamlValue>();
        var places = new Dictionary<string, YamlValue>();
        foreach (var (key, value) in mapping.Children)
        {
            var at = new YamlValue(key, file, firstLine, "a key");
            var name = at.Scalar("a text");
            if (keys.Count > 0 && !keys.Contains(name))
            {
                var nearest = NearestWords.Nearest(name, keys) is { } word ? $"; did you mean '{word}'?" : ".";
                throw at.Error($"{what} has no key '{name}'{nearest} Valid keys: {string.Join(", ", keys)}");
            }
            places.Add(name, at);
            values.Add(name, new YamlValue(value, file, firstLine, $"the key '{name}'"));
        }
        return new YamlMap(this, what, values, places);
    }

    public IReadOnlyList<YamlValue> List()
    {
        if (node is not YamlSequenceNode sequence) throw Error($"{what} must be a list, not {Kind()}");
        return sequence.Children.Select((child, i) => new YamlValue(child, file, firstLine, string.Create(CultureInfo.InvariantCulture, $"entry {i + 1} of {what}"))).ToList();
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

    public int WholeNumber(int min, int max) => (int)WholeNumber((long)min, max);

    public long WholeNumber(long min, long max)
    {
        var text = Scalar("an integer");
        if (!IsPlain || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            throw Error(string.Create(CultureInfo.InvariantCulture, $"{what} must be an integer from {min} to {max}, not '{text}'"));
        return number;
    }

    public bool IsMap => node is YamlMappingNode;

    public bool IsList => node is YamlSequenceNode;

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
public sealed class YamlMap
{
    private readonly string _what;
    private readonly IReadOnlyDictionary<string, YamlValue> _places;

    internal YamlMap(YamlValue node, string what, IReadOnlyDictionary<string, YamlValue> values, IReadOnlyDictionary<string, YamlValue> places) =>
        (Node, _what, Values, _places) = (node, what, values, places);

    public YamlValue Node { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyDictionary<string, YamlValue> Values { get; }

    /// <summary>Where a key itself stands.</summary>
    public YamlValue Place(string key) => _places[key];

    public YamlValue Required(string key) => Values.GetValueOrDefault(key) ?? throw Node.Error($"{_what} lacks the key '{key}'");

    public YamlValue? Optional(string key) => Values.GetValueOrDefault(key);
}
