using Repro.Experiments.Text;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Checks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>
/// What <c>repro check transformer</c> knows of the model. An example's input is a source sentence and, behind it, the target so far, each filled up to the same length; its output
/// are logits, one set a place of the target. Only sentences that fit are looked at.
/// </summary>
internal static class TransformerRecipe
{
    private const int Longest = 16, Examples = 32;

    private const long Ignored = -100;

    private const double Rate = 1e-3, BaselineRate = 1e-2;

    public static Recipe Create(TransformerOptions options, RunContext context)
    {
        // Whether the parts fit together is asked without noise of their own: dropout and smoothing keep any loss away from 0.
        var setting = options with { Dropout = 0, AttentionDropout = 0, ReluDropout = 0, LabelSmoothing = 0 };
        var (data, device) = (TranslationData.Open(setting, context), Devices.Select(context.Device));
        var train = Fitting(data.Train);
        var symbols = data.Vocabulary.Count;
        return new Recipe
        {
            Build = (seed, capacity) => Wrap(TransformerTask.Build(setting with { ModelSize = Size(setting, capacity) }, data, seed, device)),
            CapacityIs = "d_model",
            Baseline = _ => Unigrams(symbols, device),
            BaselineIs = $"one probability a symbol, whatever the source and the place, trained by Adam at {BaselineRate}",
            LossAtInit = Math.Log(symbols) + 0.5,
            LossAtInitTolerance = 1,
            LossAtInitBecause =
                $"ln {symbols} + 1/2: states of a layer normalization times embeddings of variance 1/d give logits of about variance 1, which widen ln {symbols} by half of that; " +
                "and a state resembles the embedding of its own symbol, which raises it where symbols are few",
            Batch = step => Batch(Chosen(train, context.Seed, step), device),
            HeldOut = () => Batch([.. Fitting(data.Split(Splits.Validation)).Take(Examples)], device),
            InputShape = [2 * Longest],
            Classes = [],
            Causal = new CausalProbe(
                (model, inputs) => Model(model).Embed(Target(inputs)),
                (model, embedded, inputs) => Logits(Model(model), inputs, embedded)),
            Steps = 100,
            OverfitSteps = 400,
            OverfitLoss = 0.1,
        };
    }

    private static RecipeModel Wrap(TransformerModel model)
    {
        model.train();
        return new RecipeModel(model, inputs =>
        {
            using var embedded = model.Embed(Target(inputs));
            return Logits(model, inputs, embedded);
        }, Losses, optim.Adam(model.parameters(), Rate, beta1: 0.9, beta2: 0.98, eps: 1e-9));
    }

    private static TransformerModel Model(RecipeModel model) => (TransformerModel)model.Module;

    private static Tensor Source(Tensor inputs) => inputs.narrow(1, 0, Longest);

    private static Tensor Target(Tensor inputs) => inputs.narrow(1, Longest, Longest);

    private static Tensor Logits(TransformerModel model, Tensor inputs, Tensor embedded)
    {
        using var source = Source(inputs);
        using var mask = model.SourceMask(source);
        using var memory = model.Encode(source, mask);
        using var states = model.Decode(embedded, memory, mask);
        return model.Logits(states);                                // [N, places, symbols]
    }

    /// <summary>Mean cross-entropy over an example's symbols: [N].</summary>
    private static Tensor Losses(Tensor logits, Tensor targets)
    {
        var (examples, places) = (targets.shape[0], targets.shape[1]);
        using var rows = logits.reshape(examples * places, -1);
        using var expected = targets.reshape(-1);
        using var each = functional.cross_entropy(rows, expected, ignore_index: Ignored, reduction: Reduction.None);
        using var byExample = each.view(examples, places);
        using var sums = byExample.sum(1);
        using var counted = targets.ne(Ignored);
        using var counts = counted.sum(1);
        return sums / counts;
    }

    private static RecipeModel Unigrams(int symbols, Device device)
    {
        var model = (SymbolFrequencies)new SymbolFrequencies(symbols).to(device);
        return new RecipeModel(model, OfTargets, Losses, optim.Adam(model.parameters(), BaselineRate));

        // One set of logits a place of the target.
        Tensor OfTargets(Tensor inputs)
        {
            using var places = inputs.narrow(1, Longest, Longest);
            return model.call(places);
        }
    }

    private static SentencePair[] Fitting(IReadOnlyList<SentencePair> pairs) => [.. pairs.Where(pair => pair.Length <= Longest)];

    private static SentencePair[] Chosen(SentencePair[] pairs, ulong seed, long step)
    {
        var numbers = new Philox(seed, RandomPurpose.Checks, step);
        return [.. Enumerable.Range(0, Examples).Select(_ => pairs[numbers.NextInt32(pairs.Length)])];
    }

    private static int Size(TransformerOptions options, double capacity) => options.Heads * Math.Max(1, (int)Math.Round(options.ModelSize * capacity / options.Heads));

    private static RecipeBatch Batch(SentencePair[] pairs, Device device)
    {
        var batch = TranslationBatch.Of(pairs, length: Longest);
        var targets = new long[pairs.Length * Longest];
        Array.Fill(targets, Ignored);
        for (var i = 0; i < batch.Places.Length; i++) targets[batch.Places[i]] = batch.Expected[i];
        using var source = tensor(batch.Source, [pairs.Length, Longest], device: device);
        using var target = tensor(batch.Target, [pairs.Length, Longest], device: device);
        return new RecipeBatch(cat([source, target], 1), tensor(targets, [pairs.Length, Longest], device: device));
    }
}
