using Microsoft.Extensions.Logging;
using Repro.Studies.Sweeps;

namespace Repro.Cluster;

/// <summary>Everything that a silo logs: sentences for people, with their parts as fields for programs.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(1, LogLevel.Information, "Silo {Silo} offers {Slots}.")]
    public static partial void SiloOffers(this ILogger log, string silo, string slots);

    [LoggerMessage(2, LogLevel.Information, "Silo {Silo} was told to drain: its runs write checkpoints and go on elsewhere.")]
    public static partial void SiloDrains(this ILogger log, string silo);

    [LoggerMessage(3, LogLevel.Error, "This silo can be a member no more: {Why}")]
    public static partial void SiloDied(this ILogger log, string? why, Exception? error);

    [LoggerMessage(4, LogLevel.Warning, "Silo {Silo} is gone: {Why}")]
    public static partial void SiloGone(this ILogger log, string silo, string why);

    [LoggerMessage(5, LogLevel.Warning, "Silo {Silo} at {Address} has said nothing for {Seconds} s, and nobody was left to say so: it is declared dead.")]
    public static partial void SiloForsaken(this ILogger log, string silo, string address, double seconds);

    [LoggerMessage(6, LogLevel.Error, "The queue does not take this silo's word that it is alive: {Why}")]
    public static partial void BeatRefused(this ILogger log, string why);

    [LoggerMessage(7, LogLevel.Debug, "The queue could not be told that a silo died: {Why}")]
    public static partial void QueueNotTold(this ILogger log, string why);

    [LoggerMessage(8, LogLevel.Debug, "The cluster's membership cannot be read: {Why}")]
    public static partial void MembershipNotRead(this ILogger log, string why);

    [LoggerMessage(10, LogLevel.Information, "The queue begins here, with {Sweeps} sweeps of the store.")]
    public static partial void QueueBegins(this ILogger log, int sweeps);

    [LoggerMessage(11, LogLevel.Error, "Sweep {Sweep} is left out: {Why}")]
    public static partial void SweepLeftOut(this ILogger log, string sweep, string why);

    [LoggerMessage(12, LogLevel.Information, "Sweep {Sweep} was submitted.")]
    public static partial void SweepSubmitted(this ILogger log, string sweep);

    [LoggerMessage(13, LogLevel.Information, "Sweep {Sweep} is decided for here.")]
    public static partial void SweepDecided(this ILogger log, string sweep);

    [LoggerMessage(14, LogLevel.Information, "Sweep {Sweep} is finished.")]
    public static partial void SweepFinished(this ILogger log, string sweep);

    [LoggerMessage(15, LogLevel.Debug, "Sweep {Sweep} could not be looked at now: {Why}")]
    public static partial void SweepNotLookedAt(this ILogger log, string sweep, string why);

    [LoggerMessage(16, LogLevel.Warning, "Sweep {Sweep}: {Runs} runs of silos that are gone ({Silos}) go on elsewhere.")]
    public static partial void RunsTakenOver(this ILogger log, string sweep, int runs, string silos);

    [LoggerMessage(17, LogLevel.Warning, "Silo {Silo} cannot serve sweep {Sweep}: {Why}")]
    public static partial void SiloPassedOver(this ILogger log, string silo, string sweep, string why);

    [LoggerMessage(18, LogLevel.Warning, "Sweep {Sweep}: {Why} What is decided waits.")]
    public static partial void StoreAway(this ILogger log, string sweep, string why);

    [LoggerMessage(19, LogLevel.Warning, "Sweep {Sweep}: the store is back.")]
    public static partial void StoreBack(this ILogger log, string sweep);

    [LoggerMessage(20, LogLevel.Information, "{Sweep} {Run}: attempt {Attempt} begins on {Slot}.")]
    public static partial void RunTaken(this ILogger log, string? sweep, RunKey run, int attempt, string slot);

    [LoggerMessage(21, LogLevel.Information, "{Sweep} {Run}: attempt {Attempt} ended on {Slot}; the run is {State}.{Message}")]
    public static partial void RunEnded(this ILogger log, string? sweep, RunKey run, int attempt, string slot, string state, string message);

    [LoggerMessage(22, LogLevel.Warning, "{Sweep}: {Text}")]
    public static partial void HostSaid(this ILogger log, string? sweep, string text);

    [LoggerMessage(23, LogLevel.Error, "{Why}")]
    public static partial void SlotGivenUp(this ILogger log, string why);

    [LoggerMessage(24, LogLevel.Debug, "The grain of {Sweep} {Run} was not told.")]
    public static partial void RunGrainNotTold(this ILogger log, string sweep, RunKey run, Exception? error);

    [LoggerMessage(25, LogLevel.Error, "{Sweep} {Run}: attempt {Attempt} did not write its checkpoint within {Seconds} s and was cut off; the run goes on elsewhere, from what was recorded.")]
    public static partial void RunCutOff(this ILogger log, string sweep, RunKey run, int attempt, double seconds);
}
