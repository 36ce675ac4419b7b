using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;
using Repro.Training.Datasets;

namespace Repro.Experiments.Tests.Images;

public sealed class ExampleImagesTests
{
    public static TheoryData<string> Names => [.. Catalog.All.Select(e => e.Name)];

    public static TheoryData<string> NamesOfClothes =>
        [.. Catalog.All.Where(e => OptionSchema.Of(e.OptionsType).Single(option => option.Name == "data").Choices?.Contains("fashion-mnist") == true).Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_of_the_generated_task_are_no_pictures(string name)
    {
        var experiment = Catalog.All.Single(e => e.Name == name);
        Assert.Empty(experiment.ExampleImages(experiment.Profiles[0].Options, new RunContext(), Splits.Test, [0]));
    }

    [SkippableTheory]
    [MemberData(nameof(NamesOfClothes))]
    public void Evaluated_examples_are_the_pictures_of_their_numbers(string name)
    {
        var context = new RunContext();
        var entry = DatasetRegistry.Find("fashion-mnist");
        Skip.If(entry.Find(context.Data) is null, "Fashion-MNIST is not in any data folder.");
        var experiment = Catalog.All.Single(e => e.Name == name);
        var options = OptionSchema.Apply(experiment.Profiles.Single(p => p.Name == "quick").Options, [new("data", "fashion-mnist")]);
        var dataset = entry.LoadImages(context.Data);
        var test = experiment.ExampleImages(options, context, Splits.Test, [9_999, 3]);
        Assert.Equal([dataset.Test.ToRgb(9_999).Pixels, dataset.Test.ToRgb(3).Pixels], test.Select(image => image.Pixels));
        // Validation examples are numbered in the training split, of which they are a part.
        var validation = experiment.ExampleImages(options, context, Splits.Validation, [59_999]);
        Assert.Equal(dataset.Train.ToRgb(59_999).Pixels, Assert.Single(validation).Pixels);
        Assert.Throws<BadInputException>(() => experiment.ExampleImages(options, context, Splits.Test, [10_000]));
    }
}
