using System.IO.Compression;
using Repro.Studies;
using Repro.Training.Datasets.Files;

namespace Repro.Training.Tests.Datasets.Files;

public sealed class Cifar10FilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    [InlineData(".br")]
    public void Every_record_is_read_with_its_label_and_pixels_in_place(string extension)
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles(), extension);
        var dataset = TinyData.ReadCifar(_folder.Path);

        Assert.Equal((100, 20), (dataset.Train.Count, dataset.Test.Count));
        Assert.Equal("3x32x32", dataset.Shape.ToString());
        var written = Enumerable.Range(0, 5).SelectMany(TinyData.CifarRecords).ToArray();
        for (var i = 0; i < dataset.Train.Count; i++)
        {
            var record = written[dataset.Train.FilePositions[i]];
            Assert.Equal(record[0], dataset.Train.Labels[i]);
            Assert.True(dataset.Train.Image(i).SequenceEqual(record.AsSpan(1)));
        }
        Assert.Equal(Enumerable.Range(0, 100), dataset.Train.FilePositions.Order());
    }

    [Fact]
    public void Colours_are_planes_of_red_green_and_blue()
    {
        var files = TinyData.CifarFiles();
        var first = files["test_batch.bin"].AsSpan(0, 3073);
        first[1..].Clear();
        first.Slice(1, 1024).Fill(200);
        first.Slice(1 + 2048, 1024).Fill(50);
        TinyData.Write(_folder.Path, files);

        var test = TinyData.ReadCifar(_folder.Path).Test;
        var image = test.ToRgb(Array.IndexOf(test.FilePositions, 0));
        Assert.Equal([200, 0, 50, 200, 0, 50], image.Pixels[..6]);
    }

    [Fact]
    public void A_plain_file_is_preferred_to_a_packed_one()
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles());
        File.WriteAllText(_folder.At("data_batch_1.bin.gz"), "not looked at");
        Assert.Equal(100, TinyData.ReadCifar(_folder.Path).Train.Count);
    }

    [Fact]
    public void A_missing_batch_is_named_with_the_command_that_gets_it()
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles());
        File.Delete(_folder.At("data_batch_3.bin"));
        AssertRefused("data_batch_3.bin", _folder.Path, "missing", "repro data fetch cifar-10", "--data-dir");
    }

    [Theory]
    [InlineData("", -1, "must hold 61,460 bytes (20 records of 3,073); it ends after 61,459")]
    [InlineData("", 1, "must hold 61,460 bytes (20 records of 3,073); it has more")]
    [InlineData("", -61_460, "it ends after 0")]
    [InlineData(".gz", -1, "must hold 61,460 bytes after decompression (20 records of 3,073); it ends after 61,459")]
    [InlineData(".br", 5, "after decompression (20 records of 3,073); it has more")]
    public void A_file_of_the_wrong_size_is_refused_with_both_sizes(string extension, int change, string complaint)
    {
        var files = TinyData.CifarFiles();
        TinyData.Write(_folder.Path, files, extension);
        var bytes = files["data_batch_2.bin"];
        Array.Resize(ref bytes, bytes.Length + change);
        File.WriteAllBytes(_folder.At("data_batch_2.bin" + extension), TinyData.Pack(bytes, extension));
        AssertRefused("data_batch_2.bin" + extension, complaint, "repro data fetch cifar-10");
    }

    [Theory]
    [InlineData(".gz")]
    [InlineData(".br")]
    public void A_compressed_file_cut_short_is_refused(string extension)
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles(), extension);
        var file = _folder.At("test_batch.bin" + extension);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..30_000]);
        AssertRefused("test_batch.bin" + extension, "truncated");
    }

    [Theory]
    [InlineData(".gz")]
    [InlineData(".br")]
    public void A_file_that_only_bears_the_name_of_a_compression_is_refused(string extension)
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles(), extension);
        File.WriteAllBytes(_folder.At("test_batch.bin" + extension), Enumerable.Repeat((byte)0xa5, 70_000).ToArray());
        AssertRefused("test_batch.bin" + extension, "corrupt");
    }

    [Fact]
    public void A_changed_byte_in_a_gzip_file_is_noticed_by_its_checksum()
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles());
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression)) gzip.Write(File.ReadAllBytes(_folder.At("test_batch.bin")));
        File.Delete(_folder.At("test_batch.bin"));
        var bytes = packed.ToArray();
        bytes[20_000] ^= 1;
        File.WriteAllBytes(_folder.At("test_batch.bin.gz"), bytes);
        AssertRefused("test_batch.bin.gz", "corrupt");
    }

    [Fact]
    public void A_label_above_nine_is_refused_with_its_record()
    {
        var files = TinyData.CifarFiles();
        files["data_batch_5.bin"][3 * 3073] = 10;
        TinyData.Write(_folder.Path, files);
        AssertRefused("data_batch_5.bin", "label from 0 to 9", "record 3 has 10");
    }

    [Fact]
    public void Of_several_broken_files_the_first_is_named_every_time()
    {
        TinyData.Write(_folder.Path, TinyData.CifarFiles());
        foreach (var name in Cifar10Files.Names.Skip(1)) File.WriteAllBytes(_folder.At(name), [1, 2, 3]);
        for (var i = 0; i < 20; i++) AssertRefused("data_batch_2.bin");
    }

    private void AssertRefused(params string[] words)
    {
        var error = Assert.Throws<BadInputException>(() => TinyData.ReadCifar(_folder.Path));
        Assert.All(words, word => Assert.Contains(word, error.Message));
    }
}
