using Repro.Studies.Randomness;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Inspection;

namespace Repro.Training.Tests.Datasets.Inspection;

public sealed class DatasetInspectorTests
{
    private static readonly ImageShape Shape = new(3, 16, 16);
    private static readonly NearDuplicateRule Rule = new(10, 12, 0.5);

    [Fact]
    public void Counts_ranges_and_moments_are_those_of_a_plain_loop()
    {
        var dataset = Dataset(Smooth(30, 1), Smooth(12, 2));
        var inspection = DatasetInspector.Inspect(dataset, Rule);

        Assert.Equal(["train", "test"], inspection.Splits.Select(split => split.Name));
        var (train, split) = (inspection.Splits[0], dataset.Train);
        Assert.Equal([10, 10, 10], train.Classes.Select(c => c.Count));
        Assert.Equal(1.0 / 3, train.Classes[1].Share);
        Assert.Equal((split.Pixels.Min(), split.Pixels.Max()), (train.Min, train.Max));
        for (var c = 0; c < 3; c++)
        {
            var values = Enumerable.Range(0, split.Count).SelectMany(i => split.Image(i).Slice(c * 256, 256).ToArray()).Select(b => (double)b).ToList();
            Assert.Equal(values.Average(), train.Channels[c].Mean, 1e-9);
            Assert.Equal(Math.Sqrt(values.Average(v => Math.Pow(v - values.Average(), 2))), train.Channels[c].Deviation, 1e-9);
        }
    }

    [Fact]
    public void Equal_images_are_found_within_and_across_splits_with_their_conflicts()
    {
        var (train, test) = (Smooth(30, 1), Smooth(12, 2));
        train.Images[4] = train.Images[1]; // both of class 1
        train.Images[8] = train.Images[3]; // classes 2 and 0
        test.Images[5] = train.Images[10];
        test.Images[6] = train.Images[10]; // a group of three, classes 2, 0 and 1
        var found = DatasetInspector.Inspect(Dataset(train, test), Rule).Duplicates;

        Assert.Equal([3, 2, 2], found.ExactGroups.Select(group => group.Members.Count));
        Assert.Equal([true, false, false], found.ExactGroups.Select(group => group.AcrossSplits));
        Assert.Equal(2, found.ExactGroups.Count(group => group.LabelConflict));
        Assert.Equal(new HashSet<int> { 5, 6 }, found.ExactGroups[0].Members.Where(m => m.Split == "test").Select(m => m.FilePosition).ToHashSet());
        Assert.Equal(new DuplicateCounts("train", 2, 1, 0, 0), found.ByPlace[0]);
        Assert.Equal(new DuplicateCounts("test", 0, 0, 0, 0), found.ByPlace[1]);
        Assert.Equal(new DuplicateCounts("train+test", 1, 1, 0, 0), found.ByPlace[2]);
        Assert.Equal(2, found.TestExamplesInTrain);
    }

    [Fact]
    public void A_noisy_copy_is_near_and_its_distance_is_that_of_a_plain_loop()
    {
        var (train, test) = (Smooth(30, 1), Smooth(12, 2));
        var random = new Philox(5, RandomPurpose.GeneratedData);
        test.Images[3] = train.Images[9].Select(v => (byte)Math.Clamp(v + random.NextInt32(21) - 10, 0, 255)).ToArray();
        var found = DatasetInspector.Inspect(Dataset(train, test), Rule).Duplicates;

        var pair = Assert.Single(found.NearPairs);
        Assert.Equal(("train", 9, "test", 3), (pair.First.Split, pair.First.FilePosition, pair.Second.Split, pair.Second.FilePosition));
        var square = train.Images[9].Zip(test.Images[3], (a, b) => (double)(a - b) * (a - b)).Average();
        Assert.Equal(Math.Sqrt(square), pair.RootMeanSquare, 1e-9);
        Assert.False(pair.LabelConflict);
        Assert.Empty(found.ExactGroups);
        Assert.Equal(1, found.TestExamplesInTrain);
        Assert.Equal((0, 1), (found.ByPlace[0].NearPairs, found.ByPlace[2].NearPairs));
    }

