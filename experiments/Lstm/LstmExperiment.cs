using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using TorchSharp;

namespace Repro.Experiments.Lstm;

/// <summary>
/// Zaremba et al. 2014 on Penn Treebank. The model is in <see cref="LstmModel"/>, how it is trained and evaluated in <see cref="LstmTask"/>, the card in
/// <c>papers/lstm.md</c>.
/// </summary>
public sealed class LstmExperiment : Experiment
{
    public override string Name => "lstm";

    public override string Title => "Recurrent neural network regularization on Penn Treebank (Zaremba et al. 2014, section 4.1)";

    public override Type OptionsType => typeof(LstmOptions);

    public override string MainMetric => "test_perplexity";

    public override string LossUnit => "nats";

    // Perplexity and loss of every split; the gradient's length before it is cut is worth watching while training.
    public override IReadOnlyList<string> Metrics => [.. base.Metrics, "train_gradient_norm"];

    public override IReadOnlyList<Profile> Profiles { get; } =
    [
        new("smoke", "One layer of 32 units on the generated task, whose best possible perplexity is known; seconds.", new LstmOptions
        {
            Data = "generated", Layers = 1, Hidden = 32, Epochs = 3, DecayAfter = 1, Decay = 4,
        }),
        new("quick",
            "The small network with half of its units on real Penn Treebank for 3 epochs instead of 13, the rate decayed sooner; minutes on two CPU cores. " +
            "Its perplexity is no reproduction of Table 1.",
            new LstmOptions { Hidden = 100, Epochs = 3, DecayAfter = 0, Decay = 3 }),
        new("sweep",
            "A trial of a search: 100 units, 6 epochs of the first 60,000 words of Penn Treebank, evaluated on validation; test is never computed. " +
            "About a minute on two CPU cores.",
            new LstmOptions { Evaluate = "validation", TrainWords = 60_000, Hidden = 100, Epochs = 6, DecayAfter = 3 }),
        new("paper", "The paper's small network, without dropout, for 13 epochs; half an hour to an hour on two CPU cores.", new LstmOptions()),
        new("medium", "The paper's medium network: 650 units, dropout of 50 %, 39 epochs. Half a day on two CPU cores, minutes on a GPU.", Medium),
        new("large", "The paper's large network: 1,500 units, dropout of 65 %, 55 epochs. Days on a CPU, tens of minutes on a GPU.", Medium with
        {
            Hidden = 1500, Dropout = 0.65, InitRange = 0.04, Epochs = 55, DecayAfter = 14, Decay = 1.15, Clip = 10,
        }),
        new("overfit",
            "A network that is large for its text: 200 units on the first 50,000 words of Penn Treebank, 12 times over, with the medium network's dropout, " +
            "evaluated on validation; minutes on two CPU cores. " +
            "For what dropout does (./repro ablate lstm/dropout).",
            new LstmOptions { Evaluate = "validation", TrainWords = 50_000, Dropout = 0.5, Epochs = 12, DecayAfter = 6, Decay = 1.2 }),
    ];

    private static LstmOptions Medium { get; } = new() { Hidden = 650, Unroll = 35, Dropout = 0.5, InitRange = 0.05, Epochs = 39, DecayAfter = 6, Decay = 1.2 };

    public override IReadOnlyList<NamedStudy> Studies => LstmStudies.Searches;

    public override IReadOnlyList<Ablation> Ablations => LstmStudies.Ablations;

    public override IReadOnlyList<string> DataSets(object options) => ((LstmOptions)options).Data == "generated" ? [] : ["ptb"];

    public override IReadOnlyDictionary<string, double> BestPossible(object options)
    {
        if (options is not LstmOptions { Data: "generated" } setting) return base.BestPossible(options);
        var best = new Dictionary<string, double>();
        foreach (var split in new[] { Splits.Validation, Splits.Test })
        {
            // Of each stream all symbols but the first are predicted, from what stands before them in it.
            best[split + "_loss"] = LstmText.Source.BestLoss((LstmText.GeneratedHeldOut / LstmEvaluation.Streams(setting, split)) - 1);
            best[split + "_perplexity"] = Math.Exp(best[split + "_loss"]);
        }
        return best;
    }

    public override long? Steps(object options)
    {
        var setting = (LstmOptions)options;
        return LstmSchedule.Steps(setting, LstmSchedule.StepsPerEpoch(setting, LstmText.TrainingWords(setting)));
    }

    public override string? Complaint(object options) => LstmText.Complaint((LstmOptions)options);

    public override TrainingTask CreateTask(object options, RunContext context) =>
        new LstmTask((LstmOptions)options, context, LstmText.Open((LstmOptions)options, context));

    public override Recipe CreateRecipe(object options, RunContext context) => LstmRecipe.Create((LstmOptions)options, context);

    public override object? SampleOptions(object options) => new LstmSampling();

    public override string SampleExample(object options) => ((LstmOptions)options).Data == "generated" ? $"--text \"{string.Join(' ', LstmText.Source.Symbols.Take(2))}\"" : "--text \"the company said\"";

    public override SampleResult Sample(object options, RunContext context, Checkpoint trained, SampleRequest request)
    {
        var sampling = (LstmSampling)request.Options;
        var (text, model, members) = Load((LstmOptions)options, context, trained);
        using var disposed = model;
        // Without a beginning a line of its own begins; symbols have no lines, and begin with the first.
        var prompts = request.Texts.Count > 0 ? request.Texts.Select(given => (Text: given, Words: LstmWriting.Given(text.Vocabulary, given))).ToList()
            : [(text.Vocabulary.End is null ? text.Vocabulary.Words[0] : "", LstmWriting.Begin(text.Vocabulary))];
        var items = prompts.SelectMany((prompt, index) =>
            LstmWriting.Continue(model, members, prompt.Words, request.Count, sampling, context.Seed, index, Devices.Select(context.Device))
                .Select(words => new TextSample(prompt.Text, (prompt.Text.Length > 0 ? " " : "") + text.Vocabulary.Text(words))));
        return new SampleResult([], [new TextSamples("written", "Text that the model wrote", $"Temperature {sampling.Temperature}.", [.. items]) { Continues = true }])
        {
            Warnings = [.. request.Texts.SelectMany(given => LstmWriting.Warnings(text.Vocabulary, given))],
        };
    }

    public override IReadOnlyList<TextPrediction> PredictTexts(object options, RunContext context, Checkpoint trained, IReadOnlyList<string> texts)
    {
        var (text, model, members) = Load((LstmOptions)options, context, trained);
        using var disposed = model;
        return [.. texts.Select(one => LstmWriting.Predict(model, members, text.Vocabulary, one, Devices.Select(context.Device)))];
    }

    // With so many members as were trained when the checkpoint was written.
    private static (LstmText Text, LstmEnsemble Model, int Members) Load(LstmOptions options, RunContext context, Checkpoint trained)
    {
        var text = LstmText.Open(options, context);
        var model = (LstmEnsemble)new LstmEnsemble(options, text.Vocabulary.Count, seed: 0).to(Devices.Select(context.Device));
        trained.LoadResult(model);
        model.eval();
        return (text, model, LstmSchedule.Member(options, Math.Max(0, trained.Step - 1), LstmSchedule.StepsPerEpoch(options, text.Words(Splits.Train).Length)) + 1);
    }
}
