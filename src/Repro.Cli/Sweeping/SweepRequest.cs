using Repro.Studies;
using Repro.Studies.SearchSpaces;

namespace Repro.Cli.Sweeping;

/// <summary>What a person asks of a sweep that there is already.</summary>
/// <param name="Extend">How many configurations more; 0 for none.</param>
/// <param name="Enqueue">Tried next, beyond the budget.</param>
/// <param name="Confirm">Fresh seeds for the choice; 0 confirms nothing.</param>
/// <param name="Chosen">Trial; null is the best.</param>
internal sealed record SweepRequest(int Extend, IReadOnlyList<Configuration> Enqueue, int Confirm, int? Chosen)
{
    private const int Most = 10_000_000;

    /// <returns>Null where nothing is asked.</returns>
    /// <exception cref="BadInputException">A number is out of range, a configuration cannot be read, or the wishes contradict each other.</exception>
    public static SweepRequest? Read(int? extend, string[]? enqueue, int? confirm, int? trial)
    {
        if (extend is null && enqueue is not { Length: > 0 } && confirm is null)
            return trial is null ? null : throw new BadInputException("--trial goes with --confirm: it names the trial that is chosen.");
        if (extend is < 1 or > Most) throw new BadInputException($"--extend takes a number in the range 1 .. {Most}; it was {extend}.");
        if (confirm is < 1 or > 10_000) throw new BadInputException($"--confirm takes a number of seeds in the range 1 .. 10000; it was {confirm}.");
        if (confirm is not null && (extend is not null || enqueue is { Length: > 0 })) throw new BadInputException("--confirm ends the search, and --extend and --enqueue go on with it; do one of them.");
        if (trial is not null && confirm is null) throw new BadInputException("--trial goes with --confirm: it names the trial that is chosen.");
        return new SweepRequest(extend ?? 0, [.. (enqueue ?? []).Select(Configuration.Parse)], confirm ?? 0, trial);
    }
}