    [Fact]
    public void Near_pairs_are_all_those_that_comparing_each_with_each_finds()
    {
        // Images around a few patterns, so that there are pairs on both sides of the bounds.
        var random = new Philox(6, RandomPurpose.GeneratedData);
        var patterns = Smooth(6, 3).Images;
        var images = Enumerable.Range(0, 60).Select(i =>
        {
            var spread = 1 + random.NextInt32(40);
            return patterns[i % 6].Select(v => (byte)Math.Clamp(v + random.NextInt32(2 * spread + 1) - spread, 0, 255)).ToArray();
        }).ToArray();
        // All hashes are allowed, so that only the distances decide.
        var rule = new NearDuplicateRule(64, 12, 0.4);
        var found = DatasetInspector.Inspect(Dataset((images, new byte[60]), Smooth(1, 9)), rule).Duplicates;

        var expected = new HashSet<(int, int)>();
        for (var a = 0; a < 60; a++)
        {
            for (var b = a + 1; b < 60; b++)
            {
                var distance = Math.Sqrt(images[a].Zip(images[b], (x, y) => (double)(x - y) * (x - y)).Average());
                if (distance <= 12 && distance <= 0.4 * Math.Min(Contrast(images[a]), Contrast(images[b]))) expected.Add((a, b));
            }
        }
        Assert.InRange(expected.Count, 10, 500);
        Assert.Equal(expected, found.NearPairs.Select(p => (Math.Min(p.First.FilePosition, p.Second.FilePosition), Math.Max(p.First.FilePosition, p.Second.FilePosition))).ToHashSet());
        Assert.Equal(found.NearPairs.Count, found.NearPairsFound);
        Assert.Equal(found.NearPairs.OrderBy(p => p.RootMeanSquare), found.NearPairs);
    }

    [Fact]
    public void A_brighter_copy_has_the_same_hash_and_another_image_does_not()
    {
        var train = Smooth(10, 1);
        train.Images[1] = train.Images[0].Select(v => (byte)(v / 2 + 100)).ToArray();
        train.Images[0] = train.Images[1].Select(v => (byte)(v + 3)).ToArray();
        var pairs = DatasetInspector.Inspect(Dataset(train, Smooth(1, 2)), new NearDuplicateRule(64, 255, 100)).Duplicates.NearPairs;
        int Bits(int a, int b) => pairs.Single(p => (p.First.FilePosition, p.Second.FilePosition) == (a, b) || (p.Second.FilePosition, p.First.FilePosition) == (a, b)).HashDistance;
        var within = pairs.Where(p => p.First.Split == "train" && p.Second.Split == "train").ToList();
        Assert.Equal(45, within.Count);
        pairs = within;
        Assert.Equal(0, Bits(0, 1));
        Assert.True(Bits(0, 2) > 5);
    }

    [Fact]
    public void Black_and_white_images_among_grey_ones_are_the_outliers()
    {
        var train = Smooth(200, 1);
        train.Images[50] = Enumerable.Repeat((byte)255, Shape.Size).ToArray();
        train.Images[60] = new byte[Shape.Size];
        var split = DatasetInspector.Inspect(Dataset(train, Smooth(1, 2)), Rule).Splits[0];
        Assert.Equal(new HashSet<int> { 50, 60 }, split.Outliers.Take(2).Select(outlier => outlier.Example.FilePosition).ToHashSet());
        Assert.All(split.Outliers, outlier => Assert.True(Math.Max(Math.Abs(outlier.BrightnessZ), Math.Abs(outlier.ContrastZ)) > 3));
        var white = split.Outliers.Single(outlier => outlier.Example.FilePosition == 50);
        Assert.Equal((255.0, 0.0), (white.Brightness, white.Contrast));
        Assert.True(white.BrightnessZ > 3);
    }

    [Fact]
    public void An_even_colour_has_no_contrast()
    {
        var train = Smooth(5, 1);
        train.Images[2] = [.. Enumerable.Repeat((byte)10, 256), .. Enumerable.Repeat((byte)100, 256), .. Enumerable.Repeat((byte)250, 256)];
        train.Images[3] = train.Images[2].Select((v, i) => (byte)(v + i % 2)).ToArray();
        // They differ by almost nothing, which is still more than half of the contrast that they have.
        Assert.Empty(DatasetInspector.Inspect(Dataset(train, Smooth(1, 2)), new NearDuplicateRule(64, 20, 0.5)).Duplicates.NearPairs);
    }

