using System.Globalization;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training.Checkpoints;

namespace Repro.Training.Loop;

/// <summary>What a checkpoint states about its run, and what a resume holds against it.</summary>
internal static class RunConditions
{
    /// <summary>Identity (experiment, seed, options) and the conditions under which bits are promised.</summary>
    public static Dictionary<string, string> Describe(Experiment experiment, object options, RunContext context)
    {
        var engine = EngineInfo.Current;
        var texts = new Dictionary<string, string>
        {
            ["format"] = Checkpoint.Format,
            ["version"] = Checkpoint.Version,
            ["experiment"] = experiment.Name,
            ["seed"] = context.Seed.ToString(CultureInfo.InvariantCulture),
            ["condition.engine"] = engine.Name,
            ["condition.engine_build"] = engine.BuildIdentity,
            ["condition.cpu_capability"] = engine.CpuCapability,
            ["condition.blas"] = engine.Blas,
            ["condition.device"] = context.Device,
            ["condition.threads"] = context.Threads.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in OptionSchema.Values(options)) texts["option." + name] = OptionText.Write(value);
        return texts;
    }

    /// <summary>Refuses a checkpoint of another run.</summary>
    /// <exception cref="BadInputException">Experiment, seed or an option differs; names all that do.</exception>
    public static void RequireSameRun(Checkpoint checkpoint, IReadOnlyDictionary<string, string> present)
    {
        var differences = Differences(checkpoint, present, name => name is "experiment" or "seed" || name.StartsWith("option.", StringComparison.Ordinal));
        if (differences.Count > 0)
        {
            throw new BadInputException(
                $"The checkpoint at step {checkpoint.Step} belongs to another run: {string.Join(", ", differences)}. " +
                "Resume with the settings of its run, or start a new run.");
        }
    }

    /// <summary>What differs of the conditions under which a resumed run gives the same bits, for people; empty where nothing does.</summary>
    public static IReadOnlyList<string> ChangedConditions(Checkpoint checkpoint, IReadOnlyDictionary<string, string> present) =>
        Differences(checkpoint, present, name => name.StartsWith("condition.", StringComparison.Ordinal));

    private static List<string> Differences(Checkpoint checkpoint, IReadOnlyDictionary<string, string> present, Func<string, bool> looksAt)
    {
        return checkpoint.Metadata.Keys.Union(present.Keys).Where(looksAt).Order(StringComparer.Ordinal)
            .Where(name => checkpoint.Text(name) != present.GetValueOrDefault(name, ""))
            .Select(name => $"{name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]} was '{checkpoint.Text(name)}' and is '{present.GetValueOrDefault(name, "")}'")
            .ToList();
    }
}
