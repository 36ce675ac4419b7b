namespace Repro.Reports.Claims;

/// <summary>Whether a claim was on its card, with the tolerance and the largest n that it has now, before the runs that are judged by it.</summary>
/// <param name="Sentence">What was found, with commits.</param>
public sealed record Freeze(FreezeState State, string Sentence)
{
    /// <summary>Of a claim that no run has tested.</summary>
    public static Freeze Untested { get; } = new(FreezeState.Untested, "No judged run yet: the claim may still be changed.");
}

public enum FreezeState
{
    Untested,

    /// <summary>By the order of commits: every judged run trained at a commit that has the claim as it is now.</summary>
    Proven,

    /// <summary>The run trained at a commit whose card said something else, or nothing. It is not judged.</summary>
    Broken,

    /// <summary>There is no history to tell by: the run is not judged here.</summary>
    Unknown,
}
