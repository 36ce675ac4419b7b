using System.Text.Json;
using System.Text.Json.Serialization;

namespace Repro.Workers.Protocol;

/// <summary>Messages as lines of text.</summary>
public static class ProtocolText
{
    public static string Write(HostMessage message) => JsonSerializer.Serialize(message, ProtocolContext.Default.HostMessage);

    public static string Write(WorkerMessage message) => JsonSerializer.Serialize(message, ProtocolContext.Default.WorkerMessage);

    /// <exception cref="FormatException">No message.</exception>
    public static HostMessage ReadHost(string line) => Read(line, text => JsonSerializer.Deserialize(text, ProtocolContext.Default.HostMessage));

    /// <inheritdoc cref="ReadHost"/>
    public static WorkerMessage ReadWorker(string line) => Read(line, text => JsonSerializer.Deserialize(text, ProtocolContext.Default.WorkerMessage));

    private static T Read<T>(string line, Func<string, T?> read)
        where T : class
    {
        try
        {
            return read(line) ?? throw new FormatException("An empty message.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException($"No message of the workers' protocol: {line[..Math.Min(line.Length, 120)]}", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(HostMessage))]
[JsonSerializable(typeof(WorkerMessage))]
internal sealed partial class ProtocolContext : JsonSerializerContext;
