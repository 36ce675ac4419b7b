using System.Text.Json.Serialization;

namespace Repro.Workers.Protocol;

/// <summary>What a host tells a worker, one JSON object a line on the worker's standard input. The end of the input ends the worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(TrainMessage), "train")]
[JsonDerivedType(typeof(StopMessage), "stop")]
public abstract record HostMessage;

/// <summary>Train this run. A worker trains one at a time.</summary>
public sealed record TrainMessage : HostMessage
{
    public required string Run { get; init; }

    public required int Attempt { get; init; }

    public required string Experiment { get; init; }

    public required string Profile { get; init; }

    /// <summary>Options that differ from the profile, by name.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public required ulong Seed { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>: as the worker sees devices.</summary>
    public required string Device { get; init; }

    public required int Threads { get; init; }

    /// <summary>The attempt's own folder, full path; made by the host.</summary>
    public required string Folder { get; init; }

    /// <summary>Recorded checkpoints to go on from, newest first; the first that is whole and the very one that was recorded is taken. Empty begins anew.</summary>
    public required IReadOnlyList<CheckpointMessage> Checkpoints { get; init; }

    /// <summary>Folder with the data sets; null looks in the usual places.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Seconds between checkpoints.</summary>
    public required double CheckpointEvery { get; init; }

    /// <summary>Test is neither evaluated nor read.</summary>
    public required bool TestIsSealed { get; init; }
}

/// <summary>Checkpoint and stop.</summary>
/// <param name="Run">Not the run that it trains: too late, and ignored.</param>
public sealed record StopMessage(string Run, int Attempt) : HostMessage;
