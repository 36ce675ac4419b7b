namespace Repro.Training.Checks;

internal sealed class MoreCapacity() : RecipeCheck("more-capacity", "Does a larger model reach a lower training loss?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        var (recipe, (less, more)) = (subject.Recipe, subject.Recipe.Capacities);
        if (less == more) return NotApplicable($"The model has one capacity only: {recipe.CapacityIs}.");
        using var small = Train(subject, less);
        using var large = more == 1 ? null : Train(subject, more);
        var larger = large ?? subject.Reference.Training;
        var difference = PairedDifference.Between(small, larger);
        var figure = CheckFigures.Losses(
            "more-capacity", "Two capacities", $"Training loss on the same batches with {less:0.##} and {more:0.##} times the configured {recipe.CapacityIs}.",
            ($"{more:0.##} x", larger), ($"{less:0.##} x", small));
        var found = $"With {less:0.##} times the configured {recipe.CapacityIs} the training loss after {recipe.Steps} steps is {small.FinalLoss:0.###}, with {more:0.##} times {larger.FinalLoss:0.###}.";
        return difference.IsClear
            ? Passed(difference.Mean, difference.Expected, found, figure)
            : Failed(difference.Mean, difference.Expected,
                $"{found} Width that does not reach the layers, an initialization or a learning rate that does not scale with it, or a bottleneck elsewhere usually cause this.", figure);
    }

    private static ShortTraining Train(CheckSubject subject, double capacity)
    {
        var training = new ShortTraining(subject, subject.Recipe.Build(subject.Context.Seed, capacity));
        try
        {
            training.Run(subject.Recipe.Steps);
            return training;
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }
}
