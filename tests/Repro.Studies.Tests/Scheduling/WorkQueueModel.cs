using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

/// <summary>What the queue must do, said the slow way: nothing is counted, everything is looked up in lists whenever it is asked.</summary>
internal sealed class WorkQueueModel
{
    private readonly Dictionary<(string Silo, string Slot), (SlotOffer Offer, string? Serves)> _slots = [];
    private readonly List<QueuedSweep> _sweeps = [];
    private readonly HashSet<string> _idle = [], _drained = [];
    private readonly HashSet<(string Silo, string Sweep)> _passed = [];
    private readonly List<string> _history = [];

    public IEnumerable<(string Silo, string Slot, string Sweep)> Loans => _slots.Where(slot => slot.Value.Serves is not null).Select(slot => (slot.Key.Silo, slot.Key.Slot, slot.Value.Serves!));

    public bool Has(string silo) => _slots.Keys.Any(slot => slot.Silo == silo);

    public bool Drains(string silo) => _drained.Contains(silo);

    public string? Serves(string silo, string slot) => _slots.TryGetValue((silo, slot), out var known) ? known.Serves : null;

    public void Beat(SiloReport report)
    {
        foreach (var slot in report.Slots.Where(slot => !_slots.ContainsKey((report.Name, slot.Name))))
            _slots.Add((report.Name, slot.Name), (new SlotOffer(slot.Gpus, slot.MemoryBytes, report.Labels.With(slot.Labels)), slot.Serves));
    }

    public void Gone(string silo)
    {
        foreach (var slot in _slots.Keys.Where(slot => slot.Silo == silo).ToList()) _slots.Remove(slot);
        _drained.Remove(silo);
        _passed.RemoveWhere(pair => pair.Silo == silo);
    }

    public void Drain(string silo)
    {
        _drained.Add(silo);
        foreach (var slot in _slots.Keys.Where(slot => slot.Silo == silo).ToList()) Return(silo, slot.Slot);
    }

    public void Undrain(string silo) => _drained.Remove(silo);

    public void Submit(QueuedSweep sweep)
    {
        _sweeps.RemoveAll(known => known.Name == sweep.Name);
        _sweeps.Add(sweep);
        _passed.RemoveWhere(pair => pair.Sweep == sweep.Name);
        _idle.Remove(sweep.Name);
    }

    public void Withdraw(string sweep)
    {
        _sweeps.RemoveAll(known => known.Name == sweep);
        _passed.RemoveWhere(pair => pair.Sweep == sweep);
        _history.RemoveAll(lent => lent == sweep);
        _idle.Remove(sweep);
    }

    public void PassOver(string silo, string sweep)
    {
        if (!Has(silo) || _sweeps.All(known => known.Name != sweep)) return;
        _passed.Add((silo, sweep));
        foreach (var slot in _slots.Where(slot => slot.Key.Silo == silo && slot.Value.Serves == sweep).Select(slot => slot.Key).ToList()) Return(silo, slot.Slot);
    }

    public void Idle(string sweep) => _idle.Add(sweep);

    public void Wake(string sweep) => _idle.Remove(sweep);

    public void Return(string silo, string slot)
    {
        if (_slots.TryGetValue((silo, slot), out var known)) _slots[(silo, slot)] = known with { Serves = null };
    }

    public string? Lend(string silo, string slot)
    {
        if (!_slots.TryGetValue((silo, slot), out var free)) return null;
        var served = free.Serves;
        Return(silo, slot);
        if (_drained.Contains(silo)) return null;
        var sweep = _sweeps.Where(sweep => !_idle.Contains(sweep.Name) && !_passed.Contains((silo, sweep.Name)) && sweep.Demand.Lacks(free.Offer) is null)
            .OrderByDescending(sweep => sweep.Priority).ThenBy(sweep => Share(sweep.Name))
            .ThenBy(sweep => Share(sweep.Name) == 0 ? _history.LastIndexOf(sweep.Name) : sweep.Name == served ? -1 : 0)
            .ThenBy(sweep => sweep.Submitted).ThenBy(sweep => sweep.Name, StringComparer.Ordinal).FirstOrDefault()?.Name;
        if (sweep is null) return null;
        _slots[(silo, slot)] = free with { Serves = sweep };
        _history.Add(sweep);
        return sweep;
    }

    // Quarters of GPUs add up without a rounding.
    private double Share(string sweep) => _slots.Values.Where(slot => slot.Serves == sweep).Sum(slot => slot.Offer.Gpus > 0 ? slot.Offer.Gpus : 1);
}
