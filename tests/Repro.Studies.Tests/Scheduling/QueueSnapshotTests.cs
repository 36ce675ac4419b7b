using Repro.Benchmarks.Cluster;
using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class QueueSnapshotTests
{
    private readonly SimulatedTime _time = new();
    private readonly WorkQueue _queue;

    public QueueSnapshotTests() => _queue = new WorkQueue(_time);

    [Fact]
    public void The_queue_is_shown_in_the_order_in_which_sweeps_get_the_next_slot()
    {
        Join("a", "cpu", 3);
        Submit("old", "");
        Submit("new", "");
        Submit("urgent", "", priority: 5);
        _queue.Idle("urgent", _queue.Lend("a", "cpu-0").AsOf);
        for (var i = 0; i < 3; i++) _queue.Lend("a", $"cpu-{i}");
        var places = _queue.Snapshot().Sweeps;
        Assert.Equal([("urgent", 0, true), ("new", 1, false), ("old", 2, false)], places.Select(place => (place.Sweep.Name, place.LentSlots, place.Idle)));
        Assert.Equal([2.0, 1.0, 0.0], places.Select(place => place.LentGpus).OrderDescending());
    }

    [Fact]
    public void Each_silo_is_shown_with_its_slots_and_who_has_them()
    {
        _queue.Beat(new SiloReport("b", _time.Now, Labels.Parse("host=b"), [new SiloSlot("gpu-0", 1, 5, Labels.Parse("gpu=h200"), null)]));
        Join("a", "cpu", 1);
        Submit("one", "gpu=h200");
        _queue.Lend("b", "gpu-0");
        var silos = _queue.Snapshot().Silos;
        Assert.Equal(["a", "b"], silos.Select(silo => silo.Name));
        Assert.Equal(("gpu-0", "gpu=h200,host=b", "one"), (silos[1].Slots[0].Name, silos[1].Slots[0].Offer.Labels.ToString(), silos[1].Slots[0].Serves));
        Assert.Null(silos[0].Slots[0].Serves);
    }

    [Fact]
    public void A_silo_that_says_nothing_is_suspected_and_keeps_what_it_has()
    {
        Join("a", "cpu", 1);
        Submit("one", "");
        _queue.Lend("a", "cpu-0");
        Assert.False(_queue.Snapshot().Silos[0].Suspected);
        _time.Now += TimeSpan.FromHours(1);
        Assert.True(_queue.Snapshot().Silos[0].Suspected);
        Assert.Equal(1, _queue.Snapshot().Sweeps[0].LentSlots);
        Join("a", "cpu", 1);
        Assert.False(_queue.Snapshot().Silos[0].Suspected);
    }

    [Theory]
    [InlineData("gpu=h20", "No silo has gpu=h20; there is, nearest first: gpu=h200, gpu=a100.")]
    [InlineData("rack=1", "No silo has rack=1; none has a label rack.")]
    [InlineData("gpus=2", "No slot has 2 GPUs; the largest has 1.")]
    [InlineData("gpus=1,memory=200GiB", "No slot with its GPUs has 200 GiB of memory; the largest has 140 GiB.")]
    [InlineData("memory=300GiB", "No slot has 300 GiB of memory; the largest has 256 GiB.")]
    [InlineData("gpu=a100,memory=100GiB", "No slot has all of memory=100GiB,gpu=a100 at once.")]
    [InlineData("gpu=a100", "It waits for a slot to come back; those that fit are on small.")]
    public void A_sweep_without_a_slot_says_what_is_missing(string demand, string why)
    {
        _queue.Beat(new SiloReport("big", _time.Now, Labels.Parse("gpu=h200"), [new SiloSlot("gpu-0", 1, 140L << 30, Labels.None, null)]));
        _queue.Beat(new SiloReport("small", _time.Now, Labels.Parse("gpu=a100"), [new SiloSlot("gpu-0", 1, 40L << 30, Labels.None, null)]));
        Join("cpu", "cpu", 1);
        Submit("one", demand);
        Assert.Equal(why, _queue.Snapshot().Sweeps[0].Waits);
    }

    [Fact]
    public void A_sweep_without_a_slot_says_who_is_in_the_way()
    {
        Submit("one", "");
        Assert.Equal("No silo has joined.", Why());
        Join("a", "cpu", 1);
        _queue.PassOver("a", "one", "Its data differ. Fetch them: repro data");
        Assert.Equal("It cannot run on any silo that fits. a: Its data differ. Fetch them: repro data", Why());
        _queue.Drain("a");
        Assert.Equal("The silos that fit take no more work: a.", Why());
        Join("b", "cpu", 1);
        Submit("urgent", "", priority: 1);
        _queue.Lend("b", "cpu-0");
        Assert.Equal("Sweeps of higher priority go first: urgent.", Why());
        _queue.Idle("urgent", _queue.Lend("b", "cpu-0").AsOf);
        var lent = _queue.Lend("b", "cpu-0");
        Assert.Equal("one", lent.Sweep);
        Assert.Null(Why());
        _queue.Idle("one", lent.AsOf);
        _queue.Lend("b", "cpu-0");
        Assert.Contains("no run to give now", Why(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_that_its_silo_gave_up_is_shown_and_is_the_reason_where_no_other_fits()
    {
        _queue.Beat(new SiloReport("a", _time.Now, Labels.Parse("gpu=h200"), [new SiloSlot("gpu-0", 1, 5, Labels.None, null, "Everything fails on it.")]));
        Join("b", "cpu", 1);
        Submit("one", "gpu=h200");
        Assert.Equal("Everything fails on it.", _queue.Snapshot().Silos[0].Slots[0].GivenUp);
        Assert.Null(_queue.Lend("a", "gpu-0").Sweep);
        Assert.Equal("Every slot that fits was given up: gpu-0 of a. Everything fails on it.", Why());
    }

    private string? Why() => _queue.Snapshot().Sweeps.Single(place => place.Sweep.Name == "one").Waits;

    private void Join(string silo, string kind, int slots) =>
        _queue.Beat(new SiloReport(silo, DateTimeOffset.UnixEpoch, Labels.None, [.. Enumerable.Range(0, slots).Select(i => new SiloSlot($"{kind}-{i}", 0, 256L << 30, Labels.None, null))]));

    private void Submit(string sweep, string demand, int priority = 0)
    {
        _time.Now += TimeSpan.FromSeconds(1);
        _queue.Submit(new QueuedSweep(sweep, _time.Now, priority, Demand.Parse(demand)));
    }
}
