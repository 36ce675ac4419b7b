using Repro.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>Means of what the steps since the last logged point reported. Sums stay on the device (float64) until they are read.</summary>
internal sealed class RunningAverages(Device device) : IDisposable
{
    private readonly SortedDictionary<string, (Tensor Sum, long Count)> _sums = new(StringComparer.Ordinal);

    public void Add(string name, Tensor value)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        if (!_sums.TryGetValue(name, out var entry)) entry = (zeros([], dtype: ScalarType.Float64, device: device).DetachFromDisposeScope(), 0);
        entry.Sum.add_(value);
        _sums[name] = (entry.Sum, entry.Count + 1);
    }

    /// <summary>Name and mean; waits for the device.</summary>
    public IReadOnlyList<(string Name, double Mean)> Read() => _sums.Select(pair => (pair.Key, (double)pair.Value.Sum / pair.Value.Count)).ToList();

    public void Reset()
    {
        foreach (var (sum, _) in _sums.Values) sum.Dispose();
        _sums.Clear();
    }

    public void Save(CheckpointDraft draft)
    {
        foreach (var (name, (sum, count)) in _sums)
        {
            draft.Add($"averages.{name}.sum", sum);
            draft.Add($"averages.{name}.count", count);
        }
    }

    public void Load(Checkpoint checkpoint)
    {
        Reset();
        foreach (var name in checkpoint.NamesUnder("averages.").Where(name => name.EndsWith(".sum", StringComparison.Ordinal)).Select(name => name[..^".sum".Length]).ToList())
            _sums[name] = (checkpoint.Load($"averages.{name}.sum", device), checkpoint.Int64($"averages.{name}.count"));
    }

    public void Dispose() => Reset();
}
