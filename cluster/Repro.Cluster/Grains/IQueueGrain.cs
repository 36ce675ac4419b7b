using Orleans;
using Repro.Studies.Scheduling;
using Repro.Workers.Silos;

namespace Repro.Cluster.Grains;

/// <summary>Shares the slots of the cluster among its sweeps; there is one, of key 0. It knows what the store and the silos' beats say.</summary>
[Alias("repro.queue")]
public interface IQueueGrain : IGrainWithIntegerKey
{
    /// <summary>A silo says that it is alive, and what its slots do.</summary>
    [Alias("beat")]
    Task<Wire<BeatAnswer>> Beat(Wire<SiloReport> report);

    /// <summary>Waits a few seconds for a sweep that the slot is to serve.</summary>
    /// <param name="exhausted">The sweep that had no run for it; null where there is none.</param>
    /// <param name="asOf">Of that loan.</param>
    /// <returns>Null where there was none: to be asked again.</returns>
    [Alias("next")]
    Task<Wire<Loan>?> Next(string silo, string slot, string? exhausted, long asOf);

    /// <summary>Adds a sweep of the store, or takes note of what it asks for now.</summary>
    /// <returns>Null, or why it cannot be.</returns>
    [Alias("submit")]
    Task<string?> Submit(string sweep);

    /// <summary>Takes a sweep out: no slot is sent to it any more. Those that serve it end their runs, and come back at the end of their quantum.</summary>
    /// <returns>Whether it was in.</returns>
    [Alias("withdraw")]
    Task<bool> Withdraw(string sweep);

    /// <summary>A sweep may have runs to give.</summary>
    /// <param name="loans">How many slots are to ask it at most.</param>
    [Alias("wake")]
    Task Wake(string sweep, int loans);

    /// <inheritdoc cref="IWorkSource.PassOver"/>
    [Alias("pass-over")]
    Task PassOver(string silo, string sweep, string why, TimeSpan? again, string? slot);

    /// <summary>Has a silo checkpoint what it trains, hand it over, and leave.</summary>
    /// <param name="silo">As logs and beats name it.</param>
    /// <returns>Null, or why it cannot be.</returns>
    [Alias("drain")]
    Task<string?> Drain(string silo);

    /// <summary>The membership has changed, or a while has passed: looks after the runs of silos that are gone.</summary>
    [Alias("look")]
    Task Look();

    [Alias("status")]
    Task<Wire<QueueSnapshot>> Status();
}
