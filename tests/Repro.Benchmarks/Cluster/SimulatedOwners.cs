using Repro.Studies.Sweeps;

namespace Repro.Benchmarks.Cluster;

/// <summary>Whose each run is, as whoever looks from outside sees it: an attempt that another has followed may write nothing more.</summary>
internal sealed class SimulatedOwners
{
    private readonly Dictionary<(string Sweep, RunKey Run), (int Attempt, SimulatedSlot Slot)> _owners = [];

    /// <summary>Runs that anybody has had.</summary>
    public int Count => _owners.Count;

    /// <summary>Writes that came from attempts whose place another had taken; every one was refused.</summary>
    public int LateWrites { get; private set; }

    /// <exception cref="InvalidOperationException">An attempt was given out twice, or after a later one.</exception>
    public void Took(SimulatedSlot slot, Assignment run)
    {
        if (_owners.TryGetValue((slot.Sweep!, run.Run), out var before) && before.Attempt >= run.Attempt && before != (run.Attempt, slot))
            throw new InvalidOperationException($"Attempt {run.Attempt} of run {run.Run} of {slot.Sweep} was given to {slot.Silo.Name} after attempt {before.Attempt} to {before.Slot.Silo.Name}.");
        _owners[(slot.Sweep!, run.Run)] = (run.Attempt, slot);
    }

    /// <summary>Whether what the slot is about to write must be refused.</summary>
    /// <param name="state">Of its sweep.</param>
    public bool IsLate(SimulatedSlot slot, SweepState state)
    {
        var late = _owners[(slot.Sweep!, slot.Run!.Run)] != (slot.Run.Attempt, slot) || state[slot.Run.Run].State != Studies.Runs.RunState.Running;
        if (late) LateWrites++;
        return late;
    }

    /// <summary>A write was taken that had to be refused, or the other way round.</summary>
    public static InvalidOperationException Wrong(SimulatedSlot slot, string did) =>
        new($"Attempt {slot.Run!.Attempt} of run {slot.Run.Run} of {slot.Sweep} on {slot.Silo.Name} {did}, and that is wrong: its place {(did == "was refused" ? "is its own" : "was another's")}.");
}
