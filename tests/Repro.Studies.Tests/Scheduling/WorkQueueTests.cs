using Repro.Benchmarks.Cluster;
using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class WorkQueueTests
{
    private readonly SimulatedTime _time = new();
    private readonly WorkQueue _queue;
    private int _submitted;

    public WorkQueueTests() => _queue = new WorkQueue(_time);

    [Fact]
    public void Equal_sweeps_share_the_slots_and_the_slot_too_many_stays_where_it_is_warm()
    {
        Join("a", 5);
        Submit("one");
        Submit("two");
        Assert.Equal(["one", "two", "one", "two", "one"], LendAll("a", 5));
        Assert.Equal(["one", "two", "one", "two", "one"], LendAll("a", 5));
    }

    [Fact]
    public void Where_there_are_more_sweeps_than_slots_they_take_turns()
    {
        Join("a", 1);
        foreach (var sweep in (string[])["one", "two", "three"]) Submit(sweep);
        Assert.Equal(["one", "two", "three", "one", "two", "three"], Enumerable.Range(0, 6).Select(_ => Lend("a", 0)));
    }

    [Fact]
    public void A_sweep_that_comes_later_gets_its_share_as_slots_come_back()
    {
        Join("a", 4);
        Submit("one");
        Assert.Equal(["one", "one", "one", "one"], LendAll("a", 4));
        Submit("two");
        Assert.Equal(["two", "two", "one", "one"], LendAll("a", 4));
    }

    [Fact]
    public void A_sweep_of_higher_priority_leaves_nothing_to_others_until_it_has_nothing_to_give()
    {
        Join("a", 2);
        Submit("low");
        Submit("high", priority: 1);
        Assert.Equal(["high", "high"], LendAll("a", 2));
        _queue.Idle("high", _queue.Lend("a", "slot-0").AsOf);
        Assert.Equal(["low", "low"], LendAll("a", 2));
        Assert.True(_queue.Wake("high"));
        Assert.False(_queue.Wake("high"));
        Assert.Equal(["high", "high"], LendAll("a", 2));
        Submit("low", priority: 2);
        Assert.Equal(["low", "low"], LendAll("a", 2));
    }

    [Fact]
    public void Shares_are_counted_by_gpus()
    {
        _queue.Beat(new SiloReport("a", _time.Now, Labels.None, [new SiloSlot("two", 2, 1, Labels.None, null), .. Enumerable.Range(0, 4).Select(i => new SiloSlot($"half-{i}", 0.5, 1, Labels.None, null))]));
        Submit("one");
        Submit("other");
        Assert.Equal("one", _queue.Lend("a", "two").Sweep);
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal("other", _queue.Lend("a", $"half-{i}").Sweep));
    }

    [Fact]
    public void A_sweep_that_was_woken_after_a_slot_was_lent_to_it_is_not_idle_by_what_that_slot_says()
    {
        Join("a", 1);
        Submit("one");
        var lent = _queue.Lend("a", "slot-0");
        _queue.Wake("one");
        _queue.Idle("one", lent.AsOf);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_slot_that_knows_an_earlier_queue_makes_no_sweep_idle()
    {
        Join("a", 1);
        Submit("one");
        var lent = _queue.Lend("a", "slot-0");
        _time.Now += TimeSpan.FromSeconds(1);
        var again = new WorkQueue(_time);
        again.Submit(new QueuedSweep("one", _time.Now, 0, Demand.Any));
        again.Beat(Report("a", 1));
        again.Idle("one", lent.AsOf);
        Assert.Equal("one", again.Lend("a", "slot-0").Sweep);
    }

    [Fact]
    public void A_sweep_whose_waking_was_lost_is_looked_at_again_by_itself()
    {
        Join("a", 1);
        Submit("one");
        _queue.Idle("one", _queue.Lend("a", "slot-0").AsOf);
        Assert.Null(Lend("a", 0));
        _time.Now += TimeSpan.FromSeconds(11);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_slot_that_the_queue_does_not_know_is_told_to_beat_first()
    {
        Submit("one");
        Assert.True(_queue.Lend("a", "slot-0") is { Sweep: null, BeatFirst: true });
        Join("a", 1);
        Assert.True(_queue.Lend("a", "slot-1").BeatFirst);
        Assert.Equal("one", Lend("a", 0));
        _queue.Gone("a", "It was killed.");
        Assert.True(_queue.Lend("a", "slot-0").BeatFirst);
    }

    [Fact]
    public void A_dead_silo_frees_its_slots_is_remembered_and_comes_back_only_as_a_new_start()
    {
        var report = Report("a", 1);
        _queue.Beat(report);
        Submit("one");
        Lend("a", 0);
        _queue.Gone("a", "It missed two probes.");
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Equal(("a", "It missed two probes.", 1), _queue.Snapshot().Dead.Select(dead => (dead.Name, dead.Why, dead.Slots)).Single());
        Assert.False(_queue.Beat(report).Accepted);
        Assert.True(_queue.Beat(report with { Started = report.Started + TimeSpan.FromSeconds(1) }).Accepted);
        // Told late of the first one's death.
        _queue.Gone("a", "It missed two probes.", report.Started);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_silo_that_starts_anew_under_its_name_replaces_the_one_before()
    {
        var report = Report("a", 1);
        _queue.Beat(report);
        Submit("one");
        Lend("a", 0);
        _queue.PassOver("a", "one", "Its data differ.");
        _queue.Drain("a");
        Assert.True(_queue.Beat(report with { Started = report.Started + TimeSpan.FromSeconds(1) }) is { Accepted: true, Drained: false });
        Assert.False(_queue.Beat(report).Accepted);
        Assert.Equal("one", Lend("a", 0));
        Assert.Contains("anew", Assert.Single(_queue.Snapshot().Dead).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drained_silo_gets_nothing_its_loans_end_and_it_hears_of_it_at_its_next_beat()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        _queue.Drain("a");
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(Lend("a", 0));
        var answer = _queue.Beat(Report("a", 2, "one") with { Drained = false });
        Assert.True(answer is { Accepted: true, Drained: true });
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
        // What it still ends is shown.
        Assert.All(_queue.Snapshot().Silos[0].Slots, slot => Assert.Equal("one", slot.Serves));
        _queue.Undrain("a");
        // It does not know that yet, and says so.
        Assert.False(_queue.Beat(Report("a", 2) with { Drained = true }).Drained);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_new_queue_goes_on_draining_what_was_drained()
    {
        Submit("one");
        Assert.True(_queue.Beat(Report("a", 1) with { Drained = true }).Drained);
        Assert.Null(Lend("a", 0));
    }

    [Fact]
    public void A_silo_that_leaves_by_itself_gets_nothing()
    {
        Join("a", 1);
        Submit("one");
        Lend("a", 0);
        _queue.Beat(Report("a", 1, "one") with { Leaves = true });
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(_queue.Lend("a", "slot-0").Sweep);
    }

    [Fact]
    public void A_beat_that_crossed_an_answer_does_not_undo_it_and_one_after_a_lost_answer_does()
    {
        Join("a", 1);
        Submit("one");
        Lend("a", 0);
        // Sent before the answer came.
        _queue.Beat(Report("a", 1));
        Assert.Equal(1, _queue.Snapshot().Sweeps[0].LentSlots);
        // A whole beat later it still has not come.
        _queue.Beat(Report("a", 1));
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
    }

    [Fact]
    public void A_slot_that_its_silo_no_longer_has_is_nobodys_and_a_changed_one_counts_as_it_now_is()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        _queue.Beat(new SiloReport("a", _time.Now, Labels.None, [new SiloSlot("slot-0", 0.5, 1, Labels.None, "one")]));
        Assert.Equal((1, 0.5), (_queue.Snapshot().Sweeps[0].LentSlots, _queue.Snapshot().Sweeps[0].LentGpus));
        Assert.True(_queue.Lend("a", "slot-1").BeatFirst);
    }

    [Fact]
    public void What_slots_serve_is_known_whether_the_beats_or_the_sweeps_come_first()
    {
        Join("a", 2, "one");
        Submit("one");
        Submit("two");
        Assert.Equal(2, _queue.Snapshot().Sweeps.Single(place => place.Sweep.Name == "one").LentSlots);
        Assert.Equal("two", Lend("a", 0));
    }

    [Fact]
    public void A_sweep_that_is_withdrawn_gets_nothing_more()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        Assert.True(_queue.Withdraw("one"));
        Assert.False(_queue.Withdraw("one"));
        Assert.Null(_queue.Lend("a", "slot-0").Sweep);
        Submit("one");
        // The other slot has not come back yet.
        Assert.Equal(1, _queue.Snapshot().Sweeps[0].LentSlots);
    }

    [Fact]
    public void A_silo_that_cannot_serve_a_sweep_gets_others_and_its_slots_come_back_from_it()
    {
        Join("a", 2);
        Join("b", 1);
        Submit("one");
        LendAll("a", 2);
        Assert.True(_queue.PassOver("a", "one", "Its libtorch is 1.13, the sweep wants 2.6. Install it: ./setup"));
        Assert.Equal(0, _queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(_queue.Lend("a", "slot-0").Sweep);
        Assert.Equal("one", Lend("b", 0));
        Assert.Equal(["one"], _queue.Snapshot().Silos[0].PassedOver.Keys);
        Assert.False(_queue.PassOver("c", "one", ""));
        Assert.False(_queue.PassOver("a", "nothing", ""));
    }

    [Fact]
    public void A_person_who_drains_a_silo_that_is_not_there_hears_of_the_nearest_or_of_its_death()
    {
        Assert.Contains("None has joined", Assert.Throws<BadInputException>(() => _queue.Drain("node-1")).Message, StringComparison.Ordinal);
        Join("node-1", 1);
        Join("other", 1);
        Assert.Contains("nearest first: node-1, other", Assert.Throws<BadInputException>(() => _queue.Drain("node-2")).Message, StringComparison.Ordinal);
        _queue.Gone("node-1", "It was killed.");
        Assert.Contains("It was killed.", Assert.Throws<BadInputException>(() => _queue.Undrain("node-1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_that_break_a_bound_are_refused()
    {
        Assert.Throws<BadInputException>(() => _queue.Beat(new SiloReport("", _time.Now, Labels.None, [])));
        Assert.Throws<BadInputException>(() => Join("a", WorkQueue.MostSlots + 1));
        Assert.Throws<BadInputException>(() => _queue.Beat(new SiloReport("a", _time.Now, Labels.None, [new SiloSlot("s", 0, 0, Labels.None, null), new SiloSlot("s", 0, 0, Labels.None, null)])));
        Assert.Throws<BadInputException>(() => _queue.Beat(new SiloReport("a", _time.Now, Labels.None, [new SiloSlot("s", double.NaN, 0, Labels.None, null)])));
        Assert.Throws<BadInputException>(() => Submit(""));
        Assert.Empty(_queue.Snapshot().Silos);
    }

    [Fact]
    public void Silos_that_die_for_ever_are_not_remembered_for_ever()
    {
        for (var i = 0; i < 3 * WorkQueue.MostDead; i++)
        {
            Join($"silo-{i}", 1);
            _queue.Gone($"silo-{i}", new string('x', 100_000));
        }
        var dead = _queue.Snapshot().Dead;
        Assert.Equal(WorkQueue.MostDead, dead.Count);
        Assert.Equal($"silo-{(3 * WorkQueue.MostDead) - 1}", dead[0].Name);
        Assert.All(dead, silo => Assert.True(silo.Why.Length <= 1000));
    }

    private static SiloSlot Slot(int number, string? serves) => new($"slot-{number}", 0, 1L << 30, Labels.None, serves);

    private SiloReport Report(string silo, int slots, string? serves = null) => new(silo, _time.Now, Labels.None, [.. Enumerable.Range(0, slots).Select(i => Slot(i, serves))]);

    private void Join(string silo, int slots, string? serves = null) => _queue.Beat(Report(silo, slots, serves));

    private void Submit(string sweep, int priority = 0) => _queue.Submit(new QueuedSweep(sweep, _time.Now + TimeSpan.FromTicks(_submitted++), priority, Demand.Any));

    private string? Lend(string silo, int slot) => _queue.Lend(silo, $"slot-{slot}").Sweep;

    private List<string?> LendAll(string silo, int slots) => [.. Enumerable.Range(0, slots).Select(i => Lend(silo, i))];
}
