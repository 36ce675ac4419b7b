using Repro.Figures.Images;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Training.Checks;
using Repro.Training.Datasets;

namespace Repro.Training;

/// <summary>One model family: its options and profiles, how a run of it is built, checked and used. One subclass a paper, one line in the catalog.</summary>
public abstract class Experiment
{
    private static readonly string[] EverySplit = [Splits.Train, Splits.Validation, Splits.Test];

    /// <summary>The word on the command line and the name of the card: <c>resnet</c> has <c>papers/resnet.md</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line for lists.</summary>
    public abstract string Title { get; }

    /// <summary>Smoke, quick, sweep and paper first, then presets of the family's own.</summary>
    public abstract IReadOnlyList<Profile> Profiles { get; }

    /// <summary>The record whose properties carry <see cref="OptionAttribute"/>; its initial values are the paper's setting.</summary>
    public abstract Type OptionsType { get; }

    /// <summary>Name of the metric a run is judged by, as in <see cref="RunOutcome.Scores"/>: <c>test_error</c>.</summary>
    public abstract string MainMetric { get; }

    /// <summary>
    /// Every final metric that a run may have, for the claims of the paper's card. As it stands: the quantity of <see cref="MainMetric"/> and the loss, each on train, validation
    /// and test.
    /// </summary>
    public virtual IReadOnlyList<string> Metrics
    {
        get
        {
            var quantity = Quantity(MainMetric);
            string[] quantities = quantity == "loss" ? [quantity] : [quantity, "loss"];
            return [.. from split in EverySplit from one in quantities select $"{split}_{one}"];
        }
    }

    /// <summary>The unit of the loss on every split: <c>nats</c> where it is a cross-entropy. Empty where it has none or it depends on the options, as of squared errors.</summary>
    public virtual string LossUnit => "";

    /// <summary>
    /// What is to be expected of a perfect model on the data of these options, for final metrics, each by its name and in its unit: <see cref="MainMetric"/> and others. It is the mean over
    /// draws of the data, and of samples where the model draws some, so that one evaluation may come out better. Empty where nobody knows it, as for every data set from outside.
    /// </summary>
    public virtual IReadOnlyDictionary<string, double> BestPossible(object options) => new Dictionary<string, double>();

    /// <summary>
    /// The metric that says what <see cref="MainMetric"/> is of real examples instead of the model's, as many of them, measured by each run: the samples of a perfect model have it in
    /// the mean, so that those of a good one may come out below it. Null: there is none.
    /// </summary>
    public virtual string? Floor => null;

    /// <summary>The metric that <see cref="Floor"/> is for <see cref="MainMetric"/>, for a metric that is that quantity on another split; null where there is none.</summary>
    public string? FloorOf(string metric) => Floor is { } floor && Quantity(metric) == Quantity(MainMetric) ? metric[..^Quantity(metric).Length] + Quantity(floor) : null;

    /// <summary>Registry names of the data sets a run with these options reads; empty where all data are generated.</summary>
    public abstract IReadOnlyList<string> DataSets(object options);

    /// <summary>Searches worth making, each by name: <c>repro sweep resnet/learning-rate</c>. Empty where none is declared.</summary>
    public virtual IReadOnlyList<NamedStudy> Studies => [];

    /// <summary>Changes worth comparing, each by name: <c>repro ablate resnet/shortcuts</c>. Empty where none is declared.</summary>
    public virtual IReadOnlyList<Ablation> Ablations => [];

    /// <summary>Optimizer steps of a run; null where they are not known before its data are read. As it stands: the value of the option <c>steps</c>, where there is one.</summary>
    public virtual long? Steps(object options) =>
        OptionSchema.Values(options).FirstOrDefault(option => option.Key == "steps").Value switch { long steps => steps, int steps => steps, _ => null };

    /// <summary>
    /// What a search has to set over these options, so that it has validation examples to choose by and never computes a test metric; empty where they are so
    /// already. As it stands: <c>evaluate=validation</c> and <c>train_on=split</c>, for those of the two that the experiment has.
    /// </summary>
    public virtual Configuration ForSearch(object options)
    {
        var values = OptionSchema.Values(options).ToDictionary(o => o.Key, o => OptionText.Write(o.Value));
        KeyValuePair<string, string>[] wanted = [new("evaluate", "validation"), new("train_on", "split")];
        return Configuration.Of(wanted.Where(setting => values.TryGetValue(setting.Key, out var own) && own != setting.Value));
    }

    /// <summary>
    /// What a run by itself has to set over these options to compute test at its end, as the confirmation of a search's choice does, and to train as it does; empty where they are so already, or
    /// there is no test. As it stands: <c>evaluate=test</c>, for an experiment that has it and evaluates on validation alone.
    /// </summary>
    public virtual Configuration ForTest(object options) =>
        Configuration.Of(OptionSchema.Values(options).Where(option => option is { Key: "evaluate", Value: "validation" }).Select(option => KeyValuePair.Create(option.Key, "test")));

