using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;

namespace Repro.Experiments.Transformer;

/// <summary>
/// Vaswani et al. 2017, encoder and decoder, on Multi30k English to German. The model is in <see cref="TransformerModel"/>, how it is trained in <see cref="TransformerTask"/>, how it
/// translates in <see cref="BeamSearch"/>, the card in <c>papers/transformer.md</c>.
/// </summary>
public sealed class TransformerExperiment : Experiment
{
    /// <summary>Best BLEU on generated data, whose references are what the rule gives.</summary>
    private const double BestBleu = 100;

    private const string Sentence = "a man rides a bike .";

    public override string Name => "transformer";

    public override string Title => "Attention is all you need (Vaswani et al. 2017), on Multi30k English to German";

    public override Type OptionsType => typeof(TransformerOptions);

    public override string MainMetric => "test_bleu";

    public override string LossUnit => "nats";

    public override IReadOnlyList<string> Metrics { get; } =
    [
        "train_loss", "train_cross_entropy",
        .. from split in new[] { Splits.Validation, Splits.Test } from quantity in new[] { "loss", "perplexity", "bleu", "sacrebleu" } select $"{split}_{quantity}",
    ];

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "A generated pair of languages, whose best possible loss and BLEU are known; one layer, 64 wide; seconds.", new TransformerOptions
        {
            Data = "generated", Layers = 1, ModelSize = 64, FeedForward = 128, Dropout = 0, LabelSmoothing = 0, Steps = 400, BatchTokens = 1024, Batches = 1, PeakLearningRate = 0.01, Warmup = 100,
            Average = 5, AverageEvery = 10,
        }),
        new("quick",
            "Real Multi30k, the tiny setting with 2 layers each, half the symbols a step, dropout 0.1 and 600 steps instead of 8,000, with a warmup of 200 and the average of the last 5 points, 20 steps apart; minutes on two CPU cores. Reads test once, at the end.",
            new TransformerOptions { Layers = 2, Dropout = 0.1, Steps = 600, BatchTokens = 4096, Warmup = 200, Average = 5, AverageEvery = 20 }),
        new("sweep", "A trial of a search: one layer each, 64 wide, 250 steps on real Multi30k; evaluated on validation, translated greedily; test is never computed. About a minute on two CPU cores.",
            Small with { Layers = 1, Steps = 250, Warmup = 80 }),
        new("paper",
            "The published tiny setting on Multi30k (the paper's WMT 2014 is out of reach): 4 layers, 128 wide, 8,000 steps of about 8,000 symbols, the last 10 epochs averaged, beam 5, test once. " +
            "Hours on a CPU, minutes on a GPU.",
            new TransformerOptions()),
        new("base",
            "Table 3's row base, on Multi30k instead of WMT 2014: 6 layers, 512 wide, section 5.3's learning rate, 25,000 symbols a step, the last 5 snapshots, beam 4 with alpha 0.6. For a GPU.",
            new TransformerOptions
            {
                Layers = 6, ModelSize = 512, FeedForward = 2048, Heads = 8, Dropout = 0.1, Steps = 100_000, BatchTokens = 25_000, PeakLearningRate = 0, Warmup = 4000,
                Average = 5, Beam = 4, LengthNormalization = LengthNormalization.Gnmt, LengthPenalty = 0.6,
            }),
        new("table-3",
            "An arm of the ablation after Table 3 at a small scale: 2 layers each, 64 wide, about five epochs of Multi30k, evaluated on validation as Table 3 is; test is never computed. " +
            "Two to four minutes on two CPU cores.",
            Small),
        new("table-3-dropout",
            "The same on 5,000 pairs, which are seen more than twenty times, about as often as the paper's 100,000 steps see theirs: what dropout is for does not show in five epochs.",
            Small with { Pairs = 5000 }),
    ];

    public override IReadOnlyList<NamedStudy> Studies => TransformerStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => TransformerStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ((TransformerOptions)options).Data is not "generated" and var data ? [data] : [];

    public override IReadOnlyDictionary<string, double> BestPossible(object options)
    {
        if (((TransformerOptions)options).Data != "generated") return base.BestPossible(options);
        var best = new Dictionary<string, double>();
        foreach (var split in new[] { Splits.Validation, Splits.Test })
        {
            best[split + "_bleu"] = best[split + "_sacrebleu"] = BestBleu;
            best[split + "_loss"] = GeneratedTranslation.BestLoss(GeneratedTranslation.Data.Split(split));
            best[split + "_perplexity"] = Math.Exp(best[split + "_loss"]);
        }
        return best;
    }

    public override string? Complaint(object options) => ((TransformerOptions)options).Complaint();

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new TransformerTask((TransformerOptions)options, context, TranslationData.Open((TransformerOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => TransformerRecipe.Create((TransformerOptions)options, context);

    /// <summary>As the run's own translations were made; one that made none translates by a beam of its own.</summary>
    public override object SampleOptions(object options) => How((TransformerOptions)options);

    public override string SampleExample(object options) => $"--text \"{(((TransformerOptions)options).Data == "generated" ? GeneratedTranslation.Example : Sentence)}\"";

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request)
    {
        var how = (TranslationSampling)request.Options;
        if (request.Texts.Count == 0) throw new BadInputException($"A translation needs a sentence: {SampleExample(options)}");
        if (request.Count > how.Beam)
            throw new BadInputException($"A beam of {how.Beam} ends with up to {how.Beam} translations of a sentence; {request.Count} were wanted. {(request.Count <= TranslationSampling.MostBeam ? $"Lower --count or raise the beam: --set beam={request.Count}" : $"Lower --count; a beam is {TranslationSampling.MostBeam} at most.")}");
        var translations = OwnSentences.Translate((TransformerOptions)options, context, trained, request.Texts, how);
        var items = request.Texts.Zip(translations, (text, translation) => translation.Texts.Take(request.Count).Select(written => new TextSample(text, written)));
        var caption = $"Beam {how.Beam}, the best {request.Count} of each sentence, the best first.";
        return new SampleResult([.. translations.Select(translation => translation.Attention)], [new TextSamples("translations", "Translations", caption, [.. items.SelectMany(one => one)])])
        {
            Warnings = [.. request.Texts.Zip(translations).SelectMany(pair => Warnings(pair.First, pair.Second))],
        };
    }

    public override IReadOnlyList<TextPrediction> PredictTexts(object options, RunContext context, Checkpoint trained, IReadOnlyList<string> texts)
    {
        var setting = (TransformerOptions)options;
        return [.. OwnSentences.Translate(setting, context, trained, texts, How(setting)).Zip(texts, (translation, text) => new TextPrediction(translation.Texts[0], [], new Dictionary<string, double>
        {
            ["log_probability"] = translation.Hypotheses[0].LogProbability,
            ["unknown_symbols"] = translation.Unknown,
        }) { Warnings = Warnings(text, translation) })];
    }

    public override IReadOnlyList<string> ScoresOfTranslations => ["bleu", "sacrebleu"];

    public override IReadOnlyDictionary<string, double> Score(object options, RunContext context, string split, Translations translations) =>
        TranslationEvaluation.Score(TranslationData.Open((TransformerOptions)options, context with { Data = context.Data with { Loaded = null } }).Split(split), translations);

    private static IReadOnlyList<string> Warnings(string text, OwnTranslation translation) => translation.Unknown == 0 ? []
        : [$"The run's data have no symbol for {translation.Unknown} of the pieces of \"{text}\"; the model sees that something stands there, and not what."];

    private static TranslationSampling How(TransformerOptions run) => new()
    {
        Beam = run.Beam == 0 ? new TranslationSampling().Beam : run.Beam, LengthNormalization = run.LengthNormalization, LengthPenalty = run.LengthPenalty,
    };

    /// <summary>What trains in minutes on two CPU cores, and still is what Table 3 varies.</summary>
    private static TransformerOptions Small => new()
    {
        Evaluate = "validation", Layers = 2, ModelSize = 64, FeedForward = 128, Dropout = 0.1, Steps = 1200, BatchTokens = 2048, Batches = 1, Warmup = 300, Average = 1,
        Beam = 4, LengthNormalization = LengthNormalization.Gnmt, LengthPenalty = 0.6,
    };
}
