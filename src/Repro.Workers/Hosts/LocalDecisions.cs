using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers.Hosts;

/// <summary>Has a queue of this process decide.</summary>
/// <param name="host">Whose slots ask; what the log names as the place of their runs.</param>
/// <param name="stopping">Gives out no run any more.</param>
public sealed class LocalDecisions(GroupCommit queue, string host, CancellationToken stopping = default) : ISweepDecisions
{
    /// <summary>Asked in each decision: true gives out no new run, and has those that train checkpoint and pause.</summary>
    public Func<SweepState, bool> IsOutOfTime { get; init; } = _ => false;

    /// <summary>Told at the end of each decision.</summary>
    public Action<Decision> Decided { get; init; } = _ => { };

    public Task<NextRun> Claim(SlotClaim slot) => Decide(decision => Claim(decision, slot));

    public Task<bool> GoBack(RunKey run, int attempt, long? from) => Decide(decision => decision.GoBack(run, attempt, from));

    public Task<ReportAnswer> Report(RunReport report) => Decide(decision => Report(decision, report));

    public Task<EndAnswer> End(RunReport report, WorkerMessage ending, SlotClaim? next) => Decide(decision =>
    {
        var recorded = Report(decision, report).Recorded;
        switch (ending)
        {
            case CompletedMessage completed: decision.Complete(report.Run, report.Attempt, completed.Step, completed.Scores); break;
            case PausedMessage paused: decision.Pause(report.Run, report.Attempt, paused.Step); break;
            case FailedMessage failure: decision.Fail(report.Run, report.Attempt, failure.Class, failure.Message); break;
            default: throw new ArgumentException($"{ending.GetType().Name} is no end of an attempt.", nameof(ending));
        }
        // Before the next claim, which may be of this very run.
        var now = decision.State[report.Run].State;
        return new EndAnswer(next is null ? NextRun.None : Claim(decision, next), recorded, now);
    });

    public Task<IReadOnlyList<RunAttempt>> Lost(IReadOnlyList<RunAttempt> runs) =>
        queue.Decide<IReadOnlyList<RunAttempt>>(decision => runs.Where(run => !decision.State.Owns(run.Run, run.Attempt)).ToList());

    private Task<T> Decide<T>(Func<Decision, T> request) => queue.Decide(decision =>
    {
        var answer = request(decision);
        Decided(decision);
        return answer;
    });

    private NextRun Claim(Decision decision, SlotClaim slot)
    {
        if (stopping.IsCancellationRequested) return NextRun.None;
        // One that it has already is its own whatever the time: nobody else ends it.
        var run = decision.Taken(slot.Slot, host) ?? (IsOutOfTime(decision.State) ? null : decision.Claim(slot.Slot, slot.Gpus, host));
        if (run is not null) return new NextRun(run, Over: false);
        var state = decision.State;
        return new NextRun(null, Over: state.Held ? state.Running.All(key => state[key].Host != host) : state.Running.Count == 0);
    }

    private ReportAnswer Report(Decision decision, RunReport report)
    {
        var owned = decision.State.Owns(report.Run, report.Attempt);
        var directive = decision.Report(report.Run, report.Attempt, report.Points, report.Checkpoints);
        if (directive == Directive.Continue && IsOutOfTime(decision.State)) directive = Directive.Pause;
        return new ReportAnswer(directive, owned ? decision.State[report.Run].Checkpoints.Reverse().ToList() : []);
    }
}
