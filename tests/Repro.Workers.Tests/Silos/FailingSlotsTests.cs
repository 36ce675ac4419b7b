using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;
using static Repro.Workers.FakeWorker.FakeHost;

namespace Repro.Workers.Tests.Silos;

/// <summary>Slots of a silo on which something does not work: the machine, a sweep, or whoever is asked.</summary>
public sealed class FailingSlotsTests
{
    [Fact]
    public async Task A_silo_that_cannot_serve_a_sweep_is_passed_over_and_another_trains_it()
    {
        await using var cluster = new SiloFixture();
        var asked = 0;
        cluster.Silo("lacking", prepare: _ =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromException(new CannotServeException("The data set cifar10 is not on this machine. Fetch it: repro data fetch cifar10"));
        });
        await cluster.Submit("one", Study("steps=2", trials: 3));
        await cluster.WaitFor<HostSaid>((_, sweep, said) => sweep == "one" && said.Text.Contains("cifar10", StringComparison.Ordinal));
        var passed = (await cluster.On(() => Task.FromResult(cluster.Exchange.Snapshot()))).Silos.Single().PassedOver;
        cluster.Silo("able");
        await cluster.Finished("one");
        Assert.All(cluster.Log("one").OfType<RunStarted>(), started => Assert.Equal("able", started.Host));
        Assert.Equal(1, asked);
        Assert.Contains("repro data fetch", passed["one"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_was_mended_serves_a_sweep_that_is_submitted_again()
    {
        await using var cluster = new SiloFixture();
        var mended = false;
        cluster.Silo("a", prepare: _ => mended ? Task.CompletedTask : Task.FromException(new CannotServeException("It lacks something.")));
        await cluster.Submit("one", Study("steps=2", trials: 2));
        await cluster.WaitFor<HostSaid>();
        mended = true;
        await cluster.Submit("one");
        await cluster.Finished("one");
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Theory]
    [InlineData(typeof(Results.Runs.StorageException))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task A_sweep_that_cannot_be_prepared_now_is_tried_again_and_ends_no_slot(Type failure)
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        var asked = 0;
        cluster.Silo("a", prepare: _ => Interlocked.Increment(ref asked) < 3 ? Task.FromException(failure == typeof(Results.Runs.StorageException) ? new Results.Runs.StorageException("Away.") : (Exception)Activator.CreateInstance(failure, "Away.")!) : Task.CompletedTask);
        await cluster.Submit("one", Study("steps=2", trials: 2));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "Away.");
        Assert.Equal(1, asked);
        var taken = cluster.WaitFor<RunTaken>();
        time.AdvanceUntil(taken, new SiloPace().RetryAfter);
        await cluster.Finished("one");
        Assert.Equal(3, asked);
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Fact]
    public async Task A_machine_that_cannot_prepare_a_sweep_costs_the_others_nothing()
    {
        // Time stands still: whoever were sent away from the sweep would never come back to it.
        await using var cluster = new SiloFixture(new ManualTime());
        cluster.Silo("broken", prepare: _ => Task.FromException(new Results.Runs.StorageException("The share is away.")));
        await cluster.Submit("one", Study("steps=2", trials: 6));
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text == "The share is away.");
        cluster.Silo("able");
        await cluster.Finished("one");
        Assert.All(cluster.Log("one").OfType<RunStarted>(), started => Assert.Equal("able", started.Host));
    }

