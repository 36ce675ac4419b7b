using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>A training of some steps that a check makes of a model; it owns the model.</summary>
internal sealed class ShortTraining(CheckSubject subject, RecipeModel model) : IDisposable
{
    private readonly List<double> _losses = [];

    public RecipeModel Model => model;

    /// <summary>The mean loss of each step's batch before its update, from step 0 on; a loss that is not finite is the last one.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>The training met a loss that is not finite, and ended there.</summary>
    public bool Diverged => _losses.Count > 0 && !double.IsFinite(_losses[^1]);

    /// <summary>Mean loss over the last quarter of the steps; NaN where the training diverged.</summary>
    public double FinalLoss => Diverged ? double.NaN : LastQuarter(_losses).Average();

    /// <summary><see cref="FinalLoss"/> in words.</summary>
    public string FinalText => Diverged ? $"not finite from step {_losses.Count - 1} on" : $"{FinalLoss:0.###}";

    /// <summary>Mean loss over the first quarter of the steps; NaN where the training diverged.</summary>
    public double EarlyLoss => Diverged ? double.NaN : _losses.Take(_losses.Count - _losses.Count * 3 / 4).Average();

    /// <summary>Trains on the recipe's batches 0 .. <paramref name="steps"/> - 1.</summary>
    /// <param name="zeroInputs">Replaces every input by zero.</param>
    public void Run(int steps, bool zeroInputs = false)
    {
        for (var step = 0; step < steps && !Diverged; step++)
        {
            using var batch = subject.Recipe.Batch(step);
            Step(batch, zeroInputs);
        }
    }

    /// <summary>One update.</summary>
    /// <param name="beforeUpdate">Called when the gradients are there and the parameters have not moved yet.</param>
    public void Step(RecipeBatch batch, bool zeroInputs = false, Action? beforeUpdate = null)
    {
        subject.Stop.ThrowIfCancellationRequested();
        EngineGenerator.SeedStep(subject.Context.Seed, _losses.Count);
        using var scope = NewDisposeScope();
        model.Module.train();
        model.Optimizer.zero_grad();
        var loss = model.Losses(model.Outputs(zeroInputs ? Zeroed(batch.Inputs) : batch.Inputs), batch.Targets).mean();
        loss.backward();
        beforeUpdate?.Invoke();
        model.Optimizer.step();
        _losses.Add(Number(loss));
    }

    /// <summary>Asks the model in evaluation mode and without gradients; it is in training mode again afterwards.</summary>
    public T Ask<T>(Func<RecipeModel, T> question)
    {
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        EngineGenerator.SeedStep(subject.Context.Seed, _losses.Count);
        model.Module.eval();
        try
        {
            return question(model);
        }
        finally
        {
            model.Module.train();
        }
    }

    public void Dispose() => model.Dispose();

    /// <summary>The mean loss of a model that is not trained, in training mode.</summary>
    public static double FreshLoss(RecipeModel model, RecipeBatch batch, ulong seed)
    {
        EngineGenerator.SeedStep(seed, 0);
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        model.Module.train();
        return Number(model.Losses(model.Outputs(batch.Inputs), batch.Targets).mean());
    }

    /// <summary>The losses that count as those at the end; at least one.</summary>
    public static IEnumerable<double> LastQuarter(IReadOnlyList<double> losses) => losses.Skip(losses.Count * 3 / 4);

    /// <summary>Zeros of the same shape and type on the same device.</summary>
    public static Tensor Zeroed(Tensor inputs) => zeros(inputs.shape, dtype: inputs.dtype, device: inputs.device);

    /// <summary>A scalar's value.</summary>
    public static double Number(Tensor scalar) => scalar.detach().to(ScalarType.Float64).item<double>();
}
