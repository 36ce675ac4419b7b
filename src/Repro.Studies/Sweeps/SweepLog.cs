using System.Text.Json;
using System.Text.Json.Serialization;

namespace Repro.Studies.Sweeps;

/// <summary>Events as the JSON text that stores keep: one object an event, snake_case.</summary>
public static class SweepLog
{
    public static string Write(SweepEvent happened) => JsonSerializer.Serialize(happened, SweepLogContext.Default.SweepEvent);

    /// <exception cref="FormatException">No event of this version.</exception>
    public static SweepEvent Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SweepLogContext.Default.SweepEvent) ?? throw new FormatException("A sweep's log has an empty event.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException($"A sweep's log has an event that cannot be read: {json[..Math.Min(json.Length, 80)]}. {e.Message}", e);
        }
    }
}

// A member that was always there must be there; one that was added later has a default.
[JsonSourceGenerationOptions(
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SweepEvent))]
internal sealed partial class SweepLogContext : JsonSerializerContext;
