using Repro.Training;
using Repro.Training.Checks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>What <c>repro check nanogpt</c> knows of the model.</summary>
internal static class GptRecipe
{
    private const int HeldOut = 64;
    private const double BigramRate = 0.05;

    public static Recipe Create(GptOptions given, RunContext context)
    {
        // Checks ask whether the model can learn; dropout is there to keep it from learning by heart. And they compare losses more finely than bfloat16 tells them apart.
        var options = given with { Dropout = 0, Precision = "float32" };
        var (text, device) = (GptText.Open(options, context), Devices.Select(context.Device));
        var (train, validation) = (GptTask.OnDevice(text.Train, device), GptTask.OnDevice(text.Validation, device));
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var size = Math.Max(1, (int)Math.Round(options.Width / options.Heads * capacity));
                var model = GptTask.Build(options with { Width = size * options.Heads }, text.Characters, seed, device);
                return new RecipeModel(model, model.call, Losses, GptTask.AdamW(options, model));
            },
            CapacityIs = "numbers of every head, and with them the width",
            Baseline = seed =>
            {
                var bigram = (Bigram)new Bigram(text.Characters).to(device);
                return new RecipeModel(bigram, bigram.call, Losses, optim.Adam(bigram.parameters(), BigramRate));
            },
            BaselineIs = $"a bigram model: each character from the one before it alone, trained by Adam at {BigramRate}",
            LossAtInit = Math.Log(text.Characters),
            LossAtInitTolerance = 0.2,
            LossAtInitBecause = $"ln {text.Characters}: all weights begin within a few hundredths of zero; " +
                "tied embeddings make a character's repetition a little too likely at first",
            Batch = step => Batch(train, options.Context, GptTask.Beginnings(text.Train.Length, options, context.Seed, step)),
            HeldOut = () => Batch(validation, options.Context, [.. Enumerable.Range(0, HeldOut).Select(i => (long)i * (text.Validation.Length - options.Context) / HeldOut)]),
            InputShape = [options.Context],
            Classes = [],
            Causal = new CausalProbe((model, characters) => ((GptModel)model.Module).Embed(characters), (model, vectors, _) => ((GptModel)model.Module).FromVectors(vectors)),
            Steps = 400,
            OverfitSteps = 400,
            OverfitExamples = 2,
            OverfitLoss = 0.1,
        };
    }

    /// <summary>[N]: the mean over each piece.</summary>
    private static Tensor Losses(Tensor logits, Tensor targets)
    {
        using var rows = logits.reshape(-1, logits.size(-1));
        using var next = targets.reshape(-1);
        using var each = functional.cross_entropy(rows, next, reduction: Reduction.None);
        return each.view(targets.shape).mean([1]);
    }

    private static RecipeBatch Batch(Tensor text, int context, long[] beginnings)
    {
        using var pieces = GptTask.Pieces(text, context);
        var (inputs, targets) = GptTask.Take(pieces, beginnings);
        return new RecipeBatch(inputs, targets);
    }
}

/// <summary>Logits of the next character from the last one: a table.</summary>
internal sealed class Bigram : Module<Tensor, Tensor>
{
    private readonly Embedding table;

    public Bigram(int characters)
        : base(nameof(Bigram))
    {
        table = Embedding(characters, characters);
        RegisterComponents();
        InitialValues.Constant(table.weight!, 0);
    }

    public override Tensor forward(Tensor characters) => table.call(characters);    // [N, T] to [N, T, characters]
}
