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
    public void An_export_of_which_anything_was_changed_lost_or_added_is_not_whole()
    {
        var folder = RunExport.Copy(Run(second: 1), _elsewhere.File("copy"));
        RunExport.RequireWhole(folder);
        var events = Path.Combine(folder, "events.jsonl");
        var exported = File.ReadAllText(events);
        File.AppendAllText(events, "\n");
        Assert.Contains("events.jsonl is not what was exported", Assert.Throws<NotWholeException>(() => RunExport.RequireWhole(folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(events, exported);
        RunExport.RequireWhole(folder);
        File.WriteAllText(Path.Combine(folder, "samples-validation.json"), "{}");
        Assert.Equal(["samples-validation.json was not exported: export.json does not name it"], RunExport.Faults(folder));
        File.Delete(Path.Combine(folder, "samples-validation.json"));
        File.Delete(Path.Combine(folder, "predictions-test.safetensors"));
        Assert.Equal(["predictions-test.safetensors is missing"], RunExport.Faults(folder));
        File.WriteAllText(Path.Combine(folder, "export.json"), "{");
        Assert.Equal(["export.json is corrupt"], RunExport.Faults(folder));
        File.Delete(Path.Combine(folder, "export.json"));
        Assert.Contains("export the run again", Assert.Throws<NotWholeException>(() => RunExport.RequireWhole(folder)).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_run_is_never_exported_over_itself_through_a_link()
    {
        var run = Run(second: 1);
        Directory.CreateSymbolicLink(_elsewhere.File("link"), run.Folder);
        Assert.Throws<BadInputException>(() => RunExport.Copy(run, _elsewhere.File("link")));
        Assert.True(File.Exists(Path.Combine(run.Folder, "predictions-test.safetensors")));
    }

    [Theory]
    [InlineData("attempt-1")]
    [InlineData("new")]
    [InlineData("figures/deep")]
    public void A_run_is_not_exported_into_the_folder_of_a_run_also_through_a_link(string below)
    {
        var (run, other) = (Run(second: 1), Run(second: 2));
        Directory.CreateDirectory(Path.Combine(other.Folder, "attempt-1"));
        Directory.CreateSymbolicLink(_elsewhere.File("link"), Path.Combine(other.Folder, "attempt-1"));
        var before = Names(_runs.Path).ToList();
        foreach (var folder in (string[])[Path.Combine(run.Folder, below), Path.Combine(other.Folder, below), Path.Combine(_elsewhere.File("link"), below)])
            Assert.Contains("which is the folder of a run", Assert.Throws<BadInputException>(() => RunExport.Copy(run, folder)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Names(_runs.Path));
    }

    [Fact]
    public void A_run_is_not_exported_over_the_folder_of_runs_even_where_that_looks_like_an_export()
    {
        var run = Run(second: 1);
        Assert.Contains("is a folder of runs", Assert.Throws<BadInputException>(() => RunExport.Copy(run, _runs.Path)).Message, StringComparison.Ordinal);
        var results = _elsewhere.File("results");
        RunExport.Copy(run, results);
        var inner = Directory.CreateDirectory(Path.Combine(results, "attempt-7")).FullName;
        File.Copy(Path.Combine(results, "run.json"), Path.Combine(inner, "run.json"));
        Assert.Contains("is a folder of runs, which holds attempt-7", Assert.Throws<BadInputException>(() => RunExport.Copy(run, results)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(inner, "run.json")));
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
        Assert.Equal(["README.md", "events.jsonl", "export.json", "metrics.jsonl", "predictions-test.safetensors", "run.json"], Names(first));
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