    /// <summary>What studies may say of this experiment.</summary>
    public StudySubject Subject => new(
        Name,
        [.. Profiles.Select(profile => KeyValuePair.Create(profile.Name, Configuration.Of(OptionSchema.Values(profile.Options).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value))))))],
        OptionSchema.Of(OptionsType),
        (profile, settings) => Complaint(OptionSchema.Apply(Profiles.Single(p => p.Name == profile).Options, settings.Settings)));

    /// <summary>What is wrong with the options together (each alone is in its range already); null where nothing is.</summary>
    public virtual string? Complaint(object options) => null;

    /// <summary>
    /// The model with its data, ready to train. Its parameters depend on <see cref="RunContext.Seed"/> alone: the engine's generator
    /// has been seeded from it (<see cref="EngineGenerator.SeedInitialization"/>) when this is called.
    /// </summary>
    public abstract TrainingTask CreateTask(object options, RunContext context);

    /// <summary>What the recipe checks need to know of this model.</summary>
    public abstract Recipe CreateRecipe(object options, RunContext context);

    /// <summary>What a trained run says of a person's own images.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The experiment takes no images, or not such ones.</exception>
    public virtual IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoints.Checkpoint trained, IReadOnlyList<RgbImage> images) =>
        throw new Repro.Studies.BadInputException($"The experiment '{Name}' takes no images.");

    /// <summary>What a trained run says of a person's own texts, one prediction a text, in their order.</summary>
    /// <exception cref="Repro.Studies.BadInputException">The experiment takes no texts, or not such ones.</exception>
    public virtual IReadOnlyList<TextPrediction> PredictTexts(object options, RunContext context, Checkpoints.Checkpoint trained, IReadOnlyList<string> texts) =>
        throw new Repro.Studies.BadInputException($"The experiment '{Name}' takes no texts.");

    /// <summary>How <see cref="Sample"/> samples: a record whose properties carry <see cref="OptionAttribute"/>, with its defaults. Null: the experiment's models generate nothing.</summary>
    /// <param name="options">Of the run, which may have defaults of its own for sampling.</param>
    public virtual object? SampleOptions(object options) => null;

    /// <summary>Arguments for <c>repro sample RUN</c> that a person may begin with, as a shell reads them: <c>--text "ROMEO:"</c>. Empty where it needs none.</summary>
    /// <param name="options">Of the run: what its data know.</param>
    public virtual string SampleExample(object options) => "";

    /// <summary>Texts or images from a trained run; random choices derive from <see cref="RunContext.Seed"/>.</summary>
    /// <param name="options">Of the run.</param>
    /// <exception cref="Repro.Studies.BadInputException">The experiment generates nothing, or the request cannot be met.</exception>
    public virtual SampleResult Sample(object options, RunContext context, Checkpoints.Checkpoint trained, SampleRequest request) =>
        throw new Repro.Studies.BadInputException($"The experiment '{Name}' generates nothing that could be sampled.");

    /// <summary>The metrics, without their split, that <see cref="Score"/> computes of translations; empty where nothing is translated.</summary>
    public virtual IReadOnlyList<string> ScoresOfTranslations => [];

    /// <summary>
    /// What stored translations of a split score, by the names of <see cref="Evaluation.Metrics"/>, so that a run's record can be held against them. As it stands: nothing, for
    /// nothing is translated.
    /// </summary>
    /// <param name="options">Of the run: its data.</param>
    /// <exception cref="Repro.Studies.MissingComponentException">The references are not on this machine.</exception>
    /// <exception cref="Repro.Studies.BadInputException">The translations are not of this split's references.</exception>
    public virtual IReadOnlyDictionary<string, double> Score(object options, RunContext context, string split, Translations translations) => new Dictionary<string, double>();

    /// <summary>
    /// Evaluated examples as pictures, for reports; empty where they are none. As it stands: of the run's one data set, where it has just one.
    /// </summary>
    /// <param name="positions">As in <see cref="PredictionSet.Examples"/>: of test examples in the test split, of others in the training split, in canonical order.</param>
    /// <returns>One an example, in the order of <paramref name="positions"/>, or none at all.</returns>
    /// <exception cref="Repro.Studies.MissingComponentException">The data set is not on this machine.</exception>
    /// <exception cref="Repro.Studies.BadInputException">A position is none of the split's.</exception>
    public virtual IReadOnlyList<RgbImage> ExampleImages(object options, RunContext context, string split, IReadOnlyList<int> positions)
    {
        if (DataSets(options) is not [var name]) return [];
        if (DatasetRegistry.Find(name).Load(context.Data with { Loaded = null }) is not ImageDataset dataset) return [];
        var images = split == Splits.Test ? dataset.Test : dataset.Train;
        if (positions.FirstOrDefault(position => position < 0 || position >= images.Count, -1) is var outside && positions.Contains(outside))
            throw new Repro.Studies.BadInputException($"The {split} split of {name} has {images.Count} examples; there is none at position {outside}.");
        return positions.Select(images.ToRgb).ToList();
    }

    // Without its split.
    private static string Quantity(string metric) => metric[(metric.IndexOf('_') + 1)..];
}

/// <summary>A named setting of an experiment.</summary>
/// <param name="Name">smoke, quick, sweep, paper, or a preset's own name.</param>
/// <param name="Description">What it is and how long it takes; says where it is smaller than the paper.</param>
/// <param name="Options">An instance of the experiment's options record.</param>
public sealed record Profile(string Name, string Description, object Options);

/// <summary>What a trained run says of one image.</summary>
/// <param name="Classes">Every class with its probability, most probable first; empty where the run is no classifier.</param>
public sealed record ImagePrediction(IReadOnlyList<(string Class, double Probability)> Classes)
{
    /// <summary>Measured on the image: <c>bits_per_dim</c>; by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}
