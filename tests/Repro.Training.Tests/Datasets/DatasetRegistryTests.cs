using Repro.Studies;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets;

public sealed class DatasetRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_unknown_name_lists_the_known_ones_nearest_first()
    {
        var error = Assert.Throws<BadInputException>(() => DatasetRegistry.Find("fashion_mnst"));
        Assert.Contains("nearest first: fashion-mnist, ", error.Message);
    }

    [Fact]
    public void Every_entry_is_complete()
    {
        foreach (var entry in DatasetRegistry.Entries)
        {
            Assert.NotEmpty(entry.Licence);
            Assert.NotEmpty(entry.Citation);
            Assert.Contains(string.Join(' ', entry.Splits.Select(split => split.Name)), (string[])["train test", "train validation", "train validation test"]);
            // Known of every split or of none.
            string?[] identities = [.. entry.Splits.Select(split => split.Identity), entry.Identity];
            Assert.All(identities, hash => Assert.Matches("^[0-9a-f]{64}$", hash ?? (identities.Any(other => other is not null) ? "" : new string('0', 64))));
            Assert.All(entry.Files, file => Assert.Matches("^[0-9a-f]{32}$", file.Md5));
            Assert.All(entry.Downloads, download =>
            {
                Assert.Matches("^[0-9a-f]{32}$", download.Md5);
                Assert.True(entry.Identity is null == download.Sha256 is null);
                if (download.Sha256 is { } sha256) Assert.Matches("^[0-9a-f]{64}$", sha256);
                Assert.NotEmpty(download.Addresses);
                Assert.All(download.Addresses, address => Assert.EndsWith("/" + download.FileName, address.AbsolutePath));
            });
        }
    }

    [Fact]
    public void A_data_set_that_is_nowhere_names_the_folders_and_both_ways_to_get_it()
    {
        var error = Assert.Throws<MissingComponentException>(() => DatasetRegistry.Find("cifar-10").Load(new DataFolders([_folder.At("a"), _folder.At("b")])));
        Assert.Contains(_folder.At("a", "cifar-10-batches-bin"), error.Message);
        Assert.Contains(_folder.At("b", "cifar-10-batches-bin"), error.Message);
        Assert.Contains("repro data fetch cifar-10", error.Message);
        Assert.Contains("--data-dir", error.Message);
    }

    [Fact]
    public void The_version_for_python_is_recognized_as_not_the_one_that_is_read()
    {
        Directory.CreateDirectory(_folder.At("cifar-10-batches-py"));
        var error = Assert.Throws<MissingComponentException>(() => DatasetRegistry.Find("cifar-10").Load(new DataFolders([_folder.Path])));
        Assert.Contains("cifar-10-batches-py", error.Message);
        Assert.Contains("Python", error.Message);
    }

    [Fact]
    public void A_data_set_is_found_in_the_first_folder_that_has_any_of_it()
    {
        var entry = TinyData.CifarEntry();
        Directory.CreateDirectory(_folder.At("first", "cifar-10-batches-bin"));
        TinyData.Write(_folder.At("second", "cifar-10-batches-bin"), TinyData.CifarFiles(), ".gz");
        var folders = new DataFolders([_folder.At("first"), _folder.At("second")]);
        Assert.Equal(_folder.At("second", "cifar-10-batches-bin"), entry.Find(folders)?.Path);
        Assert.Equal(entry.Identity, entry.Load(folders).Identity);
    }

    [Fact]
    public void The_folder_of_the_data_set_itself_may_be_named()
    {
        TinyData.Write(_folder.At("anywhere"), TinyData.CifarFiles());
        Assert.Equal(120, TinyData.CifarEntry().LoadImages(new DataFolders([_folder.At("anywhere")])).Splits.Sum(split => split.Count));
    }

    [Fact]
    public void A_folder_with_some_of_the_files_is_an_error_and_not_passed_over()
    {
        TinyData.Write(_folder.At("cifar-10-batches-bin"), TinyData.CifarFiles());
        File.Delete(_folder.At("cifar-10-batches-bin", "test_batch.bin"));
        var error = Assert.Throws<BadInputException>(() => TinyData.CifarEntry().Load(new DataFolders([_folder.Path])));
        Assert.Contains("test_batch.bin", error.Message);
    }

    [Fact]
    public void The_list_says_what_is_where_and_what_is_missing()
    {
        TinyData.Write(_folder.At("cifar-10-batches-bin"), TinyData.CifarFiles());
        File.Delete(_folder.At("cifar-10-batches-bin", "data_batch_4.bin"));
        var list = DatasetRegistry.List(new DataFolders([_folder.Path]));

        var cifar = list.Single(line => line.Name == "cifar-10");
        Assert.Equal(_folder.At("cifar-10-batches-bin"), cifar.Folder);
        Assert.Equal(["data_batch_4.bin"], cifar.MissingFiles);
        Assert.Equal(5 * 61_460, cifar.BytesOnDisk);
        Assert.Equal((60_000, 170_052_171), (cifar.Records, cifar.DownloadBytes));
        Assert.Null(list.Single(line => line.Name == "fashion-mnist").Folder);
    }

    [Fact]
    public void Images_are_not_taken_for_texts_nor_texts_for_images()
    {
        TinyData.Write(_folder.At("cifar-10-batches-bin"), TinyData.CifarFiles());
        var error = Assert.Throws<BadInputException>(() => TinyData.CifarEntry().LoadTexts(new DataFolders([_folder.Path])));
        Assert.StartsWith("The data set cifar-10 holds no texts: ", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("cifar-10")]
    [InlineData("fashion-mnist")]
    public void The_real_data_have_the_registered_identity(string name)
    {
        var entry = DatasetRegistry.Find(name);
        var dataset = TinyData.Real(name);
        var verification = DatasetVerification.Of(entry, dataset);
        Assert.NotEqual(DataVerdict.Different, verification.Verdict);
        Assert.Equal(entry.Shape, dataset.Shape);
        foreach (var split in dataset.Splits)
        {
            // Both data sets are balanced by their authors' description.
            Assert.All(split.Labels.CountBy(label => label), pair => Assert.Equal(split.Count / 10, pair.Value));
        }
    }
}
