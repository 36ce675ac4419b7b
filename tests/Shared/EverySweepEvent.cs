using System.Collections;
using System.Reflection;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Shared;

/// <summary>Events of every kind: each with every member set at least once, and with every member absent that may be; every word that a member can be.</summary>
public static class EverySweepEvent
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(678_901);
    private static readonly RunKey Run = new(12, 3);

    public static IReadOnlyList<SweepEvent> All { get; } =
    [
        new SweepCreated("experiment: net\nname: \"über\"", ulong.MaxValue, 40) { At = At },
        new TrialPlanned(12, Configuration.Parse("layers=3,rate=0.1,wide='a, ''b'''"), [ulong.MaxValue, 7], TrialOrigin.Arm, "without dropout") { At = At },
        new TrialPlanned(0, Configuration.Empty, [0], TrialOrigin.Paper) { At = At },
        new TrialPlanned(1, Configuration.Empty, [1], TrialOrigin.Sampler) { At = At },
        new TrialPlanned(2, Configuration.Empty, [2], TrialOrigin.Enqueued) { At = At },
        new TrialPlanned(3, Configuration.Empty, [3], TrialOrigin.Tuning) { At = At },
        new TrialPlanned(4, Configuration.Empty, [4, 5], TrialOrigin.Confirmation) { At = At },
        new RunStarted(Run, 2, "a host", "gpu-0b", 100, 0.5) { At = At },
        new RunStarted(Run, 1, "host", "cpu-0", null) { At = At },
        new WentBack(Run, 2, 50) { At = At },
        new WentBack(Run, 2, null) { At = At },
        new CheckpointRecorded(Run, 2, long.MaxValue, "12-3/attempt-2/step-000000100.safetensors", new string('a', 64), 1L << 40) { At = At },
        new RungReached(Run, 2, 100, -0.1) { At = At },
        new RungReached(Run, 2, 200, double.NaN) { At = At },
        new RungReached(Run, 2, 300, double.PositiveInfinity) { At = At },
        new RungReached(Run, 2, 400, double.NegativeInfinity) { At = At },
        new RungReached(Run, 2, 500, double.Epsilon) { At = At },
        new RunCompleted(Run, 2, 600, new Dictionary<string, double> { ["test_error"] = 0.1, ["loss"] = double.PositiveInfinity }) { At = At },
        new RunCompleted(Run, 2, 600, new Dictionary<string, double>()) { At = At },
        new RunPaused(Run, 2, 200, PauseReason.HostStops) { At = At },
        new RunPaused(Run, 2, 200, PauseReason.Rung) { At = At },
        new RunFailed(Run, 2, FailureClass.OutOfMemory, "A \"quoted\" reason,\nin two lines: ü", Again: true) { At = At },
        new RunFailed(Run, 2, FailureClass.Bug, "b", Again: false) { At = At },
        new RunFailed(Run, 2, FailureClass.NotFinite, "n", Again: false) { At = At },
        new RunFailed(Run, 2, FailureClass.Crash, "c", Again: true) { At = At },
        new RunFailed(Run, 2, FailureClass.Hang, "h", Again: true) { At = At },
        new RunFailed(Run, 2, FailureClass.Machine, "m", Again: true) { At = At },
        new RunFailed(Run, 2, FailureClass.Lost, "l", Again: true) { At = At },
        new RunFailed(Run, 2, FailureClass.Cancelled, "x", Again: false) { At = At },
        new TrialPromoted(12) { At = At },
        new TrialPruned(12, 300, "above the median 0.5") { At = At },
        new TrialCancelled(12) { At = At },
        new TrialRetried(12) { At = At },
        new SweepExtended(80) { At = At },
        new SweepHeld(Cancelled: true) { At = At },
        new SweepHeld(Cancelled: false) { At = At },
        new SweepReleased { At = At },
        new Tagged(12, "note", "a good one") { At = At },
        new Tagged(null, "owner", null) { At = At },
        new TestRead("repro status") { At = At },
    ];

    /// <summary>Equal kinds with equal members, lists and dictionaries by what is in them: records compare those by reference.</summary>
    public static IEqualityComparer<SweepEvent> ByMembers { get; } = EqualityComparer<SweepEvent>.Create(
        (a, b) => a is not null && b is not null && a.GetType() == b.GetType() && Members(a.GetType()).All(member => Same(member.GetValue(a), member.GetValue(b))),
        happened => happened.At.GetHashCode());

    public static IEnumerable<PropertyInfo> Members(Type kind) => kind.GetProperties(BindingFlags.Instance | BindingFlags.Public);

    private static bool Same(object? a, object? b) =>
        a is IEnumerable left and not string && b is IEnumerable right and not string ? left.Cast<object>().SequenceEqual(right.Cast<object>()) : Equals(a, b);
}
