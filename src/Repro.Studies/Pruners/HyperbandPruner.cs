using Repro.Studies.Runs;
using Repro.Studies.Samplers;

namespace Repro.Studies.Pruners;

/// <summary>How the brackets of Hyperband halve.</summary>
public enum Halving
{
    /// <summary>As published: <see cref="SuccessiveHalvingPruner"/>.</summary>
    Synchronous,

    /// <summary><see cref="AshaPromotionPruner"/>.</summary>
    Promotion,

    /// <summary><see cref="AshaStoppingPruner"/>.</summary>
    Stopping,
}

/// <summary>
/// Hyperband (Li et al. 2018, Algorithm 1): brackets that prune from hard to not at all, side by side, so that curves that cross late do not mislead the whole
/// sweep. A trial's bracket is a function of its number: any first trials are divided in the brackets' proportion, and every sum of all brackets' trials
/// exactly; with synchronous halving who goes on depends on the values alone.
/// </summary>
public sealed class HyperbandPruner : IPruner
{
    private readonly IPruner[] _pruners;
    private readonly List<int>[] _members;
    private readonly List<(int Bracket, int Rank)> _places = [];
    private readonly Func<int, int> _bracketOf;
    private readonly long[] _credits;

    /// <param name="most">R, the largest resource that a trial gets.</param>
    public HyperbandPruner(ObjectiveDirection direction, long most, int eta = 3, Halving halving = Halving.Synchronous)
        : this(direction, most, eta, halving, bracketOf: null)
    {
    }

    /// <param name="bracketOf">Index in <see cref="Brackets"/> by trial number; null: the pruner's own.</param>
    internal HyperbandPruner(ObjectiveDirection direction, long most, int eta, Halving halving, Func<int, int>? bracketOf)
    {
        Brackets = Hyperband.Brackets(most, eta);
        _pruners = [.. Brackets.Select(bracket => Create(direction, bracket, eta, halving))];
        _members = [.. Brackets.Select(_ => new List<int>())];
        _credits = new long[Brackets.Count];
        _bracketOf = bracketOf ?? (_ => NextBracket());
    }

    /// <summary>From the most aggressive to the one that does not prune.</summary>
    public IReadOnlyList<HyperbandBracket> Brackets { get; }

    /// <summary>The bracket of a trial, by its number in the sweep.</summary>
    public HyperbandBracket BracketOf(int trial) => Brackets[PlaceOf(trial).Bracket];

    public PruneDecision Report(int trial, long step, double value)
    {
        var (bracket, rank) = PlaceOf(trial);
        return _pruners[bracket].Report(rank, step, value);
    }

    public void End(int trial, RunState state)
    {
        var (bracket, rank) = PlaceOf(trial);
        _pruners[bracket].End(rank, state);
    }

    public int? NextToPromote
    {
        get
        {
            for (var bracket = 0; bracket < _pruners.Length; bracket++)
            {
                if (_pruners[bracket].NextToPromote is { } rank) return _members[bracket][rank];
            }
            return null;
        }
    }

    public void Promote(int trial)
    {
        var (bracket, rank) = PlaceOf(trial);
        _pruners[bracket].Promote(rank);
    }

    public IReadOnlyCollection<int> Eliminated => [.. _pruners.SelectMany((pruner, bracket) => pruner.Eliminated.Select(rank => _members[bracket][rank])).Order()];

    public void Close(int trials)
    {
        if (trials > 0) PlaceOf(trials - 1);
        for (var bracket = 0; bracket < _pruners.Length; bracket++) _pruners[bracket].Close(_members[bracket].Count(trial => trial < trials));
    }

    private (int Bracket, int Rank) PlaceOf(int trial)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trial);
        while (_places.Count <= trial)
        {
            var bracket = _bracketOf(_places.Count);
            _places.Add((bracket, _members[bracket].Count));
            _members[bracket].Add(_places.Count - 1);
        }
        return _places[trial];
    }

    // Weighted round robin: every bracket is credited with its trials, and the one with the most credit takes the next trial and pays for all.
    private int NextBracket()
    {
        var (best, sum) = (0, 0L);
        for (var i = 0; i < _credits.Length; i++)
        {
            sum += Brackets[i].Trials;
            _credits[i] += Brackets[i].Trials;
            if (_credits[i] > _credits[best]) best = i;
        }
        _credits[best] -= sum;
        return best;
    }

    private static IPruner Create(ObjectiveDirection direction, HyperbandBracket bracket, int eta, Halving halving) => halving switch
    {
        Halving.Synchronous => new SuccessiveHalvingPruner(direction, bracket.Trials, bracket.Rungs, eta),
        Halving.Promotion => new AshaPromotionPruner(direction, bracket.Rungs, eta),
        Halving.Stopping => new AshaStoppingPruner(direction, bracket.Rungs, eta),
        _ => throw new ArgumentOutOfRangeException(nameof(halving), halving, null),
    };
}
