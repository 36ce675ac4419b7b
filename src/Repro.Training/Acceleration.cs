using Repro.Studies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>
/// The one place that reaches beyond TorchSharp's API: work over many tensors at once, and what the engine is. Compiled against the TorchSharp
/// package, every member is plain TorchSharp calls.
/// </summary>
internal static class Acceleration
{
    /// <summary>Moves each average towards its value: average = decay * average + (1 - decay) * value.</summary>
    public static void UpdateAverages(IReadOnlyList<Tensor> averages, IReadOnlyList<Tensor> values, double decay)
    {
#if TORCHSHARP_PACKAGE
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < averages.Count; i++) averages[i].mul_(decay).add_(values[i], alpha: 1 - decay);
#else
        Repro.Torch.Fused.MovingAverage(averages, values, 1 - decay);
#endif
    }

    /// <summary>Scales the parameters' gradients in place so that their 2-norm together is at most <paramref name="longest"/>; without waiting for a GPU.</summary>
    /// <returns>The norm before: a scalar.</returns>
    public static Tensor ClipGradients(IReadOnlyList<Parameter> parameters, double longest)
    {
#if !TORCHSHARP_PACKAGE
        if (parameters.Count > 0 && parameters[0].device_type == DeviceType.CPU) return tensor(Repro.Torch.Fused.ClipGradientNorm(parameters, longest));
#endif
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        var gradients = parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
        var norm = Norm(gradients);
        // The same small term as in PyTorch's clip_grad_norm_, against a norm of zero.
        var factor = (longest / (norm + 1e-6)).clamp(max: 1.0);
        foreach (var gradient in gradients) gradient.mul_(factor);
        return norm.MoveToOuterDisposeScope();
    }

    /// <summary>The 2-norm of all tensors as one vector: a scalar on their device, without waiting for it.</summary>
    public static Tensor Norm(IReadOnlyList<Tensor> tensors)
    {
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        return stack(tensors.Select(tensor => tensor.norm())).norm().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Has CUDA compute in float32 throughout, not in TensorFloat-32 (10 bits of mantissa), which libtorch takes for convolutions by default; and has
    /// its convolutions take algorithms that give the same bits each time, for which the TorchSharp package has no switch.
    /// </summary>
    public static void RepeatBits()
    {
        backends.cuda.matmul.allow_tf32 = false;
        backends.cudnn.allow_tf32 = false;
#if !TORCHSHARP_PACKAGE
        Repro.Torch.Runtime.CudnnDeterministic = true;
        Repro.Torch.Runtime.CudnnBenchmark = false;
#endif
    }

    /// <exception cref="MissingComponentException">There is no libtorch to load, or not one that fits.</exception>
    public static EngineInfo DescribeEngine()
    {
#if TORCHSHARP_PACKAGE
        var assembly = typeof(Tensor).Assembly;
        return new EngineInfo(
            $"TorchSharp {assembly.GetName().Version?.ToString(3)} over libtorch {__version__}",
            assembly.ManifestModule.ModuleVersionId.ToString("N"),
            // The package does not say what libtorch chose; libtorch chooses by the same bits of the CPU.
            Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY")
                ?? (System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? "AVX512" : System.Runtime.Intrinsics.X86.Avx2.IsSupported ? "AVX2" : "DEFAULT"),
            "the package's own",
            CudaDeviceNames());
#else
        try
        {
            return new EngineInfo(
                $"Repro.Torch over libtorch {Repro.Torch.Runtime.Version}", Repro.Torch.Runtime.BuildIdentity, Repro.Torch.Runtime.CpuCapability,
                Repro.Torch.Runtime.Blas, CudaDeviceNames());
        }
        catch (Repro.Torch.EngineMissingException missing)
        {
            throw new MissingComponentException(missing.Message, missing);
        }
#endif
    }

    // TorchSharp has no call for a GPU's own name.
    private static List<string> CudaDeviceNames() => cuda.is_available() ? [.. Enumerable.Range(0, cuda.device_count()).Select(index => $"cuda:{index}")] : [];
}

/// <summary>Watches every operator of the forward pass for the first NaN. The TorchSharp package has no way to: there nothing is ever seen.</summary>
internal sealed class OperatorWatch : IDisposable
{
#if TORCHSHARP_PACKAGE
    /// <summary>The first operator since the last look that gave a NaN, and whether its arguments held one already (null: not known); null where none was seen.</summary>
    public (string Operator, bool? WasInArguments)? Take() => Seen;

    private (string, bool?)? Seen { get; }

    public void Dispose()
    {
    }
#else
    private readonly Repro.Torch.NanWatch _watch = new();

    /// <summary>The first operator since the last look that gave a NaN, and whether its arguments held one already (null: not known); null where none was seen.</summary>
    public (string Operator, bool? WasInArguments)? Take()
    {
        var seen = _watch.Operator is { } name ? (name, _watch.WasInArguments) : ((string, bool?)?)null;
        _watch.Reset();
        return seen;
    }

    public void Dispose() => _watch.Dispose();
#endif
}
