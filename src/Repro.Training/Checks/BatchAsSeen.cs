using Repro.Figures;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Checks;

/// <summary>
/// The training batch exactly as the network sees it, drawn for a person to look at. What needs no eye is measured, and fails: values that are not
/// finite, labels out of range, examples that are all alike, batches or augmentation that are the same at every step.
/// </summary>
internal sealed class BatchAsSeen() : RecipeCheck("batch-as-seen", "Is the batch that the network sees what it should be?")
{
    private const int Pictures = 32;

    /// <summary>Copies within a batch that are no fault: real data sets hold some images twice.</summary>
    private const double CopiesAllowed = 0.1;

    public override CheckResult Run(CheckSubject subject)
    {
        var recipe = subject.Recipe;
        using var batch = recipe.Batch(0);
        using var again = recipe.Batch(0);
        using var next = recipe.Batch(1);
        string[] faults = [.. Faults(subject, batch, again, next), .. AugmentationFaults(recipe)];
        var seen = Describe(recipe, batch);
        IReadOnlyList<Figure> figures = recipe.Pictures is null ? [] : [Draw(recipe, batch), .. DrawAugmentation(recipe)];
        if (faults.Length > 0) return Failed(faults.Length, "0 faults", $"{string.Join(" ", faults)} {seen}", figures);
        return figures.Count == 0
            ? Passed(0, "0 faults", $"{seen} The inputs make no pictures.")
            : Look(0, "0 faults", $"{seen} Look whether the pictures are what they should be, and whether the labels fit.", figures);
    }

    private static IEnumerable<string> Faults(CheckSubject subject, RecipeBatch batch, RecipeBatch again, RecipeBatch next)
    {
        var shape = batch.Inputs.shape[1..];
        if (!shape.SequenceEqual(subject.Recipe.InputShape))
            yield return $"An input has the shape {Shape(shape)}; the recipe declares {Shape(subject.Recipe.InputShape)}.";
        if (NotFinite(batch.Inputs) is > 0 and var notFinite)
            yield return $"{notFinite} input values are not finite: a division by a standard deviation of zero, or damaged data.";
        if (subject.IsClassifier)
        {
            var labels = TensorBits.Integers(batch.Targets);
            var outside = labels.Where(label => label < 0 || label >= subject.Recipe.Classes.Count).Distinct().Order().ToArray();
            if (outside.Length > 0)
                yield return $"Labels out of 0 .. {subject.Recipe.Classes.Count - 1}: {string.Join(", ", outside)}. Counting from one, or the wrong column, usually causes this.";
            else if (labels.Length >= 8 && labels.Distinct().Count() == 1)
                yield return $"Every label is {subject.Recipe.Classes[(int)labels[0]]}: the data are sorted by class and not shuffled, or labels are read wrongly.";
        }
        var rows = TensorBits.Rows(batch.Inputs);
        var copies = rows.Length - DifferentValues(batch.Inputs);
        if (copies > rows.Length * CopiesAllowed)
            yield return $"{copies} of {rows.Length} inputs are copies of another one in the batch: inputs that are zeroed, a buffer that is used again before it is copied, or examples drawn wrongly.";
        if (!rows.SequenceEqual(TensorBits.Rows(again.Inputs)) || !TensorBits.Of(batch.Targets).AsSpan().SequenceEqual(TensorBits.Of(again.Targets)))
            yield return "The batch of step 0, asked for twice, differs: it depends on more than the seed and the step, so a resumed run would see other data.";
        if (rows.Order().SequenceEqual(TensorBits.Rows(next.Inputs).Order()))
            yield return "Steps 0 and 1 see the same inputs: the step does not reach the order of the examples.";
    }

    private static IEnumerable<string> AugmentationFaults(Recipe recipe)
    {
        if (recipe.Augmented is not { } augmented) yield break;
        using var first = augmented(0);
        using var second = augmented(1);
        if (TensorBits.Rows(first).SequenceEqual(TensorBits.Rows(second)))
            yield return $"{first.shape[0]} examples are augmented alike at steps 0 and 1: the step does not reach the random numbers, or augmentation is switched off.";
    }

    private static string Describe(Recipe recipe, RecipeBatch batch)
    {
        using var scope = NewDisposeScope();
        var text = $"{batch.Inputs.shape[0]} inputs of {Shape(recipe.InputShape)}";
        if (batch.Inputs.is_floating_point())
        {
            var values = batch.Inputs.detach().to(ScalarType.Float64);
            text += $", values {Number(values.min()):0.###} to {Number(values.max()):0.###}, mean {Number(values.mean()):0.###}, standard deviation {Number(values.std()):0.###}";
        }
        if (recipe.Classes.Count == 0) return text + ".";
        var labels = TensorBits.Integers(batch.Targets);
        var counts = labels.GroupBy(label => label).Select(g => g.Count()).ToArray();
        return $"{text}; {counts.Length} of {recipe.Classes.Count} classes, {counts.Min()} to {counts.Max()} examples each.";
    }

    private static Figure Draw(Recipe recipe, RecipeBatch batch)
    {
        using var few = batch.Inputs.narrow(0, 0, Math.Min(Pictures, batch.Inputs.shape[0]));
        var images = recipe.Pictures!(few);
        string[] captions = recipe.Classes.Count == 0 ? [] : [.. TensorBits.Integers(batch.Targets).Take(images.Count).Select(label => Class(recipe, label))];
        return CheckFigures.Pictures(
            "batch-as-seen", "The batch as the network sees it", $"The first {images.Count} examples of the training batch of step 0, augmented and normalized, with their labels.",
            images, captions, columns: 8);
    }

    private static IEnumerable<Figure> DrawAugmentation(Recipe recipe)
    {
        const int Steps = 4, Examples = 8;
        if (recipe.Augmented is not { } augmented) yield break;
        var images = new List<Figures.Images.RgbImage>();
        var examples = 0L;
        for (var step = 0; step < Steps; step++)
        {
            using var inputs = augmented(step);
            examples = Math.Min(Examples, inputs.shape[0]);
            using var few = inputs.narrow(0, 0, examples);
            images.AddRange(recipe.Pictures!(few));
        }
        yield return CheckFigures.Pictures(
            "augmentation", "The same examples at different steps", $"{examples} training examples, a column each, as the steps 0 to {Steps - 1} would augment them, a row each.",
            images, [], columns: (int)examples);
    }

    private static string Class(Recipe recipe, long label) => label >= 0 && label < recipe.Classes.Count ? recipe.Classes[(int)label] : $"{label}?";

    private static long NotFinite(Tensor inputs) => inputs.is_floating_point() ? inputs.numel() - inputs.isfinite().sum().item<long>() : 0;

    private static int DifferentValues(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        return TensorBits.Rows(inputs + 0).Distinct().Count();  // Adding zero takes the sign off a zero.
    }

    private static double Number(Tensor scalar) => scalar.item<double>();

    private static string Shape(IEnumerable<long> shape) => string.Join(" x ", shape);
}
