namespace Repro.Training.Checks;

/// <summary>Trains on a few examples alone; ends as soon as their loss is near zero.</summary>
internal sealed class OverfitOneBatch() : RecipeCheck("overfit-one-batch", "Can the model learn a handful of examples by heart?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        var recipe = subject.Recipe;
        using var first = recipe.Batch(0);
        var examples = Math.Min(recipe.OverfitExamples, first.Inputs.shape[0]);
        using var few = new RecipeBatch(first.Inputs.narrow(0, 0, examples), first.Targets.narrow(0, 0, examples));
        using var training = new ShortTraining(subject, recipe.Build(subject.Context.Seed, 1));
        for (var step = 0; step < recipe.OverfitSteps && !training.Diverged; step++)
        {
            training.Step(few);
            if (training.Losses[^1] <= recipe.OverfitLoss) break;
        }
        var loss = training.Losses[^1];
        var expected = $"<= {recipe.OverfitLoss:0.####}";
        var figure = CheckFigures.Losses("overfit-one-batch", "One batch by heart", $"Training loss on the same {examples} examples, step after step.", ("training", training));
        if (loss <= recipe.OverfitLoss)
            return Passed(loss, expected, $"{examples} examples were learned by heart in {training.Losses.Count} steps.", figure);
        var found = training.Diverged
            ? $"The loss was not finite at step {training.Losses.Count - 1}."
            : $"After {training.Losses.Count} steps on the same {examples} examples the loss is {loss:0.###}, at its lowest {training.Losses.Min():0.###}.";
        return Failed(loss, expected,
            $"{found} A learning rate that is too low or too high, a frozen layer, equal inputs with different labels, too strong regularization, or a loss that does not match the output usually cause this.", figure);
    }
}
