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
        return look.Correct is { } correct ? Classifier(subject, correct, look.Losses.Length) : Other(subject, look.Losses);
    }

    private CheckResult Classifier(CheckSubject subject, int correct, int examples)
    {
        var labels = TensorBits.Integers(subject.Reference.HeldOut.Targets);
        var chance = labels.GroupBy(label => label).Max(g => g.Count()) / (double)examples;
        // Two standard errors of a guesser's rate. One that always names the most frequent class has exactly that rate.
        var required = chance + 2 * Math.Sqrt(chance * (1 - chance) / examples);
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
        var required = 2 * Math.Sqrt(variance / differences.Length);
        var found = $"The mean loss on {losses.Length} held-out examples is {losses.Average():0.###} after {subject.Recipe.Steps} steps, and {without.Average():0.###} for a model that never saw an input.";
        return mean > required
            ? Passed(mean, $"> {required:0.####}", found)
            : Failed(mean, $"> {required:0.####}", $"{found} {Causes}");
    }
}
