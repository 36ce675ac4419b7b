using Repro.Cli.Sweeping;
using Repro.Cli.Tests.Fakes;
using Repro.Experiments;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cli.Tests.Sweeping;

/// <summary>Names that committed reports print, on a machine that has neither the runs nor the store: the repository's own results, and small ones where a test changes them.</summary>
public sealed class CommittedExportsTests : IDisposable
{
    private const string Quick = "resnet-quick-20261121-081155-83e3";

    private readonly CommandLine _cli = new() { Change = fakes => fakes with { Experiments = () => Catalog.All } };
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-committed-").FullName;

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("shortcuts", "shortcuts")]
    [InlineData("resnet-shortcuts", "shortcuts-first")]
    [InlineData("resnet-learning-rate/13-0", "learning-rate/13-0")]
    [InlineData(Quick, "quick")]
    public void What_a_committed_report_names_means_the_export_beside_it(string name, string evidence)
    {
        var folder = Path.Combine(ProgramRoot.Path, "results", "resnet", evidence);
        using var named = Subject.Find(new RunsFolder(_cli.Runs), name, store: null);
        using var byFolder = Subject.Find(new RunsFolder(_cli.Runs), folder, store: null);
        Assert.True(named.IsCommitted && !byFolder.IsCommitted);
        Assert.Equal((folder, byFolder.RunFolder, byFolder.Sweep?.Export, byFolder.Key), (Path.GetFullPath(named.Text), named.RunFolder, named.Sweep?.Export, named.Key));
    }

    [Fact]
    public void A_report_by_name_is_the_one_by_folder_and_says_what_it_took()
    {
        var (named, byFolder) = (Path.Combine(_folder, "named"), Path.Combine(_folder, "folder"));
        var result = _cli.Run("report", "shortcuts", "--output", named);
        Assert.True(result.Code == 0, result.Error);
        Assert.Contains("shortcuts is not among the runs and sweeps here; it is committed as ", result.Out, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Bare("report", Path.Combine(ProgramRoot.Path, "results/resnet/shortcuts"), "--output", byFolder).Code);
        Assert.Equal(File.ReadAllText(Path.Combine(byFolder, "report.md")), File.ReadAllText(Path.Combine(named, "report.md")));
    }

    [Fact]
    public void Committed_names_are_explained_compared_and_drawn()
    {
        Assert.Equal("run", (string)Json("why", "resnet-learning-rate/13-0")["kind"]!);
        Assert.Equal("sweep", (string)Json("why", "shortcuts")["kind"]!);
        Assert.Equal("completed", (string)Json("why", Quick)["status"]!);
        Assert.Equal(Path.Combine(ProgramRoot.Path, "results/resnet/learning-rate/sweep"), (string)Json("compare", "shortcuts", "resnet-learning-rate")["b"]!["folder"]!);
        Assert.NotEmpty(Json("figures", "shortcuts", "--only", "forest", "--format", "csv", "--output", _folder)["figures"]!.AsArray());

        System.Text.Json.Nodes.JsonObject Json(params string[] arguments)
        {
            var result = _cli.Run([.. arguments, "--json"]);
            Assert.True(result.Code == 0, result.Error);
            return result.Last;
        }
    }

    [Theory]
    [InlineData("report", "shortcut", "nearest first: shortcuts, ")]
    [InlineData("why", "resnet-learning-rat/3", "nearest first: resnet-learning-rate, ")]
    [InlineData("why", "resnet-learning-rate/999-0", "The sweep resnet-learning-rate has no run 999-0")]
    public void What_is_nowhere_is_refused_with_the_nearest_committed_names(string verb, string name, string said)
    {
        var result = _cli.Run(verb, name);
        Assert.Equal(2, result.Code);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_here_goes_first_and_its_refusals_stay()
    {
        _cli.Change = same => same;
        FilledSweep.Write(_cli.Runs, "shortcuts", FilledSweep.Search(3), (_, step) => step);
        using (var subject = Subject.Find(new RunsFolder(_cli.Runs), "shortcuts", store: null)) Assert.Null(subject.Sweep!.Export);
        // The committed sweep of that name has no such trial, and the one here is meant.
        var refusal = Assert.Throws<BadInputException>(() => Subject.Find(new RunsFolder(_cli.Runs), "shortcuts/1-7", store: null));
        Assert.DoesNotContain("Committed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_committed_twice_is_refused_with_both_folders_and_a_damaged_head_has_no_name()
    {
        foreach (var name in (string[])["one", "two", "broken"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, "net", name));
            File.Copy(Path.Combine(ProgramRoot.Path, "results/resnet/quick/run.json"), Path.Combine(_folder, "net", name, "run.json"));
        }
        File.WriteAllText(Path.Combine(_folder, "net/broken/run.json"), "{");
        var refusal = Assert.Throws<BadInputException>(() => new CommittedExports(_folder).Find(Quick));
        Assert.Contains($"2 folders; name one of them: {_folder}/net/one, {_folder}/net/two.", refusal.Message, StringComparison.Ordinal);
        Assert.Null(new CommittedExports(Path.Combine(_folder, "none")).Find(Quick));
    }
}
