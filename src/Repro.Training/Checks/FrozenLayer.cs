namespace Repro.Training.Checks;

/// <summary>Every parameter must get a gradient that is not zero and be moved by the optimizer within the first few steps.</summary>
internal sealed class FrozenLayer() : RecipeCheck("frozen-layer", "Does every parameter learn?")
{
    private const int Named = 5;

    public override CheckResult Run(CheckSubject subject)
    {
        var parameters = subject.Reference.Parameters;
        var unknown = subject.Recipe.Fixed.Except(parameters.Select(p => p.Name)).ToArray();
        if (unknown.Length > 0)
            return Failed(double.NaN, "0", $"The recipe declares parameters as fixed that the model does not have: {string.Join(", ", unknown)}.");
        var learning = parameters.Where(p => !subject.Recipe.Fixed.Contains(p.Name)).ToArray();
        var faults = learning.Select(p => (p.Name, Fault: Fault(p))).Where(p => p.Fault is not null).ToArray();
        if (faults.Length == 0)
        {
            return Passed(0, "0",
                $"All {learning.Length} parameters got a gradient and moved within {ReferenceTraining.StepsToLearnIn} steps" +
                (parameters.Count > learning.Length ? $"; {parameters.Count - learning.Length} are fixed on purpose." : "."));
        }
        var named = string.Join("; ", faults.Take(Named).Select(f => $"{f.Name} {f.Fault}"));
        var more = faults.Length > Named ? $"; and {faults.Length - Named} more" : "";
        return Failed(faults.Length, "0",
            $"{faults.Length} of {learning.Length} parameters do not learn: {named}{more}. " +
            "A layer that is not used in the forward pass, a detach() or no_grad() on the way, dead units, or an optimizer made before the layer usually causes this.");
    }

    private static string? Fault(WatchedParameter parameter) => parameter switch
    {
        { RequiresGradient: false } => "does not require a gradient and is not declared as fixed",
        { ReceivedGradient: false } => "gets no gradient",
        { Moved: false } => "gets a gradient and is not moved by the optimizer",
        _ => null,
    };
}
