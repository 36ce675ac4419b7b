using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Studies;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks;

/// <summary>
/// What many training steps leave behind: tensors and resident memory after all of them, less those after the first tenth. Each model runs in a process of
/// its own.
/// </summary>
public sealed partial class MemoryBenchmark : Benchmark
{
    /// <summary>Hidden argument: trains the model named, for the steps given, in this process, and prints what grew.</summary>
    private const string Train = "train";

    // What the allocator and the runtime move about by themselves was 0.6 to 1.2 MiB. A tensor of 10 numbers forgotten by libtorch at each step of the MLP
    // would be about 200 bytes of handle, storage and data, 17 MiB over 90,000 steps; one of the last stage's activations of ResNet-20 (8 x 64 x 8 x 8)
    // at each of 1,800 steps 225 MiB.
    private const double MostMebibytes = 8;

    public override string Name => "memory";

    public override string Title => "what 100,000 steps of an MLP and 2,000 of ResNet-20 leave behind";

    public override string Takes => "--share N (1 to 100; default 1: all steps; 10: a tenth of them)";

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is [Train, var only, var count])
        {
            Console.WriteLine(JsonSerializer.Serialize(Measure(only, int.Parse(count, CultureInfo.InvariantCulture))));
            yield break;
        }

        var share = arguments switch
        {
            [] => 1,
            ["--share", var text] when int.TryParse(text, out var n) && n is >= 1 and <= 100 => n,
            _ => throw Refusal(arguments),
        };
        foreach (var (model, steps) in ((string, int)[])[("mlp", 100_000), ("resnet20", 2_000)])
        {
            var grown = JsonSerializer.Deserialize<Growth>(Processes.Output(Environment.ProcessPath!, typeof(MemoryBenchmark).Assembly.Location, Name, Train, model, $"{steps / share}"))!;
            Console.Error.WriteLine($"{model}: {steps / share} steps, {grown.resident_mib:F0} MiB resident at the end");
            yield return new BenchmarkRow($"{model}_tensors_grown", grown.tensors, null, "tensors", new BenchmarkTarget(0, OfRatio: false, AtMost: true));
            yield return new BenchmarkRow($"{model}_memory_grown", grown.mib, null, "MiB", new BenchmarkTarget(MostMebibytes, OfRatio: false, AtMost: true));
        }
    }

    private static Growth Measure(string name, int steps)
    {
        manual_seed(1);
        using Module<Tensor, Tensor> model = name switch
        {
            "mlp" => Sequential(Linear(64, 128), ReLU(), Linear(128, 10)),
            "resnet20" => new ResNetModel(n: 3, width: 16, ResNetKind.Residual, channels: 3, classes: 10, seed: 0, new InputScale(new ImageShape(3, 32, 32), null)),
            _ => throw new BadInputException($"memory has no model '{name}'."),
        };
        using var optimizer = optim.SGD(model.parameters(), 0.01, momentum: 0.9);
        var batch = name == "mlp" ? 32 : 8;
        using var inputs = name == "mlp" ? randn(batch, 64) : randn(batch, 3, 32, 32);
        using var labels = randint(0, 10, [batch]);
        (long Tensors, long Bytes) early = default;
        for (var step = 1; step <= steps; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                functional.cross_entropy(model.call(inputs), labels).backward();
                optimizer.step();
            }
            if (step == Math.Max(1, steps / 10)) early = (Tensor.TotalCount, Settled());
        }
        var late = Settled();
        return new Growth(Tensor.TotalCount - early.Tensors, (late - early.Bytes) / (1024.0 * 1024), late / (1024.0 * 1024));
    }

    /// <summary>Resident bytes, when garbage of the runtime and free pages of the C library have been given back.</summary>
    private static long Settled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        _ = GiveBack(0);
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int GiveBack(nuint keep);

    private sealed record Growth(long tensors, double mib, double resident_mib);
}
