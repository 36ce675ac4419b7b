using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;

namespace Repro.Studies.Tests.StudyFiles;

/// <summary>An experiment that studies in tests are about.</summary>
internal static class NetSubject
{
    public static IReadOnlyList<StudySubject> All { get; } = [Of("net"), Of("forest")];

    private static StudySubject Of(string name) => new(
        name,
        [KeyValuePair.Create("sweep", Values(new NetOptions { Steps = 300 })), KeyValuePair.Create("paper", Values(new NetOptions()))],
        OptionSchema.Of(typeof(NetOptions)),
        (_, settings) => OptionSchema.Apply(new NetOptions(), settings.Settings) is { Width: 13 } ? "Thirteen is a bad width; take 12." : null);

    private static Configuration Values(NetOptions options) => Configuration.Of(OptionSchema.Values(options).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value))));
}

internal enum NetKind
{
    Residual,
    Plain,
}

internal sealed record NetOptions
{
    [Option("Rate.", Min = 0, Max = 10)]
    public double LearningRate { get; init; } = 0.1;

    [Option("Decay.", Min = 0, Max = 1)]
    public double WeightDecay { get; init; } = 1e-4;

    [Option("Layers.", Choices = [8, 20, 32])]
    public int Depth { get; init; } = 20;

    [Option("Filters.", Min = 1, Max = 1024)]
    public int Width { get; init; } = 16;

    [Option("Steps.", Min = 1)]
    public long Steps { get; init; } = 64_000;

    [Option("Shortcuts or none.")]
    public NetKind Network { get; init; }

    [Option("Crops.")]
    public bool Augment { get; init; } = true;
}
