using Repro.Cli.Sweeping;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cli.Tests.Sweeping;

/// <summary>What whoever follows a sweep learns of it: each attempt's end, once.</summary>
public sealed class SweepTailTests : IDisposable
{
    private readonly MemoryStore _store = new();
    private readonly Coordinator _coordinator;
    private readonly SweepTail _tail;

    public SweepTailTests()
    {
        _coordinator = new Coordinator(_store, "lr", FilledSweep.Search(2) with { Seeds = 2 }, host: null, TimeProvider.System);
        _coordinator.Decide([decision => decision.Create(seed: 7, Configuration.Parse("learning_rate=0.1"))]);
        _tail = new SweepTail(_store, "lr");
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void An_attempt_ends_when_it_fails_and_the_next_when_it_completes()
    {
        var first = Claim();
        Assert.Empty(Ended());
        _coordinator.Decide([decision => decision.Fail(first.Run, first.Attempt, FailureClass.Lost, "Its silo is gone.")]);
        Assert.Equal([new RunAttempt(first.Run, 1)], Ended());
        var second = Claim();
        Assert.Equal((first.Run, 2), (second.Run, second.Attempt));
        _coordinator.Decide([decision => decision.Complete(second.Run, 2, 16, new Dictionary<string, double> { ["validation_error"] = 1 })]);
        Assert.Equal([new RunAttempt(first.Run, 2)], Ended());
        Assert.Empty(Ended());
    }

    [Fact]
    public void A_trial_that_is_ended_ends_those_of_its_runs_that_train_and_no_run_a_second_time()
    {
        var (done, training) = (Claim(), Claim());
        Assert.Equal((0, 0), (done.Run.Trial, training.Run.Trial));
        _coordinator.Decide([decision => decision.Complete(done.Run, 1, 16, new Dictionary<string, double> { ["validation_error"] = 1 })]);
        Assert.Equal([new RunAttempt(done.Run, 1)], Ended());
        _coordinator.Decide([decision => decision.CancelTrial(0)]);
        Assert.Equal([new RunAttempt(training.Run, 1)], Ended());
    }

    [Fact]
    public void A_pruned_trial_ends_nothing_that_had_ended_before_it_was_read_or_while()
    {
        using var store = new MemoryStore();
        var study = FilledSweep.Search(4, pruner: "asha_promotion") with { Rungs = (4, FilledSweep.Steps) };
        var coordinator = new Coordinator(store, "lr", study, host: null, TimeProvider.System);
        coordinator.Decide([decision => decision.Create(seed: 7, Configuration.Parse("learning_rate=0.1"))]);
        var tail = new SweepTail(store, "lr");
        var (ended, pruned) = (new List<RunAttempt>(), 0);
        // Worse from trial to trial: those after the first stand at their rung until nothing is left to hope for, and are pruned there.
        while (coordinator.Decide(decision => decision.Claim("slot")) is { } run)
        {
            coordinator.Decide([decision =>
            {
                for (var step = 4; step <= FilledSweep.Steps; step += 4)
                {
                    var directive = decision.Report(run.Run, run.Attempt, [new MetricPoint("validation_error", step, run.Run.Trial + 1, 1)], []);
                    if (directive == Directive.Pause) decision.Pause(run.Run, run.Attempt, step);
                    if (directive != Directive.Continue) return;
                }
                decision.Complete(run.Run, run.Attempt, FilledSweep.Steps, new Dictionary<string, double> { ["validation_error"] = run.Run.Trial + 1 });
            }]);
            Read();
        }
        Read();
        Assert.True(pruned > 0, "Nothing was pruned, so that nothing is shown.");
        Assert.Equal(ended.Distinct(), ended);
        Assert.Equal(store.Read("lr").OfType<RunStarted>().Select(started => new RunAttempt(started.Run, started.Attempt)).Order(ByRun), ended.Order(ByRun));

        void Read()
        {
            foreach (var (happened, ends) in tail.Read())
            {
                if (happened is TrialPruned) pruned++;
                ended.AddRange(ends);
            }
        }
    }

    private static readonly Comparer<RunAttempt> ByRun = Comparer<RunAttempt>.Create((a, b) => (a.Run.ToString(), a.Attempt).CompareTo((b.Run.ToString(), b.Attempt)));

    private Assignment Claim() => _coordinator.Decide(decision => decision.Claim("slot"))!;

    private List<RunAttempt> Ended() => [.. _tail.Read().SelectMany(read => read.Ended)];
}
