using Repro.Torch.Interop;
using TorchSharp;

namespace Repro.Torch;

/// <summary>A step of work on a GPU, recorded once and launched again as a whole, which spares the launch of each kernel.</summary>
/// <remarks>
/// Each replay runs the same kernels on the same memory: shapes are fixed, inputs are copied into the tensors that were read while it was recorded, results
/// are in those written then. The step must not read a value back (<c>item</c>), nor depend on the CPU in any other way, and what it uses must stay alive.
/// </remarks>
/// <exception cref="NotSupportedException">From <see cref="Capture"/>, where the engine has no CUDA.</exception>
public sealed unsafe class CudaGraph : IDisposable
{
    private const int Begin = 0;
    private const int End = 1;
    private const int Launch = 2;
    private nint handle;

    private CudaGraph(nint handle) => this.handle = handle;

    ~CudaGraph() => Free();

    /// <summary>Calls the step a few times, then records one more call, which computes nothing.</summary>
    /// <param name="step">Its gradients must exist before recording or be made by it; set them to zero inside it instead of dropping them.</param>
    /// <param name="warmUps">Calls before, in which libraries choose their algorithms and optimizers make their states.</param>
    public static CudaGraph Capture(Action step, int warmUps = 3)
    {
        CudaMemory.Need();
        nint made;
        Native.Check(Native.rt_cuda_graph_new(&made), nameof(CudaGraph));
        var graph = new CudaGraph(made);
        try
        {
            using var stream = new CudaStream();
            using (var outer = CudaStream.Current())
                stream.WaitFor(outer);
            using (stream.Use())
            {
                for (var i = 0; i < warmUps; i++)
                    step();
                stream.Synchronize();
                CudaMemory.EmptyCache();
                graph.Do(Begin);
                try
                {
                    step();
                }
                finally
                {
                    graph.Do(End);
                }
            }
            using (var outer = CudaStream.Current())
                outer.WaitFor(stream);
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Queues the recorded step on the current stream.</summary>
    public void Replay() => Do(Launch);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Do(int what)
    {
        ObjectDisposedException.ThrowIf(handle == 0, this);
        Native.Check(Native.rt_cuda_graph_do(handle, what), nameof(CudaGraph));
        GC.KeepAlive(this);
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref handle, 0) is var taken && taken != 0)
            Native.rt_cuda_graph_release(taken);
    }
}
