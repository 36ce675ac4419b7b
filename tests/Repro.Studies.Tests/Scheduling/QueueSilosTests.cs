using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

/// <summary>How silos join, say what they do, are drained, and die.</summary>
public sealed class QueueSilosTests : QueueTests
{
    [Fact]
    public void A_slot_that_theQueue_does_not_know_is_told_to_beat_first()
    {
        Submit("one");
        Assert.True(Queue.Lend("a", "slot-0") is { Sweep: null, BeatFirst: true });
        Join("a", 1);
        Assert.True(Queue.Lend("a", "slot-1").BeatFirst);
        Assert.Equal("one", Lend("a", 0));
        Queue.Gone("a", "It was killed.");
        Assert.True(Queue.Lend("a", "slot-0").BeatFirst);
    }

    [Fact]
    public void A_dead_silo_frees_its_slots_is_remembered_and_comes_back_only_as_a_new_start()
    {
        var report = Report("a", 1);
        Queue.Beat(report);
        Submit("one");
        Lend("a", 0);
        Queue.Gone("a", "It missed two probes.");
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Equal(("a", "It missed two probes.", 1), Queue.Snapshot().Dead.Select(dead => (dead.Name, dead.Why, dead.Slots)).Single());
        Assert.False(Queue.Beat(report).Accepted);
        Assert.True(Queue.Beat(report with { Started = report.Started + TimeSpan.FromSeconds(1) }).Accepted);
        Assert.Equal("one", Lend("a", 0));
    }

    [Fact]
    public void A_silo_that_starts_anew_under_its_name_replaces_the_one_before()
    {
        var report = Report("a", 1);
        Queue.Beat(report);
        Submit("one");
        Lend("a", 0);
        Queue.PassOver("a", "one", "Its data differ.");
        Queue.Drain("a");
        Assert.True(Queue.Beat(report with { Started = report.Started + TimeSpan.FromSeconds(1) }) is { Accepted: true, Drained: false });
        Assert.False(Queue.Beat(report).Accepted);
        Assert.Equal("one", Lend("a", 0));
        Assert.Contains("anew", Assert.Single(Queue.Snapshot().Dead).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drained_silo_gets_nothing_its_loans_end_and_it_hears_of_it_at_its_next_beat()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        Queue.Drain("a");
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(Lend("a", 0));
        var answer = Queue.Beat(Report("a", 2, "one") with { Drained = false });
        Assert.True(answer is { Accepted: true, Drained: true });
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
        // What it still ends is shown.
        Assert.All(Queue.Snapshot().Silos[0].Slots, slot => Assert.Equal("one", slot.Serves));
    }

    [Fact]
    public void A_newQueue_goes_on_draining_what_was_drained()
    {
        Submit("one");
        Assert.True(Queue.Beat(Report("a", 1) with { Drained = true }).Drained);
        Assert.Null(Lend("a", 0));
    }

    [Fact]
    public void A_silo_that_leaves_by_itself_gets_nothing()
    {
        Join("a", 1);
        Submit("one");
        Lend("a", 0);
        Queue.Beat(Report("a", 1, "one") with { Leaves = true });
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
        Assert.Null(Queue.Lend("a", "slot-0").Sweep);
    }

    [Fact]
    public void A_beat_that_crossed_an_answer_does_not_undo_it_and_one_after_a_lost_answer_does()
    {
        Join("a", 1);
        Submit("one");
        Lend("a", 0);
        // Sent before the answer came.
        Queue.Beat(Report("a", 1));
        Assert.Equal(1, Queue.Snapshot().Sweeps[0].LentSlots);
        // A whole beat later it still has not come.
        Queue.Beat(Report("a", 1));
        Assert.Equal(0, Queue.Snapshot().Sweeps[0].LentSlots);
    }

    [Fact]
    public void A_slot_that_its_silo_no_longer_has_is_nobodys_and_a_changed_one_counts_as_it_now_is()
    {
        Join("a", 2);
        Submit("one");
        LendAll("a", 2);
        Queue.Beat(new SiloReport("a", Time.Now, Labels.None, [new SiloSlot("slot-0", 0.5, 1, Labels.None, "one")]));
        Assert.Equal((1, 0.5), (Queue.Snapshot().Sweeps[0].LentSlots, Queue.Snapshot().Sweeps[0].LentGpus));
        Assert.True(Queue.Lend("a", "slot-1").BeatFirst);
    }

    [Fact]
    public void What_slots_serve_is_known_whether_the_beats_or_the_sweeps_come_first()
    {
        Join("a", 2, "one");
        Submit("one");
        Submit("two");
        Assert.Equal(2, Queue.Snapshot().Sweeps.Single(place => place.Sweep.Name == "one").LentSlots);
        Assert.Equal("two", Lend("a", 0));
    }

    [Fact]
    public void A_death_that_is_told_later_has_its_ownTime()
    {
        Queue.Gone("a", "It answered no more.", Time.Now - TimeSpan.FromHours(2));
        Assert.Equal(Time.Now - TimeSpan.FromHours(2), Assert.Single(Queue.Snapshot().Dead).At);
    }

    [Fact]
    public void A_person_who_drains_a_silo_that_is_not_there_hears_of_the_nearest_or_of_its_death()
    {
        Assert.Contains("None has joined", Assert.Throws<BadInputException>(() => Queue.Drain("node-1")).Message, StringComparison.Ordinal);
        Join("node-1", 1);
        Join("other", 1);
        Assert.Contains("nearest first: node-1, other", Assert.Throws<BadInputException>(() => Queue.Drain("node-2")).Message, StringComparison.Ordinal);
        Queue.Gone("node-1", "It was killed.");
        Assert.Contains("It was killed.", Assert.Throws<BadInputException>(() => Queue.Drain("node-1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_that_break_a_bound_are_refused()
    {
        Assert.Throws<BadInputException>(() => Queue.Beat(new SiloReport("", Time.Now, Labels.None, [])));
        Assert.Throws<BadInputException>(() => Join("a", WorkQueue.MostSlots + 1));
        Assert.Throws<BadInputException>(() => Queue.Beat(new SiloReport("a", Time.Now, Labels.None, [new SiloSlot("s", 0, 0, Labels.None, null), new SiloSlot("s", 0, 0, Labels.None, null)])));
        Assert.Throws<BadInputException>(() => Queue.Beat(new SiloReport("a", Time.Now, Labels.None, [new SiloSlot("s", double.NaN, 0, Labels.None, null)])));
        Assert.Throws<BadInputException>(() => Submit(""));
        Assert.Empty(Queue.Snapshot().Silos);
    }

    [Fact]
    public void Silos_that_die_for_ever_are_not_remembered_for_ever()
    {
        for (var i = 0; i < 3 * WorkQueue.MostDead; i++)
        {
            Join($"silo-{i}", 1);
            Queue.Gone($"silo-{i}", new string('x', 100_000));
        }
        var dead = Queue.Snapshot().Dead;
        Assert.Equal(WorkQueue.MostDead, dead.Count);
        Assert.Equal($"silo-{(3 * WorkQueue.MostDead) - 1}", dead[0].Name);
        Assert.All(dead, silo => Assert.True(silo.Why.Length <= 1000));
    }
}
