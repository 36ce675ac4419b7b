using Repro.Experiments.Airbench;
using Repro.Experiments.LeNet;
using Repro.Experiments.ResNet;
using Repro.Training;

namespace Repro.Experiments.Tests.Images;

public sealed class ImageRecipeTests
{
    public static TheoryData<string> Augmenting => ["resnet", "airbench"];

    [Theory]
    [MemberData(nameof(Augmenting))]
    public void The_same_training_examples_are_augmented_anew_at_each_step(string name)
    {
        var augmented = Recipe(name, augment: true).Augmented!;
        using var first = augmented(0);
        using var again = augmented(0);
        using var later = augmented(2);
        Assert.True(first.equal(again).all().item<bool>());
        // Shifts and flips keep most of an image where it was or turn it over: nearly every one of them changes.
        Assert.InRange(Enumerable.Range(0, 16).Count(i => !first[i].equal(later[i]).all().item<bool>()), 12, 16);
    }

    [Theory]
    [MemberData(nameof(Augmenting))]
    public void Without_augmentation_there_is_none_to_check(string name) => Assert.Null(Recipe(name, augment: false).Augmented);

    [Fact]
    public void LeNet_augments_nothing() =>
        Assert.Null(new LeNetExperiment().CreateRecipe(new LeNetOptions { Data = "generated", TrainOn = "split" }, new RunContext()).Augmented);

    private static Repro.Training.Checks.Recipe Recipe(string name, bool augment) => name == "resnet"
        ? new ResNetExperiment().CreateRecipe(new ResNetOptions { Data = "generated", TrainOn = "split", Augment = augment }, new RunContext())
        : new AirbenchExperiment().CreateRecipe(
            new AirbenchOptions { Data = "generated", TrainOn = "split", BatchSize = 64, Translate = augment ? 2 : 0, Flip = augment }, new RunContext());
}
