using Repro.Results.Runs;

namespace Repro.Results.Tests.Runs;

public sealed class FullDiskTests
{
    [SkippableFact]
    public void A_full_disk_is_an_error_that_leaves_whole_files()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.File("disk"), kibibytes: 256);
        using var run = RunFolder.Create(disk.Path, Samples.Request());
        run.StartAttempt(Samples.Environment(), null);
        long written = 0;
        void Fill()
        {
            for (; written < 1_000_000; written++) run.Metric(Samples.Point(written + 1, 0.5));
        }
        var error = Assert.Throws<StorageException>(Fill);
        Assert.True(StorageException.IsNoRoom(error));
        Assert.Contains("no space is left on the device", error.Message, StringComparison.Ordinal);
        Assert.Throws<StorageException>(() => DurableFile.Write(Path.Combine(run.Path, "report.md"), new byte[100_000]));
        Assert.False(File.Exists(Path.Combine(run.Path, "report.md")));
        Assert.Equal(written, run.Read().Metrics.Count);
        Assert.Equal(written, File.ReadAllLines(Path.Combine(run.Path, "metrics.jsonl")).Length);
    }

    [SkippableFact]
    public void A_file_whose_room_is_refused_beforehand_is_told_from_other_errors()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.File("disk"), kibibytes: 64);
        var full = Assert.Throws<IOException>(() => File.WriteAllBytes(Path.Combine(disk.Path, "figure.svg"), new byte[1_000_000]));
        Assert.True(StorageException.IsNoRoom(full), full.Message);
        Assert.Equal("no space is left on the device", StorageException.Reason(full));
        Assert.False(StorageException.IsNoRoom(new IOException("The network name is gone.")));
    }

    [Fact]
    public void A_folder_where_nothing_can_be_made_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("runs"), "a file where the folder should be");
        var error = Assert.Throws<StorageException>(() => RunFolder.Create(folder.File("runs"), Samples.Request()));
        Assert.Contains(folder.File("runs"), error.Message, StringComparison.Ordinal);
    }
}
