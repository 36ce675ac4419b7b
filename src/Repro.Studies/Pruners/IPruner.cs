using Repro.Studies.Runs;

namespace Repro.Studies.Pruners;

/// <summary>What a trial does after it reported a value.</summary>
public enum PruneDecision
{
    /// <summary>Trains on.</summary>
    Continue,

    /// <summary>Ends: it is among the worse.</summary>
    Prune,

    /// <summary>Stops at a checkpoint and frees its slot, until <see cref="IPruner.NextToPromote"/> names it or <see cref="IPruner.Eliminated"/> holds it.</summary>
    Pause,
}

/// <summary>
/// Ends unpromising trials early, by the values that they report while they train. A fold over what happens in a sweep: told the same in the same order, it decides
/// the same; a decision is not taken back.
/// </summary>
/// <remarks>
/// In every pruner but <see cref="NoPruner"/> a value that is not finite prunes its trial at once, at any step, and is not compared with others.
/// A value may be reported again, after an attempt went back to its checkpoint: the first decision stands, and nothing is counted twice.
/// A trial's steps ascend otherwise; a rung is reached by the first report at or beyond its step. What is decided at a trial's
/// last step is of no use: the trial is completed. Not for several threads at once.
/// </remarks>
public interface IPruner
{
    /// <summary>Takes a value of the objective (on validation; the mean over the trial's runs).</summary>
    /// <param name="trial">The trial's number among those that are pruned, from 0.</param>
    /// <param name="step">The resource spent on it so far, in the unit of the pruner's rungs: steps, epochs.</param>
    PruneDecision Report(int trial, long step, double value);

    /// <summary>Takes note that a trial has ended, by itself or by a decision, and will report no more.</summary>
    void End(int trial, RunState state);

    /// <summary>The paused trial that a free slot should take up before any new one; null where there is none. Stays the same until <see cref="Promote"/>.</summary>
    int? NextToPromote => null;

    /// <summary>Takes note that a paused trial trains on.</summary>
    /// <exception cref="InvalidOperationException">The trial is not one that could be promoted now.</exception>
    void Promote(int trial) => throw new InvalidOperationException($"Trial {trial} is not paused; this pruner pauses none.");

    /// <summary>Paused trials that can no longer be promoted, in ascending order; to be ended as pruned.</summary>
    IReadOnlyCollection<int> Eliminated => [];

    /// <summary>Takes note that no trial with this number or a higher one will start, so that nothing waits for them; until a higher number is closed, or such a trial reports all the same: then the sweep was extended.</summary>
    void Close(int trials)
    {
    }
}