    [Fact]
    public async Task A_host_that_fails_at_a_run_ends_that_attempt_and_goes_on()
    {
        var time = new ManualTime();
        await using var cluster = new SiloFixture(time);
        var started = 0;
        cluster.Silo("a", settings: settings => settings with { StartWorker = (slot, log) => ++started == 1 ? throw new InvalidOperationException("Something nobody thought of.") : StartWorker(slot, log) });
        await cluster.Submit("one", Study("steps=2", trials: 2));
        await cluster.WaitFor<RunEnded>();
        var again = cluster.WaitFor<RunTaken>((_, _, taken) => taken.Assignment.Attempt == 2);
        time.AdvanceUntil(again, new SiloPace().RetryAfter);
        await cluster.Finished("one");
        var failed = Assert.Single(cluster.Log("one").OfType<RunFailed>());
        Assert.Equal((FailureClass.Machine, true), (failed.Class, failed.Again));
        Assert.Contains("nobody thought of", failed.Message, StringComparison.Ordinal);
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Fact]
    public async Task A_slot_that_asks_in_vain_says_so_and_asks_again()
    {
        var words = new List<string>();
        var source = new ThrowingSource(times: 2);
        await using var slots = new SiloSlots(
            [new Slot("a", "cpu", null, 1)], source, (_, _) => throw new InvalidOperationException(), Saw, new SiloPace { RetryAfter = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var working = slots.Run(stop.Token);
        await source.Asked;
        await stop.CancelAsync();
        await working;
        Assert.Equal(2, words.Count);
        Assert.All(words, word => Assert.Contains("TaskCanceledException", word, StringComparison.Ordinal));

        void Saw(string? sweep, HostEvent happened)
        {
            if (happened is HostSaid said) words.Add(said.Text);
        }
    }

    [Fact]
    public async Task A_slot_on_which_everything_of_two_sweeps_fails_is_given_up_and_not_lent_again()
    {
        await using var cluster = new SiloFixture();
        await cluster.Submit("one", Study("steps=2", trials: 3));
        await cluster.Submit("two", Study("steps=2", trials: 3));
        cluster.Silo("broken", settings: settings => settings with { StartWorker = (slot, _) => WorkerProcess.Start(["/nowhere/repro"], slot.Environment, _ => { }) });
        await cluster.WaitFor<SlotGivenUp>();
        await cluster.Submit("three", Study("steps=2", trials: 3));
        cluster.Silo("whole");
        foreach (var sweep in (string[])["one", "two", "three"]) await cluster.Finished(sweep);
        Assert.Equal([3, 3, 0], ((string[])["one", "two", "three"]).Select(sweep => cluster.Log(sweep).OfType<RunFailed>().Count()));
        Assert.All(cluster.Log("three").OfType<RunStarted>(), started => Assert.Equal("whole", started.Host));
        Assert.All(cluster.State("one").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Fact]
    public async Task A_slot_on_which_everything_fails_leaves_its_sweeps_to_the_other_slots_of_its_silo()
    {
        await using var cluster = new SiloFixture();
        foreach (var sweep in (string[])["one", "two"]) await cluster.Submit(sweep, Study("steps=2", trials: 12) with { Retries = new RetryLimits(Crash: 0) });
        // A worker that ends at once: a crash, as those of the sweep would be too.
        cluster.Silo("half", slots: 2, settings: settings => settings with { StartWorker = (slot, log) => slot.Name == "cpu-0" ? WorkerProcess.Start(["/bin/false"], slot.Environment, _ => { }) : StartWorker(slot, log) });
        foreach (var sweep in (string[])["one", "two"])
        {
            await cluster.WaitFor<HostSaid>((_, of, said) => of == sweep && said.Text.StartsWith("The slot cpu-0 serves this sweep no more", StringComparison.Ordinal));
            await cluster.Finished(sweep);
            // What it failed before it was known cannot be had back; nothing more is lost.
            Assert.Equal(3, cluster.Log(sweep).OfType<RunFailed>().Count());
            Assert.Equal(9, cluster.Log(sweep).OfType<RunCompleted>().Count());
            Assert.All(cluster.Log(sweep).OfType<RunCompleted>(), completed => Assert.Equal("cpu-1", cluster.Log(sweep).OfType<RunStarted>().Single(started => (started.Run, started.Attempt) == (completed.Run, completed.Attempt)).Slot));
        }
    }

    [Fact]
    public async Task Two_sweeps_of_which_everything_fails_cost_the_silo_no_slot()
    {
        await using var cluster = new SiloFixture();
        cluster.Silo("a", slots: 2);
        foreach (var bad in (string[])["bad", "worse"])
        {
            await cluster.Submit(bad, Study("steps=2,fault=exit,fault_at=1,faulty_attempts=1000", trials: 20) with { Retries = new RetryLimits(Crash: 0) });
            foreach (var slot in (string[])["cpu-0", "cpu-1"]) await cluster.WaitFor<HostSaid>((_, sweep, said) => sweep == bad && said.Text.StartsWith($"The slot {slot} serves this sweep no more", StringComparison.Ordinal));
        }
        await cluster.Submit("good", Study("steps=2", trials: 3));
        await cluster.Finished("good");
        Assert.Empty(cluster.Seen.Select(seen => seen.Event).OfType<SlotGivenUp>());
        Assert.All(cluster.State("good").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    [Fact]
    public async Task A_sweep_of_which_everything_fails_costs_the_others_no_slot()
    {
        await using var cluster = new SiloFixture();
        await cluster.Submit("bad", Study("steps=2,fault=exit,fault_at=1,faulty_attempts=1000", trials: 20) with { Retries = new RetryLimits(Crash: 0) });
        cluster.Silo("a");
        await cluster.WaitFor<HostSaid>((_, _, said) => said.Text.Contains("serves this sweep no more", StringComparison.Ordinal));
        await cluster.Submit("good", Study("steps=2", trials: 3));
        await cluster.Finished("good");
        Assert.All(cluster.State("good").Trials, trial => Assert.Equal(RunState.Completed, trial.State));
    }

    /// <summary>Fails so many times as nobody foresees, and then has nothing until it is told to stop.</summary>
    private sealed class ThrowingSource(int times) : IWorkSource
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        /// <summary>It was asked once more after all the failures.</summary>
        public Task Asked => _asked.Task;

        public async Task<Loan> Next(string slot, Loan? exhausted, CancellationToken stop)
        {
            if (_calls++ < times) throw new TaskCanceledException("Another's token.");
            _asked.TrySetResult();
            return await new TaskCompletionSource<Loan>().Task.WaitAsync(stop);
        }

        public ISweepDecisions DecisionsOf(string sweep, CancellationToken ending) => throw new InvalidOperationException("It lends no sweep.");

        public Task PassOver(string sweep, string why, TimeSpan? again, CancellationToken stop, string? slot) => throw new InvalidOperationException("It lends no sweep.");
    }
}
