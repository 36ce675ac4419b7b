using System.Text.Json;
using System.Text.Json.Serialization;

namespace Repro.Studies.Sweeps;

/// <summary>Why an attempt ended without a result. Retry limits are set by class.</summary>
[JsonConverter(typeof(SnakeCaseWords<FailureClass>))]
public enum FailureClass
{
    /// <summary>The program or the experiment: the same again would most likely end the same.</summary>
    Bug,

    /// <summary>The loss, a parameter or a score was no finite number.</summary>
    NotFinite,

    /// <summary>The system or the device had not the memory.</summary>
    OutOfMemory,

    /// <summary>The worker process died by a signal or a native abort.</summary>
    Crash,

    /// <summary>No sign of life within the time that is allowed.</summary>
    Hang,

    /// <summary>The machine lacked something: room on its disk, a data set, a device. Says nothing about the run, and never counts against its limits.</summary>
    Machine,

    /// <summary>Its host died or was cut off. Says nothing about the run, and never counts against its limits.</summary>
    Lost,

    /// <summary>Stopped on request before it could checkpoint.</summary>
    Cancelled,
}

/// <summary>Who paused a run.</summary>
[JsonConverter(typeof(SnakeCaseWords<PauseReason>))]
public enum PauseReason
{
    /// <summary>The host stops; any host goes on with it as soon as there is a slot.</summary>
    HostStops,

    /// <summary>The pruner waits for others at the same rung; it goes on when it is promoted.</summary>
    Rung,
}

/// <summary>Members as snake_case words in JSON: out_of_memory.</summary>
public sealed class SnakeCaseWords<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
