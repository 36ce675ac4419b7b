using Repro.Experiments.Images;
using Repro.Training;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>By what samples are compared with the training examples: a classifier's features for images, their coordinates for points.</summary>
internal sealed class DdpmFeatures
{
    private const int AtOnce = 500;

    private readonly FeatureClassifier? _classifier;
    private readonly int _examples;
    private readonly FeatureMoments? _points;

    private DdpmFeatures(FeatureClassifier classifier, int examples) => (_classifier, _examples) = (classifier, examples);

    private DdpmFeatures(FeatureMoments points) => _points = points;

    /// <summary>The same for all runs on the same data, whatever they train on: of those training examples that <c>train_on=split</c> leaves.</summary>
    public static DdpmFeatures Of(DdpmOptions options, ImageParts parts)
    {
        if (options.Data == "generated") return new DdpmFeatures(((GeneratedPoints)parts.TrainingSource).Moments(DdpmData.Points));
        var label = options.Data switch { "optdigits" => "DIGITS", "fashion-mnist" => "FMNIST", _ => "CIFAR10" } + (options.Shrink == 1 ? "" : $"/{options.Shrink}");
        var division = DdpmData.Division(parts.TrainingSource.Count);
        return new DdpmFeatures(FeatureClassifier.Of(label, parts.TrainingSource, division, FeatureClassifier.Cache), division.Train.Length);
    }

    /// <summary>How far samples lie from the training examples.</summary>
    public double Distance(Tensor samples) => _classifier is { } classifier
        ? classifier.Distance(samples.split(AtOnce, 0))
        : FrechetDistance.Between(FeatureMoments.Of(samples.flatten().to_type(ScalarType.Float64).cpu().data<double>().ToArray(), 2), _points!);

    /// <summary>How far real examples lie from them: the floor.</summary>
    public double Distance(IImageSource source, int[] examples)
    {
        if (_classifier is { } classifier) return classifier.Distance(source, examples);
        var points = new float[2 * examples.Length];
        for (var i = 0; i < examples.Length; i++) source.Read(examples[i], points.AsSpan(2 * i, 2));
        return FrechetDistance.Between(FeatureMoments.Of(Array.ConvertAll(points, value => (double)value), 2), _points!);
    }

    /// <summary>Tells a run what it is measured by; points are measured by themselves.</summary>
    public void TellTo(RunContext context)
    {
        if (_classifier is { } classifier) context.MeasuredWith?.Invoke(new Yardstick(classifier.Name, classifier.Identity, _examples));
    }

    /// <summary>What a distance by these features is called.</summary>
    /// <param name="count">Samples, and real examples of the floor.</param>
    public string Describe(long count) => _classifier?.Describe(count) ?? FormattableString.Invariant($"Frechet distance of the coordinates, N = {count:N0}, vs train");
}
