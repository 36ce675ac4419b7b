using Repro.Training.Checkpoints;

namespace Repro.Training.Tests.Checkpoints;

public sealed class DurableFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_file_and_its_folder_are_synced_once_each()
    {
        var folder = new DurableFolder(_temporary.Path);
        var file = folder.Write("a", stream => stream.Write([1, 2, 3]));
        Assert.Equal((1, 1), (folder.FilesSynced, folder.FoldersSynced));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(file));
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void A_new_folder_is_made_durable_in_its_parent()
    {
        var folder = new DurableFolder(_temporary.File("attempt-1"));
        Assert.Equal((0, 1), (folder.FilesSynced, folder.FoldersSynced));
    }

    [Fact]
    public void The_file_has_its_final_name_only_when_all_of_it_is_there()
    {
        var folder = new DurableFolder(_temporary.Path);
        folder.Write("a", stream =>
        {
            stream.Write([1]);
            Assert.Equal(["a.partial"], Names());
        });
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void A_full_disk_leaves_the_earlier_file_and_nothing_else()
    {
        var folder = new DurableFolder(_temporary.Path);
        folder.Write("a", stream => stream.Write([1, 2, 3]));
        var thrown = Assert.Throws<IOException>(() => folder.Write("a", stream =>
        {
            stream.Write([9]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal("No space left on device", thrown.Message);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_temporary.File("a")));
        Assert.Equal(["a"], Names());
        Assert.Equal(1, folder.FilesSynced);
    }

    [Fact]
    public void What_a_killed_writer_left_behind_is_removed()
    {
        File.WriteAllBytes(_temporary.File("step-000000007.safetensors.partial"), [1]);
        File.WriteAllBytes(_temporary.File("other"), [1]);
        _ = new DurableFolder(_temporary.Path);
        Assert.Equal(["other"], Names());
    }

    private IEnumerable<string?> Names() => Directory.EnumerateFiles(_temporary.Path).Select(Path.GetFileName).Order();
}
