using TorchSharp;

namespace Repro.Benchmarks.Engine;

/// <summary>Operators and training steps of models made for the comparison, and how long the engine takes to start.</summary>
public sealed class TorchBenchmark : WorkloadBenchmark
{
    /// <summary>Hidden argument: makes one tensor and ends, to be timed as a process.</summary>
    private const string FirstTensor = "first-tensor";

    private protected override IReadOnlyList<WorkloadRow> Rows { get; } =
    [
        new("add", "us", 1e6 / Add.Rounds, 3, 0.75, () => new Add()),
        new("add_backward", "us", 1e6 / AddBackward.Rounds, 3, 0.80, () => new AddBackward()),
        new("mlp", "us", 1e6 / Mlp.Rounds, 5, 0.65, () => new Mlp(), Mlp.Work),
        new("adam", "us", 1e6 / AdamStep.Rounds, 5, 0.25, () => new AdamStep(), AdamStep.Work),
        new("lstm", "ms", 1e3, 4, 0.85, () => new LstmStep(), LstmStep.Work),
        new("char_gpt", "ms", 1e3, 6, 0.85, () => new CharGptStep(), CharGptStep.Work),
        new("transformer", "ms", 1e3, 2, 0.95, () => new TransformerStep(), TransformerStep.Work),
        new("unet_8", "ms", 1e3, 4, 0.90, () => new UNetStep(channels: 1, size: 8, width: 32, levels: 2, batch: 128), UNetStep.Small),
        new("unet_32", "ms", 1e3, 8, 0.90, () => new UNetStep(channels: 3, size: 32, width: 32, levels: 3, batch: 16), UNetStep.Large),
        new("resnet", "ms", 1e3, 8, 0.80, () => new ResNetStep(), ResNetStep.Work, TunedTarget: 0.95, MemoryTarget: 0.90),
    ];

    public override string Name => "torch";

    public override string Title => "operators and training steps of the engine, against PyTorch (default eager and tuned) and TorchSharp";

    private protected override string PeerScript => "torch_workloads.py";

    private protected override IReadOnlyList<string> OtherNames => ["start"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is not [FirstTensor]) return base.Run(arguments);
        torch.zeros(1).Dispose();
        return [];
    }

    private protected override IEnumerable<BenchmarkRow> Others(IReadOnlyList<string> wanted, int rounds, bool peer, string? package)
    {
        if (wanted.Count > 0 && !wanted.Contains("start")) yield break;
        List<double> ours = [], theirs = [], torchSharp = [];
        for (var i = 0; i < rounds + 1; i++)
        {
            ours.Add(Processes.Milliseconds(Environment.ProcessPath!, Self, Name, FirstTensor));
            if (peer) theirs.Add(Processes.Milliseconds(PythonPeer.Python, "-c", "import torch; torch.zeros(1)"));
            if (package is not null) torchSharp.Add(Processes.Milliseconds(Environment.ProcessPath!, package, Name, FirstTensor));
        }
        double? Of(List<double> times) => times.Count == 0 ? null : Processes.Median(times.Skip(1));
        yield return new BenchmarkRow("start", Of(ours)!.Value, Of(theirs), "ms", new BenchmarkTarget(0.45, OfRatio: true, AtMost: true));
        if (package is not null) yield return new BenchmarkRow("start_torchsharp", Of(ours)!.Value, Of(torchSharp), "ms", Faster);
    }
}
