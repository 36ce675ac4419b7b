using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Figures;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Training;

namespace Repro.Cli.Running;

/// <summary>
/// What a run drew, wrote and translated at its final evaluation: <c>samples-SPLIT.json</c> in its folder. Where it translated, <c>translations</c> has every line that was scored and
/// the digest of the references.
/// </summary>
public static class SampleFiles
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, IndentSize = 1,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes, in place of what the folder had for the split.</summary>
    public static void Write(string folder, SampleSet samples)
    {
        var json = new JsonObject
        {
            ["split"] = samples.Split, ["step"] = samples.Step, ["figures"] = new JsonArray([.. samples.Figures.Select(FigureJson.Write)]),
            ["texts"] = JsonSerializer.SerializeToNode(samples.Texts, Options),
        };
        if (samples.Translations is { } translations) json["translations"] = JsonSerializer.SerializeToNode(translations, Options);
        DurableFile.Write(Path.Combine(folder, EvidenceFile.Samples(samples.Split)), JsonSerializer.SerializeToUtf8Bytes(json, Options));
    }

    /// <summary>All of a folder, by split.</summary>
    /// <exception cref="BadInputException">A file is corrupt.</exception>
    public static IReadOnlyList<SampleSet> Read(string folder) => !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateFiles(folder, EvidenceFile.AnySamples).Order(StringComparer.Ordinal).Select(ReadFile)];

    /// <summary>
    /// The figures of several splits together: one that is the same of each stands once, and of others that share a name each says its split.
    /// </summary>
    public static IEnumerable<Figure> Figures(IReadOnlyList<SampleSet> sets)
    {
        var all = sets.SelectMany(set => set.Figures.Select(figure => (set.Split, Figure: figure, Written: FigureJson.Write(figure).ToJsonString()))).DistinctBy(one => one.Written).ToList();
        return all.Select(one => all.Count(other => other.Figure.Name == one.Figure.Name) == 1 ? one.Figure
            : one.Figure with { Name = $"{one.Figure.Name}-{one.Split}", Title = $"{one.Figure.Title} ({one.Split})" });
    }

    private static SampleSet ReadFile(string file)
    {
        RegularFile.Require(file);
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(file))!.AsObject();
            var set = new SampleSet(
                json["split"]!.GetValue<string>(), json["step"]!.GetValue<long>(), [.. json["figures"]!.AsArray().Select(FigureJson.Read)],
                json["texts"].Deserialize<IReadOnlyList<TextSamples>>(Options) ?? throw new FormatException("It has no list of texts."))
            {
                Translations = json["translations"].Deserialize<Translations>(Options),
            };
            if (set.Translations?.Lines.Contains(null!) == true) throw new FormatException("A translation is missing.");
            if (Path.GetFileName(file) != EvidenceFile.Samples(set.Split)) throw new FormatException($"It is about the {set.Split} split.");
            return set.Texts.All(texts => texts?.Items is { } items && items.All(item => item is not null)) ? set : throw new FormatException("A text is missing.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or FigureException or NotSupportedException)
        {
            throw new BadInputException($"{file} is no file of samples: {(e is NullReferenceException ? "A field is missing." : e.Message)} Take it from where the run was exported, or remove it: the report then leaves them out.", e);
        }
    }
}
