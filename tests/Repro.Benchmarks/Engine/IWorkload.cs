namespace Repro.Benchmarks.Engine;

/// <summary>The same work as the one of its name in tests/peers/torch_workloads.py, which says what it is.</summary>
public interface IWorkload : IDisposable
{
    /// <summary>Of the model, where the peer says how many its own has: they must be equal. 0 is not compared.</summary>
    long Parameters => 0;

    /// <summary>Once; the clock runs around it.</summary>
    void Step();
}
