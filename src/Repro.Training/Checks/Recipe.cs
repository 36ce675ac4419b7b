using Repro.Figures.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>
/// What the recipe's checks (Karpathy 2019, "A recipe for training neural networks") need to know of a model, beyond the training task
/// that the experiment builds anyway. A test breaks a model on purpose by replacing one of these members.
/// </summary>
/// <remarks>
/// Checks that ask about training as it really happens (same seed twice gives the same bits) use <see cref="Experiment.CreateTask"/>; those that
/// need a model under altered conditions build one here. Whoever calls <see cref="Build"/> or <see cref="Baseline"/> need not seed anything.
/// </remarks>
public sealed record Recipe
{
    /// <summary>
    /// A fresh model of the configured kind: parameters depend on the seed alone; capacity 1 is the configured size, below 1 smaller and
    /// above 1 larger along the family's own axis (ResNet: width of the stages).
    /// </summary>
    public required Func<ulong, double, RecipeModel> Build { get; init; }

    /// <summary>What <see cref="Build"/>'s capacity scales: <c>channels of every stage</c>.</summary>
    public required string CapacityIs { get; init; }

    /// <summary>The two capacities compared, the smaller first. The larger must reach the lower training loss within <see cref="Steps"/>. Equal: the family has one size, and the check is not asked.</summary>
    public (double Less, double More) Capacities { get; init; } = (0.25, 1);

    /// <summary>A dumb model for the same batches, from a seed: a linear classifier of the pixels. The real one must beat it within <see cref="Steps"/>.</summary>
    public required Func<ulong, RecipeModel> Baseline { get; init; }

    /// <summary>What the dumb model is, in a few words.</summary>
    public required string BaselineIs { get; init; }

    /// <summary>The mean loss that fresh parameters should give, in the loss's own unit (nats).</summary>
    public required double LossAtInit { get; init; }

    /// <summary>Largest distance from <see cref="LossAtInit"/> that passes.</summary>
    public required double LossAtInitTolerance { get; init; }

    /// <summary>Why that is expected: "ln 10, ten classes equally likely, widened by the spread of logits under He init".</summary>
    public required string LossAtInitBecause { get; init; }

    /// <summary>
    /// The training batch of a step as the network sees it, augmented and normalized, on the run's device: a pure function of the run's seed and the step.
    /// </summary>
    public required Func<long, RecipeBatch> Batch { get; init; }

    /// <summary>
    /// The inputs of the same few training examples as a step would augment them, in the same order at every step. Null: training inputs are
    /// not augmented. Two steps that augment all of them alike fail the check.
    /// </summary>
    public Func<long, Tensor>? Augmented { get; init; }

    /// <summary>Examples held out from training, not augmented, on the run's device; always the same.</summary>
    public required Func<RecipeBatch> HeldOut { get; init; }

    /// <summary>Shape of one example's input, without the batch: 3 x 32 x 32.</summary>
    public required IReadOnlyList<long> InputShape { get; init; }

    /// <summary>Names of the classes, in the order of the model's outputs; empty where there are none.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The inputs of a batch as pictures, one an example, exactly as the network sees them but for the range of values. Null: inputs are no pictures.</summary>
    public Func<Tensor, IReadOnlyList<RgbImage>>? Pictures { get; init; }

    /// <summary>The first layer's weights as pictures, one a unit. Null: they make no picture.</summary>
    public Func<RecipeModel, IReadOnlyList<RgbImage>>? FirstLayer { get; init; }

    /// <summary>
    /// Names of the parameters (as in <c>named_parameters()</c>) that the model keeps fixed on purpose, such as a whitening layer. Any other parameter
    /// that does not learn fails the check.
    /// </summary>
    public IReadOnlySet<string> Fixed { get; init; } = new HashSet<string>();

    /// <summary>Steps of the short trainings that compare two models; seconds each.</summary>
    public int Steps { get; init; } = 60;

    /// <summary>Steps to overfit a single batch in.</summary>
    public int OverfitSteps { get; init; } = 200;

    /// <summary>Examples of the batch that is to be overfitted.</summary>
    public int OverfitExamples { get; init; } = 16;

    /// <summary>Training loss on that batch that counts as near zero, in the loss's own unit.</summary>
    public double OverfitLoss { get; init; } = 0.05;

    /// <summary>How to ask a model that predicts each position from those before it whether it looks ahead. Null: the model is none.</summary>
    public CausalProbe? Causal { get; init; }

    /// <summary>
    /// Largest absolute gradient of example i's loss to example j's input, relative to the largest to its own, that counts as zero;
    /// 0 on a CPU in float32, where unrelated examples never meet.
    /// </summary>
    public double LeakTolerance { get; init; }
}

/// <summary>A model that a check trains and asks.</summary>
/// <param name="Module">On the run's device, in training mode.</param>
/// <param name="Outputs">Inputs to outputs in the module's present mode; for a classifier the logits, examples x classes.</param>
/// <param name="Losses">Outputs and targets to one loss an example, with gradients: [examples].</param>
/// <param name="Optimizer">Over the module's parameters, with a constant rate that suits a short training.</param>
public sealed record RecipeModel(nn.Module Module, Func<Tensor, Tensor> Outputs, Func<Tensor, Tensor, Tensor> Losses, optim.Optimizer Optimizer) : IDisposable
{
    public void Dispose()
    {
        Optimizer.Dispose();
        Module.Dispose();
    }
}

/// <summary>Splits a causal model behind its embedding, where inputs are real numbers and have gradients.</summary>
/// <param name="Embed">Inputs of a batch to the embeddings of their positions: [examples, positions, features].</param>
/// <param name="Outputs">Embeddings, and the inputs again for what else the model reads of them, to outputs in the module's present mode: [examples, positions, ...].</param>
public sealed record CausalProbe(Func<RecipeModel, Tensor, Tensor> Embed, Func<RecipeModel, Tensor, Tensor, Tensor> Outputs);

/// <summary>Examples of a check; the caller disposes them.</summary>
/// <param name="Inputs">Examples x <see cref="Recipe.InputShape"/>.</param>
/// <param name="Targets">Examples first; class numbers (int64) for a classifier.</param>
public sealed record RecipeBatch(Tensor Inputs, Tensor Targets) : IDisposable
{
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }
}
