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
        if (run.Run.Attempts is not [{ Environment.Commit: { } commit }, ..]) return new Freeze(FreezeState.Unknown, "no commit was recorded, so that nothing tells whether the claim was frozen before.");
        if (run.Run.Attempts.Any(attempt => attempt.Environment.Dirty)) return new Freeze(FreezeState.Broken, $"the training had changes since {Short(commit)} that were not committed, which may be of the program or of the card");
        if (at(commit) is null) return new Freeze(FreezeState.Unknown, $"the history at hand has no card of commit {Short(commit)}, so that nothing here tells whether the claim was frozen before. In a shallow clone: git fetch --unshallow.");
        var then = Card(commit)?.Claims;
        if ((then?.FirstOrDefault(one => one.Id == claim.Id) ?? then?.FirstOrDefault(one => one.Id == claim.Formerly)) is not { } before) return new Freeze(FreezeState.Broken, $"the card at {Short(commit)}, the commit of the training, had no such claim, or none that today's rules accept");
        return FrozenFields.FirstDifference(before, claim) is { } difference ? new Freeze(FreezeState.Broken, $"the card at {Short(commit)}, the commit of the training, said {difference}")
            : new Freeze(FreezeState.Proven, $"The card had the claim as it stands, with its statement, tolerance and largest n,{(before.Id == claim.Id ? "" : $" under the id {before.Id},")} at {Short(commit)}, where the first run of it trained.");
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
