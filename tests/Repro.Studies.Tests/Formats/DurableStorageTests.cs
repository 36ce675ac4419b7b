using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public sealed class DurableStorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-durable-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_file_system_that_syncs_no_folders_is_no_error()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has /proc, which syncs no folders");
        Assert.False(DurableStorage.SyncFolder("/proc"));
        Assert.True(DurableStorage.SyncFolder(_folder));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_names_it() =>
        Assert.Contains("nowhere", Assert.Throws<IOException>(() => DurableStorage.SyncFolder(Path.Combine(_folder, "nowhere"))).Message);

    [Fact]
    public void A_failed_write_leaves_the_earlier_file_and_nothing_else()
    {
        var file = Path.Combine(_folder, "a");
        Assert.True(DurableStorage.Replace(file, file + ".new", stream => stream.Write([1, 2])));
        Assert.Throws<InvalidDataException>(() => DurableStorage.Replace(file, file + ".new", stream =>
        {
            stream.Write([9]);
            throw new InvalidDataException();
        }));
        Assert.Equal([1, 2], File.ReadAllBytes(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }
}
