using Repro.Studies.Scheduling;

namespace Repro.Studies.Tests.Scheduling;

/// <summary>What the queue must do, said the slow way: nothing is counted, everything is looked up in lists whenever it is asked.</summary>
internal sealed class WorkQueueModel
{
    private readonly Dictionary<(string Silo, string Slot), (SlotOffer Offer, string? Serves)> _slots = [];
    private readonly List<QueuedSweep> _sweeps = [];
    private readonly HashSet<string> _idle = [], _drained = [], _broken = [];
    // Of one slot, or of all where that is null; with whether it passes by itself.
    private readonly Dictionary<(string Silo, string? Slot, string Sweep), bool> _passed = [];
    private readonly Dictionary<string, int> _loansLeft = [];
    private readonly List<string> _history = [];

    public IEnumerable<(string Silo, string Slot, string Sweep)> Loans => _slots.Where(slot => slot.Value.Serves is not null).Select(slot => (slot.Key.Silo, slot.Key.Slot, slot.Value.Serves!));

    public bool Has(string silo) => _slots.Keys.Any(slot => slot.Silo == silo);

    public bool Drains(string silo) => _drained.Contains(silo);

    public string? Serves(string silo, string slot) => _slots.TryGetValue((silo, slot), out var known) ? known.Serves : null;

    public void Beat(SiloReport report)
    {
        foreach (var slot in report.Slots.Where(slot => !_slots.ContainsKey((report.Name, slot.Name))))
            _slots.Add((report.Name, slot.Name), (new SlotOffer(slot.Gpus, slot.MemoryBytes, report.Labels.With(slot.Labels)), slot.Serves));
        foreach (var slot in report.Slots.Where(slot => slot.GivenUp is not null))
        {
            _broken.Add($"{report.Name}/{slot.Name}");
            Return(report.Name, slot.Name);
        }
    }

    public void Gone(string silo)
    {
        foreach (var slot in _slots.Keys.Where(slot => slot.Silo == silo).ToList()) _slots.Remove(slot);
        _drained.Remove(silo);
        _broken.RemoveWhere(slot => slot.StartsWith($"{silo}/", StringComparison.Ordinal));
        foreach (var pair in _passed.Keys.Where(pair => pair.Silo == silo).ToList()) _passed.Remove(pair);
    }

    public void Drain(string silo)
    {
        _drained.Add(silo);
        foreach (var slot in _slots.Keys.Where(slot => slot.Silo == silo).ToList()) Return(silo, slot.Slot);
    }

    public void Submit(QueuedSweep sweep)
    {
        _sweeps.RemoveAll(known => known.Name == sweep.Name);
        _sweeps.Add(sweep);
        Ask(sweep.Name);
        Wake(sweep.Name, null);
    }

    public void Withdraw(string sweep)
    {
        _sweeps.RemoveAll(known => known.Name == sweep);
        Ask(sweep);
        _history.RemoveAll(lent => lent == sweep);
        Wake(sweep, null);
    }

    public void PassOver(string silo, string sweep, bool again, string? slot)
    {
        if (!Has(silo) || _sweeps.All(known => known.Name != sweep) || (slot is not null && !_slots.ContainsKey((silo, slot)))) return;
        _passed[(silo, slot, sweep)] = again;
        foreach (var serves in _slots.Where(serves => serves.Key.Silo == silo && serves.Value.Serves == sweep && (slot is null || serves.Key.Slot == slot)).Select(serves => serves.Key).ToList()) Return(silo, serves.Slot);
    }

    public void Idle(string sweep) => _idle.Add(sweep);

    /// <param name="loans">Null is as many as there are.</param>
    public void Wake(string sweep, int? loans)
    {
        var counted = _idle.Remove(sweep) || loans is null ? loans : _loansLeft.TryGetValue(sweep, out var left) ? Math.Max(left, loans.Value) : null;
        if (counted is { } few) _loansLeft[sweep] = few;
        else _loansLeft.Remove(sweep);
    }

    /// <summary>Much later whoever was to be asked again is.</summary>
    public void Wait()
    {
        foreach (var sweep in _idle.ToList()) Wake(sweep, null);
        foreach (var pair in _passed.Where(pair => pair.Value).Select(pair => pair.Key).ToList()) _passed.Remove(pair);
    }

    private void Ask(string sweep)
    {
        foreach (var pair in _passed.Keys.Where(pair => pair.Sweep == sweep).ToList()) _passed.Remove(pair);
    }

    private void Return(string silo, string slot)
    {
        if (_slots.TryGetValue((silo, slot), out var known)) _slots[(silo, slot)] = known with { Serves = null };
    }

    public string? Lend(string silo, string slot)
    {
        if (!_slots.TryGetValue((silo, slot), out var free)) return null;
        var served = free.Serves;
        Return(silo, slot);
        if (_drained.Contains(silo) || _broken.Contains($"{silo}/{slot}")) return null;
        var sweep = _sweeps.Where(sweep => !_idle.Contains(sweep.Name) && !_passed.ContainsKey((silo, null, sweep.Name)) && !_passed.ContainsKey((silo, slot, sweep.Name)) && sweep.Demand.Lacks(free.Offer) is null)
            .OrderByDescending(sweep => sweep.Priority).ThenBy(sweep => Share(sweep.Name))
            .ThenBy(sweep => Share(sweep.Name) == 0 ? _history.LastIndexOf(sweep.Name) : sweep.Name == served ? -1 : 0)
            .ThenBy(sweep => sweep.Submitted).ThenBy(sweep => sweep.Name, StringComparer.Ordinal).FirstOrDefault()?.Name;
        if (sweep is null) return null;
        _slots[(silo, slot)] = free with { Serves = sweep };
        _history.Add(sweep);
        if (_loansLeft.TryGetValue(sweep, out var left) && (_loansLeft[sweep] = left - 1) == 0) Idle(sweep);
        return sweep;
    }

    // Quarters of GPUs add up without a rounding.
    private double Share(string sweep) => _slots.Values.Where(slot => slot.Serves == sweep).Sum(slot => slot.Offer.Gpus > 0 ? slot.Offer.Gpus : 1);
}
