namespace Repro.Training.Checks;

/// <summary>Runs the recipe's checks on an experiment.</summary>
public static class RecipeRunner
{
    /// <param name="each">Called as each check ends, in order.</param>
    public static IReadOnlyList<CheckResult> Run(Experiment experiment, object options, RunContext context, Action<CheckResult> each, CancellationToken stop) =>
        throw new NotSupportedException();
}
