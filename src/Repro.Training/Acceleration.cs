using Repro.Studies;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training;

/// <summary>
/// The one place that reaches beyond TorchSharp's API: work over many tensors at once, and what the engine is. Compiled against the TorchSharp
/// package, every member is plain TorchSharp calls.
/// </summary>
public static class Acceleration
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

    /// <summary>relu(normalization(x) + residual) in one pass over memory each way.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="residual">Of the same shape; null adds nothing.</param>
    public static Tensor BatchNormRelu(BatchNorm2d normalization, Tensor x, Tensor? residual = null)
    {
#if TORCHSHARP_PACKAGE
        var y = normalization.call(x);
        if (residual is not null) y.add_(residual);
        return y.relu_();
#else
        return Repro.Torch.Fused.BatchNormRelu(normalization, x, residual);
#endif
    }

    /// <summary>silu(normalization(x)) in one pass over memory each way.</summary>
    /// <param name="x">[N, C, ...].</param>
    public static Tensor GroupNormSilu(GroupNorm normalization, Tensor x)
    {
#if TORCHSHARP_PACKAGE
        using var y = normalization.call(x);
        return nn.functional.silu(y);
#else
        return Repro.Torch.Fused.GroupNormSilu(normalization, x);
#endif
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

    /// <summary>
    /// Until disposed of, matrix products and convolutions of this thread compute in a shorter type: bfloat16, or float16 on CUDA. The TorchSharp package has no
    /// such mode: there everything stays in float32, which is slower and no less exact.
    /// </summary>
    public static IDisposable Autocast(DeviceType device, ScalarType type = ScalarType.BFloat16)
    {
#if TORCHSHARP_PACKAGE
        return new NothingToPutBack();
#else
        return new Repro.Torch.Autocast(device, type);
#endif
    }

    /// <summary>The function's value, whose intermediate values are computed again in backward instead of kept. With the TorchSharp package they are kept.</summary>
    public static Tensor Checkpoint(Func<Tensor, Tensor> function, Tensor input)
    {
#if TORCHSHARP_PACKAGE
        return function(input);
#else
        return Repro.Torch.ActivationCheckpoint.Run(function, input);
#endif
    }

    /// <summary>Puts a model's filters into the memory order in which convolutions are fastest on most machines; a no-op with the TorchSharp package.</summary>
    public static T ChannelsLast<T>(T model) where T : nn.Module
    {
#if TORCHSHARP_PACKAGE
        return model;
#else
        return Repro.Torch.ChannelsLast.Convert(model);
#endif
    }

    /// <summary>A batch of images in that order; the tensor itself, another reference, with the TorchSharp package.</summary>
    /// <param name="images">N x C x H x W.</param>
    public static Tensor ImagesChannelsLast(Tensor images)
    {
#if TORCHSHARP_PACKAGE
        return images.alias();
#else
        return Repro.Torch.ChannelsLast.Of(images);
#endif
    }

    /// <summary>
    /// A step of fixed shapes that can be taken again and again: on CUDA recorded once and launched as a whole, elsewhere and with the TorchSharp package the step
    /// itself. See <c>Repro.Torch.CudaGraph</c> for what a recorded step may do.
    /// </summary>
    /// <param name="recording">Disposed of when no more steps are taken.</param>
    public static Action StaticStep(Action step, Device device, out IDisposable? recording)
    {
        recording = null;
#if !TORCHSHARP_PACKAGE
        if (device.type == DeviceType.CUDA && Repro.Torch.CudaMemory.IsSupported)
        {
            var graph = Repro.Torch.CudaGraph.Capture(step);
            recording = graph;
            return graph.Replay;
        }
#endif
        return step;
    }

    /// <summary>Bytes of CUDA memory that tensors take now and took at most; null where that is not known, as with the TorchSharp package.</summary>
    public static (long Now, long Most)? CudaMemory()
    {
#if !TORCHSHARP_PACKAGE
        if (cuda.is_available() && Repro.Torch.CudaMemory.IsSupported && Repro.Torch.CudaMemory.Statistics() is var statistics)
            return (statistics.Allocated, statistics.PeakAllocated);
#endif
        return null;
    }

    /// <summary>Gives CUDA memory that no tensor uses back to the driver, where that can be done.</summary>
    public static void EmptyCudaCache()
    {
#if !TORCHSHARP_PACKAGE
        if (cuda.is_available() && Repro.Torch.CudaMemory.IsSupported) Repro.Torch.CudaMemory.EmptyCache();
#endif
    }

    /// <summary>The batches on the device. On CUDA each is copied while the one before it is computed on.</summary>
    /// <param name="batches">Tensors on the CPU, disposed of here.</param>
    public static IEnumerable<Tensor[]> OnDevice(IEnumerable<Tensor[]> batches, Device device)
    {
#if !TORCHSHARP_PACKAGE
        if (device.type == DeviceType.CUDA && Repro.Torch.CudaMemory.IsSupported)
        {
            using var ahead = new Repro.Torch.PinnedPrefetch(batches, device);
            while (ahead.Take() is { } batch) yield return batch;
            yield break;
        }
#endif
        foreach (var batch in batches)
        {
            yield return Array.ConvertAll(batch, tensor =>
            {
                using (tensor) return tensor.to(device, copy: true).DetachFromDisposeScope();
            });
        }
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

#if TORCHSHARP_PACKAGE
    private sealed class NothingToPutBack : IDisposable
    {
        public void Dispose()
        {
        }
    }
#endif

    // TorchSharp has no call for a GPU's own name.
    private static List<string> CudaDeviceNames() => cuda.is_available() ? [.. Enumerable.Range(0, cuda.device_count()).Select(index => $"cuda:{index}")] : [];
}
