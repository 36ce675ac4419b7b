using Repro.Studies.Sweeps;

namespace Repro.Workers.Hosts;

/// <summary>Notices a slot that fails everything, before it eats the budget: a broken GPU, a full disk, a program that cannot start.</summary>
/// <remarks>
/// A run that diverges, or that got to a new checkpoint before it failed, shows that the slot works. Failures of one trial alone say more of the trial than
/// of the slot, unless it is the machine that lacks something: such a run would be tried for ever.
/// </remarks>
internal sealed class Breaker(string slot, int limit)
{
    private readonly List<(int Trial, FailureClass Class, string Message)> _failures = [];

    /// <summary>Why the slot gets no more; null while it does.</summary>
    public string? Open { get; private set; }

    /// <summary>What it gave the slot up for, as the second half of a sentence.</summary>
    public string Failures { get; private set; } = "";

    /// <summary>Whether what it was given up for is what only machines do: no disk, no GPU, no program.</summary>
    public bool IsMachines { get; private set; }

    /// <summary>How often the slot has worked.</summary>
    public int Successes { get; private set; }

    public void Worked()
    {
        Successes++;
        _failures.Clear();
    }

    /// <summary>Gives it another chance.</summary>
    public void Close()
    {
        _failures.Clear();
        Open = null;
    }

    public void Failed(RunKey run, FailureClass failure, string message)
    {
        if (failure is FailureClass.NotFinite)
        {
            Worked();
            return;
        }
        if (failure is FailureClass.Lost or FailureClass.Cancelled) return;
        _failures.Add((run.Trial, failure, message));
        var newest = _failures.TakeLast(limit).ToList();
        var trials = _failures.Select(f => f.Trial).Distinct().Count();
        if (_failures.Count < limit || (trials < 2 && newest.Any(f => f.Class != FailureClass.Machine))) return;
        Failures = $"{_failures.Count} attempts in a row failed on it ({string.Join(", ", newest.Select(f => Word(f.Class)).Distinct())}). The last one: {message}";
        IsMachines = newest.All(f => f.Class == FailureClass.Machine);
        Open = $"The slot {slot} gets no more runs: {Failures}";
    }

    private static string Word(FailureClass failure) => failure switch
    {
        FailureClass.OutOfMemory => "out of memory",
        _ => failure.ToString().ToLowerInvariant(),
    };
}
