using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>In evaluation mode a causal model's output at a position must not depend on what comes after it. Asked by gradients, which see a dependence of any size.</summary>
internal sealed class NoLeakFromFuture() : RecipeCheck("no-leak-from-future", "Does each position's output have no gradient from the positions after it?")
{
    private const int Examples = 2, Positions = 4;

    public override CheckResult Run(CheckSubject subject)
    {
        if (subject.Recipe.Causal is not { } probe) return NotApplicable("The model does not predict positions from those before them.");
        var heldOut = subject.Reference.HeldOut;
        using var inputs = heldOut.Inputs.narrow(0, 0, Math.Min(Examples, heldOut.Inputs.shape[0]));
        var model = subject.Reference.Training.Model;
        model.Module.eval();
        try
        {
            return Ask(subject, probe, model, inputs);
        }
        finally
        {
            model.Module.train();
            model.Optimizer.zero_grad();
        }
    }

    private CheckResult Ask(CheckSubject subject, CausalProbe probe, RecipeModel model, Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var embedded = probe.Embed(model, inputs).detach();
        var length = embedded.shape[1];
        if (length < 2) return NotApplicable("A held-out example has a single position.");
        var (past, future, leak) = (0.0, 0.0, (Position: -1L, From: -1L));
        for (var look = 0; look < Positions; look++)
        {
            subject.Stop.ThrowIfCancellationRequested();
            // From the first position to the last one that has a position after it.
            var position = look * (length - 2) / Math.Max(1, Positions - 1);
            EngineGenerator.SeedStep(subject.Context.Seed, 0);
            using var each = NewDisposeScope();
            var asked = embedded.clone().requires_grad_();
            var outputs = probe.Outputs(model, asked, inputs);
            if (outputs.dim() < 2 || outputs.shape[1] != length)
                return Failed(double.NaN, "0", $"The model gives outputs of {string.Join(" x ", outputs.shape)} for {length} positions: examples x positions x ... were wanted, one output a position.");
            outputs.select(1, position).square().sum().backward();
            var byPosition = asked.grad is { } gradient ? gradient.abs().amax([0, 2]).to(ScalarType.Float64).cpu().data<double>().ToArray() : new double[length];
            for (var i = 0L; i < length; i++)
            {
                // Math.Max keeps a NaN, and a NaN passes no comparison below.
                if (i <= position) past = Math.Max(past, byPosition[i]);
                else if (Math.Max(future, byPosition[i]) is var larger && !larger.Equals(future)) (future, leak) = (larger, (position, i));
            }
        }
        var tolerance = subject.Recipe.LeakTolerance;
        var expected = tolerance == 0 ? "0" : $"<= {tolerance:0.##e+0}";
        var found = $"Of {inputs.shape[0]} held-out examples, at {Math.Min(Positions, length - 1)} of {length} positions, the largest gradient of an output from later positions is {future:0.###e+0}, and {past:0.###e+0} from itself and those before.";
        if (!(past > 0)) return Failed(double.NaN, expected, $"{found} Outputs depend on no position at all, so nothing can be said: dead units, or outputs that are not finite, usually cause this.");
        return future / past <= tolerance
            ? Passed(future / past, expected, found)
            : Failed(future / past, expected,
                $"{found} The output at position {leak.Position} depends on position {leak.From}: a missing or shifted mask, a normalization over positions, or targets that are not shifted by one usually cause this.");
    }
}
