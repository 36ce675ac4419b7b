using System.Security.Cryptography;
using System.Text;
using Repro.Studies.Randomness;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets;

public sealed class DatasetIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_reshuffled_copy_is_the_same_data_in_another_order_with_the_same_numbers()
    {
        var original = Read("original", TinyData.CifarFiles());
        var reshuffled = Read("reshuffled", Reshuffled());

        Assert.Equal(original.Identity, reshuffled.Identity);
        Assert.NotEqual(original.FileOrderHash, reshuffled.FileOrderHash);
        Assert.Equal(original.Train.Labels, reshuffled.Train.Labels);
        Assert.Equal(original.Train.Pixels, reshuffled.Train.Pixels);
        Assert.NotEqual(original.Train.FilePositions, reshuffled.Train.FilePositions);
    }

    [Fact]
    public void One_changed_pixel_or_label_changes_the_identity_of_its_split_alone()
    {
        var original = Read("original", TinyData.CifarFiles());
        foreach (var place in new[] { 0, 1, 3072 })
        {
            var files = TinyData.CifarFiles();
            files["test_batch.bin"][5 * 3073 + place] ^= 1;
            var changed = Read($"changed-{place}", files);
            Assert.Equal(original.Train.Identity, changed.Train.Identity);
            Assert.NotEqual(original.Test.Identity, changed.Test.Identity);
            Assert.NotEqual(original.Identity, changed.Identity);
        }
    }

    [Fact]
    public void Two_records_that_change_places_between_train_and_test_are_noticed()
    {
        var files = TinyData.CifarFiles();
        var train = files["data_batch_1.bin"].AsSpan(0, 3073);
        var test = files["test_batch.bin"].AsSpan(0, 3073);
        var kept = train.ToArray();
        test.CopyTo(train);
        kept.CopyTo(test);
        Assert.NotEqual(Read("original", TinyData.CifarFiles()).Identity, Read("swapped", files).Identity);
    }

    [Fact]
    public void A_record_twice_and_a_record_missing_do_not_cancel()
    {
        var files = TinyData.CifarFiles();
        files["data_batch_1.bin"].AsSpan(0, 3073).CopyTo(files["data_batch_1.bin"].AsSpan(3073));
        Assert.NotEqual(Read("original", TinyData.CifarFiles()).Train.Identity, Read("doubled", files).Train.Identity);
    }

    [Fact]
    public void The_identity_is_the_hash_that_its_description_says()
    {
        var dataset = Read("original", TinyData.CifarFiles());
        string OfSplit(string name, IEnumerable<byte[]> records)
        {
            var digests = records.Select(SHA256.HashData).OrderBy(Convert.ToHexString, StringComparer.Ordinal).ToList();
            return Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"repro-split-1\n{name}\n3x32x32\n{digests.Count}\n"), .. digests.SelectMany(d => d)]));
        }
        var (train, test) = (OfSplit("train", Enumerable.Range(0, 5).SelectMany(TinyData.CifarRecords)), OfSplit("test", TinyData.CifarRecords(5)));
        Assert.Equal((train, test), (dataset.Train.Identity, dataset.Test.Identity));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"repro-data-1\ntest {test}\ntrain {train}\n"))), dataset.Identity);
    }

    [Fact]
    public void Examples_stand_in_the_order_of_their_digests()
    {
        var train = Read("original", TinyData.CifarFiles()).Train;
        for (var i = 0; i < train.Count; i++)
        {
            Assert.True(train.Digest(i).SequenceEqual(SHA256.HashData([train.Labels[i], .. train.Image(i)])));
            if (i > 0) Assert.True(train.Digest(i - 1).SequenceCompareTo(train.Digest(i)) < 0);
        }
    }

    [Fact]
    public void Verifying_tells_the_same_data_reordered_data_and_other_data_apart()
    {
        var entry = TinyData.CifarEntry();
        var same = DatasetVerification.Of(entry, Read("same", TinyData.CifarFiles()));
        Assert.Equal(DataVerdict.SameData, same.Verdict);
        Assert.All(same.Files, file => Assert.True(file.Same));

        var reordered = DatasetVerification.Of(entry, Read("reordered", Reshuffled()));
        Assert.Equal(DataVerdict.SameDataReordered, reordered.Verdict);
        Assert.Contains("differ in the order", reordered.Sentence);

        var files = TinyData.CifarFiles();
        files["test_batch.bin"][100] ^= 1;
        var different = DatasetVerification.Of(entry, Read("different", files));
        Assert.Equal(DataVerdict.Different, different.Verdict);
        Assert.Equal([true, false], different.Splits.Select(split => split.Same));
        Assert.Contains("records of test differ", different.Sentence);
        Assert.Equal(["test_batch.bin"], different.Files.Where(file => !file.Same).Select(file => file.Name));
    }

    private ImageDataset Read(string name, IReadOnlyDictionary<string, byte[]> files)
    {
        TinyData.Write(_folder.At(name), files);
        return TinyData.ReadCifar(_folder.At(name));
    }

    // The training records dealt anew over the five files, the test records in another order.
    private static Dictionary<string, byte[]> Reshuffled()
    {
        var train = Enumerable.Range(0, 5).SelectMany(TinyData.CifarRecords).ToArray();
        var random = new Philox(3, RandomPurpose.Order);
        random.Shuffle(train.AsSpan());
        var files = train.Chunk(TinyData.RecordsPerFile).Select((records, i) => (Name: $"data_batch_{i + 1}.bin", records)).ToDictionary(f => f.Name, f => f.records.SelectMany(r => r).ToArray());
        files["test_batch.bin"] = TinyData.CifarRecords(5).Reverse().SelectMany(record => record).ToArray();
        return files;
    }
}
