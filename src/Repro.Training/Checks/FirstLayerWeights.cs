namespace Repro.Training.Checks;

/// <summary>The first layer's weights after the short training, drawn; they fail where no unit differs from the others.</summary>
internal sealed class FirstLayerWeights() : RecipeCheck("first-layer-weights", "What has the first layer learned?")
{
    public override CheckResult Run(CheckSubject subject)
    {
        if (subject.Recipe.FirstLayer is not { } draw) return NotApplicable("The first layer's weights make no picture.");
        var images = draw(subject.Reference.Training.Model);
        var different = images.Select(image => Convert.ToHexString(image.Pixels)).Distinct().Count();
        var figure = CheckFigures.Pictures(
            "first-layer-weights", "Weights of the first layer", $"One picture a unit, after {subject.Recipe.Steps} steps.", images, [], columns: 8);
        var expected = images.Count > 1 ? "> 1 different unit" : "a picture";
        if (images.Count > 1 && different == 1)
        {
            return Failed(different, expected,
                $"All {images.Count} units of the first layer have the same picture. Initial values that are constant (zero, one) usually cause this: units that start alike stay alike.", figure);
        }
        return Look(different, expected,
            $"{different} different pictures of {images.Count} units. After long training they should be smooth; noise there means too little training or too little regularization.", figure);
    }
}
