using Repro.Experiments.Text;
using Repro.Training;
using Repro.Training.Checks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Lstm;

/// <summary>What <c>repro check lstm</c> knows of the model. An example is a piece of text as long as the gradient goes back, read from states of zero.</summary>
internal static class LstmRecipe
{
    private const int HeldOut = 32;

    public static Recipe Create(LstmOptions options, RunContext context)
    {
        // Whether the parts fit together is asked without noise of their own: dropout keeps any loss away from 0.
        options = options with { Dropout = 0, RecurrentDropout = 0 };
        var text = LstmText.Open(options, context);
        var device = Devices.Select(context.Device);
        var words = text.Vocabulary.Count;
        var steps = LstmSchedule.StepsPerEpoch(options, text.Words(Splits.Train).Length);
        return new Recipe
        {
            Build = (seed, capacity) =>
            {
                var model = (LstmEnsemble)new LstmEnsemble(options with { Members = 1 }, words, seed, capacity).to(device);
                return new RecipeModel(model, inputs => Logits(model[0], inputs), Losses, Adam(model, options.Hidden));
            },
            CapacityIs = "units of every layer",
            Baseline = seed => Frequencies(words, device),
            BaselineIs = "the frequencies of the words, whatever stands before them",
            LossAtInit = Math.Log(words),
            LossAtInitTolerance = 0.1,
            LossAtInitBecause = $"ln {words}: parameters begin within {options.InitRange} of zero, so all words are about equally likely",
            Batch = step => Pieces(text.Words(Splits.Train), options.BatchSize, options.Unroll, step % steps, device),
            HeldOut = () => Pieces(text.Words(Splits.Validation), HeldOut, options.Unroll, 0, device),
            InputShape = [options.Unroll],
            Classes = [],
            Causal = new CausalProbe(
                (model, inputs) => ((LstmEnsemble)model.Module)[0].Embed(inputs),
                (model, vectors, _) => FromVectors(((LstmEnsemble)model.Module)[0], vectors.transpose(0, 1))),
            Steps = 300,
            OverfitExamples = 4,
            // From parameters within a tenth of zero the gates open slowly: most of the steps go by before any word is told from another.
            OverfitSteps = 1500,
        };
    }

    // The paper's rate is for a gradient that is summed and cut, which short trainings here do not do. Adam's falls with the width (Yang et al. 2022, "Tensor Programs V", Table 3): 300 units learn at
    // 0.003 to 0.007, and less than 75 do at 0.01 and above.
    private static Adam Adam(Module model, int units) => optim.Adam(model.parameters(), units <= 200 ? 0.02 : 1.5 / units);

    /// <summary>[N, T] words to [N, T, words] logits.</summary>
    private static Tensor Logits(LstmModel model, Tensor inputs)
    {
        using var vectors = model.Embed(inputs.transpose(0, 1));
        return FromVectors(model, vectors);
    }

    /// <summary>[T, N, units] vectors to [N, T, words] logits.</summary>
    private static Tensor FromVectors(LstmModel model, Tensor vectors)
    {
        using var begin = model.Begin(vectors.size(1));
        var (logits, end) = model.FromVectors(vectors, begin);
        end.Dispose();
        return logits.transpose(0, 1);
    }

    /// <summary>[N, T]: of each word.</summary>
    private static Tensor Losses(Tensor logits, Tensor targets) =>
        functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction: Reduction.None).view(targets.shape);

    /// <summary>The step's piece of each stream, and the same one word further on; examples first.</summary>
    private static RecipeBatch Pieces(int[] words, int streams, int length, long step, Device device)
    {
        using var all = LstmText.Streams(words, streams, device);
        return new RecipeBatch(Piece(all, step * length, length), Piece(all, (step * length) + 1, length));
    }

    private static Tensor Piece(Tensor streams, long first, int length)
    {
        using var piece = streams.narrow(0, first, length);
        using var turned = piece.transpose(0, 1);
        return turned.contiguous();
    }

    private static RecipeModel Frequencies(int words, Device device)
    {
        var module = (SymbolFrequencies)new SymbolFrequencies(words).to(device);
        return new RecipeModel(module, module.call, Losses, Adam(module, units: 1));
    }
}
