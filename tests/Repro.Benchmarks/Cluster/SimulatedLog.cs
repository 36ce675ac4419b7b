using Repro.Results.Stores;
using Repro.Studies.Randomness;
using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Cluster;

/// <summary>Looks at what a simulated sweep has left in the store, without the fold, which has its own rules.</summary>
internal static class SimulatedLog
{
    /// <summary>What every attempt at a run measures at a step.</summary>
    public static double Loss(RunKey run, int step) => new Philox((ulong)run.Trial, RandomPurpose.Checks).NextDouble() + (1.0 / step);

    /// <exception cref="InvalidOperationException">A trial was lost, or done twice, or an attempt wrote after another had taken its place.</exception>
    public static void Check(SimulatedSweep sweep, MemoryStore store)
    {
        var (attempts, training, ended) = (new int[sweep.Trials], new bool[sweep.Trials], new SweepEvent?[sweep.Trials]);
        var planned = 0;
        foreach (var happened in store.Read(sweep.Name))
        {
            switch (happened)
            {
                case TrialPlanned e when e.Trial != planned++: throw Wrong($"trial {e.Trial} was planned as number {planned - 1}");
                case RunStarted e:
                    if (training[e.Run.Trial] || ended[e.Run.Trial] is not null || e.Attempt != ++attempts[e.Run.Trial]) throw Wrong($"attempt {e.Attempt} of run {e.Run} was started out of turn");
                    training[e.Run.Trial] = true;
                    break;
                case RungReached e:
                    Writes(e.Run, e.Attempt);
                    break;
                case CheckpointRecorded e:
                    Writes(e.Run, e.Attempt);
                    break;
                case RunPaused e:
                    Writes(e.Run, e.Attempt);
                    training[e.Run.Trial] = false;
                    break;
                case RunFailed e:
                    Writes(e.Run, e.Attempt);
                    training[e.Run.Trial] = false;
                    if (!e.Again) End(e.Run.Trial, e);
                    break;
                case RunCompleted e:
                    Writes(e.Run, e.Attempt);
                    End(e.Run.Trial, e);
                    break;
                case TrialPruned e:
                    End(e.Trial, e);
                    break;
            }
        }
        if (planned != sweep.Trials) throw Wrong($"{planned} trials were planned");
        for (var trial = 0; trial < sweep.Trials; trial++)
        {
            if (ended[trial] is null) throw Wrong($"trial {trial} has no end");
            if (ended[trial] is RunCompleted completed) Values(completed);
        }

        void Writes(RunKey run, int attempt)
        {
            if (!training[run.Trial] || attempt != attempts[run.Trial]) throw Wrong($"attempt {attempt} of run {run} wrote after its end");
        }

        void End(int trial, SweepEvent by)
        {
            if (ended[trial] is not null) throw Wrong($"trial {trial} ended twice");
            (ended[trial], training[trial]) = (by, false);
        }

        // Every step once, with its value, by attempts in their order; the last by one that was not later than the completing one.
        void Values(RunCompleted completed)
        {
            var points = store.Metrics(sweep.Name, completed.Run);
            if (!points.Where(point => point.Name == "loss").Select(point => (point.Step, point.Value)).SequenceEqual(SimulatedSweep.Steps.Select(step => ((long)step, Loss(completed.Run, step)))))
                throw Wrong($"run {completed.Run} has lost a value or has one twice");
            var by = points.Where(point => point.Name == "attempt").Select(point => point.Value).ToList();
            if (by.Count != SimulatedSweep.Steps.Count || !by.SequenceEqual(by.Order()) || by[^1] > completed.Attempt) throw Wrong($"run {completed.Run} has values of attempts {string.Join(", ", by)}, and attempt {completed.Attempt} completed it");
        }

        InvalidOperationException Wrong(string what) => new($"In sweep {sweep.Name} {what}.");
    }
}
