using System.Text.RegularExpressions;
using Repro.Experiments;
using Repro.Figures;
using Repro.Training.Datasets;

namespace Repro.Cli.Tests.Judging;

/// <summary>The repository's own papers and results, with its real experiments.</summary>
public sealed class CommittedResultsTests : IDisposable
{
    private static readonly string[] Verdicts = ["reproduced", "not_reproduced", "inconclusive", "not_comparable", "not_judged"];

    private readonly CommandLine _cli = new() { Change = fakes => fakes with { Experiments = () => Catalog.All } };
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-results-").FullName;

    public void Dispose()
    {
        _cli.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_claim_of_every_card_is_listed_with_its_verdict()
    {
        var result = _cli.Bare("list", "--claims", "--json");
        Assert.Equal(0, result.Code);
        Assert.All(result.Lines, line =>
        {
            Assert.Contains((string)line["verdict"]!, Verdicts);
            Assert.True((int)line["n"]! >= 0 && line["transfer"] is not null && line["kind"] is not null);
            // What is decided rests on at least two runs, and on a claim that was there before them.
            if ((string)line["verdict"]! is "reproduced" or "not_reproduced") Assert.True((int)line["n"]! >= 2 && (string)line["frozen"]! == "proven", line.ToJsonString());
        });
        var cards = Directory.EnumerateFiles(Path.Combine(Root, "papers"), "*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);
        Assert.Equal(cards, result.Lines.Select(line => (string)line["paper"]!).Distinct());
    }

    [Fact]
    public void The_claims_of_one_paper_are_listed_alone() =>
        Assert.Equal(["lenet"], _cli.Bare("list", "lenet", "--claims", "--json").Lines.Select(line => (string)line["paper"]!).Distinct());

    [Fact]
    public void An_experiment_of_two_papers_lists_both_and_each_is_reported_by_its_own_name()
    {
        var judged = _cli.Bare("list", "ddpm", "--claims", "--json").Lines;
        Assert.Equal(["ddim", "ddpm"], judged.Select(line => (string)line["paper"]!).Distinct());
        // The card of the experiment's own name comes first.
        Assert.Equal(
            judged.OrderByDescending(line => (string)line["paper"]! == "ddpm").Select(line => (string)line["claim"]!),
            _cli.Bare("list", "ddpm", "--json").Last["claims"]!.AsArray().Select(claim => (string)claim!["id"]!));

        var result = _cli.Bare("report", "ddim", "--results", Path.Combine(_folder, "none"), "--output", _folder, "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal(judged.Where(line => (string)line["paper"]! == "ddim").Select(line => (string)line["claim"]!).Order(), result.Last["claims"]!.AsArray().Select(claim => (string)claim!["claim"]!).Order());
    }

    [Fact]
    public void Without_any_run_every_claim_is_inconclusive_and_the_report_says_what_would_test_it()
    {
        var result = _cli.Bare("report", "resnet", "--results", Path.Combine(_folder, "none"), "--output", _folder, "--json");
        Assert.Equal(0, result.Code);
        Assert.All(result.Last["claims"]!.AsArray(), claim => Assert.Equal(("inconclusive", 0), ((string)claim!["verdict"]!, (int)claim["n"]!)));
        Assert.Contains("No run tests it yet.", File.ReadAllText((string)result.Last["report"]!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_an_experiment_with_two_cards_is_compared_with_the_card_whose_setting_it_has()
    {
        var report = ReportOf("multi30k/seed-1");
        Assert.Contains("compared with Zhiyong Wu, Lingpeng Kong, Wei Bi, Xiang Li, Ben Kao (2021), Good for Misconceived Reasons", report, StringComparison.Ordinal);
        Assert.Contains("- published: **41.02 BLEU** (multi30k/multi30k-bleu, README-baseline.md; inconclusive at n = 1)", report, StringComparison.Ordinal);
        Assert.Contains("Every option has the value that the claim multi30k/multi30k-bleu asks for.", report, StringComparison.Ordinal);
        Assert.DoesNotContain("arXiv:1706.03762", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_the_setting_of_one_claim_is_compared_with_that_and_published_numbers_keep_their_digits()
    {
        var report = ReportOf("nanogpt/cpu-0");
        Assert.Contains("The run has the setting of nanogpt/nanogpt-small-setting. This is one run, n = 1: inconclusive", report, StringComparison.Ordinal);
        Assert.DoesNotContain("**Warning.** Not comparable", report, StringComparison.Ordinal);
        Assert.Contains("| 1.4697 nats |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("1.47 nats", report, StringComparison.Ordinal);
    }

    public static TheoryData<string> Cards => [.. Directory.EnumerateFiles(Path.Combine(Root, "papers"), "*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cards))]
    public void A_papers_report_finds_what_its_card_says_and_names_no_command_that_fails(string paper)
    {
        var result = _cli.Bare("report", paper, "--results", Path.Combine(Root, "results"), "--output", _folder, "--json");
        Assert.True(result.Code == 0, result.Out + result.Error);
        var report = File.ReadAllText((string)result.Last["report"]!);
        foreach (var question in (string[])["Is the model described, with the setting? | models and algorithms", "How are they divided into training, validation and test? | data", "What was left out, what was done to them beforehand? | data"])
            Assert.Contains($"| {question} | **✓ recorded** |", report, StringComparison.Ordinal);
        var known = DatasetRegistry.Entries.Select(entry => entry.Name).ToList();
        Assert.All(Regex.Matches(report, @"\./repro data fetch ([A-Za-z0-9-]+)").Select(match => match.Groups[1].Value), name => Assert.Contains(name, known));
        Assert.DoesNotMatch(@"\b1 runs\b|\b1 attempts\b|at which they trained", report);
    }

    [Fact]
    public void A_sweep_that_lies_there_twice_is_refused_because_its_runs_would_count_twice()
    {
        Copy("shortcuts", "resnet/one");
        Copy("shortcuts", "resnet/two");
        var result = _cli.Bare("report", "resnet", "--results", _folder, "--output", Path.Combine(_folder, "report"));
        Assert.Equal(2, result.Code);
        Assert.Contains("both hold the sweep shortcuts", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_number_that_was_changed_is_refused_and_not_judged()
    {
        Copy("shortcuts", "resnet/one");
        var events = Path.Combine(_folder, "resnet/one/sweep/events.jsonl");
        var (before, after) = (File.ReadAllText(events), File.ReadAllText(events).Replace("\"validation_error\":5", "\"validation_error\":4", StringComparison.Ordinal));
        Assert.NotEqual(before, after);
        File.WriteAllText(events, after);
        var result = _cli.Bare("report", "resnet", "--results", _folder, "--output", Path.Combine(_folder, "report"));
        Assert.Equal(2, result.Code);
        Assert.Contains("is not what was exported", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_that_name_a_number_that_is_not_stored_are_refused()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "resnet"));
        File.WriteAllText(Path.Combine(_folder, "resnet", "notes.md"), "It has {{shortcuts.plain.validation_error}}.");
        var result = _cli.Bare("report", "resnet", "--results", _folder, "--output", Path.Combine(_folder, "report"));
        Assert.Equal(2, result.Code);
        Assert.Contains("names nothing that is stored", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_is_committed_is_what_its_runs_say()
    {
        Skip.If(File.Exists(Path.Combine(Root, ".git", "shallow")) || !Path.Exists(Path.Combine(Root, ".git")), "This checkout has no history, by which claims are told to have been frozen: git fetch --unshallow.");
        _cli.Change = fakes => fakes with { Experiments = () => Catalog.All, Renderer = () => FigureRenderers.Best() };
        var result = _cli.Bare("verify", "all");
        Assert.True(result.Code == 0, result.Out + result.Error);
    }

    internal static string Root => Enumerable.Range(0, 10).Aggregate((Folder: AppContext.BaseDirectory, Found: (string?)null), (state, _) =>
        state.Found is not null || File.Exists(Path.Combine(state.Folder, "Repro.sln")) ? (state.Folder, state.Found ?? state.Folder) : (Path.GetDirectoryName(state.Folder)!, null)).Found!;

    /// <summary>Of an exported run, made again into a folder of its own.</summary>
    private string ReportOf(string run)
    {
        var result = _cli.Bare("report", Path.Combine(Root, "results", run), "--output", Path.Combine(_folder, "run"), "--json");
        Assert.True(result.Code == 0, result.Out + result.Error);
        return File.ReadAllText((string)result.Last["report"]!);
    }

    private void Copy(string evidence, string to)
    {
        var from = Path.Combine(Root, "results", "resnet", evidence);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(_folder, to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }
}
