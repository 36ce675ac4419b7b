namespace Repro.Results.Stores;

/// <summary>What <see cref="MembershipSchema.Apply"/> found and did.</summary>
/// <param name="Schema">Where the tables stand: <c>repro</c>, or <c>public</c> where Orleans' own scripts had made them.</param>
/// <param name="Found">Whether they were there before, all of them.</param>
/// <param name="Added">The keys of the queries that were added, in order.</param>
/// <param name="Scripts">The files that were run, in order; none where there was nothing to do.</param>
public sealed record MembershipChange(string Schema, bool Found, IReadOnlyList<string> Added, IReadOnlyList<string> Scripts);
