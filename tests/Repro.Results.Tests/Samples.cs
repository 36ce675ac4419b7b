using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Runs;

namespace Repro.Results.Tests;

/// <summary>Runs as tests need them.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Day = new(2026, 7, 14, 9, 30, 12, TimeSpan.Zero);

    public static RunRequest Request(string experiment = "net", string profile = "smoke", int second = 0) => new(
        RunId.Create(experiment, profile, Day.AddSeconds(second)), experiment, profile,
        [KeyValuePair.Create("learning_rate", "0.1"), KeyValuePair.Create("depth", "20")], ulong.MaxValue,
        $"./repro run {experiment} --profile {profile} --seed 18446744073709551615 --threads 2", Day.AddSeconds(second));

    public static RunEnvironment Environment(int threads = 2) => new()
    {
        Commit = "0123456789abcdef0123456789abcdef01234567",
        Engine = "engine 1.0",
        EngineBuild = "b1",
        CpuCapability = "AVX2",
        Blas = "OpenBLAS",
        Cpu = "a processor",
        Cores = 2,
        MemoryBytes = 1L << 34,
        Device = "cpu",
        Threads = threads,
        OperatingSystem = "Linux",
        DotNet = ".NET 10",
        Packages = new Dictionary<string, string> { ["Spectre.Console"] = "0.49.1" },
    };

    public static MetricPoint Point(long step, double value, string name = "train_loss") => new(name, step, value, step * 0.5);

    public static RunEnding Completed(long step, params (string Name, double Value)[] scores) =>
        new(RunState.Completed, step, scores.ToDictionary(s => s.Name, s => s.Value), null, 0.02, 1 << 20);

    public static RunEnding Paused(long step) => new(RunState.Paused, step, new Dictionary<string, double>(), null, 0.02, 1 << 20);

    /// <summary>Writes a whole checkpoint of a step and records it.</summary>
    public static string Checkpoint(RunFolder folder, long step)
    {
        var file = Path.Combine(folder.AttemptFolder, CheckpointFile.NameOf(step));
        string digest;
        using (var stream = File.Create(file))
            digest = CheckpointFile.Write(stream, [new DraftTensor("loop.step", SafetensorsType.I64, [], () => BitConverter.GetBytes(step))], new Dictionary<string, string>());
        folder.Checkpoint(step, file, digest, new FileInfo(file).Length);
        return file;
    }
}
