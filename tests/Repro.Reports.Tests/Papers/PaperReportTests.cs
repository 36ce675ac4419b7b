using System.Text.RegularExpressions;
using Repro.Reports.Claims;
using Repro.Reports.Papers;
using Repro.Reports.Tests.Claims;
using Repro.Studies;
using Repro.Studies.Papers;

namespace Repro.Reports.Tests.Papers;

public sealed class PaperReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_screen_has_every_claim_with_verdict_numbers_and_cost()
    {
        var report = Write(Input([8.70, 8.80, 8.74, 8.76, 8.72, 8.78, 8.75, 8.73, 8.77, 8.75]));
        var first = report[..report.IndexOf("## Claim by claim", StringComparison.Ordinal)];
        Assert.Contains("[resnet20](#claim-resnet20)", first, StringComparison.Ordinal);
        Assert.Contains("| **✓ reproduced** | 8.75 % | 8.750 \\[8.729, 8.771\\] % | 10 | 5 h, 0 GPU h |", first, StringComparison.Ordinal);
        Assert.Contains("1 reproduced", first, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_leads_to_its_rule_its_runs_and_their_commands()
    {
        var report = Write(Input([8.6, 8.7, 8.8]));
        var claim = report[report.IndexOf("### resnet20", StringComparison.Ordinal)..report.IndexOf("### resnet110", StringComparison.Ordinal)];
        Assert.Contains("prediction interval", claim, StringComparison.Ordinal);
        Assert.Contains("`run-20-2`", claim, StringComparison.Ordinal);
        Assert.Contains("for seed in $(seq 10); do ./repro run resnet --profile paper --set depth=20 --set residual=true --seed $seed; done", claim, StringComparison.Ordinal);
        Assert.Contains("**What would decide:** 7 more runs", claim, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_run_tested_is_listed_with_what_would() => Assert.Contains("[resnet110](#claim-resnet110)", Section(Write(Input([8.6, 8.7, 8.8])), "What was not tested"), StringComparison.Ordinal);

    [Fact]
    public void Under_a_claim_that_is_not_judged_stands_no_command_that_would_decide_nothing()
    {
        var input = Input([8.6, 8.7, 8.8]);
        var unsure = Judge.Of(ClaimEvidence.Of(ExampleEvidence.Value with { Id = "unsure", Uncertain = "The number was not found in the paper." }, input.Runs, ExampleRuns.Subject, ExampleEvidence.Frozen));
        var report = Write(input with { Judgements = [unsure, .. input.Judgements] });
        var claim = report[report.IndexOf("### unsure", StringComparison.Ordinal)..report.IndexOf("### resnet20", StringComparison.Ordinal)];
        Assert.Contains("not judged", claim, StringComparison.Ordinal);
        Assert.DoesNotContain("What tests it", claim, StringComparison.Ordinal);
    }

    [Fact]
    public void What_real_examples_have_stands_beneath_what_the_models_have()
    {
        var report = Write(Input([8.6, 8.7, 8.8]) with { FloorOf = metric => metric == "test_error" ? metric : null });
        Assert.Contains("| as many real examples | 3 | 8.7", report, StringComparison.Ordinal);
        Assert.DoesNotContain("as many real examples", Write(Input([8.6, 8.7, 8.8])), StringComparison.Ordinal);
    }

    [Fact]
    public void Transfer_claims_are_counted_apart()
    {
        var input = Input([8.6, 8.7, 8.8]);
        var transfer = Judge.Of(ClaimEvidence.Of(ExampleEvidence.Value with { Id = "elsewhere", Transfer = true }, input.Runs, ExampleRuns.Subject, ExampleEvidence.Frozen));
        Assert.Contains("1 transfer claim: **1 inconclusive**", Write(input with { Judgements = [.. input.Judgements, transfer] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_in_prose_come_from_the_runs()
    {
        var input = Input([8.6, 8.7, 8.8]) with { Notes = "Three runs have {{runs.test_error}}; it is {{claim.resnet20.verdict}}, n = {{claim.resnet20.n}}." };
        Assert.Contains("Three runs have 8.7 ± 0.1 %; it is inconclusive, n = 3.", Write(input), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_to_nothing_is_refused_with_its_place_and_the_nearest_names()
    {
        var error = Assert.Throws<BadInputException>(() => Write(Input([8.6, 8.7]) with { Notes = "One line.\nThen {{runs.test_eror}}." }));
        Assert.Contains("results/resnet/notes.md, line 2, column 6", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nearest: runs.test_error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_runs_stand_in_the_cost_ledger()
    {
        var input = Input([8.6, 8.7]);
        var ledger = Section(Write(input with { Runs = [.. input.Runs, ExampleEvidence.Failed(7, notFinite: true)] }), "Cost ledger");
        Assert.Contains("failed", ledger, StringComparison.Ordinal);
        Assert.Contains("The loss is no finite number.", ledger, StringComparison.Ordinal);
        Assert.Contains("| all |  |  | 3 |", ledger, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_recorded_stays_open_in_the_checklist()
    {
        var checklist = Section(Write(Input([8.6, 8.7])), "Reproducibility checklist");
        Assert.Contains("Are trained models there? | code | **? open** | not recorded", checklist, StringComparison.Ordinal);
        Assert.Contains("How many runs were made for training and evaluation? | results | **✓ recorded** | 2 runs", checklist, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("## What is done otherwise\n\n- Images are not cropped.", "**✓ recorded** | the card, under \"What is done otherwise\"")]
    [InlineData("## What is done otherwise, and what the paper leaves open\n\nMuch.", "**✓ recorded** | the card, under \"What is done otherwise, and what the paper leaves open\"")]
    [InlineData("## What is done otherwise\n\n### Of our own\n\nMuch.", "**✓ recorded** | the card, under \"What is done otherwise\"")]
    [InlineData("## The data\n\nAll.\n\n## What is done otherwise\n\nMuch.", "**✓ recorded** | the card, under \"The data\", \"What is done otherwise\"")]
    [InlineData("## The data are otherwise\n\nMuch.", "**? open** | not recorded")]
    [InlineData("## What is done otherwise\n\n## Traps\n\nMany.", "**? open** | not recorded")]
    [InlineData("# What is done otherwise\n\nA title answers nothing.", "**? open** | not recorded")]
    [InlineData("Prose without a heading tells much, but not this.", "**? open** | not recorded")]
    public void Only_the_section_that_it_asks_for_answers_a_question(string prose, string answer)
    {
        var checklist = Section(Write(Input([8.6, 8.7]) with { Card = Card with { Prose = prose } }), "Reproducibility checklist");
        Assert.Contains($"What was left out, what was done to them beforehand? | data | {answer} |", checklist, StringComparison.Ordinal);
        Assert.Contains("Is the model described, with the setting? | models and algorithms | **? open** | not recorded |", checklist, StringComparison.Ordinal);
    }

    [Fact]
    public void How_data_are_divided_is_told_by_the_card_and_the_registry_and_not_by_an_option()
    {
        var input = Input([8.6, 8.7]) with { Registered = name => name == "cifar-10" ? [("train", 50_000), ("test", 10_000)] : null };
        string Checklist(string prose) => Section(Write(input with { Card = Card with { Prose = prose } }), "Reproducibility checklist");
        Assert.Contains("How are they divided into training, validation and test? | data | **✓ recorded** | cifar-10: train 50,000, test 10,000; the card, under \"The data\" |", Checklist("## The data\n\n5,000 are validation."), StringComparison.Ordinal);
        Assert.Contains("How are they divided into training, validation and test? | data | **? open** |", Checklist("Nothing."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_measured_with_is_no_data_set_that_could_be_fetched(bool recorded)
    {
        var input = Input([8.6, 8.7]);
        var runs = input.Runs.Select(run => run with { Run = run.Run with { Attempts = [.. run.Run.Attempts.Select(attempt => ExampleEvidence.Measured(attempt, recorded))] } }).ToList();
        var report = Write(input with { Runs = runs, Registered = name => name == "cifar-10" ? [("train", 50_000), ("test", 10_000)] : null });
        var checklist = Section(report, "Reproducibility checklist");
        Assert.Contains("Where can they be had? | data | **✓ recorded** | ./repro data fetch cifar-10 |", checklist, StringComparison.Ordinal);
        Assert.DoesNotContain("fetch DIGITS", report, StringComparison.Ordinal);
        Assert.Contains($"measured with DIGITS-CNN-64, identity {new string('d', 64)} |", checklist, StringComparison.Ordinal);
        Assert.Contains("| data (identity) | measured with (identity) | attempts of |", Section(report, "Environment"), StringComparison.Ordinal);
        Assert.DoesNotContain("measured with (identity)", Write(input), StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_is_no_several()
    {
        var run = ExampleEvidence.Run(8.6, 1);
        run = run with { Run = run.Run with { Attempts = [run.Run.Attempts[0]] } };
        Assert.Contains("| 1 run in 1 attempt, each in the cost ledger |", Section(Write(Input([8.6]) with { Runs = [run] }), "Reproducibility checklist"), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_of_one_setting_that_wait_for_the_others_are_shown_alike_everywhere()
    {
        List<EvidenceRun> runs = [.. ExampleEvidence.Scored([8.6, 8.7, 8.8, 8.9])];
        var judged = Judge.Of(ClaimEvidence.Of(ExampleEvidence.Falls, runs, ExampleRuns.Subject, ExampleEvidence.Frozen));
        var report = Write(Input([8.6]) with { Runs = runs, Judgements = [judged] });
        Assert.Contains("depth=20: 8.75 \\[8.54, 8.96\\] %; depth=32: – | 4, 0 | 2 h, 0 GPU h |", report, StringComparison.Ordinal);
        var claim = Section(report, "Claim by claim");
        Assert.Contains("| `depth=20` | 4 | 8.75 \\[8.54, 8.96\\] % |", claim, StringComparison.Ordinal);
        Assert.Contains("| `depth=32` | 0 | – | – |", claim, StringComparison.Ordinal);
        Assert.Equal(4, claim.Split("| waits for the other settings |").Length - 1);
        Assert.DoesNotContain("before the first look", claim, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_compared_window_by_window_stands_on_one_picture()
    {
        const string Title = "Differences between settings, window by window";
        IEnumerable<EvidenceRun> Forecasting(double mean, double[] losses, ExampleOptions? options = null) =>
            ExampleEvidence.Scored([mean, mean + 0.1, mean - 0.1], options).Select(run => run with { Windows = _ => new WindowLosses([0, 50, 100, 150, 200], losses, 10) });
        var claim = ExampleEvidence.Falls with { OverWindows = true, Looks = [3], LargestN = 3 };
        List<EvidenceRun> runs = [.. Forecasting(20, [1, 1.3, 1, 1.1, 1]), .. Forecasting(19.9, [0.8, 1.0, 0.9, 0.8, 0.7], new ExampleOptions { Depth = 32 })];
        Judgement Judged(Claim of) => Judge.Of(ClaimEvidence.Of(of, runs, ExampleRuns.Subject, ExampleEvidence.Frozen));
        var input = Input([8.6]) with { Runs = runs };
        // Without a renderer a report says which pictures are missing.
        Assert.Single(Regex.Matches(Write(input with { Judgements = [Judged(claim), Judged(claim with { Id = "deeper-again" })] }), Title));
        // By seeds there is nothing to draw: that is what the sweep's own report has.
        Assert.DoesNotContain(Title, Write(input with { Judgements = [Judged(claim with { OverWindows = false })] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("search, 40 trials, 40 runs", "**✓ recorded** | one: its study, which chooses on validation")]
    [InlineData("ablation, 1 arm beside the baseline, 16 runs", "**? open** | not recorded")]
    public void Only_a_search_chooses_hyperparameters(string what, string answer)
    {
        var folder = new EvidenceFolder("one", what, "./repro sweep resnet/one", "10 passed", 0) { Study = "experiment: resnet" };
        var checklist = Section(Write(Input([8.6, 8.7]) with { Folders = [folder] }), "Reproducibility checklist");
        Assert.Contains($"how was the best chosen? | results | {answer} |", checklist, StringComparison.Ordinal);
    }

    [Fact]
    public void Theory_is_not_applicable_and_not_counted_as_recorded()
    {
        var checklist = Section(Write(Input([8.6, 8.7])), "Reproducibility checklist");
        Assert.Contains("Are claims of theory stated and proved? | theory | **– not applicable** |", checklist, StringComparison.Ordinal);
        Assert.Contains("open, 1 not applicable.", checklist, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_evidence_gives_the_same_bytes()
    {
        var first = Write(Input([8.6, 8.7, 8.8]));
        Assert.Equal(first, Write(Input([8.6, 8.7, 8.8])));
    }

    [Fact]
    public void The_front_page_links_only_papers_that_have_a_report()
    {
        var page = FrontPage.Write([Input([8.6, 8.7, 8.8]), Input([]) with { Card = Card with { Name = "untested" } }]);
        Assert.Contains("[resnet/resnet20](resnet/report.md#claim-resnet20)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("(untested/report.md", page, StringComparison.Ordinal);
        Assert.Contains("untested/resnet20", page, StringComparison.Ordinal);
    }

    private static PaperCard Card { get; } = PaperCardReader.Parse(ExampleRuns.Card, "papers/resnet.md");

    private static PaperReportInput Input(double[] values)
    {
        List<EvidenceRun> runs = [.. ExampleEvidence.Scored(values)];
        return new PaperReportInput(Card)
        {
            ExperimentTitle = "An example", Runs = runs, Folders = values.Length == 0 ? [] : [new EvidenceFolder("runs", "runs", "./repro run resnet", "10 passed", null)],
            Judgements = [.. Card.Claims.Select((claim, i) => Judge.Of(ClaimEvidence.Of(i == 0 ? ExampleEvidence.Value : claim, runs, ExampleRuns.Subject, ExampleEvidence.Frozen)))],
        };
    }

    private static string Section(string report, string title)
    {
        var start = report.IndexOf($"## {title}", StringComparison.Ordinal);
        var end = report.IndexOf("\n## ", start + 4, StringComparison.Ordinal);
        return end < 0 ? report[start..] : report[start..end];
    }

    private string Write(PaperReportInput input) => File.ReadAllText(PaperReport.Write(input, renderer: null, _folder).Markdown);
}
