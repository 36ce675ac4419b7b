namespace Repro.Training.Checks;

/// <summary>Compares the last quarter of a short training with its first, against the spread of the steps in each.</summary>
internal sealed class TrainingLossFalls() : RecipeCheck("training-loss-falls", "Does the training loss fall?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        var training = subject.Reference.Training;
        var figure = CheckFigures.Losses(
            "short-training", "Loss of a short training", $"Mean loss of each step's batch over the first {subject.Recipe.Steps} steps.", ("training", training));
        if (training.Diverged)
        {
            return Failed(double.NaN, "> 0",
                $"The loss was not finite at step {training.Losses.Count - 1}. A learning rate that is too high, a division by zero or a logarithm of zero usually causes it.",
                figure);
        }
        var fall = training.EarlyLoss - training.FinalLoss;
        var early = training.Losses.Take(training.Losses.Count - training.Losses.Count * 3 / 4).ToArray();
        var late = ShortTraining.LastQuarter(training.Losses).ToArray();
        var required = Math.Max(2 * Math.Sqrt(SquaredError(early) + SquaredError(late)), 0.01 * Math.Abs(training.EarlyLoss));
        var expected = $"> {required:0.####}";
        var found = $"Over {training.Losses.Count} steps the loss went from {training.EarlyLoss:0.###} (first quarter) to {training.FinalLoss:0.###} (last quarter).";
        return fall > required
            ? Passed(fall, expected, found, figure)
            : Failed(fall, expected, $"{found} A learning rate of zero or far too low or high, an optimizer that does not hold the model's parameters, or a sign error in the loss usually causes this.", figure);
    }

    /// <summary>The squared standard error of the mean.</summary>
    private static double SquaredError(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1) / values.Length;
    }
}
