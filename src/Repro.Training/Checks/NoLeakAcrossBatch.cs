using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>
/// In evaluation mode an example's loss must not depend on who else is in the batch. Asked by gradients, which see a dependence of any size;
/// where inputs are no real numbers (tokens), by replacing one example and looking at the losses of all others.
/// </summary>
internal sealed class NoLeakAcrossBatch() : RecipeCheck("no-leak-across-batch", "In evaluation mode, is each example's loss independent of the other examples in its batch?")
{
    private const int Examples = 8;

    public override CheckResult Run(CheckSubject subject)
    {
        var heldOut = subject.Reference.HeldOut;
        var examples = (int)Math.Min(Examples, heldOut.Inputs.shape[0]);
        if (examples < 2) return NotApplicable("There is only one held-out example.");
        using var inputs = heldOut.Inputs.narrow(0, 0, examples);
        using var targets = heldOut.Targets.narrow(0, 0, examples);
        var model = subject.Reference.Training.Model;
        model.Module.eval();
        try
        {
            return inputs.is_floating_point() ? ByGradient(subject, model, inputs, targets) : ByReplacement(subject, model, inputs, targets);
        }
        finally
        {
            model.Module.train();
            model.Optimizer.zero_grad();
        }
    }

    private CheckResult ByGradient(CheckSubject subject, RecipeModel model, Tensor inputs, Tensor targets)
    {
        var (own, others) = (0.0, 0.0);
        for (var i = 0; i < inputs.shape[0]; i++)
        {
            subject.Stop.ThrowIfCancellationRequested();
            EngineGenerator.SeedStep(subject.Context.Seed, 0);
            using var scope = NewDisposeScope();
            var asked = inputs.detach().clone().requires_grad_();
            PerExample(model.Losses(model.Outputs(asked), targets), asked)[i].backward();
            var largest = asked.grad is { } gradient ? PerExampleLargest(gradient) : new double[inputs.shape[0]];
            for (var j = 0; j < largest.Length; j++)
            {
                // Math.Max keeps a NaN, and a NaN passes no comparison below.
                if (j == i) own = Math.Max(own, largest[j]);
                else others = Math.Max(others, largest[j]);
            }
        }
        return Judge(subject, own, others, "the largest gradient of an example's loss to another example's input", "to its own input");
    }

    private CheckResult ByReplacement(CheckSubject subject, RecipeModel model, Tensor inputs, Tensor targets)
    {
        using var withoutGradients = no_grad();
        using var outer = NewDisposeScope();
        var (own, others) = (0.0, 0.0);
        var before = Losses(inputs);
        for (var j = 0; j < inputs.shape[0]; j++)
        {
            subject.Stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var replaced = inputs.clone();
            replaced[j].copy_(inputs[(j + 1) % inputs.shape[0]]);
            var after = Losses(replaced);
            for (var i = 0; i < after.Length; i++)
            {
                var change = Math.Abs(after[i] - before[i]);
                if (i == j) own = Math.Max(own, change);
                else others = Math.Max(others, change);
            }
        }
        return Judge(subject, own, others, "the largest change of an example's loss when another example is replaced", "when it is replaced itself");

        double[] Losses(Tensor asked)
        {
            EngineGenerator.SeedStep(subject.Context.Seed, 0);
            return ReferenceTraining.PerExample(model.Losses(model.Outputs(asked), targets));
        }
    }

    private CheckResult Judge(CheckSubject subject, double own, double others, string what, string whatOwn)
    {
        var tolerance = subject.Recipe.LeakTolerance;
        var expected = tolerance == 0 ? "0" : $"<= {tolerance:0.##e+0}";
        if (!(own > 0))
        {
            return Failed(double.NaN, expected,
                $"In evaluation mode no example's loss depends on its own input ({own:0.###}), so nothing can be said of the others. Dead units, or outputs that are not finite, usually cause this.");
        }
        var share = others / own;
        var found = $"In evaluation mode {what} is {others:0.###e+0}, and {own:0.###e+0} {whatOwn}.";
        return share <= tolerance
            ? Passed(share, expected, found)
            : Failed(share, expected,
                $"{found} Batch statistics used in evaluation mode, a reshape that mixes the batch with another dimension, or a sum or softmax over the wrong dimension usually cause this.");
    }

    private static Tensor PerExample(Tensor losses, Tensor inputs) => losses.reshape(inputs.shape[0], -1).sum([1]);

    private static double[] PerExampleLargest(Tensor gradient) =>
        gradient.abs().reshape(gradient.shape[0], -1).amax([1]).to(ScalarType.Float64).cpu().data<double>().ToArray();
}
