namespace Repro.Studies.Runs;

/// <summary>
/// Which checkpoints of a run are kept: the one place where that is decided, for the training that writes them and for <c>repro clean</c>. The best
/// parameters on validation are inside every checkpoint, and need no file of their own.
/// </summary>
public static class Retention
{
    /// <summary>Whole checkpoints that are kept while a run may still go on: its newest, and one before it in case that the newest is damaged later.</summary>
    public const int WhileUnfinished = 2;

    /// <summary>Whole checkpoints that are kept of a run that will not go on: the one that it predicts from.</summary>
    public const int OnceFinished = 1;

    public const string Rule =
        "an unfinished run keeps its newest two whole checkpoints and a finished one (completed, pruned, cancelled) its newest; a damaged one does not count, and goes only where a whole one stays";

    /// <summary>Whole checkpoints that are kept of a run in a state.</summary>
    public static int Kept(RunState state) => state is RunState.Completed or RunState.Pruned or RunState.Cancelled ? OnceFinished : WhileUnfinished;

    /// <summary>The checkpoints that need not be kept. None go where none is whole.</summary>
    /// <param name="newestFirst">All of a run, or of those of its attempts that are asked about.</param>
    /// <param name="kept">Whole ones that stay; at least 1.</param>
    /// <param name="isWhole">Reads a checkpoint and holds it against its digest. Asked newest first, of as few as the answer needs.</param>
    /// <param name="evenOfFew">Also looks where there are no more than <paramref name="kept"/>: a damaged one beside a whole one goes. Training saves itself this reading.</param>
    public static IReadOnlyList<T> Superseded<T>(IReadOnlyList<T> newestFirst, int kept, Func<T, bool> isWhole, bool evenOfFew = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        if (newestFirst.Count <= (evenOfFew ? 1 : kept)) return [];
        var superseded = new List<T>();
        var whole = 0;
        foreach (var checkpoint in newestFirst)
        {
            if (whole < kept && isWhole(checkpoint)) whole++;
            else superseded.Add(checkpoint);
        }
        return whole > 0 ? superseded : [];
    }
}
