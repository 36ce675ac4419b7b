using System.Text.Json.Serialization;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers.Protocol;

/// <summary>What a worker tells its host, one JSON object a line. Nothing else ever stands on that pipe.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(ReadyMessage), "ready")]
[JsonDerivedType(typeof(StartedMessage), "started")]
[JsonDerivedType(typeof(MetricsMessage), "metrics")]
[JsonDerivedType(typeof(CheckpointMessage), "checkpoint")]
[JsonDerivedType(typeof(ProgressMessage), "progress")]
[JsonDerivedType(typeof(SentenceMessage), "message")]
[JsonDerivedType(typeof(CompletedMessage), "completed")]
[JsonDerivedType(typeof(PausedMessage), "paused")]
[JsonDerivedType(typeof(FailedMessage), "failed")]
public abstract record WorkerMessage;

/// <summary>Waits for a run.</summary>
/// <param name="Process">Its id.</param>
public sealed record ReadyMessage(int Process) : WorkerMessage;

/// <summary>The first word on a run, before any metric.</summary>
/// <param name="From">Step of the checkpoint that it really goes on from; null begins anew.</param>
public sealed record StartedMessage(long? From) : WorkerMessage;

/// <summary>In the order in which they were measured.</summary>
public sealed record MetricsMessage(IReadOnlyList<MetricPoint> Points) : WorkerMessage;

/// <param name="File">Full path; on disk, whole and synced.</param>
/// <param name="Sha256">As the file itself states it, lower-case hex.</param>
public sealed record CheckpointMessage(long Step, string File, string Sha256, long Bytes) : WorkerMessage;

/// <summary>A sign of life from the training thread, at least every second while steps are taken.</summary>
/// <param name="MemoryBytes">Resident memory of the worker.</param>
public sealed record ProgressMessage(string Phase, long Step, long Steps, double StepsPerSecond, long MemoryBytes) : WorkerMessage;

/// <summary>For a person; kept in the trial's log.</summary>
public sealed record SentenceMessage(string Text) : WorkerMessage;

public sealed record CompletedMessage(long Step, IReadOnlyDictionary<string, double> Scores) : WorkerMessage;

/// <summary>Stopped on request, after a checkpoint of this step was reported.</summary>
public sealed record PausedMessage(long Step) : WorkerMessage;

public sealed record FailedMessage(FailureClass Class, string Message) : WorkerMessage;
