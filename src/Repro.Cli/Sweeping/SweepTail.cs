using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cli.Sweeping;

/// <summary>What a sweep's log has grown by since it was last read, for whoever follows a sweep that others work on.</summary>
public sealed class SweepTail(ISweepStore store, string sweep)
{
    private long _known;

    /// <summary>As of what was read.</summary>
    public SweepState State { get; } = new();

    /// <summary>What is new, each with the attempts that it ended: those that trained until then. Several where it ended a trial.</summary>
    /// <exception cref="StorageException">The store cannot be read; the next call goes on from where this one came.</exception>
    public IEnumerable<(SweepEvent Happened, IReadOnlyList<RunAttempt> Ended)> Read()
    {
        foreach (var happened in store.Read(sweep, _known))
        {
            var training = Named(happened).Where(run => State[run].State == RunState.Running).Select(run => new RunAttempt(run, State[run].Attempt)).ToList();
            State.Apply(happened);
            _known++;
            yield return (happened, training.FindAll(run => State[run.Run].State != RunState.Running));
        }
    }

    private IEnumerable<RunKey> Named(SweepEvent happened) => happened switch
    {
        RunCompleted completed => [completed.Run],
        RunPaused paused => [paused.Run],
        RunFailed failed => [failed.Run],
        TrialPruned pruned => State.Trials[pruned.Trial].Runs.Select(run => run.Key),
        TrialCancelled cancelled => State.Trials[cancelled.Trial].Runs.Select(run => run.Key),
        _ => [],
    };
}
