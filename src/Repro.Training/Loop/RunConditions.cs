using System.Globalization;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training.Checkpoints;
using Repro.Training.Datasets;

namespace Repro.Training.Loop;

/// <summary>What a checkpoint states about its run, and what a resume holds against it.</summary>
internal static class RunConditions
{
    /// <summary>
    /// Identity (experiment, seed, options), which a resume must share, and what computed (<c>condition.</c>), for whoever has the file alone. A resume
    /// under other conditions is labelled where attempts are recorded, with the one list of conditions that is compared
    /// (<c>Repro.Results.RunEnvironment.DifferencesFrom</c>): it knows the GPU's model and the program's build too.
    /// </summary>
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
        var differences = checkpoint.Metadata.Keys.Union(present.Keys)
            .Where(name => name is "experiment" or "seed" || name.StartsWith("option.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Where(name => checkpoint.Text(name) != present.GetValueOrDefault(name, ""))
            .Select(name => $"{name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]} was '{checkpoint.Text(name)}' and is '{present.GetValueOrDefault(name, "")}'")
            .ToList();
        if (differences.Count > 0)
        {
            throw new BadInputException(
                $"The checkpoint at step {checkpoint.Step} belongs to another run: {string.Join(", ", differences)}. " +
                "Resume with the settings of its run, or start a new run.");
        }
    }

    /// <summary>
    /// Folders that state every data set read from them, from then on: <c>data.NAME</c> is its identity, and <c>data_order.NAME</c> the hash of the
    /// order in its files, which is only kept: examples are numbered by content, so another order is the same run with the same bits.
    /// </summary>
    /// <param name="tell">Called with a sentence for a person where a data set is not the official one.</param>
    /// <param name="checkpoint">What the run goes on from; null: it begins anew. Reading a data set of another identity than it states throws <see cref="OtherDataException"/>.</param>
    public static DataFolders Watch(DataFolders folders, IDictionary<string, string> texts, Checkpoint? checkpoint, Action<string> tell) => folders with
    {
        Loaded = dataset =>
        {
            var identity = dataset.Identity;
            if (checkpoint?.Text("data." + dataset.Name) is { Length: > 0 } before && before != identity)
            {
                throw new OtherDataException(
                    $"The checkpoint at step {checkpoint.Step} was trained on other data: the records of {dataset.Name} had the identity {before}; those in '{dataset.Folder}' have {identity}. " +
                    (DatasetRegistry.Entries.Any(entry => entry.Name == dataset.Name) ? "Resume with the folder of its data (--data-dir), or start a new run." : "Bring the file back as it was, or start a new run."));
            }
            (texts["data." + dataset.Name], texts["data_order." + dataset.Name]) = (identity, dataset.FileOrderHash);
            // A file in another's place may be test among the training data: nothing else would notice.
            if (DatasetRegistry.Entries.FirstOrDefault(entry => entry.Name == dataset.Name) is { } registered && !registered.Is(identity))
                tell(DatasetVerification.Of(registered, dataset).Sentence);
            folders.Loaded?.Invoke(dataset);
        },
    };
}
