namespace Repro.Results.Runs;

/// <summary>What was asked of a run: everything that is known before it starts, kept in <c>run.json</c> and never changed afterwards.</summary>
/// <param name="Options">Every option by name, in the experiment's order, as text that reads back as the same value.</param>
/// <param name="Command">The one command that does this run again.</param>
public sealed record RunRequest(
    string Id, string Experiment, string Profile, IReadOnlyList<KeyValuePair<string, string>> Options, ulong Seed, string Command, DateTimeOffset Created);
