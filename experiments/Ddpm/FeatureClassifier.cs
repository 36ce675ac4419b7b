using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Repro.Experiments.Images;
using Repro.Studies.Formats;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using Repro.Training.Metrics;
using Repro.Training.Schedules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// The features by which generated images are measured: a small network that classifies the data set's own images, trained here. It stands where the FID has an Inception
/// network with published weights, so its distances are no FIDs and compare with nothing but each other.
/// </summary>
/// <remarks>
/// One data set has one classifier, whatever the run: its seed is fixed, and it is trained on one CPU thread, so that runs with other seeds, options or thread counts are measured
/// by the same numbers. An equal engine build on an equal CPU gives the same bits; <see cref="WeightsHash"/> says whether it did.
/// </remarks>
internal sealed class FeatureClassifier
{
    public const int BatchSize = 128;

    /// <summary>Optimizer steps: three passes through Fashion-MNIST, some forty through 8 x 8 digits.</summary>
    public const int TrainingSteps = 1200;

    private const double Rate = 2e-3;

    private const int EvaluatedAtOnce = 500;

    private static readonly ConcurrentDictionary<string, Lazy<FeatureClassifier>> Known = new();

    private readonly FeatureNetwork _network;
    private readonly ConcurrentDictionary<string, FeatureNetwork> _elsewhere = new();

