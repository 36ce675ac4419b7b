namespace Repro.Training.Checks;

internal sealed class InputIndependent() : RecipeCheck("input-independent", "Does the model do worse when its inputs are zeroed?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        var (real, zeroed) = (subject.Reference.Training, subject.Zeroed);
        var difference = PairedDifference.Between(zeroed, real);
        var figure = CheckFigures.Losses(
            "input-independent", "Real and zeroed inputs", "The same model from the same seed on the same batches, once with every input set to zero.",
            ("real inputs", real), ("zeroed inputs", zeroed));
        var found = $"After {subject.Recipe.Steps} steps the training loss is {real.FinalText} with real inputs and {zeroed.FinalText} with zeroed ones.";
        return difference.IsClear
            ? Passed(difference.Mean, difference.Expected, found, figure)
            : Failed(difference.Mean, difference.Expected,
                found + (zeroed.Diverged && !real.Diverged
                    ? " The two cannot be compared: with inputs and gradients of zero something divides by zero; an optimizer or a normalization that divides by a norm without a small term usually causes it."
                    : " The model takes nothing from its inputs: they arrive constant or scrambled, labels do not belong to them, or the signal dies on the way."), figure);
    }
}
