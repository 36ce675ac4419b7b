using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Repro.Studies.Scheduling;

/// <summary>
/// What is said of a machine or a slot, name to value: <c>gpu=h200</c>, <c>host=node-3</c>. Immutable, ordered by name (ordinal); equal where all names and values are.
/// </summary>
/// <remarks>A name is a word of a to z, digits, _ and -; a value has letters, digits and . _ - : / and no blanks. Both are compared exactly, case and all.</remarks>
[JsonConverter(typeof(LabelsConverter))]
public sealed class Labels : IEquatable<Labels>
{
    /// <summary>Of one machine, one slot, one demand.</summary>
    public const int Most = 32;

    /// <summary>Characters of a name, and of a value.</summary>
    public const int Longest = 100;

    private readonly string[] _names;
    private readonly string[] _values;

    private Labels(string[] names, string[] values) => (_names, _values) = (names, values);

    public static Labels None { get; } = new([], []);

    public int Count => _names.Length;

    /// <summary>By name.</summary>
    public IEnumerable<KeyValuePair<string, string>> All => _names.Zip(_values, KeyValuePair.Create);

    /// <exception cref="BadInputException">A name or a value breaks the rules, a name stands twice, or there are too many.</exception>
    public static Labels Of(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels)
        {
            if (Complaint(name, value) is { } complaint) throw new BadInputException($"The label '{name}={value}' cannot be: {complaint}.");
            if (!sorted.TryAdd(name, value)) throw new BadInputException($"The label '{name}' is given twice, as '{sorted[name]}' and '{value}'. A label has one value.");
        }
        if (sorted.Count > Most) throw new BadInputException($"At most {Most} labels are kept together; there are {sorted.Count}.");
        return sorted.Count == 0 ? None : new Labels([.. sorted.Keys], [.. sorted.Values]);
    }

    /// <summary>Reads <c>gpu=h200,host=node-3</c>; empty text is no labels.</summary>
    /// <exception cref="BadInputException">States the piece and the rule.</exception>
    public static Labels Parse(string text) => Of(Pieces(text));

    /// <summary>Names and values of a list with commas; the rules are looked at by who uses them.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Pieces(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) yield break;
        foreach (var piece in text.Split(','))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new BadInputException($"In '{text}' every piece is written name=value, as gpu=h200; it was '{piece.Trim()}'.");
            yield return KeyValuePair.Create(piece[..equals].Trim(), piece[(equals + 1)..].Trim());
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        var index = Array.BinarySearch(_names, name, StringComparer.Ordinal);
        value = index >= 0 ? _values[index] : null;
        return index >= 0;
    }

    /// <summary>Whether these have every label of <paramref name="demanded"/>, with the same value.</summary>
    public bool Match(Labels demanded)
    {
        for (var i = 0; i < demanded._names.Length; i++)
        {
            if (!TryGet(demanded._names[i], out var value) || !string.Equals(value, demanded._values[i], StringComparison.Ordinal)) return false;
        }
        return true;
    }

    /// <summary>These, and those of a part of it; where both say something the part's word counts.</summary>
    public Labels With(Labels part) => part.Count == 0 ? this : Count == 0 ? part : Of(All.Where(label => !part.TryGet(label.Key, out _)).Concat(part.All));

    public bool Equals(Labels? other) => other is not null && _names.AsSpan().SequenceEqual(other._names) && _values.AsSpan().SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <summary>Equal in one process only.</summary>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var name in _names) hash.Add(name);
        foreach (var value in _values) hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join(",", All.Select(label => $"{label.Key}={label.Value}"));

    private static string? Complaint(string name, string value) =>
        !StudyFiles.StudyRules.IsWord(name) ? "a name is a word of a to z, digits, _ and -, as gpu or rack-2"
        : Demand.Words.Contains(name) ? $"'{name}' is what a sweep demands, not what a machine is called; take another name"
        : name == "gpu" && IsNumber(value) ? $"gpu names the kind of GPU, as gpu=h200. How many of them a run needs is gpus={value}"
        : value.Length == 0 ? "it has no value"
        : !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/') ? "a value has letters, digits and . _ - : / and no blanks"
        : name.Length > Longest || value.Length > Longest ? $"names and values have at most {Longest} characters"
        : null;

    private static bool IsNumber(string text) => text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '.');
}

/// <summary>As <see cref="Labels.ToString"/> writes them.</summary>
public sealed class LabelsConverter : JsonConverter<Labels>
{
    public override Labels Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Labels.Parse(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Labels value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
