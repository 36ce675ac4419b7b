using Repro.Reports.Papers;
using Repro.Studies;
using Repro.Studies.Papers;

namespace Repro.Reports.Claims;

/// <summary>Tells by the history of a paper's card whether its claims were frozen before they were judged.</summary>
/// <param name="card">The card's path in the repository: <c>papers/resnet.md</c>.</param>
/// <param name="at">The card's text at a commit; null where the commit or the card at it is unknown.</param>
public sealed class CardHistory(string card, Func<string, string?> at)
{
    private readonly Dictionary<string, PaperCard?> _cards = [];

    /// <summary>Whether the run trained at a commit whose card had the claim as it is now.</summary>
    public Freeze Of(Claim claim, EvidenceRun run)
    {
        if (run.Run.Attempts is not [{ Environment.Commit: { } commit } began, ..]) return new Freeze(FreezeState.Unknown, "A run recorded no commit: whether the claim was frozen before is not known.");
        if (began.Environment.Dirty && TouchesCard(run)) return new Freeze(FreezeState.Broken, $"the card had been changed since {Short(commit)} and not committed");
        if (at(commit) is null) return new Freeze(FreezeState.Unknown, $"The history at hand has no card of commit {Short(commit)}: whether the claim was frozen before its runs cannot be told here.");
        if (Card(commit)?.Claims.FirstOrDefault(one => one.Id == claim.Id) is not { } before) return new Freeze(FreezeState.Broken, $"the card at {Short(commit)}, at which they trained, had no such claim");
        return FrozenFields.FirstDifference(before, claim) is { } difference ? new Freeze(FreezeState.Broken, $"the card at {Short(commit)}, at which they trained, said {difference}")
            : new Freeze(FreezeState.Proven, $"The card had the claim as it stands, tolerance and largest n too, at {Short(commit)}, the commit at which the judged runs trained.");
    }

    private bool TouchesCard(EvidenceRun run)
    {
        var diff = Path.Combine(run.Run.Folder, $"attempt-{run.Run.Attempts[0].Number}", "dirty.diff");
        return !File.Exists(diff) || File.ReadLines(diff).Any(line => line.StartsWith("diff --git", StringComparison.Ordinal) && line.Contains(card, StringComparison.Ordinal));
    }

    private PaperCard? Card(string commit)
    {
        if (_cards.TryGetValue(commit, out var known)) return known;
        PaperCard? read = null;
        try
        {
            if (at(commit) is { } text) read = PaperCardReader.Parse(text, card);
        }
        catch (BadInputException)
        {
            // A card that today's rules refuse said nothing that today's rules could be held to.
        }
        return _cards[commit] = read;
    }

    private static string Short(string commit) => commit.Length > 9 ? commit[..9] : commit;
}
