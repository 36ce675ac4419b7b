using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <summary>
/// What happened in a sweep. The sequence of its events is the whole truth about it: <see cref="SweepState"/> is a fold over them. Their JSON is a
/// stored format: words are never renamed, and members only added.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(SweepCreated), "created")]
[JsonDerivedType(typeof(TrialPlanned), "planned")]
[JsonDerivedType(typeof(RunStarted), "started")]
[JsonDerivedType(typeof(WentBack), "went_back")]
[JsonDerivedType(typeof(CheckpointRecorded), "checkpoint")]
[JsonDerivedType(typeof(RungReached), "rung")]
[JsonDerivedType(typeof(RunCompleted), "completed")]
[JsonDerivedType(typeof(RunPaused), "paused")]
[JsonDerivedType(typeof(RunFailed), "failed")]
[JsonDerivedType(typeof(TrialPromoted), "promoted")]
[JsonDerivedType(typeof(TrialPruned), "pruned")]
[JsonDerivedType(typeof(TrialCancelled), "cancelled")]
[JsonDerivedType(typeof(TrialRetried), "retried")]
[JsonDerivedType(typeof(SweepExtended), "extended")]
[JsonDerivedType(typeof(SweepHeld), "held")]
[JsonDerivedType(typeof(SweepReleased), "released")]
[JsonDerivedType(typeof(Tagged), "tagged")]
[JsonDerivedType(typeof(TestRead), "test_read")]
public abstract record SweepEvent
{
    public required DateTimeOffset At { get; init; }
}

/// <param name="Study">The study as it was given, in its own format.</param>
/// <param name="Trials">How many the budget allows.</param>
public sealed record SweepCreated(string Study, ulong Seed, int Trials) : SweepEvent
{
    /// <summary>Tells sweeps of one name in several stores apart: the name, and eight hexadecimal digits over what was created and when.</summary>
    public string FolderOf(string name) =>
        $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed} {At.UtcTicks} {Study}"))))[..8]}";
}

/// <summary>A configuration was decided on, with the seeds that it will be run with.</summary>
/// <param name="Options">Every option that differs from the study's profile.</param>
/// <param name="Seeds">One a run.</param>
/// <param name="Origin">Where the configuration comes from.</param>
/// <param name="Arm">Of an ablation: <c>baseline</c>, or the arm's name; null elsewhere.</param>
public sealed record TrialPlanned(int Trial, Configuration Options, IReadOnlyList<ulong> Seeds, TrialOrigin Origin, string? Arm = null) : SweepEvent;

/// <summary>A slot took the run. From now on only this attempt may write for it.</summary>
/// <param name="Attempt">From 1; the fencing token.</param>
/// <param name="From">Step of the recorded checkpoint that it goes on from; null begins anew.</param>
/// <param name="Gpus">Of how many GPUs it has the use: 0.5 for one of two slots that share one; 0 on the CPU.</param>
public sealed record RunStarted(RunKey Run, int Attempt, string Host, string Slot, long? From, double Gpus = 0) : SweepEvent;

/// <summary>The attempt could not use the checkpoint that it was to go on from, and goes on from an older one. What was measured after that is dropped.</summary>
/// <param name="From">Step of the checkpoint that it really goes on from; null begins anew.</param>
public sealed record WentBack(RunKey Run, int Attempt, long? From) : SweepEvent;

/// <param name="File">Relative to the sweep's folder.</param>
public sealed record CheckpointRecorded(RunKey Run, int Attempt, long Step, string File, string Sha256, long Bytes) : SweepEvent;

/// <summary>The objective at a step that the pruner looks at. Other metrics are no events; they are stored beside the log.</summary>
public sealed record RungReached(RunKey Run, int Attempt, long Step, double Value) : SweepEvent;

/// <param name="Scores">Final metrics by name.</param>
public sealed record RunCompleted(RunKey Run, int Attempt, long Step, IReadOnlyDictionary<string, double> Scores) : SweepEvent;

/// <summary>Stopped at a checkpoint; <paramref name="Why"/> says by whom, and with that when it goes on.</summary>
public sealed record RunPaused(RunKey Run, int Attempt, long Step, PauseReason Why) : SweepEvent;

/// <param name="Again">Whether it is to be tried again, from its newest recorded checkpoint.</param>
public sealed record RunFailed(RunKey Run, int Attempt, FailureClass Class, string Message, bool Again) : SweepEvent;

/// <summary>Its runs, paused at a rung, go on.</summary>
public sealed record TrialPromoted(int Trial) : SweepEvent;

/// <summary>None of its runs goes on; those that completed before stay completed.</summary>
/// <param name="Step">The rung at which it was decided.</param>
/// <param name="Why">The pruner's rule with its numbers.</param>
public sealed record TrialPruned(int Trial, long Step, string Why) : SweepEvent;

/// <summary>None of its runs will go on.</summary>
public sealed record TrialCancelled(int Trial) : SweepEvent;

/// <summary>Its runs that failed or were cancelled are planned again, with their limits counted from here.</summary>
public sealed record TrialRetried(int Trial) : SweepEvent;

/// <param name="Trials">How many the budget allows now, in all.</param>
public sealed record SweepExtended(int Trials) : SweepEvent;

/// <summary>No run is given out until it is released. <paramref name="Cancelled"/>: for good.</summary>
public sealed record SweepHeld(bool Cancelled) : SweepEvent;

public sealed record SweepReleased : SweepEvent;

/// <param name="Trial">Null is the sweep itself.</param>
/// <param name="Value">Null takes the tag away. A note is the tag <c>note</c>.</param>
public sealed record Tagged(int? Trial, string Tag, string? Value) : SweepEvent;

/// <summary>A person was shown test scores of a confirmation. The report says how often.</summary>
/// <param name="By">What showed them: <c>repro status</c>.</param>
public sealed record TestRead(string By) : SweepEvent;
