using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public sealed class RealPathTests : IDisposable
{
    // The folder of temporary files may be a link itself.
    private readonly string _folder = RealPath.Of(Directory.CreateTempSubdirectory("repro-real-").FullName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Links_of_folders_and_files_are_resolved_also_where_the_end_is_not_there()
    {
        Directory.CreateDirectory(At("folder"));
        Directory.CreateSymbolicLink(At("also"), "folder");
        File.CreateSymbolicLink(At("folder/link"), At("file"));
        Assert.Equal(At("file"), RealPath.Of(At("also/link")));
        Assert.Equal(At("folder/later/still"), RealPath.Of(At("also/later/still") + "/"));
    }

    [Fact]
    public void Two_dots_in_a_link_leave_the_folder_that_the_link_before_them_leads_to()
    {
        Directory.CreateDirectory(At("a/b"));
        Directory.CreateDirectory(At("c"));
        Directory.CreateSymbolicLink(At("c/to-b"), "../a/b");
        File.WriteAllText(At("a/file"), "right");
        File.WriteAllText(At("c/file"), "wrong");
        File.CreateSymbolicLink(At("link"), "c/to-b/../file");
        Assert.Equal("right", File.ReadAllText(At("link")));
        Assert.Equal(At("a/file"), RealPath.Of(At("link")));
    }

    [Fact]
    public void A_circle_is_an_error_that_names_the_path()
    {
        File.CreateSymbolicLink(At("one"), "two");
        File.CreateSymbolicLink(At("two"), "one");
        Assert.Contains(At("one"), Assert.Throws<IOException>(() => RealPath.Of(At("one"))).Message, StringComparison.Ordinal);
    }

    private string At(string path) => Path.Combine(_folder, path);
}
