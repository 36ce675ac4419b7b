using Repro.Studies.Randomness;

namespace Repro.Studies.Sweeps;

/// <summary>
/// Decides for one sweep: which run a free slot takes, what happens after a value, a failure, a death. It holds nothing that the store cannot rebuild:
/// every decision locks the sweep, folds what others have written meanwhile, and appends its own events, or nothing. Not for several threads at once.
/// </summary>
/// <param name="host">Who decides, under a lease; null for a person's command.</param>
public sealed class Coordinator(ISweepStore store, string sweep, Study study, string? host, TimeProvider time)
{
    private SweepState _state = new();
    private Search? _search;
    private long _known;
    private (int First, ulong[] Drawn) _seeds = (0, []);

    /// <summary>As of the last decision; a later one may replace it.</summary>
    public SweepState State => _state;

    public Study Study => study;

    internal Search Search => _search ?? throw new InvalidOperationException($"Sweep {sweep} was not created yet.");

    /// <summary>Several decisions in one transaction, in order. When it returns they are durable, all of them.</summary>
    /// <remarks>
    /// Where it throws it is not known whether they are. They may be asked again as they are: what had been written then counts as done.
    /// </remarks>
    public void Decide(params IReadOnlyList<Action<Decision>> requests) => Decide(decision =>
    {
        foreach (var request in requests) request(decision);
        return 0;
    });

    /// <inheritdoc cref="Decide(IReadOnlyList{Action{Decision}})"/>
    public T Decide<T>(Func<Decision, T> request)
    {
        T? answer = default;
        try
        {
            store.Decide(sweep, _known, host, tail =>
            {
                foreach (var happened in tail) Apply(happened);
                var decision = new Decision(this, host, time.GetUtcNow());
                answer = request(decision);
                return decision.Write;
            });
            return answer!;
        }
        catch
        {
            // The fold has run ahead of the store, or half of it is missing: it begins anew with what the store says.
            (_state, _search, _known, _seeds) = (new SweepState(), null, 0, (0, []));
            throw;
        }
    }

    /// <summary>Folds what others have written, and decides nothing.</summary>
    public SweepState Refresh()
    {
        foreach (var happened in store.Read(sweep, _known)) Apply(happened);
        return _state;
    }

    /// <summary>Seeds of runs, from the sweep's; most trials have the same ones, and share them.</summary>
    internal IReadOnlyList<ulong> Seeds(int first, int count)
    {
        if (_seeds.First != first || _seeds.Drawn.Length != count)
            _seeds = (first, [.. Enumerable.Range(first, count).Select(i => new Philox(_state.Created!.Seed, RandomPurpose.RunSeed, i).NextUInt64())]);
        return _seeds.Drawn;
    }

    internal void Apply(SweepEvent happened)
    {
        _state.Apply(happened);
        _known++;
        if (happened is SweepCreated created) _search = new Search(study, created.Seed);
        (_search ?? throw new InvalidOperationException($"The log of sweep {sweep} does not begin with its creation.")).Observe(_state, happened);
    }
}
