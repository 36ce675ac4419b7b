namespace Repro.Training.Checks;

/// <summary>
/// Shuffled labels can be learned by heart, and then every check on training loss passes; only held-out examples tell. A classifier's recall (the mean
/// over the true classes) is compared with what the same answers give when the names of the classes are exchanged at random: a model that always
/// names one class, or that has learned noise and answers alike for all examples of a class, gains nothing from that. Other models are compared
/// with one trained on zeroed inputs.
/// </summary>
internal sealed class BeatsChanceHeldOut() : RecipeCheck("beats-chance-held-out", "Does what was learned hold for examples never trained on?")
{
    private const string Causes =
        "Labels that do not belong to their inputs (shuffled apart, off by one), held-out data prepared otherwise than training data, or running statistics that are not those of the data usually cause this.";

    public override CheckResult Run(CheckSubject subject)
    {
        var look = subject.Reference.HeldOutLooks[^1];
        return look.Answers is { } answers ? Classifier(subject, answers) : Other(subject, look.Losses);
    }

    private CheckResult Classifier(CheckSubject subject, long[] answers)
    {
        var labels = TensorBits.Integers(subject.Reference.HeldOut.Targets);
        var recall = ExchangedNames.Compare(labels, answers);
        var expected = $"> {recall.Required:0.###}";
        var correct = labels.Zip(answers).Count(example => example.First == example.Second);
        var found = $"{correct} of {answers.Length} held-out examples are classified correctly after {subject.Recipe.Steps} steps, a mean recall of {recall.Value:P1} over the classes; " +
            $"with the names of the classes exchanged at random it would be {recall.Mean:P1} +- {recall.Deviation:P1}.";
        return recall.Value > recall.Required ? Passed(recall.Value, expected, found) : Failed(recall.Value, expected, $"{found} {Causes}");
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
}
