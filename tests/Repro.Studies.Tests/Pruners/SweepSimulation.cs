using Repro.Studies.Pruners;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;

namespace Repro.Studies.Tests.Pruners;

/// <summary>A sweep without training: slots take up promoted trials before new ones, and report in an order drawn from a seed.</summary>
internal static class SweepSimulation
{
    /// <summary>How each trial ended (Paused: never taken up again) and how far it came.</summary>
    public static (RunState State, int Steps)[] Run(IPruner pruner, int trials, int slots, int most, Func<int, int, double> value, ulong order)
    {
        var random = new Philox(order, RandomPurpose.GeneratedData);
        var states = new (RunState State, int Steps)[trials];
        var running = new List<int>();
        var started = 0;
        while (true)
        {
            while (running.Count < slots)
            {
                if (pruner.NextToPromote is { } promoted)
                {
                    Assert.Equal(RunState.Paused, states[promoted].State);
                    pruner.Promote(promoted);
                    running.Add(promoted);
                }
                else if (started < trials) running.Add(started++);
                else break;
                states[running[^1]].State = RunState.Running;
            }
            if (started == trials) pruner.Close(trials);
            foreach (var lost in pruner.Eliminated.ToList())
            {
                Assert.Equal(RunState.Paused, states[lost].State);
                states[lost].State = RunState.Pruned;
                pruner.End(lost, RunState.Pruned);
            }
            if (running.Count == 0 && pruner.NextToPromote is null) return states;
            if (running.Count == 0) continue;
            var slot = random.NextInt32(running.Count);
            var trial = running[slot];
            var step = ++states[trial].Steps;
            var decision = pruner.Report(trial, step, value(trial, step));
            states[trial].State = step == most ? RunState.Completed : decision switch
            {
                PruneDecision.Prune => RunState.Pruned,
                PruneDecision.Pause => RunState.Paused,
                _ => RunState.Running,
            };
            if (states[trial].State is RunState.Pruned or RunState.Completed) pruner.End(trial, states[trial].State);
            if (states[trial].State != RunState.Running) running.RemoveAt(slot);
        }
    }

    /// <summary>Errors of trials whose curves cross: all different, those at the end unlike those at the beginning.</summary>
    public static double Curve(int trial, int step)
    {
        var random = new Philox(5, RandomPurpose.GeneratedData, trial + 1);
        var (floor, speed) = (random.NextDouble(), 0.05 + random.NextDouble());
        return floor + Math.Exp(-speed * step);
    }
}
