namespace Repro.Training.Checks;

internal sealed class DumbBaseline() : RecipeCheck("dumb-baseline", "Does the model beat a dumb one on the same batches?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        var (model, baseline) = (subject.Reference.Training, subject.Baseline);
        var difference = PairedDifference.Between(baseline, model);
        var figure = CheckFigures.Losses(
            "dumb-baseline", "The model and a dumb baseline", $"Training loss on the same batches; the baseline is {subject.Recipe.BaselineIs}.",
            ("model", model), (subject.Recipe.BaselineIs, baseline));
        var found = $"After {subject.Recipe.Steps} steps the training loss is {model.FinalText}; with {subject.Recipe.BaselineIs} it is {baseline.FinalText}.";
        return difference.IsClear
            ? Passed(difference.Mean, difference.Expected, found, figure)
            : Failed(difference.Mean, difference.Expected,
                $"{found} A learning rate that does not suit the model, a bottleneck that lets nothing through, or layers without a nonlinearity between them usually cause this.", figure);
    }
}
