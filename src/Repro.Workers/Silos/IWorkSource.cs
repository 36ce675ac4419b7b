using Repro.Workers.Hosts;

namespace Repro.Workers.Silos;

/// <summary>Where the free slots of a silo get sweeps to serve: the cluster's queue.</summary>
public interface IWorkSource
{
    /// <summary>Waits for a sweep that the slot is to serve from now on.</summary>
    /// <param name="exhausted">What it served, where that has no run for it now; null where it came back for another reason, or served none.</param>
    /// <exception cref="OperationCanceledException">It is not to serve any more.</exception>
    Task<Loan> Next(string slot, Loan? exhausted, CancellationToken stop);

    /// <summary>Whoever decides for a sweep.</summary>
    /// <param name="ending">Nothing is waited for any more.</param>
    ISweepDecisions DecisionsOf(string sweep, CancellationToken ending);

    /// <summary>Says that this silo cannot serve a sweep: it lacks what the sweep asks for, or everything of it failed here.</summary>
    /// <param name="why">What differs, and how to mend it.</param>
    /// <param name="again">After so long it is asked to again; null is not before the sweep is submitted anew.</param>
    /// <param name="slot">The only one of its slots that cannot; null where none can.</param>
    Task PassOver(string sweep, string why, TimeSpan? again, CancellationToken stop, string? slot = null);
}

/// <summary>A slot is to serve this sweep.</summary>
/// <param name="Study">As its creation says it.</param>
/// <param name="Tags">Of the sweep: what it asks of a silo.</param>
/// <param name="AsOf">What the queue knew; the slot gives it back with the loan.</param>
public sealed record Loan(string Sweep, string Study, IReadOnlyDictionary<string, string> Tags, long AsOf = 0)
{
    /// <summary>Whether the terms are the same; when it was lent is none of them.</summary>
    public bool Equals(Loan? other) =>
        other is not null && Sweep == other.Sweep && Study == other.Study && Tags.Count == other.Tags.Count && Tags.All(tag => other.Tags.GetValueOrDefault(tag.Key) == tag.Value);

    public override int GetHashCode() => HashCode.Combine(Sweep, Study, Tags.Count);
}

/// <summary>A silo lacks what a sweep asks for; the message says what differs and how to mend it.</summary>
public sealed class CannotServeException(string message, Exception? inner = null) : Exception(message, inner);
