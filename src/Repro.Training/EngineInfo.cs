namespace Repro.Training;

/// <summary>What computes: the conditions under which identical bits are promised, and what a report names. The same for a process as long as it lives.</summary>
/// <param name="Name"><c>Repro.Torch over libtorch 1.13.1</c>, <c>TorchSharp 0.107.0 over libtorch 2.10.0</c>.</param>
/// <param name="BuildIdentity">Hexadecimal digits over the engine's native code; equal for equal builds.</param>
/// <param name="CpuCapability">The instruction set that libtorch chose: <c>AVX2</c>, <c>AVX512</c>, <c>DEFAULT</c>.</param>
/// <param name="Blas">The library of matrix products.</param>
/// <param name="CudaDevices">The CUDA devices, as <c>--device</c> names them; empty without any.</param>
public sealed record EngineInfo(string Name, string BuildIdentity, string CpuCapability, string Blas, IReadOnlyList<string> CudaDevices)
{
    /// <summary>The engine of this process.</summary>
    /// <exception cref="Repro.Studies.MissingComponentException">There is no libtorch to load.</exception>
    public static EngineInfo Current => Known.Value;

    private static readonly Lazy<EngineInfo> Known = new(Acceleration.DescribeEngine, LazyThreadSafetyMode.PublicationOnly);
}
