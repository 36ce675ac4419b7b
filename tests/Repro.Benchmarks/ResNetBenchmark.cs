using System.Diagnostics;
using System.Text.Json;
using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks;

/// <summary>
/// The training step of ResNet-20, batch 128, on a batch already in memory (forward, backward, SGD), beside default eager PyTorch with as many threads.
/// The two run in turn, a fresh process a round, so that a machine whose speed drifts is unfair to neither.
/// </summary>
public sealed class ResNetBenchmark : Benchmark
{
    /// <summary>Hidden argument: takes the steps in this process and prints them.</summary>
    private const string TakeSteps = "take-steps";

    private const int Batch = 128;
    private const int Warmup = 5;
    private const int DefaultRounds = 3;
    private const int Steps = 20;

    public override string Name => "resnet";

    public override string Title => "training step of ResNet-20, batch 128: time and peak memory, against PyTorch";

    public override IReadOnlyList<string> PeerPackages => ["python3-torch"];

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        if (arguments is [TakeSteps])
        {
            Console.WriteLine(JsonSerializer.Serialize(Measure()));
            yield break;
        }

        var rounds = arguments switch
        {
            [] => DefaultRounds,
            ["--rounds", var text] when int.TryParse(text, out var n) && n is >= 1 and <= 100 => n,
            _ => throw new BadInputException($"resnet takes --rounds N (1 to 100; default {DefaultRounds}), not '{string.Join(' ', arguments)}'."),
        };
        var hasPeer = PythonPeer.Find("torch");
        var threads = Environment.ProcessorCount;
        List<StepTimes> ours = [], peer = [];
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(Read(Processes.Output(Environment.ProcessPath!, typeof(ResNetBenchmark).Assembly.Location, Name, TakeSteps)));
            if (hasPeer) peer.Add(Read(PythonPeer.Output("resnet_step.py", "--steps", $"{Steps}", "--warmup", $"{Warmup}", "--batch", $"{Batch}", "--threads", $"{threads}")));
        }

        Console.Error.WriteLine($"ours: {ours[0].version}; peer: {(hasPeer ? "PyTorch " + peer[0].version : "not here")}; {threads} threads, {rounds} rounds of {Steps} steps in turn");
        yield return new BenchmarkRow("resnet20_step", Milliseconds(ours), hasPeer ? Milliseconds(peer) : null, "ms", new BenchmarkTarget(1, OfRatio: true, AtMost: true));
        yield return new BenchmarkRow("resnet20_peak_memory", Memory(ours), hasPeer ? Memory(peer) : null, "MiB", new BenchmarkTarget(1, OfRatio: true, AtMost: true));
    }

    private static StepTimes Measure()
    {
        set_num_threads(Environment.ProcessorCount);
        using var model = new ResNetModel(n: 3, width: 16, ResNetKind.Residual, channels: 3, classes: 10, seed: 0, new InputScale(new ImageShape(3, 32, 32), null));
        using var optimizer = optim.SGD(model.parameters(), 0.1, 0.9, weight_decay: 1e-4);
        using var images = randn(Batch, 3, 32, 32);
        using var labels = randint(0, 10, [Batch]);
        var seconds = new List<double>();
        for (var step = 0; step < Warmup + Steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = functional.cross_entropy(model.call(images), labels);
            loss.backward();
            optimizer.step();
            if (step >= Warmup) seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        using var self = Process.GetCurrentProcess();
        return new StepTimes(EngineInfo.Current.Name, [.. seconds], self.PeakWorkingSet64 / (1024.0 * 1024), model.parameters().Sum(p => p.numel()));
    }

    private static StepTimes Read(string json) => JsonSerializer.Deserialize<StepTimes>(json)!;

    private static double Milliseconds(List<StepTimes> rounds) => 1000 * Processes.Median(rounds.Select(r => Processes.Median(r.seconds)));

    private static double Memory(List<StepTimes> rounds) => Processes.Median(rounds.Select(r => r.peak_mib));

    /// <summary>What both sides print; the names are the peer's.</summary>
    private sealed record StepTimes(string version, double[] seconds, double peak_mib, long parameters);
}
