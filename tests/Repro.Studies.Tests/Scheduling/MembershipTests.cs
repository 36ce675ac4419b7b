using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Studies.Tests.Sweeps;

namespace Repro.Studies.Tests.Scheduling;

public sealed class MembershipTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Membership Read = new(new HashSet<string> { "alive" }, new HashSet<string> { "dead" }, Noon);

    [Theory]
    [InlineData("alive", -1000, false)]
    [InlineData("alive", 1000, false)]
    [InlineData("dead", -1000, true)]
    [InlineData("dead", 1000, true)]
    [InlineData("unknown", -1000, true)]
    // It has joined since the read, or the clocks differ.
    [InlineData("unknown", 1, false)]
    [InlineData("unknown", -20, false)]
    public void A_run_is_lost_where_its_host_is_known_dead_or_known_to_nobody_but_not_because_the_view_is_old(string host, int startedAfter, bool lost) =>
        Assert.Equal(lost, Read.HasLost(host, Noon + TimeSpan.FromSeconds(startedAfter)));

    [Fact]
    public void Only_lost_runs_are_taken_over_and_they_are_tried_again_in_order()
    {
        var sweep = new SweepFixture(SweepFixture.Search(trials: 6));
        var grain = new Coordinator(sweep.Store, "sweep", sweep.Study, host: null, sweep.Time);
        foreach (var host in (string[])["dead", "alive", "unknown", "dead"]) grain.Decide(d => d.Claim("slot", 0, host));
        var view = new Membership(new HashSet<string> { "alive" }, new HashSet<string> { "dead" }, sweep.Time.Now);
        Assert.Equal(2, grain.Decide(d => d.TakeOver(view)));
        Assert.Equal([new RunKey(0, 0), new RunKey(3, 0)], sweep.Store.Read("sweep").OfType<RunFailed>().Select(failed => failed.Run));
        Assert.Equal(0, grain.Decide(d => d.TakeOver(view)));
        Assert.Equal(1, grain.Decide(d => d.TakeOver(view with { ReadAt = sweep.Time.Now + TimeSpan.FromMinutes(1) })));
        Assert.Equal("alive", sweep.State[Assert.Single(sweep.State.Running)].Host);
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
}
