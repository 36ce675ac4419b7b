using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans;
using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;
using Repro.Workers.Silos;

namespace Repro.Cluster;

/// <summary>A message of ours on its way between grains: as JSON, by the same rules as the workers' protocol, so that the domain needs no attributes of Orleans.</summary>
[GenerateSerializer, Immutable]
public readonly record struct Wire<T>([property: Id(0)] string Json)
{
    public T Value => JsonSerializer.Deserialize(Json, TypeInfo)!;

    public static implicit operator Wire<T>(T value) => Wire.Of(value);

    internal static JsonTypeInfo<T> TypeInfo => (JsonTypeInfo<T>)WireContext.Default.GetTypeInfo(typeof(T))!;
}

public static class Wire
{
    /// <summary>Also for lists, which the language does not convert by itself: their type is an interface.</summary>
    public static Wire<T> Of<T>(T value) => new(JsonSerializer.Serialize(value, Wire<T>.TypeInfo));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SlotClaim))]
[JsonSerializable(typeof(NextRun))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(EndAnswer))]
[JsonSerializable(typeof(WorkerMessage))]
[JsonSerializable(typeof(Loan))]
[JsonSerializable(typeof(IReadOnlyList<RunAttempt>))]
[JsonSerializable(typeof(RunStanding))]
[JsonSerializable(typeof(SiloReport))]
[JsonSerializable(typeof(BeatAnswer))]
[JsonSerializable(typeof(QueueSnapshot))]
internal sealed partial class WireContext : JsonSerializerContext;
