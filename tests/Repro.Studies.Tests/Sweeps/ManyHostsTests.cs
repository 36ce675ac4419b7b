using Repro.Studies.Randomness;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

public sealed class ManyHostsTests
{
    [Fact]
    public void Runs_of_dead_hosts_are_taken_over_in_order_and_those_of_hosts_that_nobody_knows_are_not()
    {
        var sweep = new SweepFixture(SweepFixture.Search(trials: 6));
        var grain = new Coordinator(sweep.Store, "sweep", sweep.Study, host: null, sweep.Time);
        foreach (var host in (string[])["dead", "alive", "unknown", "dead"]) grain.Decide(d => d.Claim("slot", 0, host));
        Assert.Equal(2, grain.Decide(d => d.TakeOverFrom(new HashSet<string> { "dead", "gone" })));
        Assert.Equal([new RunKey(0, 0), new RunKey(3, 0)], sweep.Store.Read("sweep").OfType<RunFailed>().Select(failed => failed.Run));
        Assert.Equal(0, grain.Decide(d => d.TakeOverFrom(new HashSet<string> { "dead", "gone" })));
        Assert.Equal(["alive", "unknown"], sweep.State.Running.Select(run => sweep.State[run].Host));
    }

    [Fact]
    public void A_coordinator_of_many_hosts_claims_for_each_and_finds_again_what_a_slot_of_it_took()
    {
        var sweep = new SweepFixture(SweepFixture.Search(trials: 3));
        var grain = new Coordinator(sweep.Store, "sweep", sweep.Study, host: null, sweep.Time);
        var (a, b) = (grain.Decide(d => d.Claim("slot", 1, "a"))!, grain.Decide(d => d.Claim("slot", 0, "b"))!);
        Assert.Equal(("a", 1.0, "b", 0.0), (sweep.State[a.Run].Host, sweep.State[a.Run].Gpus, sweep.State[b.Run].Host, sweep.State[b.Run].Gpus));
        Assert.Equal(b.Run, grain.Decide(d => d.Taken("slot", "b"))!.Run);
        Assert.Null(grain.Decide(d => d.Taken("other", "b")));
        Assert.Null(grain.Decide(d => d.Taken("slot", "c")));
        grain.Decide(d => d.Complete(b.Run, b.Attempt, 1, SweepFixture.Loss(1)));
        Assert.Null(grain.Decide(d => d.Taken("slot", "b")));
    }

    [Fact]
    public void Hours_of_gpus_are_those_of_the_runs_that_train_and_of_those_that_have_ended()
    {
        var sweep = new SweepFixture(SweepFixture.Search(trials: 40));
        var grain = new Coordinator(sweep.Store, "sweep", sweep.Study, host: null, sweep.Time);
        var (training, expected, chance) = (new List<(Assignment Run, double Gpus, DateTimeOffset Since)>(), TimeSpan.Zero, new Philox(1, RandomPurpose.Checks));
        for (var i = 0; i < 40; i++)
        {
            sweep.Time.Now += TimeSpan.FromSeconds(100 * chance.NextDouble());
            var gpus = (double[])[0, 0.25, 1.0 / 3, 1, 4];
            var taken = gpus[chance.NextInt32(gpus.Length)];
            training.Add((grain.Decide(d => d.Claim($"slot-{i}", taken, $"host-{i % 7}"))!, taken, sweep.Time.Now));
            if (chance.NextInt32(2) == 0)
            {
                var (run, held, since) = training[0];
                training.RemoveAt(0);
                expected += held * (sweep.Time.Now - since);
                grain.Decide(d => d.Complete(run.Run, run.Attempt, 1, SweepFixture.Loss(1)));
            }
            var now = sweep.Time.Now + TimeSpan.FromHours(1);
            Assert.Equal(training.Aggregate(expected, (sum, own) => sum + (own.Gpus * (now - own.Since))).TotalHours, grain.State.GpuHours(now), 1e-8);
        }
    }
}
