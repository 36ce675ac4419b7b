using System.Collections.Frozen;
using Repro.Studies.Runs;

namespace Repro.Studies.Sweeps;

/// <summary>A run of a sweep, as its events tell. Written by <see cref="SweepState"/> alone.</summary>
public sealed class RunStatus(RunKey key, ulong seed)
{
    private static readonly SortedList<long, double> NoRungs = [];

    // Made when the first comes: a sweep of a million runs has few of each.
    private List<CheckpointRecorded>? _checkpoints;
    private SortedList<long, double>? _rungs;
    private Dictionary<FailureClass, int>? _failures;
    private long _furthest = -1;

    public RunKey Key { get; } = key;

    public ulong Seed { get; } = seed;

    public RunState State { get; internal set; } = RunState.Planned;

    /// <summary>The newest attempt; 0 before the first.</summary>
    public int Attempt { get; internal set; }

    /// <summary>Where the newest attempt runs or ran; empty before the first.</summary>
    public string Host { get; internal set; } = "";

    public string Slot { get; internal set; } = "";

    /// <summary>When the newest attempt started.</summary>
    public DateTimeOffset Started { get; private set; }

    /// <summary>When the newest attempt was last heard of in the log.</summary>
    public DateTimeOffset LastSeen { get; private set; }

    /// <inheritdoc cref="RunStarted.Gpus"/>
    public double Gpus { get; private set; }

    /// <summary>Why it is paused; meaningful in that state alone.</summary>
    public PauseReason Pause { get; internal set; }

    /// <summary>Final metrics by name; empty unless completed.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; internal set; } = FrozenDictionary<string, double>.Empty;

    /// <summary>What the last failure or the pruner said; null where neither spoke.</summary>
    public string? Message { get; internal set; }

    /// <summary>Why the last attempt that failed did so; null where none did.</summary>
    public FailureClass? LastFailure { get; private set; }

    /// <summary>Recorded checkpoints of all attempts that hold, oldest first.</summary>
    public IReadOnlyList<CheckpointRecorded> Checkpoints => _checkpoints is null ? [] : _checkpoints;

    /// <summary>The objective by step, at the steps that the pruner looks at.</summary>
    public IReadOnlyDictionary<long, double> Rungs => _rungs ?? NoRungs;

    /// <summary>Whether a slot may take it now.</summary>
    public bool Ready => State == RunState.Planned || (State == RunState.Paused && Pause == PauseReason.HostStops);

    /// <summary>Whether it has ended for good, unless a person asks for it again.</summary>
    public bool Done => State is RunState.Completed or RunState.Pruned or RunState.Failed or RunState.Cancelled;

    /// <summary>Failures of a class since the run last got further than ever before, by its recorded checkpoints, or was retried by a person.</summary>
    public int Failures(FailureClass failure) => _failures?.GetValueOrDefault(failure) ?? 0;

    internal void Start(RunStarted started)
    {
        (State, Attempt, Host, Slot, Message) = (RunState.Running, started.Attempt, started.Host, started.Slot, null);
        (Started, LastSeen, Gpus) = (started.At, started.At, started.Gpus);
        GoBack(started.From);
    }

    /// <summary>Forgets what an earlier attempt reported after the checkpoint that this one goes on from: it will be reported again.</summary>
    /// <param name="from">Null begins anew.</param>
    internal void GoBack(long? from)
    {
        while (_checkpoints is [.., { } newest] && newest.Step > (from ?? -1)) _checkpoints.RemoveAt(_checkpoints.Count - 1);
        while (_rungs?.Count > 0 && _rungs.GetKeyAtIndex(_rungs.Count - 1) > (from ?? -1)) _rungs.RemoveAt(_rungs.Count - 1);
    }

    internal void Add(CheckpointRecorded checkpoint)
    {
        LastSeen = checkpoint.At;
        (_checkpoints ??= []).Add(checkpoint);
        if (checkpoint.Step <= _furthest) return;
        _furthest = checkpoint.Step;
        _failures?.Clear();
    }

    internal void Add(RungReached rung)
    {
        LastSeen = rung.At;
        (_rungs ??= [])[rung.Step] = rung.Value;
    }

    internal void Add(FailureClass failure)
    {
        (_failures ??= [])[failure] = Failures(failure) + 1;
        LastFailure = failure;
    }

    internal void Retry()
    {
        State = RunState.Planned;
        _failures?.Clear();
        LastFailure = null;
    }
}
