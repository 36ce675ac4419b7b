using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Repro.Studies.Sweeps;

/// <summary>Names a run within its sweep: written <c>12-0</c>, the first run of trial 12.</summary>
/// <param name="Trial">From 0.</param>
/// <param name="Index">Which of the trial's seeds, from 0.</param>
[JsonConverter(typeof(RunKeyConverter))]
public readonly record struct RunKey(int Trial, int Index)
{
    /// <summary>By trial, then index.</summary>
    public static IComparer<RunKey> Order { get; } = Comparer<RunKey>.Create((a, b) => (a.Trial, a.Index).CompareTo((b.Trial, b.Index)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Trial}-{Index}");

    /// <exception cref="FormatException">Not two whole numbers with a hyphen between.</exception>
    public static RunKey Parse(string text)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0
            && int.TryParse(text.AsSpan(0, hyphen), NumberStyles.None, CultureInfo.InvariantCulture, out var trial)
            && int.TryParse(text.AsSpan(hyphen + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new RunKey(trial, index)
            : throw new FormatException($"'{text}' is no run of a sweep; runs are named by trial and seed, as 12-0.");
    }
}

/// <summary>As <see cref="RunKey.ToString"/> writes it.</summary>
public sealed class RunKeyConverter : JsonConverter<RunKey>
{
    public override RunKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => RunKey.Parse(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, RunKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
