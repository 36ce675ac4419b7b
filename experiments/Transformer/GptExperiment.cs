using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>
/// nanoGPT (Karpathy 2022) on the characters of tiny-shakespeare. The model is in <see cref="GptModel"/>, how it is trained and evaluated in <see cref="GptTask"/>, the card in
/// <c>papers/nanogpt.md</c>.
/// </summary>
public sealed class GptExperiment : Experiment
{
    public override string Name => "nanogpt";

    public override string Title => "A decoder-only Transformer on the characters of Shakespeare (nanoGPT)";

    public override Type OptionsType => typeof(GptOptions);

    public override string MainMetric => "validation_loss";

    public override string LossUnit => "nats";

    public override IReadOnlyList<string> Metrics => ["train_loss", "train_gradient_norm", "validation_loss", "validation_sampled_loss", "validation_best_sampled_loss"];

    private static GptOptions Cpu { get; } = new()
    {
        Layers = 4, Heads = 4, Width = 128, Context = 64, BatchSize = 12, Dropout = 0, Steps = 2000, SampledBatches = 20, Precision = "float32",
    };

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "2 blocks of 32 on the generated task, whose best possible loss is known; seconds.", new GptOptions
        {
            Data = "generated", Layers = 2, Heads = 2, Width = 32, Context = 32, BatchSize = 32, Dropout = 0, Steps = 500, LearningRate = 5e-3, Warmup = 50, EvaluateEvery = 100,
            SampledBatches = 5, Precision = "float32",
        }),
        new("quick", "nanoGPT's own setting for a CPU, whole: 4 blocks of 128, 2,000 steps; two to four minutes on two CPU cores.", Cpu),
        new("sweep", "A trial of a search: the setting for a CPU for 1,000 steps, without the sampled estimate. About a minute on two CPU cores.",
            Cpu with { Steps = 1000, EvaluateEvery = 500, SampledBatches = 0 }),
        new("paper", "nanoGPT's own setting for a GPU: 6 blocks of 384, 5,000 steps. More than a day on two CPU cores, minutes on a GPU.", new GptOptions()),
        // Its claim was frozen, and its runs were made, under this name; every experiment has a quick.
        new("cpu", "Another name of quick, which the card's claim and its committed runs have. A run of either counts for the claim: options are compared, not names.", Cpu),
    ];

    public override IReadOnlyList<NamedStudy> Studies => GptStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => GptStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ((GptOptions)options).Data == GptText.Shakespeare ? [GptText.Shakespeare] : [];

    public override IReadOnlyDictionary<string, double> BestPossible(object options)
    {
        if (options is not GptOptions { Data: not GptText.Shakespeare } setting) return base.BestPossible(options);
        var best = new Dictionary<string, double> { [MainMetric] = GptText.Source.BestLoss(setting.Context) };
        // Random pieces cost the same in the mean. The lowest of several such estimates lies below that by as much as luck gave it, and has no best.
        if (setting.SampledBatches > 0) best["validation_sampled_loss"] = best[MainMetric];
        return best;
    }

    public override string? Complaint(object options) => ((GptOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) => new GptTask((GptOptions)options, context, GptText.Open((GptOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => GptRecipe.Create((GptOptions)options, context);

    public override object? SampleOptions(object options) => new GptSampling();

    public override string SampleExample(object options) => $"--text \"{(((GptOptions)options).Data == GptText.Shakespeare ? "ROMEO:" : GptText.Alphabet(((GptOptions)options).Data)[..2])}\"";

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request)
    {
        var (setting, sampling) = ((GptOptions)options, (GptSampling)request.Options);
        var (alphabet, device) = (GptText.Alphabet(setting.Data), Devices.Select(context.Device));
        var prompts = (request.Texts.Count > 0 ? request.Texts : [alphabet[..1]]).Select(text => (Text: text, Characters: Given(setting, text))).ToList();
        using var model = Load(setting, trained, device);
        var items = prompts.SelectMany((prompt, index) => GptWriting.Continue(model, setting, prompt.Characters, request.Count, sampling, context.Seed, index, device)
            .Select(text => new TextSample(prompt.Text, GptWriting.Text(alphabet, text))));
        var how = $"Temperature {sampling.Temperature}, top_k {sampling.TopK}.";
        return new SampleResult([], [new TextSamples("written", "Text that the model wrote", how, [.. items]) { Continues = true }]);
    }

    public override IReadOnlyList<TextPrediction> PredictTexts(object options, RunContext context, Checkpoint trained, IReadOnlyList<string> texts)
    {
        var (setting, device) = ((GptOptions)options, Devices.Select(context.Device));
        var given = texts.Select(text => Given(setting, text)).ToList();
        using var model = Load(setting, trained, device);
        return given.ConvertAll(characters => Predict(model, setting, characters, device));
    }

    /// <summary>The next character, and how well those of the text were predicted: all but the first, each from those before it in pieces as long as the context.</summary>
    private static TextPrediction Predict(GptModel model, GptOptions setting, long[] characters, Device device)
    {
        using var without = no_grad();
        using var scope = NewDisposeScope();
        var (sum, alphabet) = (0.0, GptText.Alphabet(setting.Data));
        for (var first = 0; first < characters.Length - 1; first += setting.Context)
        {
            var length = Math.Min(setting.Context, characters.Length - 1 - first);
            var logits = model.call(tensor(characters[first..(first + length)], [1, length], device: device));
            sum += functional.cross_entropy(logits.view(length, -1), tensor(characters[(first + 1)..(first + 1 + length)], device: device), reduction: Reduction.Sum).item<float>();
        }
        var known = characters[^Math.Min(characters.Length, setting.Context)..];
        var next = model.call(tensor(known, [1, known.Length], device: device)).select(1, -1).softmax(1).cpu().data<float>().ToArray();
        var classes = next.Select((p, i) => (alphabet[i] == '\n' ? "line break" : alphabet[i] == ' ' ? "space" : alphabet[i].ToString(), (double)p))
            .OrderByDescending(pair => pair.Item2).ToList();
        var metrics = characters.Length > 1 ? new Dictionary<string, double> { ["nats_per_character"] = sum / (characters.Length - 1) } : [];
        return new TextPrediction(null, classes, metrics);
    }

    private static long[] Given(GptOptions setting, string text) => text.Length > 0
        ? GptText.Numbers(setting.Data, text)
        : throw new BadInputException("An empty text has nothing to go on from; give at least one character.");

    private static GptModel Load(GptOptions setting, Checkpoint trained, Device device)
    {
        var model = new GptModel(setting, GptText.Alphabet(setting.Data).Length, seed: 0);
        trained.LoadResult(model);
        model.to(device);
        model.eval();
        return model;
    }
}
