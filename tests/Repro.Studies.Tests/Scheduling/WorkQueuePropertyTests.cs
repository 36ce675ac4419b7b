using FsCheck;
using FsCheck.Fluent;
using Repro.Benchmarks.Cluster;
using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

public sealed class WorkQueuePropertyTests
{
    private static readonly string[] Kinds = ["", "gpu=h200", "gpu=a100"], Demands = ["", "", "gpus=0.5", "gpus=1,gpu=h200", "memory=2GiB", "gpus=0.25,memory=2GiB"];

    /// <summary>What is done, to which silo or sweep, to which slot, and how.</summary>
    private static readonly Gen<(int What, int Which, int Slot, int How)[]> Histories =
        (from what in Gen.Choose(0, 19) from which in Gen.Choose(0, 4) from slot in Gen.Choose(0, 3) from how in Gen.Choose(0, 5) select (what, which, slot, how)).ArrayOf().Where(history => history.Length > 0);

    [Fact]
    public void Whatever_happens_the_queue_lends_what_the_slow_model_lends()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200), Prop.ForAll(Histories.ToArbitrary(), history =>
        {
            var (cluster, model) = (new Cluster(), new WorkQueueModel());
            foreach (var (what, which, slot, how) in history)
            {
                cluster.Do(model, what, which, slot, how);
                var loans = cluster.Loans();
                if (!loans.Order().SequenceEqual(model.Loans.Order())) return false;
                // Nothing is lent on a silo that drains or is gone.
                if (loans.Any(loan => model.Drains(loan.Silo) || !model.Has(loan.Silo))) return false;
            }
            return true;
        }));
    }

    [Fact]
    public void A_queue_that_is_rebuilt_from_beats_and_the_store_has_the_same_loans_and_shares()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(200), Prop.ForAll(Histories.ToArbitrary(), Gen.Elements(false, true).ToArbitrary(), (history, sweepsFirst) =>
        {
            var (cluster, model) = (new Cluster(), new WorkQueueModel());
            foreach (var (what, which, slot, how) in history) cluster.Do(model, what, which, slot, how);
            var before = cluster.Queue.Snapshot();
            var again = new WorkQueue(cluster.Time);
            var sweeps = before.Sweeps.Select(place => place.Sweep).ToList();
            if (sweepsFirst) sweeps.ForEach(again.Submit);
            foreach (var silo in before.Silos) again.Beat(cluster.ReportOf(silo));
            if (!sweepsFirst) sweeps.ForEach(again.Submit);
            var after = again.Snapshot();
            return after.Silos.SelectMany(Slots).SequenceEqual(before.Silos.SelectMany(Slots)) && after.Silos.Select(silo => silo.Drained).SequenceEqual(before.Silos.Select(silo => silo.Drained))
                && Shares(after).SequenceEqual(Shares(before));
        }));

        static IEnumerable<(string, string, string?)> Slots(SiloStanding silo) => silo.Slots.Select(slot => (silo.Name, slot.Name, slot.Serves));
        static IEnumerable<(QueuedSweep, int, double)> Shares(QueueSnapshot queue) => queue.Sweeps.Select(place => (place.Sweep, place.LentSlots, place.LentGpus)).OrderBy(share => share.Sweep.Name, StringComparer.Ordinal);
    }

    [Fact]
    public void Shares_of_equal_hungry_sweeps_never_differ_by_more_than_a_slot_once_every_slot_has_come_back()
    {
        var clusters = from silos in Gen.Choose(1, 8) from slots in Gen.Choose(1, 8) from sweeps in Gen.Choose(1, 12) from served in Gen.Choose(0, 11).ArrayOf(silos * slots) select (silos, slots, sweeps, served);
        Check.QuickThrowOnFailure(Prop.ForAll(clusters.ToArbitrary(), cluster =>
        {
            var time = new SimulatedTime();
            var queue = new WorkQueue(time);
            for (var i = 0; i < cluster.sweeps; i++) queue.Submit(new QueuedSweep($"{i}", time.Now, 0, Demand.Any));
            // However unfair it was before.
            for (var silo = 0; silo < cluster.silos; silo++)
                queue.Beat(new SiloReport($"{silo}", time.Now, Labels.None, [.. Enumerable.Range(0, cluster.slots).Select(slot => new SiloSlot($"{slot}", 0, 1, Labels.None, $"{cluster.served[(silo * cluster.slots) + slot] % cluster.sweeps}"))]));
            for (var round = 0; round < 2; round++)
            {
                for (var slot = 0; slot < cluster.silos * cluster.slots; slot++)
                {
                    queue.Lend($"{slot / cluster.slots}", $"{slot % cluster.slots}");
                    if (round == 1 && Spread(queue) > 1) return false;
                }
            }
            return Spread(queue) <= 1;
        }));

        static int Spread(WorkQueue queue) => queue.Snapshot().Sweeps.Max(place => place.LentSlots) - queue.Snapshot().Sweeps.Min(place => place.LentSlots);
    }

    [Fact]
    public void No_sweep_waits_for_ever_beside_equal_ones()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(1, 5).ToArbitrary(), Gen.Choose(1, 20).ToArbitrary(), (slots, sweeps) =>
        {
            var time = new SimulatedTime();
            var queue = new WorkQueue(time);
            for (var i = 0; i < sweeps; i++) queue.Submit(new QueuedSweep($"{i}", time.Now, 0, Demand.Any));
            queue.Beat(new SiloReport("a", time.Now, Labels.None, [.. Enumerable.Range(0, slots).Select(slot => new SiloSlot($"{slot}", 0, 1, Labels.None, null))]));
            // Every slot comes back sweeps times: in so many loans each sweep has had one.
            return Enumerable.Range(0, slots * sweeps).Select(turn => queue.Lend("a", $"{turn % slots}").Sweep).Distinct().Count() == sweeps;
        }));
    }

    /// <summary>The queue under test, and the cluster around it: three silos of one to four slots, five sweeps.</summary>
    private sealed class Cluster
    {
        private readonly Dictionary<string, SiloReport> _silos = [];

        public Cluster() => Queue = new WorkQueue(Time);

        public SimulatedTime Time { get; } = new();

        public WorkQueue Queue { get; }

        public List<(string Silo, string Slot, string Sweep)> Loans() =>
            [.. Queue.Snapshot().Silos.SelectMany(silo => silo.Slots.Where(slot => slot.Serves is not null && !silo.Drained).Select(slot => (silo.Name, slot.Name, slot.Serves!)))];

        public SiloReport ReportOf(SiloStanding silo) => _silos[silo.Name] with { Drained = silo.Drained, Slots = [.. silo.Slots.Select(slot => _silos[silo.Name].Slots.Single(own => own.Name == slot.Name) with { Serves = slot.Serves })] };

        public void Do(WorkQueueModel model, int what, int which, int slot, int how)
        {
            Time.Now += TimeSpan.FromMilliseconds(1);
            var (silo, sweep, at) = ($"silo-{which % 3}", $"sweep-{which}", $"slot-{slot}");
            switch (what)
            {
                case <= 1:
                    if (!model.Has(silo)) _silos[silo] = new SiloReport(silo, Time.Now, Labels.Parse(Kinds[how % 3]), [.. Enumerable.Range(0, 1 + slot).Select(i => new SiloSlot($"slot-{i}", how % 3 == 0 ? 0 : 1.0 / (1 << (i % 3)), (1L + (how % 2)) << 30, Labels.None, null))]);
                    // Now and then its last slot breaks, for good.
                    if (how == 5 && which == 0) _silos[silo] = _silos[silo] with { Slots = [.. _silos[silo].Slots.SkipLast(1), _silos[silo].Slots[^1] with { GivenUp = "It fails everything." }] };
                    var report = _silos[silo] with { Slots = [.. _silos[silo].Slots.Select(own => own with { Serves = model.Serves(silo, own.Name) })] };
                    Assert.True(Queue.Beat(report).Accepted);
                    model.Beat(report);
                    break;
                case 2:
                    Queue.Gone(silo, "It died.");
                    model.Gone(silo);
                    break;
                case 3 when model.Has(silo):
                    Queue.Drain(silo);
                    model.Drain(silo);
                    break;
                case 4 when how == 0:
                    Time.Now += TimeSpan.FromMinutes(1);
                    model.Wait();
                    break;
                case <= 6:
                    var queued = new QueuedSweep(sweep, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(slot), how % 2, Demand.Parse(Demands[how]));
                    Queue.Submit(queued);
                    model.Submit(queued);
                    break;
                case 7 when how <= 2:
                    Queue.Withdraw(sweep);
                    model.Withdraw(sweep);
                    break;
                case 8 when how <= 3:
                    Queue.PassOver(silo, sweep, "Its data differ.", how < 2 ? TimeSpan.FromSeconds(30) : null, how % 2 == 0 ? at : null);
                    model.PassOver(silo, sweep, how < 2, how % 2 == 0 ? at : null);
                    break;
                case 9:
                    Queue.Idle(sweep, long.MaxValue);
                    if (Queue.Snapshot().Sweeps.Any(place => place.Sweep.Name == sweep)) model.Idle(sweep);
                    break;
                case 10:
                    Queue.Wake(sweep);
                    model.Wake(sweep, null);
                    break;
                case 11:
                    Queue.Wake(sweep, 1 + slot);
                    model.Wake(sweep, 1 + slot);
                    break;
                default:
                    Assert.Equal(model.Lend(silo, at), Queue.Lend(silo, at).Sweep);
                    break;
            }
        }
    }
}
