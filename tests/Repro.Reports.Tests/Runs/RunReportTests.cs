using System.Text.RegularExpressions;
using Repro.Figures;
using Repro.Figures.Gnuplot;
using Repro.Reports.Runs;
using Repro.Reports.Tests.Claims;
using Repro.Reports.Tests.Documents;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies.Options;
using Repro.Studies.Runs;

namespace Repro.Reports.Tests.Runs;

public sealed partial class RunReportTests : IDisposable
{
    private const string Evil = "<script>alert('x')</script> \"|` [a](javascript:b)";

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-report-").FullName;

    [SkippableFact]
    public void A_report_is_two_files_and_the_figures_that_they_show()
    {
        var files = RunReport.Write(ExampleRuns.Input(ExampleRuns.Run()), Renderer(), _folder);
        Assert.Equal((Path.Combine(_folder, "report.html"), Path.Combine(_folder, "report.md")), (files.Html, files.Markdown));
        var markdown = File.ReadAllText(files.Markdown);
        var linked = MarkdownImage().Matches(markdown).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["figures/curve-error.png", "figures/curve-loss.png", "figures/curve-learning-rate.png", "figures/examples-highest-loss.png"], linked);
        Assert.All(linked, link => Assert.True(File.Exists(Path.Combine(_folder, link))));
        Assert.All(files.Figures, file => Assert.True(File.Exists(file)));
    }

    [SkippableFact]
    public void The_page_needs_nothing_from_outside_and_runs_its_own_script_alone()
    {
        var html = File.ReadAllText(RunReport.Write(ExampleRuns.Input(ExampleRuns.Run()), Renderer(), _folder).Html);
        PagePolicy.AssertOnlyOwnScript(html);
        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""'](?!data:|#)", html);
        Assert.DoesNotMatch(@"url\(|@import|<link", html);
        Assert.Equal(12, Regex.Count(html, "<img src=\"data:image/png;base64,"));
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Headings_do_not_skip_a_level_ids_are_unique_and_cells_have_headers()
    {
        var html = File.ReadAllText(RunReport.Write(ExampleRuns.Input(ExampleRuns.Run()), Renderer(), _folder).Html);
        var levels = Regex.Matches(html, "<h([1-6])").Select(match => match.Groups[1].Value[0] - '0').ToList();
        Assert.Equal(1, levels[0]);
        Assert.Single(levels, level => level == 1);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        var ids = Regex.Matches(html, @"\sid=[""']([^""']+)").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.DoesNotMatch("<th>", html);
        Assert.DoesNotMatch("<img(?![^>]*alt=)", html);
        Assert.Equal(Regex.Count(html, "<table"), Regex.Count(html, "<caption>"));
    }

    [Fact]
    public void Score_papers_value_and_what_they_do_not_show_stand_before_the_first_section()
    {
        var (markdown, html) = Write(ExampleRuns.Input(ExampleRuns.Run()));
        var first = markdown[..markdown.IndexOf("\n## ", StringComparison.Ordinal)];
        foreach (var expected in (string[])["completed", "8.93 %", "8.75 %", "Table 6", "n = 1: inconclusive", "+0.18 percentage points", "./repro run resnet --profile paper --seed 1"])
            Assert.Contains(expected, first, StringComparison.Ordinal);
        Assert.DoesNotContain("reproduced", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_smaller_setting_is_called_not_comparable_with_every_option_that_differs()
    {
        var (markdown, _) = Write(ExampleRuns.Input(ExampleRuns.Run(options: new ExampleOptions { Steps = 2000, LearningRate = 0.05 })));
        Assert.Contains("Not comparable at this scale", markdown, StringComparison.Ordinal);
        Assert.Contains("2 options differ from the setting of resnet/resnet20, the claim that comes nearest: learning_rate = 0.05 (asked: 0.1); steps = 2000 (asked: 64000)", markdown, StringComparison.Ordinal);
        Assert.Contains("| `steps` | **2000** | 64000 (differs) |", markdown, StringComparison.Ordinal);
        Assert.Contains("| `depth` | 20 | the same |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_compared_with_the_card_whose_claim_it_comes_nearest_to_and_every_card_is_seen()
    {
        var input = WithSmallSetting(ExampleRuns.Input(ExampleRuns.Run()));
        var (own, _) = Write(input);
        Assert.Contains("compared with Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun (2015), Deep Residual Learning for Image Recognition, arXiv:1512.03385\n", own, StringComparison.Ordinal);
        // The setting of another card's claim, which is no default.
        var (markdown, _) = Write(input with { Run = ExampleRuns.Run(options: new ExampleOptions { Steps = 2000 }) });
        var first = markdown[..markdown.IndexOf("\n## ", StringComparison.Ordinal)];
        Assert.Contains("compared with Another Author (2021), A small setting, a README", first, StringComparison.Ordinal);
        Assert.Contains("- published: **9.50 %** (small/small-error, README.md; inconclusive at n = 1)", first, StringComparison.Ordinal);
        Assert.Contains("Every option has the value that the claim small/small-error asks for.", markdown, StringComparison.Ordinal);
        Assert.Contains("| option | this run | small-error |", markdown, StringComparison.Ordinal);
        Assert.Contains("Notes on the paper, from papers/small.md", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("Deep Residual Learning", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_the_setting_of_a_claim_on_the_page_is_not_called_incomparable_for_the_others()
    {
        var (markdown, _) = Write(WithSmallSetting(ExampleRuns.Input(ExampleRuns.Run(options: new ExampleOptions { Steps = 2000 }))));
        Assert.DoesNotContain("**Warning.** Not comparable", markdown, StringComparison.Ordinal);
        Assert.Contains("The run has the setting of small/small-error. This is one run, n = 1: inconclusive", markdown, StringComparison.Ordinal);
        // The other claim has its own verdict, with the differences from its own setting; the nearer one stands first.
        var rows = markdown.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("% (test error) |", StringComparison.Ordinal)).ToList();
        Assert.Contains("small/small-error", rows[0], StringComparison.Ordinal);
        Assert.Contains("**Not comparable at this scale.** The run is of another setting than the claim's: steps = 2000 (asked: 64000).", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_claim_asks_for_the_options_they_stand_beside_the_profile_of_the_defaults_which_is_called_so()
    {
        var (markdown, _) = Write(ExampleRuns.Input(ExampleRuns.Run(options: new ExampleOptions { Depth = 56 })));
        Assert.Contains("No claim of the paper's card asks for the options of this run.", markdown, StringComparison.Ordinal);
        Assert.Contains("1 of 4 options differs from those of the profile paper; it comes first.", markdown, StringComparison.Ordinal);
        Assert.Contains("| option | this run | profile paper |", markdown, StringComparison.Ordinal);
        Assert.Contains("| `depth` | **56** | 20 (differs) |", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("compared with", markdown, StringComparison.Ordinal);
        var nothing = ExampleRuns.Input(ExampleRuns.Run(options: new ExampleOptions { Depth = 56 })) with { Subject = ExampleRuns.Subject with { Profiles = [] } };
        Assert.Contains("differs from those of the defaults;", Write(nothing).Markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_the_setting_of_a_number_that_is_not_judged_says_so()
    {
        var input = ExampleRuns.Input(ExampleRuns.Run());
        var card = input.Papers[0];
        var (markdown, _) = Write(input with { Papers = [card with { Claims = [card.Claims[0] with { Uncertain = "read off Figure 6" }] }] });
        Assert.Contains("The run has the setting of resnet/resnet20, whose published number is shown and not judged.", markdown, StringComparison.Ordinal);
        Assert.Contains("Table 6; shown and not judged)", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_run_was_measured_with_is_no_data_set()
    {
        var run = ExampleRuns.Run();
        var (markdown, _) = Write(ExampleRuns.Input(run with { Attempts = [ExampleEvidence.Measured(run.Attempts[0])] }));
        Assert.Contains("| measured with DIGITS-CNN-64, identity | ", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("data DIGITS-CNN-64", markdown, StringComparison.Ordinal);
        Assert.Contains("\n- data: cifar-10 `", markdown, StringComparison.Ordinal);
        Assert.Contains("\n- measured with: DIGITS-CNN-64 `", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("measured with", Write(ExampleRuns.Input(run)).Markdown, StringComparison.Ordinal);
    }

    // A second card of the same experiment, whose claim asks for the profile quick.
    private static RunReportInput WithSmallSetting(RunReportInput input)
    {
        var own = input.Papers[0];
        var claim = own.Claims[0] with { Id = "small-error", Statement = "The small setting has an error of 9.50 %.", Stands = "README.md", Value = 9.5, ValueDigits = "9.50", Profile = "quick" };
        return input with { Papers = [own, own with { Name = "small", Title = "A small setting", Authors = "Another Author", Year = 2021, Source = "a README", Prose = "Its own prose.\n", Claims = [claim] }] };
    }

    [Fact]
    public void A_resume_under_other_conditions_is_labelled_with_what_changed()
    {
        var (markdown, _) = Write(ExampleRuns.Input(ExampleRuns.Run()));
        Assert.Contains("Attempt 2 was resumed under other conditions than attempt 1, which wrote the checkpoint (threads 2 -> 4)", markdown, StringComparison.Ordinal);
        Assert.Contains("identical bits are not promised. Changed: threads 2 -> 4.", markdown, StringComparison.Ordinal);
        var same = ExampleRuns.Run() with { Attempts = [ExampleRuns.Attempt(1, null, 2), ExampleRuns.Attempt(2, 1000, 2)] };
        (markdown, _) = Write(ExampleRuns.Input(same));
        Assert.DoesNotContain("other conditions", markdown, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("attempts 1 to 2", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Conditions_are_those_of_the_attempt_that_wrote_the_checkpoint_and_not_of_the_one_before()
    {
        var example = ExampleRuns.Run();
        using var folder = RunFolder.Create(_folder, new RunRequest(example.Id, example.Experiment, example.Profile, example.Options, example.Seed, example.Command, example.Created));
        RunEnvironment Threads(int threads) => ExampleRuns.Attempt(1, null, threads).Environment;
        folder.StartAttempt(Threads(2), null);
        folder.Checkpoint(1000, Path.Combine(folder.AttemptFolder, "step-000001000.safetensors"), new string('c', 64), 1 << 22);
        folder.StartAttempt(Threads(4), 1000);
        folder.StartAttempt(Threads(2), 1000);
        folder.StartAttempt(Threads(8), null);
        var (markdown, _) = Write(ExampleRuns.Input(example with { Attempts = folder.Read().Attempts }));
        var rows = markdown.Split('\n').Where(line => Regex.IsMatch(line, @"^\| [1-4] \|")).Select(line => line.Split('|')[4].Trim());
        Assert.Equal(
            [
                "the first",
                "**Other conditions** than attempt 1, which wrote the checkpoint: identical bits are not promised. Changed: threads 2 -> 4.",
                "those of attempt 1, which wrote the checkpoint",
                "begun anew: nothing of an earlier attempt is in its bits",
            ],
            rows);
        Assert.Equal(["Attempt 2 was"], Regex.Matches(markdown, "Attempt [0-9] was").Select(match => match.Value));
    }

    [Fact]
    public void A_failed_run_says_why_and_gives_no_score()
    {
        var (markdown, _) = Write(ExampleRuns.Input(ExampleRuns.Run(RunState.Failed)));
        Assert.Contains("The run failed: The loss became NaN at step 1,204.", markdown, StringComparison.Ordinal);
        Assert.Contains("test error: **none**", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Commit_dirt_hashes_memory_and_waiting_are_told()
    {
        var (markdown, _) = Write(ExampleRuns.Input(ExampleRuns.Run()));
        foreach (var expected in (string[])["0123456789abcdef0123456789abcdef01234567", "attempt-1/dirty.diff", new string('a', 64), "812 MiB", "1.23 %", "AVX2", "OpenBLAS 0.3.21"])
            Assert.Contains(expected, markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_renderer_the_report_says_what_is_missing_and_how_to_get_it()
    {
        var (markdown, html) = Write(ExampleRuns.Input(ExampleRuns.Run()));
        Assert.Contains("Install gnuplot-nox", markdown, StringComparison.Ordinal);
        Assert.Contains("./repro report resnet-20260901-7f3a", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_cannot_be_drawn_is_named_in_its_place()
    {
        var input = ExampleRuns.Input(ExampleRuns.Run()) with { Figures = [new Figure("empty", "An empty figure", new Axis("x"), new Axis("y"), [])] };
        var files = RunReport.Write(input, new RefusingRenderer(), _folder);
        Assert.Contains("The figure \"An empty figure\" is missing: refused 'empty'", File.ReadAllText(files.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_refuses_the_report_is_named_and_nothing_is_left_there()
    {
        var refusing = Path.Combine(_folder, "report.md");
        Directory.CreateDirectory(refusing);
        var error = Assert.Throws<StorageException>(() => RunReport.Write(ExampleRuns.Input(ExampleRuns.Run()), null, _folder));
        Assert.Contains(refusing, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, "*.partial"));
    }

    [Fact]
    public void Nothing_that_a_person_wrote_becomes_markup()
    {
        var run = ExampleRuns.Run() with
        {
            Command = Evil,
            Messages = [Evil],
            Failure = Evil,
            Checks = [new RecordedCheck(Evil, Evil, 1, Evil, Evil, Evil)],
            Options = [KeyValuePair.Create("name", Evil), .. ExampleRuns.Run().Options],
        };
        var input = ExampleRuns.Input(run);
        var paper = input.Papers[0] with { Title = Evil, Prose = $"# {Evil}\n\nText {Evil}\n\n<img src=x onerror=alert(1)>\n\n![i](http://example.org/x.png) <javascript:alert(1)>\n\n`<b>`" };
        input = input with
        {
            ExperimentTitle = Evil,
            Papers = [paper with { Claims = [paper.Claims[0] with { Statement = Evil, Stands = Evil, Scale = Evil }] }],
        };
        var (markdown, html) = Write(input);
        PagePolicy.AssertOnlyOwnScript(html);
        Assert.DoesNotMatch("href=\"(javascript|http:)", html.Replace("href=\"http://example.org/x.png\"", "", StringComparison.Ordinal));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(", html, StringComparison.Ordinal);
        // In Markdown the same text may stand in code, where it is inert.
        var withoutCode = Regex.Replace(Regex.Replace(markdown, "(?ms)^```.*?^```", ""), "(`+).+?\\1", "");
        Assert.DoesNotContain("<script", withoutCode, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", withoutCode, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?<!\\)\]\(javascript", withoutCode);
    }

    [Fact]
    public void The_command_that_repeats_the_run_stands_there_once()
    {
        var run = ExampleRuns.Run();
        var (markdown, html) = Write(ExampleRuns.Input(run));
        Assert.Equal(2, markdown.Split(run.Command).Length);
        Assert.Equal(2, html.Split(run.Command).Length);
        Assert.Contains($"./repro report {run.Id}", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_perfect_model_is_expected_to_have_stands_beside_the_runs_own()
    {
        var (markdown, html) = Write(ExampleRuns.Input(ExampleRuns.Run()) with { BestPossible = new Dictionary<string, double> { ["test_error"] = 5 } });
        Assert.Contains("8.93 % (expected of a perfect model: 5 %)", markdown, StringComparison.Ordinal);
        Assert.Contains("<dt>expected of a perfect model</dt><dd>5 %", html, StringComparison.Ordinal);
        var others = Write(ExampleRuns.Input(ExampleRuns.Run()) with { BestPossible = new Dictionary<string, double> { ["test_loss"] = 0.125 } }).Markdown;
        Assert.Single(others.Split('\n'), line => line.Contains("`test_loss`", StringComparison.Ordinal) && line.Contains("(expected of a perfect model: 0.125)", StringComparison.Ordinal));
        Assert.DoesNotContain("perfect model", Write(ExampleRuns.Input(ExampleRuns.Run())).Markdown, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_same_run_gives_the_same_bytes()
    {
        var input = ExampleRuns.Input(ExampleRuns.Run());
        var first = RunReport.Write(input, Renderer(), Path.Combine(_folder, "1"));
        var second = RunReport.Write(input, Renderer(), Path.Combine(_folder, "2"));
        Assert.Equal(File.ReadAllText(first.Html), File.ReadAllText(second.Html));
        Assert.Equal(File.ReadAllText(first.Markdown), File.ReadAllText(second.Markdown));
    }

    [Fact]
    public void A_run_that_was_only_planned_has_a_report()
    {
        var run = ExampleRuns.Run(RunState.Planned) with { Attempts = [], Metrics = [], Messages = [], Trained = TimeSpan.Zero };
        var (markdown, _) = Write(new RunReportInput(run) { MainMetric = "test_error" });
        Assert.Contains("The run is planned", markdown, StringComparison.Ordinal);
        Assert.Contains("has no paper card", markdown, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Markdown, string Html) Write(RunReportInput input)
    {
        // Examples need the image library; these tests look at words.
        var files = RunReport.Write(input with { Examples = [] }, null, _folder);
        return (File.ReadAllText(files.Markdown), File.ReadAllText(files.Html));
    }

    private static GnuplotRenderer Renderer()
    {
        var renderer = GnuplotRenderer.Find();
        Skip.If(renderer is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        return renderer!;
    }

    private sealed class RefusingRenderer : IFigureRenderer
    {
        public string Name => "refusing 1.0";

        public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats) => throw new FigureException($"refused '{figure.Name}'");
    }

    [GeneratedRegex(@"!\[[^\]]*\]\(([^)]+)\)")]
    private static partial Regex MarkdownImage();
}
