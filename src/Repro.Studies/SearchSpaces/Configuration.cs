using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces;

/// <summary>
/// The settings of one trial: option name to the text that <c>--set name=value</c> takes. Immutable, ordered by name (ordinal); equal where all names and
/// texts are. Inactive hyperparameters are not in it.
/// </summary>
[JsonConverter(typeof(ConfigurationConverter))]
public sealed class Configuration : IEquatable<Configuration>
{
    private readonly string[] _names;
    private readonly string[] _texts;

    /// <summary>Takes both arrays over; names in ordinal order, each once.</summary>
    internal Configuration(string[] names, string[] texts) => (_names, _texts) = (names, texts);

    /// <summary>No setting: the experiment's own defaults.</summary>
    public static Configuration Empty { get; } = new([], []);

    public int Count => _names.Length;

    /// <summary>Name and text of each setting, as <see cref="OptionSchema.Apply"/> takes them.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings
    {
        get
        {
            for (var i = 0; i < _names.Length; i++) yield return KeyValuePair.Create(_names[i], _texts[i]);
        }
    }

    /// <summary>The text of a setting.</summary>
    /// <exception cref="BadInputException">There is no such setting; lists those there are, nearest first.</exception>
    public string this[string name] => TryGet(name, out var text) ? text
        : throw new BadInputException($"The configuration {this} does not set '{name}'. It sets, nearest first: {string.Join(", ", NearestWords.Order(name, _names))}.");

    /// <summary>Settings in any order; of two with one name the last counts.</summary>
    public static Configuration Of(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var given = settings.ToArray();
        var (names, texts) = (Array.ConvertAll(given, setting => setting.Key), Array.ConvertAll(given, setting => setting.Value));
        var isSorted = true;
        for (var i = 1; i < names.Length; i++) isSorted &= string.CompareOrdinal(names[i - 1], names[i]) < 0;
        if (isSorted) return new Configuration(names, texts);
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in given) sorted[name] = text;
        return new Configuration([.. sorted.Keys], [.. sorted.Values]);
    }

    /// <summary>Reads <c>name=value,name=value</c>. A value with a comma, a quote or a space at an end stands in single quotes, a quote in it doubled.</summary>
    /// <exception cref="BadInputException">States the column (from 1) and the rule.</exception>
    public static Configuration Parse(string text)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(text)) return Empty;
        foreach (var piece in QuotedList.Split(text, ','))
        {
            var equals = piece.Raw.IndexOf('=');
            var name = equals < 0 ? piece.Raw.Trim() : piece.Raw[..equals].Trim();
            if (equals < 0 || !SearchSpace.IsName(name))
                throw new BadInputException($"In '{text}', column {piece.Column}: every setting is written name=value, the name in snake_case; it was '{piece.Raw}'.");
            var value = QuotedList.Unquote(text, piece.Raw[(equals + 1)..], piece.Column + equals + 1);
            if (!settings.TryAdd(name, value)) throw new BadInputException($"In '{text}', column {piece.Column}: '{name}' is set twice.");
        }
        return Of(settings);
    }

    public bool TryGet(string name, [NotNullWhen(true)] out string? text)
    {
        var index = Array.BinarySearch(_names, name, StringComparer.Ordinal);
        text = index >= 0 ? _texts[index] : null;
        return index >= 0;
    }

    /// <summary>The number of a setting.</summary>
    /// <exception cref="BadInputException">There is no such setting, or it is no number.</exception>
    public double Number(string name) =>
        double.TryParse(this[name], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new BadInputException($"'{name}' must be a number here; it was '{this[name]}'.");

    /// <summary>A configuration with one setting changed or added.</summary>
    public Configuration With(string name, string text) => Of(Settings.Append(KeyValuePair.Create(name, text)));

    public bool Equals(Configuration? other) => other is not null && _names.AsSpan().SequenceEqual(other._names) && _texts.AsSpan().SequenceEqual(other._texts);

    public override bool Equals(object? obj) => Equals(obj as Configuration);

    /// <summary>Equal in one process only: .NET hashes texts differently in each.</summary>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var name in _names) hash.Add(name);
        foreach (var text in _texts) hash.Add(text);
        return hash.ToHashCode();
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _names.Length; i++) text.Append(i > 0 ? "," : "").Append(_names[i]).Append('=').Append(QuotedList.Quote(_texts[i]));
        return text.ToString();
    }
}

/// <summary>As a JSON object of texts.</summary>
public sealed class ConfigurationConverter : JsonConverter<Configuration>
{
    public override Configuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("A configuration is an object of texts.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            settings.Add(KeyValuePair.Create(name, reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException($"The setting '{name}' is no text.")));
        }
        return Configuration.Of(settings);
    }

    public override void Write(Utf8JsonWriter writer, Configuration value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Settings) writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}
