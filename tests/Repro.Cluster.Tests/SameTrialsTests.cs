using Repro.Results.Stores;
using Repro.Shared.Cluster;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;

namespace Repro.Cluster.Tests;

/// <summary>A sweep on a cluster has the trials that it has on a host of its own: the same configurations, seeds and scores, the same that are pruned.</summary>
public sealed class SameTrialsTests(SameTrialsTests.OneSilo silo) : IClassFixture<SameTrialsTests.OneSilo>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("successive_halving")]
    [InlineData("hyperband")]
    public Task One_with_a_pruner_that_waits_for_all(string pruner) => Same(pruner, FakeHost.Study("steps=30,step_ms=30,checkpoint_every=5", trials: 16, pruner: pruner, most: 30), [], expected: trials =>
    {
        // A step is long enough for a word to stop to come before the end.
        Assert.Contains(trials, trial => trial.State == RunState.Pruned);
        Assert.Contains(trials, trial => trial.State == RunState.Completed);
    });

    [Fact]
    public Task An_ablation() => Same(
        "ablation", FakeHost.Study("steps=4", trials: 0, seeds: 3) with { Space = new SearchSpace([]), Arms = [new AblationArm("near", "A tenth.", Configuration.Parse("offset=0.1")), new AblationArm("far", "A half.", Configuration.Parse("offset=0.5"))] }, [],
        expected: trials => Assert.Equal(["baseline", "near", "far"], trials.Select(trial => trial.Arm)));

    [Fact]
    public Task One_that_a_person_adds_to_extends_and_confirms() => Same(
        "asked", FakeHost.Study("steps=4", trials: 3),
        [
            decision => decision.Enqueue(Configuration.Parse("offset=0.25"), TrialOrigin.Enqueued, 1),
            decision => decision.Extend(5),
            decision => decision.Confirm(null, 2),
        ],
        expected: trials =>
        {
            Assert.Equal([TrialOrigin.Sampler, TrialOrigin.Sampler, TrialOrigin.Sampler, TrialOrigin.Enqueued, TrialOrigin.Sampler, TrialOrigin.Sampler, TrialOrigin.Confirmation], trials.Select(trial => trial.Origin));
            // The confirmation alone reads test.
            Assert.All(trials.SelectMany(trial => trial.Runs.Select(run => (trial, run))), pair => Assert.Equal(pair.trial.Origin == TrialOrigin.Confirmation, pair.run.Scores.ContainsKey("test_loss")));
        });

    [Fact]
    public void One_whose_wall_time_is_used_up_pauses_and_a_new_submission_goes_on_with_what_is_left()
    {
        var study = FakeHost.Study("steps=1000,step_ms=50,checkpoint_every=5", trials: 4) with { WallTime = TimeSpan.FromSeconds(5) };
        silo.Cluster.Submit("timed", study);
        WaitUntilDone("timed");
        var paused = State(silo.Cluster.Events("timed"));
        Assert.Empty(paused.Running);
        Assert.Contains(paused.Trials, trial => trial.State == RunState.Paused);
        Assert.DoesNotContain(paused.Trials, trial => trial.State == RunState.Completed);
        var saved = paused.Trials.Where(trial => trial.State == RunState.Paused).ToDictionary(trial => trial.Number, trial => trial.Runs[0].Checkpoints[^1].Step);
        // Its time is counted from the submission.
        silo.Cluster.Ask("timed", study, (new Repro.Workers.Silos.SweepTerms { Submitted = DateTimeOffset.UtcNow }).WriteTo);
        WaitUntilDone("timed");
        var again = silo.Cluster.Events("timed").OfType<RunStarted>().Where(started => started.Attempt == 2).ToDictionary(started => started.Run.Trial, started => started.From!.Value);
        Assert.NotEmpty(again);
        Assert.All(again, pair => Assert.Equal(saved[pair.Key], pair.Value));
    }

    private async Task Same(string sweep, Study study, IReadOnlyList<Action<Decision>> asked, Action<IReadOnlyList<TrialStatus>> expected)
    {
        silo.Cluster.Submit(sweep, study);
        WaitUntilDone(sweep);
        foreach (var request in asked)
        {
            silo.Cluster.Ask(sweep, study, request);
            WaitUntilDone(sweep);
        }
        var there = State(silo.Cluster.Events(sweep));
        expected(there.Trials);

        using var store = new SqliteStore(Path.Combine(_folder, "sweeps.db"));
        var person = new Coordinator(store, sweep, study, host: null, TimeProvider.System);
        person.Decide([decision => decision.Create(7, null)]);
        var settings = new HostSettings { Folder = Path.Combine(_folder, sweep), Slots = [new Slot("a", "cpu", null, 1), new Slot("b", "cpu", null, 1)], StartWorker = FakeHost.StartWorker, StoreLock = store.LockFolderOf(sweep) };
        Assert.Equal(HostEnd.Finished, (await new LocalHost(store, sweep, study, settings).Run()).End);
        foreach (var request in asked)
        {
            person.Decide([request]);
            Assert.Equal(HostEnd.Finished, (await new LocalHost(store, sweep, study, settings).Run()).End);
        }
        Assert.Equal(Described(State(store.Read(sweep))), Described(there));
    }

    // A sweep that is finished is out of the queue.
    private void WaitUntilDone(string sweep) => silo.Cluster.WaitForStatus(status => status.Sweeps.All(place => place.Sweep.Name != sweep));

    private static SweepState State(IReadOnlyList<SweepEvent> events)
    {
        var state = new SweepState();
        foreach (var happened in events) state.Apply(happened);
        return state;
    }

    private static List<string> Described(SweepState state) => state.Trials
        .Select(trial => $"{trial.Number} {trial.Origin} {trial.Arm} {trial.Configuration} {trial.State}: {string.Join("; ", trial.Runs.Select(run => $"{run.Seed} {string.Join(", ", run.Scores.OrderBy(score => score.Key).Select(score => $"{score.Key} {score.Value:R}"))}"))}")
        .ToList();

    /// <summary>A cluster of one silo with two slots, without a database.</summary>
    public sealed class OneSilo : IDisposable
    {
        internal LiveCluster Cluster { get; } = new(server: null, silos: 1, slots: 2, workers: true);

        public void Dispose() => Cluster.Dispose();
    }
}
