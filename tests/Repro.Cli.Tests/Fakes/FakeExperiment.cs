using Repro.Figures;
using Repro.Figures.Images;
using Repro.Studies.Options;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;

namespace Repro.Cli.Tests.Fakes;

/// <summary>What <see cref="FakeTraining"/> is to do.</summary>
public sealed record FakeOptions
{
    [Option("Optimizer steps.", Min = 1, Source = "section 4.2")]
    public int Steps { get; init; } = 6;

    [Option("Rate of the first steps.", Min = 0, Max = 10, Source = "Table 1")]
    public double LearningRate { get; init; } = 0.1;

    [Option("Steps between checkpoints.", Min = 1)]
    public int CheckpointEvery { get; init; } = 2;

    [Option("Asks for CIFAR-10, though nothing reads it.")]
    public bool NeedsData { get; init; }

    [Option("'validation' never computes a test metric.", Choices = ["validation", "test"])]
    public string Evaluate { get; init; } = "validation";

    [Option("What happens at the step fault_at.")]
    public Fault Fault { get; init; }

    [Option("Steps before the fault.", Min = 0)]
    public int FaultAt { get; init; } = 3;
}

public enum Fault
{
    None,

    /// <summary>An unexpected exception.</summary>
    Throw,

    /// <summary>The loss is no number any more; the run ends as failed.</summary>
    Diverge,

    /// <summary>Input that only training finds to be wrong.</summary>
    BadInput,

    /// <summary>A data set is not there.</summary>
    Missing,

    /// <summary>Waits until it is asked to stop.</summary>
    Hold,

    /// <summary>Waits for ever, whatever it is asked.</summary>
    Hang,

    /// <summary>Prints to standard output, by .NET and around it, and trains on.</summary>
    Print,

    /// <summary>The engine has not the memory.</summary>
    OutOfMemory,

    /// <summary>Metrics without end, until the disk is full.</summary>
    Flood,
}

/// <summary>An experiment whose training is a test's: no tensors, no data, milliseconds.</summary>
public sealed class FakeExperiment(string name) : Experiment
{
    /// <summary>Called where a trained run is asked, with what it is asked under.</summary>
    public Action<RunContext> Asked { get; init; } = _ => { };

    /// <summary>What sampling draws.</summary>
    public IReadOnlyList<Figure> Drawn { get; init; } = [];

    /// <summary>What stored translations score.</summary>
    public Func<Translations, IReadOnlyDictionary<string, double>> Scored { get; init; } = _ => new Dictionary<string, double>();

    private static readonly Objective Error = new("validation_error", ObjectiveDirection.Minimize);

    public override string Name => name;

    public override string Title => "A network that is none";

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "Two steps.", new FakeOptions { Steps = 2, CheckpointEvery = 1 }),
        new("quick", "Six steps.", new FakeOptions()),
        new("sweep", "Four steps.", new FakeOptions { Steps = 4 }),
        new("paper", "A hundred steps.", new FakeOptions { Steps = 100 }),
        new("tested", "Six steps, and test.", new FakeOptions { Evaluate = "test" }),
    ];

    public override Type OptionsType => typeof(FakeOptions);

    public override string MainMetric => "test_error";

    public override IReadOnlyList<NamedStudy> Studies => name == "forest" ? [] :
    [
        new("learning-rate", "Which rate is best?", new Study
        {
            Experiment = name, Profile = "sweep", Objective = Error, Trials = 12,
            Space = new SearchSpace([CompactForm.Parse("learning_rate=log:1e-3..1"), CompactForm.Parse("fault_at=0,3") with { Role = HyperparameterRole.Nuisance }]),
        }),
    ];

    public override IReadOnlyList<Ablation> Ablations => name == "forest" ? [] :
    [
        new("rates", "Does the rate matter?", "sweep", Error,
        [
            new("slow", "A tenth of Table 1's rate.", Configuration.Parse("learning_rate=0.01")),
            new("fast", "Ten times Table 1's rate.", Configuration.Parse("learning_rate=1")),
        ]),
    ];

    public override IReadOnlyList<string> DataSets(object options) => options is FakeOptions { NeedsData: true } ? ["cifar-10"] : [];

    public override string? Complaint(object options) => options is FakeOptions { Steps: 13 } ? "Thirteen steps bring bad luck; take 12 or 14." : null;

    public override TrainingTask CreateTask(object options, RunContext context) => throw new InvalidOperationException("A fake experiment has no task: FakeTraining trains it.");

    public override Recipe CreateRecipe(object options, RunContext context) => throw new InvalidOperationException("A fake experiment has no recipe: FakeTraining checks it.");

    public override IReadOnlyList<ImagePrediction> Predict(object options, RunContext context, Checkpoint trained, IReadOnlyList<RgbImage> images) => images
        .Select(image => image.Pixels.Average(p => p) / 255)
        .Select(bright => new ImagePrediction(((string Class, double Probability)[])[("bright", bright), ("dark", 1 - bright)] is var c && bright < 0.5 ? [c[1], c[0]] : c))
        .ToList();

    public override IReadOnlyList<TextPrediction> PredictTexts(object options, RunContext context, Checkpoint trained, IReadOnlyList<string> texts)
    {
        Asked(context);
        return
        [
            .. texts.Select(text => new TextPrediction(text.ToUpperInvariant(), [("yes", 0.75), ("no", 0.25)], new Dictionary<string, double> { ["perplexity"] = text.Length })
            {
                Warnings = text.Contains('?', StringComparison.Ordinal) ? [$"\"{text}\" is a question."] : [],
            }),
        ];
    }

    public override IReadOnlyList<string> ScoresOfTranslations => ["bleu"];

    public override IReadOnlyDictionary<string, double> Score(object options, RunContext context, string split, Translations translations) => Scored(translations);

    public override object? SampleOptions(object options) => name == "forest" ? null : new FakeSampling();

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request)
    {
        Asked(context);
        var sampling = (FakeSampling)request.Options;
        string[] prompts = request.Texts.Count > 0 ? [.. request.Texts] : [""];
        return new SampleResult(Drawn, [new TextSamples("fake", "Fake texts", "", [.. from prompt in prompts from i in Enumerable.Range(0, request.Count) select new TextSample(prompt, $"{string.Concat(Enumerable.Repeat("!", sampling.Length))}{context.Seed}{i}")]) { Continues = true }]);
    }
}

/// <summary>How a <see cref="FakeExperiment"/> samples.</summary>
public sealed record FakeSampling
{
    [Option("Exclamation marks.", Min = 1, Max = 9)]
    public int Length { get; init; } = 2;
}
