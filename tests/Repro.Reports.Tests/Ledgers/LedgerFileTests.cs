using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Repro.Reports.Ledgers;
using Repro.Reports.Runs;
using Repro.Reports.Sweeps;
using Repro.Reports.Tests.Sweeps;
using Repro.Reports.Tests.Verification;
using Repro.Results;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Ledgers;

public sealed class LedgerFileTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-ledger-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_figure_of_a_run_names_command_run_commit_data_engine_and_the_digest_of_its_data()
    {
        RunReport.Write(ExampleRuns.Input(ExampleRuns.Run()), new FlatRenderer(), _folder);
        var ledger = LedgerFile.Read(_folder)!;
        Assert.Equal(("resnet-20260901-7f3a", "./repro report resnet-20260901-7f3a", (bool?)null), (ledger.Report, ledger.Command, ledger.TestShown));
        Assert.Equal(["curve-error", "curve-learning-rate", "curve-loss", "examples-highest-loss"], ledger.Figures.Keys);
        foreach (var (name, figure) in ledger.Figures)
        {
            Assert.Equal($"./repro figures resnet-20260901-7f3a --only {name}", figure.Command);
            Assert.Equal(["resnet-20260901-7f3a"], figure.Runs);
            Assert.Equal([$"{Commit}+dirty"], figure.Commits);
            Assert.Equal(("cifar-10", new string('a', 64)), (Assert.Single(figure.Data).Key, figure.Data["cifar-10"]));
            Assert.Equal(["Repro.Torch over libtorch 1.13.1"], figure.Engines);
            Assert.Equal("flat 1.0", figure.Renderer);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, "figures", name + ".csv")))), figure.Sha256);
        }
    }

    [Fact]
    public void Figures_of_a_search_name_the_runs_of_the_search_alone_and_those_of_an_ablation_its_arms()
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 3), new FlatRenderer(), _folder);
        var ledger = LedgerFile.Read(_folder)!;
        Assert.Equal(Enumerable.Range(0, 14).Select(trial => $"rates/{trial}-0"), ledger.Figures["curves"].Runs);
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Ablation), new FlatRenderer(), _folder);
        Assert.Equal(18, LedgerFile.Read(_folder)!.Figures["forest"].Runs.Count);
    }

    [Fact]
    public void Commits_data_and_engines_are_those_of_all_attempts_without_doubles()
    {
        var environment = ExampleRuns.Attempt(1, null, 2, dirty: false).Environment;
        var input = ExampleSweeps.Input(ExampleSweeps.Search) with
        {
            Environments = new Dictionary<RunKey, IReadOnlyList<RunEnvironment>>
            {
                [new RunKey(0, 0)] = [environment, environment with { Dirty = true }],
                [new RunKey(1, 0)] = [environment with { Engine = "another engine", DataSets = [new DataSetUsed("cifar-10", new string('b', 64), "", 1)] }],
            },
        };
        SweepReport.Write(input, new FlatRenderer(), _folder);
        var figure = LedgerFile.Read(_folder)!.Figures["curves"];
        Assert.Equal([Commit, $"{Commit}+dirty"], figure.Commits);
        Assert.Equal($"{new string('a', 64)}, {new string('b', 64)}", figure.Data["cifar-10"]);
        Assert.Equal(["Repro.Torch over libtorch 1.13.1", "another engine"], figure.Engines);
    }

    [Fact]
    public void A_sweeps_ledger_says_whether_test_is_shown_and_what_was_read_elsewhere()
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 2, testReadings: 1) with { ShowTest = true, Elsewhere = new TestUse(1, 2, 3) }, null, _folder);
        var ledger = LedgerFile.Read(_folder)!;
        Assert.Equal((true, new TestUse(1, 2, 3)), (ledger.TestShown, ledger.TestElsewhere));
    }

    [Fact]
    public void The_same_report_has_the_same_ledger_and_its_names_are_sorted_by_their_characters()
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), _folder);
        var first = File.ReadAllText(Path.Combine(_folder, LedgerFile.Name));
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), _folder);
        Assert.Equal(first, File.ReadAllText(Path.Combine(_folder, LedgerFile.Name)));
        var names = JsonNode.Parse(first)!["figures"]!.AsObject().Select(figure => figure.Key).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        LedgerFile.Read(_folder)!.WriteTo(Path.Combine(_folder, "again.json"));
        Assert.Equal(first, File.ReadAllText(Path.Combine(_folder, "again.json")));
    }

    [Fact]
    public void Figures_that_a_report_no_longer_has_are_removed_and_what_is_anothers_stays()
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), _folder);
        File.WriteAllText(Path.Combine(_folder, "figures", "mine.png"), "a person's own");
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Ablation), new FlatRenderer(), _folder);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_folder, "figures")), file => Path.GetFileName(file).StartsWith("by-", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(_folder, "figures", "mine.png")));
        Assert.True(File.Exists(Path.Combine(_folder, "figures", "bands-column.svg")));
    }

    [Fact]
    public void A_name_in_a_ledger_that_leads_elsewhere_removes_nothing()
    {
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), Path.Combine(_folder, "report"));
        var precious = Path.Combine(_folder, "precious.csv");
        File.WriteAllText(precious, "years of work");
        var path = Path.Combine(_folder, "report", LedgerFile.Name);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"by-momentum\":", "\"../../precious\":", StringComparison.Ordinal));
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new FlatRenderer(), Path.Combine(_folder, "report"));
        Assert.Equal("years of work", File.ReadAllText(precious));
    }
}
