using Repro.Figures.Images;

namespace Repro.Figures.Tests.Images;

public sealed class StbLibraryTests
{
    [Fact]
    public void A_missing_library_is_named_with_the_package_that_gives_it()
    {
        var error = Assert.Throws<ImageFileException>(() => StbLibrary.Load(null, Path.GetTempPath(), "libstb-of-nowhere.so.0"));
        Assert.Contains("libstb-of-nowhere.so.0", error.Message);
        Assert.Contains("libstb0", error.Message);
        Assert.Contains("REPRO_STB", error.Message);
    }

    [Fact]
    public void A_path_in_the_environment_that_holds_no_library_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            var error = Assert.Throws<ImageFileException>(() => StbLibrary.Load(file, Path.GetTempPath()));
            Assert.Contains(file, error.Message);
            Assert.Contains("REPRO_STB", error.Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [SkippableFact]
    public void A_library_without_the_functions_is_refused_with_the_first_one_missing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "libc.so.6 stands for a library without these functions.");
        var error = Assert.Throws<ImageFileException>(() => StbLibrary.Load("libc.so.6", Path.GetTempPath()));
        Assert.Contains("stbi_info_from_memory", error.Message);
    }
}
