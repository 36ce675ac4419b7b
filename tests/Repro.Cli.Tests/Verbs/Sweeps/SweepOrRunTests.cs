using Repro.Results.Runs;

namespace Repro.Cli.Tests.Verbs.Sweeps;

/// <summary>A run is a sweep of one run.</summary>
public sealed class SweepOrRunTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public SweepOrRunTests() => Assert.Equal(0, _cli.Run("run", "net", "--seed", "6").Code);

    public void Dispose() => _cli.Dispose();

    private string Id => new RunsFolder(_cli.Runs).Ids()[0];

    [Fact]
    public void A_run_is_shown_like_a_sweep_and_by_the_beginning_of_its_id()
    {
        foreach (var name in (string[])[Id, Id[..12]])
        {
            var shown = _cli.Run("status", name, "--json").Last;
            Assert.Equal((Id, "completed", "6"), ((string)shown["sweep"]!, (string)shown["status"]!, shown["trials"]![0]!["runs"]![0]!["seed"]!.ToString()));
            Assert.Equal(RunFolderReader.Read(Path.Combine(_cli.Runs, Id)).Scores["test_error"], (double)shown["trials"]![0]!["metrics"]!["test_error"]!);
        }
        Assert.Contains("attempt 1, seed 6", _cli.Run("status", Id, "--trial", "0").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_into_a_store_and_is_a_sweep_there()
    {
        var copy = Path.Combine(_cli.Runs, "copy");
        Assert.Equal(0, _cli.Run("export", Id, "--output", copy).Code);
        var taken = _cli.Run("import", copy);
        Assert.Equal(2, taken.Code);
        Assert.Contains("--name NAME", taken.Error, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("import", copy, "--name", "mine").Code);
        var stored = _cli.Run("status", "mine", "--json").Last;
        Assert.Equal("completed", (string)stored["status"]!);
        Assert.Equal(0.1, (double)stored["trials"]![0]!["options"]!["learning_rate"]!);
        Assert.Equal(2, _cli.Run("sweep", "mine", "--extend", "3").Code);
    }

    [Fact]
    public void A_run_is_not_changed_through_the_verbs_of_sweeps()
    {
        var refused = _cli.Run("status", Id, "--tag", "good=yes");
        Assert.Equal(2, refused.Code);
        Assert.Contains($"./repro run net --resume {Id}", refused.Error, StringComparison.Ordinal);
    }
}
