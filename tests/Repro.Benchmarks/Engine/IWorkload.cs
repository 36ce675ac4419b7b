namespace Repro.Benchmarks.Engine;

/// <summary>The same work as the one of its name in tests/peers/torch_workloads.py, which says what it is.</summary>
public interface IWorkload : IDisposable
{
    /// <summary>Once; the clock runs around it.</summary>
    void Step();
}
