using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Studies;
using Repro.Studies.Runs;

namespace Repro.Results.Runs;

/// <summary>How the parts of a run are written as JSON: snake_case names, UTC times, non-finite numbers as text in a field of their own.</summary>
internal static class RunJson
{
    /// <summary>The version of the run folder's format that this program writes, and the newest that it reads.</summary>
    public const int Format = 1;

    public static readonly JsonSerializerOptions Compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    public static JsonObject Write(RunRequest request)
    {
        var options = new JsonObject();
        foreach (var (name, value) in request.Options) options[name] = value;
        return new JsonObject
        {
            ["format"] = Format,
            ["id"] = request.Id,
            ["experiment"] = request.Experiment,
            ["profile"] = request.Profile,
            ["seed"] = request.Seed,
            ["command"] = request.Command,
            ["created"] = Time(request.Created),
            ["options"] = options,
        };
    }

    /// <exception cref="BadInputException">No <c>run.json</c>, not of our making, or of a newer program.</exception>
    public static RunRequest ReadRequest(string folder)
    {
        var path = Path.Combine(folder, "run.json");
        if (!File.Exists(path)) throw new BadInputException($"{folder} is no run folder: it has no run.json.");
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if ((int)json["format"]! > Format)
                throw new BadInputException($"{path} has format {(int)json["format"]!}; this program reads up to {Format}. Use a newer version of the program.");
            return new RunRequest(
                (string)json["id"]!, (string)json["experiment"]!, (string)json["profile"]!,
                json["options"]!.AsObject().Select(o => KeyValuePair.Create(o.Key, (string)o.Value!)).ToList(),
                (ulong)json["seed"]!, (string)json["command"]!, ReadTime(json["created"]!));
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw new BadInputException($"{path} is corrupt ({What(e)}). Restore it from a copy, or delete the folder.", e);
        }
    }

    public static byte[] Write(MetricPoint point)
    {
        var json = new JsonObject { ["step"] = point.Step, ["name"] = point.Name };
        Number(json, "value", point.Value);
        json["seconds"] = Math.Round(point.Seconds, 3);
        return JsonSerializer.SerializeToUtf8Bytes(json, Compact);
    }

    public static MetricPoint ReadMetric(JsonObject json) =>
        new((string)json["name"]!, (long)json["step"]!, ReadNumber(json, "value"), ReadSeconds((double)json["seconds"]!));

    // A thousand years and more nobody has trained.
    private static double ReadSeconds(double seconds) => seconds is >= 0 and < 1e11 ? seconds : throw new FormatException($"{seconds} seconds is no time of training");

    /// <summary>JSON has no NaN and no infinity: such a value stands as text in <c>name_non_finite</c>.</summary>
    public static void Number(JsonObject json, string name, double value)
    {
        if (double.IsFinite(value)) json[name] = value;
        else json[name + "_non_finite"] = double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }

    public static double ReadNumber(JsonObject json, string name) => json[name] is { } value ? (double)value : NonFinite((string)json[name + "_non_finite"]!);

    public static DateTimeOffset ReadTime(JsonNode time) => DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>What reading a node of the wrong shape throws.</summary>
    public static bool IsMalformed(Exception e) =>
        e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentNullException or KeyNotFoundException or OverflowException;

    /// <summary>What is wrong, in words for people.</summary>
    public static string What(Exception malformed) =>
        malformed is NullReferenceException or ArgumentNullException ? "a field is missing" : malformed.Message.Split('\n')[0].TrimEnd('.', '\r');

    private static double NonFinite(string word) => word switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new FormatException($"'{word}' is no number"),
    };
}
