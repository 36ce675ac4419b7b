namespace Repro.Training.Checks;

/// <summary>The mean over a few fresh models, so that the answer is about the initialization and not about one draw of it.</summary>
internal sealed class LossAtInit() : RecipeCheck("loss-at-init", "Does a fresh model give the loss that its initialization promises?")
{
    private const int Models = 4;

    public override CheckResult Run(CheckSubject subject)
    {
        var recipe = subject.Recipe;
        using var batch = recipe.Batch(0);
        var losses = new double[Models];
        for (var i = 0; i < Models; i++)
        {
            subject.Stop.ThrowIfCancellationRequested();
            using var model = recipe.Build(subject.Context.Seed + (ulong)i, 1);
            losses[i] = ShortTraining.FreshLoss(model, batch, subject.Context.Seed);
        }
        var loss = losses.Average();
        var expected = $"{recipe.LossAtInit:0.###} +- {recipe.LossAtInitTolerance:0.###}";
        var found = $"{Models} fresh models give {loss:0.####} on the first batch ({losses.Min():0.####} to {losses.Max():0.####}); expected is {recipe.LossAtInitBecause}.";
        if (Math.Abs(loss - recipe.LossAtInit) <= recipe.LossAtInitTolerance) return Passed(loss, expected, found);
        var cause = loss > recipe.LossAtInit || double.IsNaN(loss)
            ? "Outputs are too large at the start: the last layer's initial weights or bias, a missing normalization, or inputs that are not scaled."
            : "The loss is lower than an untrained model can know: a loss that is averaged or scaled twice, labels that reach the inputs, or parameters that are not fresh.";
        return Failed(loss, expected, $"{found} {cause}");
    }
}
