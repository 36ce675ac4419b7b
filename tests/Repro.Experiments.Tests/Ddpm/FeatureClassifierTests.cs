using Repro.Experiments.Ddpm;
using Repro.Studies;
using Repro.Studies.Randomness;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Datasets.Generated;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>Alone: the engine's generator, which a classifier must leave as it is, belongs to the process.</summary>
[CollectionDefinition(nameof(FeatureClassifierTests), DisableParallelization = true)]
[Collection(nameof(FeatureClassifierTests))]
public sealed class FeatureClassifierTests
{
    private const int Trained = 600, HeldOut = 200, Steps = 60;

    private static readonly ImageShape Shape = new(1, 8, 8);
    private static readonly GeneratedImageTask Task = new(10, Shape, bayesError: 0.001);
    private static readonly GeneratedImages Images = GeneratedImages.Train(Task, seed: 0, Trained + HeldOut);
    private static readonly TrainValidationSplit Split = TrainValidationSplit.Random(Trained + HeldOut, HeldOut, seed: 0);

    [Fact]
    public void The_same_images_give_the_same_weights_and_moments_bit_for_bit()
    {
        var (one, again) = (Train(), Train());
        Assert.Equal(one.WeightsHash, again.WeightsHash);
        Assert.Equal(one.Mean, again.Mean);
        Assert.Equal(one.Covariance, again.Covariance);
        Assert.Equal(one.Accuracy, again.Accuracy);
        Assert.Equal("TASK-CNN-64", one.Name);
        var others = GeneratedImages.Train(Task, seed: 1, Trained + HeldOut);
        Assert.NotEqual(one.WeightsHash, FeatureClassifier.Train("TASK", others, Split, Steps).WeightsHash);
    }

    [Fact]
    public void Neither_the_caller_nor_the_classifier_sees_what_the_other_is_doing()
    {
        var plain = Train();
        using var before = get_rng_state();
        using (no_grad())
        using (NewDisposeScope())
        {
            // Inside an evaluation: no gradients, and tensors that end with it.
            var inside = Train();
            Assert.Equal(plain.WeightsHash, inside.WeightsHash);
            Assert.False(is_grad_enabled());
            plain = inside;
        }
        using var after = get_rng_state();
        Assert.Equal(before.data<byte>().ToArray(), after.data<byte>().ToArray());
        Assert.True(double.IsFinite(plain.Distance(Images, Split.Validation)));
    }

    [Fact]
    public void A_classifier_from_the_folder_is_the_one_that_was_trained_and_a_damaged_file_is_none()
    {
        var folder = Directory.CreateTempSubdirectory("repro-features-").FullName;
        try
        {
            var trained = Train();
            FeatureClassifier? Found() => FeatureClassifier.Stored(folder, "key", "TASK", Images);
            Assert.Null(Found());
            trained.Keep(folder, "key");
            var found = Found()!;
            Assert.Equal((trained.Name, trained.WeightsHash, trained.Identity, trained.Accuracy), (found.Name, found.WeightsHash, found.Identity, found.Accuracy));
            // What distances are measured to is a part of what measures.
            Assert.NotEqual(trained.WeightsHash, trained.Identity);
            Assert.Equal(trained.Distance(Images, Split.Validation), found.Distance(Images, Split.Validation));

            var file = Assert.Single(Directory.GetFiles(folder));
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.Null(Found());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_nothing_but_the_file()
    {
        var file = Path.GetTempFileName();
        Train().Keep(file, "key");
        Assert.Null(FeatureClassifier.Stored(file, "key", "TASK", Images));
        File.Delete(file);
    }

    [Fact]
    public void It_learns_its_classes_and_real_images_are_nearer_than_noise_and_than_one_class()
    {
        var classifier = FeatureClassifier.Train("TASK", Images, Split, steps: 300);
        Assert.InRange(classifier.Accuracy, 90, 100);
        Assert.Equal(64, Enumerable.Range(0, 64).Sum(i => classifier.Covariance[65 * i]), 3);

        var floor = classifier.Distance(Images, Split.Validation);
        var noise = classifier.Distance([Noise(HeldOut)]);
        var oneClass = classifier.Distance(Images, Split.Train.Concat(Split.Validation).Where(example => Images.Label(example) == 0).ToArray());
        Assert.True(floor < noise / 5, $"Real images are at {floor}, noise at {noise}.");
        Assert.True(floor < oneClass / 5, $"All classes are at {floor}, one of them at {oneClass}.");
    }

    [Fact]
    public void Fewer_images_than_features_are_refused() =>
        Assert.Contains("more than 64 examples", Assert.Throws<BadInputException>(() => Train().Distance([Noise(64)])).Message);

    [Fact]
    public void The_description_names_features_weights_accuracy_and_number_and_never_speaks_of_fid()
    {
        var classifier = Train();
        var said = classifier.Describe(1797);
        Assert.StartsWith("Frechet distance, TASK-CNN-64 features", said);
        Assert.Contains(classifier.WeightsHash[..12], said);
        Assert.Contains("N = 1,797, vs train", said);
        Assert.DoesNotContain("FID", said);
    }

    private static FeatureClassifier Train() => FeatureClassifier.Train("TASK", Images, Split, Steps);

    private static Tensor Noise(int count)
    {
        var numbers = new Philox(7, RandomPurpose.GeneratedData);
        return tensor(Enumerable.Range(0, count * Shape.Size).Select(_ => (float)numbers.NextNormal()).ToArray(), [count, 1, 8, 8]);
    }
}