    private FeatureClassifier(string name, FeatureNetwork network, double accuracy, double[] mean, double[] covariance)
    {
        (Name, _network, Accuracy, Mean, Covariance) = (name, network, accuracy, mean, covariance);
        WeightsHash = network.Hash();
        Identity = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(WeightsHash), .. MemoryMarshal.AsBytes<double>(mean), .. MemoryMarshal.AsBytes<double>(covariance)]));
    }

    /// <summary>The features' name: <c>FMNIST-CNN-128</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Numbers an image becomes. They are scaled by one factor, so that over the training examples their variances add up to their number: a distance of as much is no likeness at
    /// all.
    /// </summary>
    public int Features => Mean.Length;

    /// <summary>Share of the held-out images that it classifies rightly, in percent.</summary>
    public double Accuracy { get; }

    /// <summary>SHA-256 of the weights, lower-case hex.</summary>
    public string WeightsHash { get; }

    /// <summary>SHA-256 of the weights with what distances are measured to, <see cref="Mean"/> and <see cref="Covariance"/>, lower-case hex: equal ones measure alike.</summary>
    public string Identity { get; }

    /// <summary>The mean of the training examples' features.</summary>
    public double[] Mean { get; }

    /// <summary>Their covariance, row by row.</summary>
    public double[] Covariance { get; }

    /// <summary>The data set's classifier: from this process, from <paramref name="cache"/>, or trained now, which takes one CPU core seconds to two minutes.</summary>
    /// <param name="label">Of the data set, as it begins the features' name: <c>FMNIST</c>.</param>
    /// <param name="source">The images as the diffusion model has them, within -1 to 1.</param>
    /// <param name="split">
    /// What to train on, which is also what distances are measured to, and what <see cref="Accuracy"/> is measured on; the same for every run that is compared.
    /// </param>
    /// <param name="cache">A folder that keeps classifiers for other processes; null: none. See <see cref="Cache"/>.</param>
    public static FeatureClassifier Of(string label, IImageSource source, TrainValidationSplit split, string? cache)
    {
        var key = Key(label, source, split);
        return Known.GetOrAdd(key, _ => new Lazy<FeatureClassifier>(() =>
        {
            if (Stored(cache, key, label, source) is { } stored) return stored;
            var trained = Train(label, source, split);
            trained.Keep(cache, key);
            return trained;
        })).Value;
    }

    /// <summary>Where classifiers are kept on this machine, beside downloaded data sets.</summary>
    public static string Cache => Path.Combine(DataFolders.Cache, "feature-classifiers");

    /// <summary>Trains one from nothing, whether there is one already or not.</summary>
    /// <param name="steps">Fewer than <see cref="TrainingSteps"/> make another classifier, for tests.</param>
    public static FeatureClassifier Train(string label, IImageSource source, TrainValidationSplit split, int steps = TrainingSteps) => Apart(() =>
    {
        // A fixed seed, and not the run's: all runs are measured alike.
        var values = new InitialValues(seed: 0);
        var network = new FeatureNetwork(source.Shape, source.Classes.Count, values.HeNormal);
        using var optimizer = optim.Adam(network.parameters(), Rate);
        var pool = new BatchPool(ImageBatches.Shuffled(source, split.Train, BatchSize, seed: 0));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            var (images, labels) = batch.To(CPU);
            foreach (var group in optimizer.ParamGroups) group.LearningRate = LearningRates.WarmUpThenLinear(step, steps, steps / 10, Rate, startFraction: 0.1);
            optimizer.zero_grad();
            functional.cross_entropy(network.call(images), labels).backward();
            optimizer.step();
        }

        using var evaluating = no_grad();
        network.Scale(Math.Sqrt(network.Features / Spread(MomentsOf(split.Train))));
        var (right, moments) = (0L, MomentsOf(split.Train));
        foreach (var (images, labels) in Batches(source, split.Validation)) right += (long)network.call(images).argmax(1).eq(labels).sum();
        return new FeatureClassifier(NameOf(label, network), network, 100.0 * right / split.Validation.Length, moments.Mean(), moments.Covariance());

        FeatureMoments MomentsOf(int[] examples)
        {
            var found = new FeatureMoments(network.Features);
            foreach (var (images, _) in Batches(source, examples)) found.Add(network.FeaturesOf(images));
            return found;
        }

        double Spread(FeatureMoments found) => found.Covariance().Where((_, i) => i % (found.Dimensions + 1) == 0).Sum();
    });

    /// <summary>[N, <see cref="Features"/>], on the images' device.</summary>
    /// <param name="images">[N, channels, height, width], within -1 to 1.</param>
    public Tensor FeaturesOf(Tensor images)
    {
        using var evaluating = no_grad();
        var network = images.device_type == DeviceType.CPU ? _network : _elsewhere.GetOrAdd(images.device.ToString(), _ => Apart(() => _network.CopyTo(images.device)));
        return network.FeaturesOf(images);
    }

    /// <summary>How far images lie from the training examples; see <see cref="FrechetDistance"/>.</summary>
    /// <param name="batches">Each [N, channels, height, width], within -1 to 1; disposed here.</param>
    /// <exception cref="Studies.BadInputException">There are no more images than features, or one is no image any more.</exception>
    public double Distance(IEnumerable<Tensor> batches)
    {
        var moments = new FeatureMoments(Features);
        foreach (var batch in batches)
        {
            using (batch)
            using (var features = FeaturesOf(batch)) moments.Add(features);
        }
        FrechetDistance.Require(moments);
        return FrechetDistance.Between(moments.Mean(), moments.Covariance(), Mean, Covariance);
    }

    /// <summary>The same of real images that were not trained on: the floor. Where they are of the kind that was trained on, as many samples of a perfect model have it in the mean.</summary>
    public double Distance(IImageSource source, ReadOnlySpan<int> examples)
    {
        using var scope = NewDisposeScope();
        return Distance(Batches(source, examples.ToArray()).Select(batch => batch.Images));
    }

    /// <summary>What a distance by these features is called in reports.</summary>
    /// <param name="count">Images on the side that is measured.</param>
    public string Describe(long count) => FormattableString.Invariant(
        $"Frechet distance, {Name} features (weights {WeightsHash[..12]}, {Accuracy:0.0} % of held-out images classified rightly), N = {count:N0}, vs train");

    private static string NameOf(string label, FeatureNetwork network) => $"{label}-CNN-{network.Features}";

    /// <summary>What a folder has under a key; null where it has nothing whole.</summary>
    /// <param name="source">Of the images that it was trained on.</param>
    internal static FeatureClassifier? Stored(string? folder, string key, string label, IImageSource source)
    {
        if (FeatureClassifierFile.Find(folder, key) is not { } stored) return null;
        return Apart(() =>
        {
            var network = new FeatureNetwork(source.Shape, source.Classes.Count, _ => { });
            foreach (var (name, weight) in network.Weights) FeatureClassifierFile.Load(stored[name], weight);
            return new FeatureClassifier(NameOf(label, network), network, stored["accuracy"].Doubles()[0], stored["mean"].Doubles(), stored["covariance"].Doubles());
        });
    }

    /// <summary>Keeps it for <see cref="Stored"/>.</summary>
    internal void Keep(string? folder, string key) =>
        FeatureClassifierFile.Keep(folder, key, _network.Weights, [("accuracy", [Accuracy]), ("mean", Mean), ("covariance", Covariance)]);

    private static IEnumerable<(Tensor Images, Tensor Labels)> Batches(IImageSource source, int[] examples)
    {
        var batches = ImageBatches.InOrder(source, examples, EvaluatedAtOnce);
        var pool = new BatchPool(batches);
        for (var step = 0L; step < batches.StepsFor(1); step++)
        {
            using var scope = NewDisposeScope();
            using var batch = pool.Fill(step);
            yield return batch.To(CPU);
        }
    }

    /// <summary>What the bits depend on: the images, this code, and the engine.</summary>
    private static string Key(string label, IImageSource source, TrainValidationSplit split)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pixels = new float[source.Shape.Size];
        foreach (var part in new[] { split.Train, split.Validation })
        {
            foreach (var example in part)
            {
                source.Read(example, pixels);
                hash.AppendData(MemoryMarshal.AsBytes<float>(pixels));
                hash.AppendData([(byte)source.Label(example)]);
            }
            hash.AppendData(BitConverter.GetBytes(part.Length));
        }
        var code = new[] { typeof(FeatureClassifier), typeof(FeatureMoments), typeof(Tensor), typeof(Studies.Randomness.Philox) }.Select(type => type.Module.ModuleVersionId);
        var engine = EngineInfo.Current;
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', [label, source.Shape.ToString(), engine.BuildIdentity, engine.CpuCapability, engine.Blas, .. code])));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Runs on a thread of its own, with one thread an operator: neither the caller's dispose scope and gradient mode nor its thread count reach the work.</summary>
    private static T Apart<T>(Func<T> work)
    {
        var (result, failure) = (default(T)!, default(System.Runtime.ExceptionServices.ExceptionDispatchInfo));
        var thread = new Thread(() =>
        {
            var threads = get_num_threads();
            set_num_threads(1);
            try { result = work(); }
            catch (Exception caught) { failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(caught); }
            finally { set_num_threads(threads); }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