    [Fact]
    public void Progress_reaches_the_end_and_a_request_to_stop_is_heard()
    {
        var dataset = Dataset(Smooth(300, 1), Smooth(20, 2));
        var seen = new Progress();
        DatasetInspector.Inspect(dataset, Rule, seen);
        Assert.Equal(1, seen.Shares.Max());
        Assert.Throws<OperationCanceledException>(() => DatasetInspector.Inspect(dataset, Rule, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void The_sheet_of_examples_has_a_row_a_class_in_canonical_order()
    {
        var dataset = Dataset(Smooth(30, 1), Smooth(1, 2));
        var sheet = InspectionSheets.Examples(dataset, dataset.Train, perClass: 4, scale: 1);
        Assert.Equal((4 * 18 + 2, 3 * 18 + 2), (sheet.Width, sheet.Height));
        for (var label = 0; label < 3; label++)
        {
            var shown = Enumerable.Range(0, 30).Where(i => dataset.Train.Labels[i] == label).Take(4).ToList();
            for (var k = 0; k < 4; k++)
            {
                var image = dataset.Train.ToRgb(shown[k]);
                Assert.Equal(image.Pixels[..(16 * 3)], sheet.Pixels.AsSpan(((2 + label * 18) * sheet.Width + 2 + k * 18) * 3, 16 * 3).ToArray());
            }
        }
    }

    [SkippableFact]
    public void Cifar_has_test_images_that_are_nearly_in_train()
    {
        var entry = DatasetRegistry.Find("cifar-10");
        var found = DatasetInspector.Inspect(TinyData.Real("cifar-10"), entry.NearDuplicates!).Duplicates;
        Assert.Empty(found.ExactGroups);
        // Comparing every test with every training image in another program: none nearer than 13, and the first that is one picture at 16.003.
        Assert.Equal(16.0032, found.NearPairs.Where(p => p.First.Split != p.Second.Split).Min(p => p.RootMeanSquare), 1e-4);
        Assert.InRange(found.TestExamplesInTrain, 100, 330);
        Assert.True(found.NearPairs.Count(pair => pair.LabelConflict) * 100 < found.NearPairs.Count);
    }

    private sealed class Progress : IProgress<InspectionProgress>
    {
        public List<double> Shares { get; } = [];

        public void Report(InspectionProgress value) => Shares.Add(value.Share);
    }

    private static double Contrast(byte[] image) => Math.Sqrt(image.Chunk(256).Average(channel => channel.Average(v => Math.Pow(v - channel.Average(x => (double)x), 2))));

    private static ImageDataset Dataset((byte[][] Images, byte[] Labels) train, (byte[][] Images, byte[] Labels) test) => new(
        "tiny", "/nowhere", ["a", "b", "c"],
        [
            ImageSplit.FromFileOrder("train", Shape, train.Labels, train.Images.SelectMany(i => i).ToArray()),
            ImageSplit.FromFileOrder("test", Shape, test.Labels, test.Images.SelectMany(i => i).ToArray()),
        ],
        []);

    // Random blobs: a few waves of random direction in each channel, around grey.
    private static (byte[][] Images, byte[] Labels) Smooth(int count, int seed)
    {
        var images = Enumerable.Range(0, count).Select(i =>
        {
            var random = new Philox((ulong)seed, RandomPurpose.GeneratedData, i);
            var waves = Enumerable.Range(0, 9).Select(_ => (X: random.NextNormal() * 0.4, Y: random.NextNormal() * 0.4, Phase: random.NextDouble() * 6.28)).ToArray();
            return Enumerable.Range(0, Shape.Size).Select(p =>
            {
                var (c, y, x) = (p / 256, p / 16 % 16, p % 16);
                var value = 128 + 30 * waves.Skip(3 * c).Take(3).Sum(wave => Math.Sin(wave.X * x + wave.Y * y + wave.Phase));
                return (byte)Math.Clamp(value, 0, 255);
            }).ToArray();
        }).ToArray();
        return (images, Enumerable.Range(0, count).Select(i => (byte)(i % 3)).ToArray());
    }
}
