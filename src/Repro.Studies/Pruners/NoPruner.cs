using Repro.Studies.Runs;

namespace Repro.Studies.Pruners;

/// <summary>Lets every trial train to its end, whatever it reports.</summary>
public sealed class NoPruner : IPruner
{
    public PruneDecision Report(int trial, long step, double value) => PruneDecision.Continue;

    public void End(int trial, RunState state)
    {
    }
}
