namespace Repro.Training.Checks;

/// <summary>
/// Shuffled labels can be learned by heart, and then every check on training loss passes; only held-out examples tell. For a classifier the rate
/// to beat is that of always naming the most frequent held-out class; for other models the loss of one trained on zeroed inputs.
/// </summary>
internal sealed class BeatsChanceHeldOut() : RecipeCheck("beats-chance-held-out", "Does what was learned hold for examples never trained on?")
{
    private const string Causes =
        "Labels that do not belong to their inputs (shuffled apart, off by one), held-out data prepared otherwise than training data, or running statistics that are not those of the data usually cause this.";

    public override CheckResult Run(CheckSubject subject)
    {
        var look = subject.Reference.HeldOutLooks[^1];
        return look.Right is { } right ? Classifier(subject, right) : Other(subject, look.Losses);
    }

    private CheckResult Classifier(CheckSubject subject, bool[] right)
    {
        var (correct, examples) = (right.Count(r => r), right.Length);
        var chance = Chance(TensorBits.Integers(subject.Reference.HeldOut.Targets), right, out var error);
        var required = chance + 2 * error;
        var rate = correct / (double)examples;
        var expected = $"> {required:0.###}";
        var found = $"{correct} of {examples} held-out examples are classified correctly ({rate:P1}) after {subject.Recipe.Steps} steps; always naming the most frequent class gives {chance:P1}.";
        return rate > required ? Passed(rate, expected, found) : Failed(rate, expected, $"{found} {Causes}");
    }

    private CheckResult Other(CheckSubject subject, double[] losses)
    {
        var heldOut = subject.Reference.HeldOut;
        var without = subject.Zeroed.Ask(model =>
            ReferenceTraining.PerExample(model.Losses(model.Outputs(ShortTraining.Zeroed(heldOut.Inputs)), heldOut.Targets)));
        var differences = losses.Zip(without, (with, zeroed) => zeroed - with).ToArray();
        var mean = differences.Average();
        var variance = differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, differences.Length - 1);
        var required = Math.Max(3 * Math.Sqrt(variance / differences.Length), 0.01 * Math.Abs(without.Average()));
        var found = $"The mean loss on {losses.Length} held-out examples is {losses.Average():0.###} after {subject.Recipe.Steps} steps, and {without.Average():0.###} for a model that never saw an input.";
        return mean > required
            ? Passed(mean, $"> {required:0.####}", found)
            : Failed(mean, $"> {required:0.####}", $"{found} {Causes}");
    }

    /// <summary>The rate of always naming the most frequent class.</summary>
    /// <param name="error">
    /// Standard error of a rate reached by luck: as if every example were a draw of its own, or every class (a model that learned noise answers
    /// alike for all examples of a class, and so is right for whole classes or not at all), whichever is larger.
    /// </param>
    private static double Chance(long[] labels, bool[] right, out double error)
    {
        var classes = labels.Zip(right).GroupBy(example => example.First, example => example.Second ? 1.0 : 0.0).ToArray();
        var chance = classes.Max(c => c.Count()) / (double)labels.Length;
        var rates = classes.Select(c => c.Average()).ToArray();
        var mean = rates.Average();
        var byClass = rates.Length < 2 ? 0 : rates.Sum(r => (r - mean) * (r - mean)) / (rates.Length - 1) / rates.Length;
        error = Math.Sqrt(Math.Max(chance * (1 - chance) / labels.Length, byClass));
        return chance;
    }
}
