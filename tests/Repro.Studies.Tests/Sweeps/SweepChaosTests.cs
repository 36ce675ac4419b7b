using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.Sweeps;

/// <summary>Hosts that die, freeze and come back at random, against the coordinator alone; real processes are killed elsewhere.</summary>
public sealed class SweepChaosTests
{
    private const int Steps = 12, Trials = 8, Seeds = 2;

    public static TheoryData<ulong> Rounds { get; } = [.. Enumerable.Range(0, 40).Select(i => (ulong)i)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Whatever_dies_every_run_completes_once_with_every_value_once(ulong seed)
    {
        var sweep = new SweepFixture(SweepFixture.Search(Trials, seeds: Seeds));
        var chance = new Philox(seed, RandomPurpose.Checks);
        var hosts = new List<Host>();
        var names = 0;
        for (var moment = 0; !Finished(sweep); moment++)
        {
            Assert.True(moment < 20_000, $"Round {seed} does not end.");
            sweep.Time.Now += TimeSpan.FromSeconds(1);
            if (hosts.Count(host => !host.Frozen) < 2) hosts.Add(new Host(sweep, $"host {names++}"));
            var host = hosts[chance.NextInt32(hosts.Count)];
            switch (chance.NextInt32(40))
            {
                case 0: hosts.Remove(host); break;
                case 1: host.Frozen = true; break;
                case 2: host.Frozen = false; break;
                default:
                    if (!host.Frozen) host.Work(ref chance);
                    break;
            }
        }
        // Those that were frozen wake up after the end, and change nothing.
        foreach (var host in hosts) host.Work(ref chance);

        var log = sweep.Store.Read("sweep");
        Assert.Equal(Trials, log.OfType<TrialPlanned>().Count());
        Assert.Equal(Trials * Seeds, log.OfType<RunCompleted>().Select(c => c.Run).Distinct().Count());
        Assert.Equal(Trials * Seeds, log.OfType<RunCompleted>().Count());
        foreach (var run in sweep.State.Trials.SelectMany(t => t.Runs))
        {
            Assert.Equal(
                Enumerable.Range(1, Steps).Select(step => ((long)step, Host.Value(run.Key, step))),
                sweep.Store.Metrics("sweep", run.Key).Select(point => (point.Step, point.Value)));
        }
    }

    private static bool Finished(SweepFixture sweep) => sweep.State.Trials.Count == Trials && sweep.State.Trials.All(t => t.State == RunState.Completed);

    /// <summary>One slot: takes a run, reports a step at a time, checkpoints now and then, and knows only what it did itself.</summary>
    private sealed class Host(SweepFixture sweep, string name)
    {
        private readonly Coordinator _coordinator = sweep.Host(name);
        private Assignment? _run;
        private long _step;

        public bool Frozen { get; set; }

        public static double Value(RunKey run, long step) => (run.Trial * 1000) + (run.Index * 100) + step;

        public void Work(ref Philox chance)
        {
            try
            {
                // A host that was not frozen for long renews in time; one that was finds its lease ended, and begins as a new one.
                if (sweep.Store.Alive("sweep").Contains(name)) sweep.Store.Renew("sweep", name, TimeSpan.FromSeconds(10));
                _coordinator.Decide(d => d.TakeOver(sweep.Store.Alive("sweep")));
                if (_run is null) Claim();
                else Train(_run, ref chance);
            }
            catch (LeaseEndedException)
            {
                _run = null;
                sweep.Store.Renew("sweep", name, TimeSpan.FromSeconds(10));
            }
        }

        private void Claim()
        {
            _run = _coordinator.Decide(d => d.Claim("slot"));
            _step = _run is { Checkpoints.Count: > 0 } ? _run.Checkpoints[0].Step : 0;
        }

        private void Train(Assignment run, ref Philox chance)
        {
            if (_step == Steps)
            {
                _coordinator.Decide(d => d.Complete(run.Run, run.Attempt, Steps, SweepFixture.Loss(run.Run.Trial)));
                _run = null;
                return;
            }
            _step++;
            var checkpoints = chance.NextInt32(3) == 0 ? [new CheckpointRecorded(run.Run, run.Attempt, _step, $"{_step}", "", 1) { At = default }] : Array.Empty<CheckpointRecorded>();
            var directive = _coordinator.Decide(d => d.Report(run.Run, run.Attempt, [new MetricPoint("loss", _step, Value(run.Run, _step), 0)], checkpoints));
            if (directive == Directive.End) _run = null;
        }
    }
}
