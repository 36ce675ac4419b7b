using Repro.Figures.Images;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Datasets.Generated;

namespace Repro.Experiments.Images;

/// <summary>
/// The images of a run: the examples it trains on, those held out for validation, and test, which is not even opened before it is first read.
/// </summary>
internal sealed class ImageParts
{
    /// <summary>Examples held out of a real data set's training split: 5,000, as in He et al. 2015, section 4.2.</summary>
    public const int HeldOut = 5000;

    private readonly IImageSource _train;
    private readonly IImageSource _validation;
    private readonly Lazy<IImageSource> _test;

    /// <param name="train">Read for training, and for validation where the two are parts of one split.</param>
    /// <param name="split">Numbers of the examples of each part; empty validation: there is none.</param>
    /// <param name="validation">Where the validation examples are, if not in <paramref name="train"/>.</param>
    /// <param name="normalization">What <paramref name="train"/> does to bytes; null where its images never were bytes.</param>
    internal ImageParts(
        IImageSource train, TrainValidationSplit split, Func<IImageSource> test, IImageSource? validation = null, PixelNormalization? normalization = null)
    {
        (_train, Split, _test, Normalization) = (train, split, new Lazy<IImageSource>(test), normalization);
        _validation = validation ?? train;
    }

    public ImageShape Shape => _train.Shape;

    public IReadOnlyList<string> Classes => _train.Classes;

    public TrainValidationSplit Split { get; }

    /// <summary>The images that the numbers of <see cref="TrainValidationSplit.Train"/> count.</summary>
    public IImageSource TrainingSource => _train;

    public PixelNormalization? Normalization { get; }

    /// <summary>A data set of the registry.</summary>
    /// <param name="trainOn"><c>all</c>: the whole training split; <c>split</c>: all but <see cref="HeldOut"/> examples, which are the same ones for every seed.</param>
    /// <param name="normalize">From the training split and the numbers of the examples trained on, which alone it may look at.</param>
    public static ImageParts Open(string data, string trainOn, RunContext context, Func<ImageSplit, int[], PixelNormalization> normalize)
    {
        var dataset = DatasetRegistry.Find(data).LoadImages(context.Data);
        // Seed 0 and not the run's: runs that are compared on validation must be compared on the same examples.
        var split = trainOn == "split" ? TrainValidationSplit.Random(dataset.Train.Count, HeldOut, seed: 0) : TrainValidationSplit.Whole(dataset.Train.Count);
        var normalization = normalize(dataset.Train, split.Train);
        return new ImageParts(
            new NormalizedImages(dataset.Train, dataset.Classes, normalization), split,
            () => new NormalizedImages(dataset.Test, dataset.Classes, normalization), normalization: normalization);
    }

    /// <summary>The errors of a perfect classifier on generated images, in per cent, as <see cref="Experiment.BestPossible"/> has them.</summary>
    /// <param name="bayesError">0 to 1.</param>
    public static IReadOnlyDictionary<string, double> BestPossible(double bayesError) => new Dictionary<string, double> { ["test_error"] = 100 * bayesError, ["validation_error"] = 100 * bayesError };

    /// <summary>What is wrong with an experiment's <c>train_on</c> and <c>evaluate</c> together; null where nothing is.</summary>
    public static string? Complaint(string trainOn, string evaluate) => trainOn == "all" && evaluate == "validation"
        ? "train_on=all leaves no validation examples, so evaluate=validation has nothing to evaluate; set train_on=split, or evaluate=test."
        : null;

    /// <summary>Registry names of the data sets behind an experiment's <c>data</c>.</summary>
    public static IReadOnlyList<string> DataSets(string data) => data == "generated" ? [] : [data];

    /// <summary>Evaluated examples of a data set of the registry as pictures, for <see cref="Experiment.ExampleImages"/>; none of the generated task, whose images are no pictures.</summary>
    /// <param name="split">As in <see cref="Evaluated"/>; validation examples are numbered by their place in the training split.</param>
    /// <exception cref="Studies.BadInputException">The data set has no such examples here: it is not the one that was evaluated.</exception>
    public static IReadOnlyList<RgbImage> Pictures(string data, RunContext context, string split, IReadOnlyList<int> examples)
    {
        if (data == "generated") return [];
        var dataset = DatasetRegistry.Find(data).LoadImages(context.Data);
        var images = split == Splits.Test ? dataset.Test : dataset.Train;
        if (examples.Any(example => example < 0 || example >= images.Count))
            throw new Studies.BadInputException($"Example {examples.Max()} is asked for, but {data} in '{dataset.Folder}' has {images.Count} {images.Name} images: it is not the data that was evaluated.");
        return examples.Select(images.ToRgb).ToList();
    }

    /// <summary>The generated task: ten classes whose best possible error is <paramref name="bayesError"/>; fresh images for each part, the same for every seed.</summary>
    public static ImageParts Generate(string trainOn, ImageShape shape, double bayesError, int train, int heldOut)
    {
        var task = new GeneratedImageTask(10, shape, bayesError);
        var split = new TrainValidationSplit(Enumerable.Range(0, train).ToArray(), trainOn == "split" ? Enumerable.Range(0, heldOut).ToArray() : []);
        return new ImageParts(
            GeneratedImages.Train(task, seed: 0, train), split, () => GeneratedImages.Test(task, seed: 0, heldOut), GeneratedImages.Validation(task, seed: 0, heldOut));
    }

    /// <summary>Splits to evaluate while training: validation where examples are held out, and test only for the curves that <c>evaluate=test_curve</c> asks for.</summary>
    public IReadOnlyList<string> SplitsWhileTraining(string evaluate) => ValidationAnd(test: evaluate == "test_curve");

    /// <summary>Splits to evaluate with the trained result: validation where examples are held out, and test unless <c>evaluate=validation</c>.</summary>
    public IReadOnlyList<string> SplitsAtEnd(string evaluate) => ValidationAnd(test: evaluate != "validation");

    private List<string> ValidationAnd(bool test)
    {
        var splits = new List<string>();
        if (Split.Validation.Length > 0) splits.Add(Splits.Validation);
        if (test) splits.Add(Splits.Test);
        return splits;
    }

    /// <summary>Batches of the training examples.</summary>
    public ImageBatches Training(int batchSize, ulong seed, Augmentation augmentation, LastBatch last = LastBatch.Continued) =>
        ImageBatches.Shuffled(_train, Split.Train, batchSize, seed, augmentation, last);

    /// <summary>The source and the examples of a part that is evaluated.</summary>
    /// <param name="split">validation or test.</param>
    public (IImageSource Source, int[] Examples) Evaluated(string split) => split switch
    {
        Splits.Validation when Split.Validation.Length > 0 => (_validation, Split.Validation),
        Splits.Test => (_test.Value, Enumerable.Range(0, _test.Value.Count).ToArray()),
        _ => throw new ArgumentException($"A run with these options has no '{split}' examples to evaluate.", nameof(split)),
    };
}
