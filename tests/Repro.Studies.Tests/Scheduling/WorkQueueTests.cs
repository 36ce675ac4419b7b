using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class WorkQueueTests : QueueTests
{
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
        Queue.Idle("high", Queue.Lend("a", "slot-0").AsOf);
        Assert.Equal(["low", "low"], LendAll("a", 2));
        Assert.True(Queue.Wake("high"));
        Assert.False(Queue.Wake("high"));
        Assert.Equal(["high", "high"], LendAll("a", 2));
        Submit("low", priority: 2);
        Assert.Equal(["low", "low"], LendAll("a", 2));
    }

    [Fact]
    public void Shares_are_counted_by_gpus()
    {
        Queue.Beat(new SiloReport("a", Time.Now, Labels.None, [new SiloSlot("two", 2, 1, Labels.None, null), .. Enumerable.Range(0, 4).Select(i => new SiloSlot($"half-{i}", 0.5, 1, Labels.None, null))]));
        Submit("one");
        Submit("other");
        Assert.Equal("one", Queue.Lend("a", "two").Sweep);
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal("other", Queue.Lend("a", $"half-{i}").Sweep));
    }

    [Fact]
    public void A_sweep_that_was_woken_after_a_slot_was_lent_to_it_is_not_idle_by_what_that_slot_says()
    {
        Join("a", 1);
        Submit("one");
        var lent = Queue.Lend("a", "slot-0");
        Queue.Wake("one");
        Queue.Idle("one", lent.AsOf);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_slot_that_knows_an_earlierQueue_makes_no_sweep_idle()
    {
        Join("a", 1);
        Submit("one");
        var lent = Queue.Lend("a", "slot-0");
        Time.Now += TimeSpan.FromSeconds(1);
        var again = new WorkQueue(Time);
        again.Submit(new QueuedSweep("one", Time.Now, 0, Demand.Any));
        again.Beat(Report("a", 1));
        again.Idle("one", lent.AsOf);
        Assert.Equal("one", again.Lend("a", "slot-0").Sweep);
    }

    [Fact]
    public void A_sweep_whose_waking_was_lost_is_looked_at_again_by_itself()
    {
        Join("a", 1);
        Submit("one");
        Queue.Idle("one", Queue.Lend("a", "slot-0").AsOf);
        Assert.Null(Lend("a", 0));
        Time.Now += TimeSpan.FromSeconds(11);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_sweep_that_is_woken_for_a_few_runs_is_lent_to_as_many_slots_and_no_more()
    {
        Join("a", 5);
        Submit("one");
        Queue.Idle("one", Queue.Lend("a", "slot-0").AsOf);
        Assert.True(Queue.Wake("one", loans: 2));
        Assert.Equal(["one", "one", null, null, null], LendAll("a", 5));
        Assert.True(Queue.Wake("one", loans: 1));
        // More came before anybody asked.
        Assert.False(Queue.Wake("one", loans: 2));
        Assert.Equal(["one", "one", null, null, null], LendAll("a", 5));
        Time.Now += TimeSpan.FromSeconds(11);
        Assert.Equal(["one", "one", "one", "one", "one"], LendAll("a", 5));
    }

    [Fact]
    public void A_slot_that_cannot_serve_a_sweep_leaves_it_to_the_other_slots_of_its_silo()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        Assert.True(Queue.PassOver("a", "one", "The slot slot-0 serves this sweep no more.", again: null, slot: "slot-0"));
        Assert.False(Queue.PassOver("a", "one", "", again: null, slot: "slot-7"));
        Assert.Equal([null, "one"], LendAll("a", 2));
        Assert.Equal("The slot slot-0 serves this sweep no more.", Queue.Snapshot().Silos[0].PassedOver["one"]);
        Submit("one");
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_sweep_that_is_withdrawn_gets_nothing_more()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        Assert.True(Queue.Withdraw("one"));
        Assert.False(Queue.Withdraw("one"));
        Assert.Null(Queue.Lend("a", "slot-0").Sweep);
        Submit("one");
        // The other slot has not come back yet.
        Assert.Equal(1, Queue.Snapshot().Sweeps[0].LentSlots);
    }

    [Fact]
    public void A_silo_that_cannot_serve_a_sweep_gets_others_and_its_slots_come_back_from_it()
    {
        Join("a", 2);
        Join("b", 1);
        Submit("one");
        LendAll("a", 2);
        Assert.True(Queue.PassOver("a", "one", "Its libtorch is 1.13, the sweep wants 2.6. Install it: ./setup"));
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(Queue.Lend("a", "slot-0").Sweep);
        Assert.Equal("one", Lend("b", 0));
        Assert.Equal(["one"], Queue.Snapshot().Silos[0].PassedOver.Keys);
        Assert.False(Queue.PassOver("c", "one", ""));
        Assert.False(Queue.PassOver("a", "nothing", ""));
    }

    [Fact]
    public void A_silo_whose_refusal_was_for_a_while_is_asked_again_after_it_and_shows_no_old_reason()
    {
        Join("a", 1);
        Submit("one");
        Queue.PassOver("a", "one", "Its data differ.", again: TimeSpan.FromMinutes(1));
        Time.Now += TimeSpan.FromSeconds(59);
        Assert.Null(Lend("a", 0));
        Time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(["Its data differ."], Queue.Snapshot().Silos[0].PassedOver.Values);
        Assert.Equal("one", Lend("a", 0));
        Assert.Empty(Queue.Snapshot().Silos[0].PassedOver);
        // What everything failed of is not tried again and again.
        Queue.PassOver("a", "one", "Everything failed.");
        Time.Now += TimeSpan.FromDays(1);
        Assert.Null(Lend("a", 0));
    }
}
