using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Repro.Figures.Verification;
using Repro.Reports.Documents;
using Repro.Reports.Sweeps;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Reports.Ledgers;

/// <summary>
/// <c>figures/ledger.json</c>: where every figure of a report and every table with a name comes from, with digests of what was made, and what the report knew that
/// its sources do not say. <c>repro verify</c> makes all of it again and compares. The same report has the same bytes: names are sorted.
/// </summary>
/// <param name="Report">What it is a report of: a run's id, a sweep's name, a paper.</param>
/// <param name="Command">Makes the report again.</param>
public sealed record LedgerFile(string Report, string Command)
{
    /// <summary>The version of the file that this program writes, and the newest that it reads.</summary>
    public const int NewestFormat = 1;

    /// <summary>Relative to the report's folder.</summary>
    public const string Name = "figures/" + FileName;

    /// <summary>In the folder of the figures.</summary>
    public const string FileName = "ledger.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    [JsonPropertyOrder(-1)]
    public int Format { get; init; } = NewestFormat;

    /// <summary>Of a sweep: whether its report shows test scores of the confirmation; null of anything else, where nothing is sealed.</summary>
    public bool? TestShown { get; init; }

    /// <summary>Of a sweep: how often the test set was read elsewhere, as the store knew in which the report was made; null where nobody looked.</summary>
    public TestUse? TestElsewhere { get; init; }

    /// <summary>SHA-256 of the files that the report was made from, by their names in the report's folder; empty where the sources have digests of their own.</summary>
    public SortedDictionary<string, string> Sources { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By the figure's name.</summary>
    public SortedDictionary<string, FigureEntry> Figures { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By the table's name; those without a name are in the report alone.</summary>
    public SortedDictionary<string, TableEntry> Tables { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Null where the report has none: it was made before there were ledgers.</summary>
    /// <param name="folder">The report's.</param>
    /// <exception cref="BadInputException">It cannot be read, or a newer program wrote it.</exception>
    public static LedgerFile? Read(string folder) => ReadFrom(Path.Combine(folder, Name));

    /// <inheritdoc cref="Read"/>
    /// <param name="path">Of the file.</param>
    public static LedgerFile? ReadFrom(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var file = JsonSerializer.Deserialize<LedgerFile>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
            // What is read has another order of names than the one in which they are written.
            return file.Format <= NewestFormat ? file with { Sources = Sorted(file.Sources), Figures = Sorted(file.Figures), Tables = Sorted(file.Tables) }
                : throw new BadInputException($"{path} has format {file.Format}; this program reads up to {NewestFormat}. Use a newer version of the program.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}. Make the report again.", e);
        }
    }

    /// <summary>Writes it in place of an earlier one, and removes the files of figures and tables that only the earlier one names: they would be taken for this report's.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public void ReplaceIn(string folder)
    {
        LedgerFile? earlier = null;
        try
        {
            earlier = Read(folder);
        }
        catch (BadInputException)
        {
            // One that cannot be read names nothing to remove.
        }
        WriteTo(Path.Combine(folder, Name));
        if (earlier is null || earlier.Report != Report) return;
        foreach (var name in earlier.Figures.Keys.Where(name => !Figures.ContainsKey(name)))
        {
            foreach (var file in (string[])[$"{name}.csv", $"{name}.png", $"{name}.svg", $"{name}.pdf", $"{name}-column.svg"]) Remove(folder, "figures", file);
        }
        foreach (var file in earlier.Tables.Where(table => !Tables.ContainsKey(table.Key)).SelectMany(table => table.Value.Files.Keys)) Remove(folder, file);
    }

    private static SortedDictionary<string, T> Sorted<T>(SortedDictionary<string, T> some) => new(some, StringComparer.Ordinal);

    // A name with a path in it was not written by a report.
    private static void Remove(string folder, params string[] parts)
    {
        var file = Path.GetFullPath(Path.Combine([folder, .. parts]));
        if (file.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(file)) File.Delete(file);
    }

    /// <exception cref="StorageException">The disk refuses.</exception>
    public void WriteTo(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write {path}: {StorageException.Reason(e)}.", e);
        }
        DurableFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n']);
    }
}

/// <summary>Where a figure or a table comes from; see <see cref="Ledger"/>.</summary>
public abstract record LedgerEntry(
    string Title, string Command, IReadOnlyList<string> Runs, IReadOnlyList<string> Commits, IReadOnlyDictionary<string, string> Data, IReadOnlyList<string> Engines)
{
    /// <summary>Null where there are none.</summary>
    public IReadOnlyDictionary<string, string>? Yardsticks { get; init; }

    internal static IReadOnlyDictionary<string, string>? YardsticksOf(Ledger ledger) => ledger.Yardsticks.Count > 0 ? ledger.Yardsticks : null;
}

/// <summary>Where a figure comes from, and under what its pictures were drawn.</summary>
/// <param name="Sha256">Of its data, <c>figures/NAME.csv</c>.</param>
/// <param name="Renderer">What drew the pictures, with its version.</param>
/// <param name="Font">Names of the font's files; empty where they could not be found out.</param>
/// <param name="FontSha256">Of the font's files; empty where they could not be found out.</param>
public sealed record FigureEntry(
    string Title, string Command, IReadOnlyList<string> Runs, IReadOnlyList<string> Commits, IReadOnlyDictionary<string, string> Data, IReadOnlyList<string> Engines,
    [property: JsonPropertyOrder(1)] string Sha256, [property: JsonPropertyOrder(1)] string Renderer, [property: JsonPropertyOrder(1)] string Font, [property: JsonPropertyOrder(1)] string FontSha256)
    : LedgerEntry(Title, Command, Runs, Commits, Data, Engines)
{
    internal RendererIdentity DrawnBy => new(Renderer, Font, FontSha256);

    internal static FigureEntry Of(string title, Ledger ledger, string sha256, RendererIdentity drawnBy) =>
        new(title, ledger.Command, ledger.Runs, ledger.Commits, ledger.Data, ledger.Engines, sha256, drawnBy.Renderer, drawnBy.Font, drawnBy.FontHash) { Yardsticks = YardsticksOf(ledger) };
}

/// <summary>Where a table comes from.</summary>
/// <param name="Files">SHA-256 of its files by their names in the report's folder: <c>tables/NAME.tex</c>.</param>
public sealed record TableEntry(
    string Title, string Command, IReadOnlyList<string> Runs, IReadOnlyList<string> Commits, IReadOnlyDictionary<string, string> Data, IReadOnlyList<string> Engines,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string> Files) : LedgerEntry(Title, Command, Runs, Commits, Data, Engines)
{
    internal static TableEntry Of(string title, Ledger ledger, IReadOnlyDictionary<string, string> files) =>
        new(title, ledger.Command, ledger.Runs, ledger.Commits, ledger.Data, ledger.Engines, files) { Yardsticks = YardsticksOf(ledger) };
}
