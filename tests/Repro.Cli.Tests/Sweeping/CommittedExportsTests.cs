using Repro.Cli.Tests.Fakes;
using Repro.Experiments;

namespace Repro.Cli.Tests.Sweeping;

/// <summary>Names that committed reports print, on a machine that has neither the runs nor the store; of the repository's own results.</summary>
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
    [InlineData("shortcuts", "shortcuts/sweep", "resnet-learning-rate", "learning-rate/sweep")]
    [InlineData("resnet-shortcuts", "shortcuts-first/sweep", "resnet-learning-rate-cluster", "learning-rate-cluster/sweep")]
    [InlineData("resnet-learning-rate/13-0", "learning-rate/sweep", Quick, "quick")]
    public void What_a_committed_report_names_means_the_export_beside_it(string a, string folderOfA, string b, string folderOfB)
    {
        var json = Json("compare", a, b);
        Assert.Equal((Path.Combine(Results, folderOfA), Path.Combine(Results, folderOfB)), ((string)json["a"]!["folder"]!, (string)json["b"]!["folder"]!));
    }

    [Fact]
    public void A_report_by_name_is_the_one_by_folder_and_says_what_it_took()
    {
        var (named, byFolder) = (Path.Combine(_folder, "named"), Path.Combine(_folder, "folder"));
        var result = _cli.Run("report", "shortcuts", "--output", named);
        Assert.True(result.Code == 0, result.Error);
        Assert.Contains("shortcuts is not among the runs and sweeps here; it is committed as ", result.Out, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Bare("report", Path.Combine(Results, "shortcuts"), "--output", byFolder).Code);
        Assert.Equal(File.ReadAllText(Path.Combine(byFolder, "report.md")), File.ReadAllText(Path.Combine(named, "report.md")));
    }

    [Fact]
    public void Committed_names_are_explained_and_drawn()
    {
        Assert.Equal("run", (string)Json("why", "resnet-learning-rate/13-0")["kind"]!);
        Assert.Equal("sweep", (string)Json("why", "shortcuts")["kind"]!);
        Assert.Equal("completed", (string)Json("why", Quick)["status"]!);
        Assert.NotEmpty(Json("figures", "shortcuts", "--only", "forest", "--format", "csv", "--output", _folder)["figures"]!.AsArray());
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
        Assert.Equal(Path.Combine(_cli.Runs, "shortcuts"), (string)Json("compare", "shortcuts", "shortcuts")["a"]!["folder"]!);
        // The committed sweep of that name has a run 1-7; the one here has not, and is meant.
        var refusal = _cli.Run("why", "shortcuts/1-7");
        Assert.Equal((2, "The sweep shortcuts has no run 1-7; it has 3 trials, numbered from 0.\n"), (refusal.Code, refusal.Error));
    }

    private static string Results => Path.Combine(
        Enumerable.Range(0, 10).Aggregate(AppContext.BaseDirectory, (folder, _) => File.Exists(Path.Combine(folder, "Repro.sln")) ? folder : Path.GetDirectoryName(folder)!), "results", "resnet");

    private System.Text.Json.Nodes.JsonObject Json(params string[] arguments)
    {
        var result = _cli.Run([.. arguments, "--json"]);
        Assert.True(result.Code == 0, result.Error);
        return result.Last;
    }
}
