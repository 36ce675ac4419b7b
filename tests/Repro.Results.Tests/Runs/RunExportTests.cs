using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Runs;

public sealed class RunExportTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _runs.Dispose();
        _elsewhere.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/../{0}")]
    public void A_run_is_never_exported_over_itself_however_its_folder_is_written(string after)
    {
        var run = Run(second: 1);
        var again = run.Folder + string.Format(System.Globalization.CultureInfo.InvariantCulture, after, Path.GetFileName(run.Folder));
        Assert.Contains("is a run's own folder", Assert.Throws<BadInputException>(() => RunExport.Copy(run, again)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run.Folder, "predictions-test.safetensors")));
    }

    [Fact]
    public void A_run_is_never_exported_over_itself_through_a_link()
    {
        var run = Run(second: 1);
        Directory.CreateSymbolicLink(_elsewhere.File("link"), run.Folder);
        Assert.Throws<BadInputException>(() => RunExport.Copy(run, _elsewhere.File("link")));
        Assert.True(File.Exists(Path.Combine(run.Folder, "predictions-test.safetensors")));
    }

    [Fact]
    public void Nothing_of_an_earlier_export_is_mixed_with_the_new_one_and_a_persons_readme_stays()
    {
        var first = RunExport.Copy(Run(second: 1, difference: "a difference"), _elsewhere.File("export"));
        File.WriteAllText(Path.Combine(first, "README.md"), "mine");
        Directory.CreateDirectory(Path.Combine(first, "figures"));
        File.WriteAllText(Path.Combine(first, "figures", "old.svg"), "old");
        File.WriteAllText(Path.Combine(first, "report.md"), "old");
        var second = Run(second: 2, difference: null);
        RunExport.Copy(second, first);
        Assert.Equal(second.Id, RunFolderReader.Read(first).Id);
        Assert.Equal(["README.md", "events.jsonl", "metrics.jsonl", "predictions-test.safetensors", "run.json"], Names(first));
    }

    [Fact]
    public void A_folder_of_something_else_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(_elsewhere.File("predictions-of-the-weather.safetensors"), "mine");
        Assert.Contains("holds something that is no export", Assert.Throws<BadInputException>(() => RunExport.Copy(Run(second: 1), _elsewhere.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(["predictions-of-the-weather.safetensors"], Names(_elsewhere.Path));
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(entry => Path.GetRelativePath(folder, entry)).Order(StringComparer.Ordinal);

    private RunRecord Run(int second, string? difference = null)
    {
        using var folder = RunFolder.Create(_runs.Path, Samples.Request(second: second));
        folder.StartAttempt(Samples.Environment(), null, difference);
        folder.Metric(Samples.Point(1, 0.5));
        File.WriteAllText(Path.Combine(folder.Path, "predictions-test.safetensors"), "predictions");
        folder.End(Samples.Completed(1, ("test_error", 0.5)));
        return RunFolderReader.Read(folder.Path);
    }
}
