using Orleans;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

/// <summary>One attempt of a run while it is trained: on the silo that has its slot, under the key that <see cref="RunGrainKey"/> writes.</summary>
[Alias("repro.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Stands for the attempt for the next seconds; asked again and again by the silo that trains it, on which the grain then is.</summary>
    /// <param name="host">That silo, as logs name it.</param>
    [Alias("begin")]
    Task Begin(string host);

    /// <returns>What its slot does now; null where this silo trains it no more.</returns>
    [Alias("standing")]
    Task<Wire<RunStanding>?> Standing();

    /// <summary>A person may have ended the run: whether the attempt is still its own is asked now, and not at its silo's next look.</summary>
    [Alias("look")]
    Task Look();
}

/// <summary>Written <c>lr-search/12-0/2</c>: sweep, run, attempt.</summary>
public static class RunGrainKey
{
    public static string Of(string sweep, RunAttempt run) => $"{sweep}/{run.Run}/{run.Attempt}";

    public static (string Sweep, RunAttempt Run) Parse(string key) => key.Split('/') is [var sweep, var run, var attempt]
        ? (sweep, new RunAttempt(Repro.Studies.Sweeps.RunKey.Parse(run), int.Parse(attempt, System.Globalization.CultureInfo.InvariantCulture)))
        : throw new FormatException($"'{key}' names no attempt of a run; they are named sweep/run/attempt.");
}
