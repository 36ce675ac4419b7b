using System.Text.RegularExpressions;
using Repro.Figures;
using Repro.Figures.Gnuplot;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Sweeps;
using Repro.Reports.Tests.Documents;
using Repro.Studies.StudyFiles;

namespace Repro.Reports.Tests.Sweeps;

public sealed class SweepReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_screen_says_question_status_best_budget_checks_and_that_test_was_not_computed()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search));
        var first = markdown[..markdown.IndexOf("\n## ", StringComparison.Ordinal)];
        foreach (var expected in (string[])["Which rate is best?", "completed", "13 completed, 1 failed", "10 %", "trial 0", "14 trials", "sampler random, pruner none", "checks: 9 passed", "test was not computed", "./repro sweep rates --confirm 5"])
        {
            Assert.Contains(expected, first, StringComparison.Ordinal);
            Assert.Contains(System.Net.WebUtility.HtmlEncode(expected), html, StringComparison.Ordinal);
        }
        Assert.Contains("./repro sweep study.yaml --seed 7 --name rates\n./repro export rates --output DIR\n./repro report rates\n", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", first, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_that_reads_test_shows_every_arms_test_scores_and_tests_no_difference_from_a_baseline()
    {
        var (markdown, _) = Write(ExampleSweeps.Input(ExampleSweeps.Ablation with { ReadsTest = true }));
        Assert.Contains("test: **read** (once by each run that completed, at its end; nothing was chosen by it)", markdown, StringComparison.Ordinal);
        Assert.Matches(@"\| plain \| 6 \| 79.5 ± ", markdown);
        Assert.DoesNotContain("under Holm", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("forest", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_objective_is_of_real_examples_stands_beside_the_best_of_it()
    {
        var (markdown, _) = Write(ExampleSweeps.Input(ExampleSweeps.Ablation) with { Floor = ExampleSweeps.Ablation.Objective.Metric });
        Assert.Contains("validation error: **11.25 %** (the validation error of as many real examples)", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_checks_and_a_sweep_that_is_not_done_are_warned_about_at_once()
    {
        var (markdown, _) = Write(ExampleSweeps.Input(ExampleSweeps.Search, checks: "skipped") with { Status = "stopped", Declared = "net/learning-rate" });
        var first = markdown[..markdown.IndexOf("\n## ", StringComparison.Ordinal)];
        Assert.Contains("The recipe's checks were skipped", first, StringComparison.Ordinal);
        Assert.Contains("The sweep is stopped, and nothing below is final.", first, StringComparison.Ordinal);
        Assert.Contains("./repro sweep net/learning-rate --seed 7 --name rates", first, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ten_best_trials_stand_in_order_with_what_was_searched()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search));
        var rows = Regex.Matches(markdown, @"^\| (\d+) \| (\d+)[^|]*\| (\d+) % \| ([^|]+) \| (residual|plain) \| ([^|]+) \|", RegexOptions.Multiline);
        Assert.Equal(Enumerable.Range(1, 10).Select(rank => (rank, rank - 1, rank + 9)), rows.Select(row => (int.Parse(row.Groups[1].Value), int.Parse(row.Groups[2].Value), int.Parse(row.Groups[3].Value))));
        Assert.Contains("| 0 (profile paper's) |", markdown, StringComparison.Ordinal);
        Assert.Contains("The 10 best of 13 completed trials", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_of_the_study_is_the_study_and_stands_in_the_report()
    {
        var files = SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), null, _folder);
        Assert.Equal(ExampleSweeps.Search, StudyFile.Read(File.ReadAllText(files.Study), files.Study, subjects: null));
        Assert.Contains(ExampleSweeps.Search.Text.Split('\n')[0], File.ReadAllText(files.Markdown), StringComparison.Ordinal);
        Assert.Contains("ada &lt;b&gt;", File.ReadAllText(files.Html), StringComparison.Ordinal);
        Assert.Contains("0123abc", File.ReadAllText(files.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void Test_scores_of_a_confirmation_stay_out_unless_they_are_asked_for()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 3));
        Assert.Contains("| `validation_error` | 3 | 11.5 ± 1 % | 10.5, 11.5, 12.5 |", markdown, StringComparison.Ordinal);
        Assert.Contains("its scores were never shown, and this report leaves them out", markdown, StringComparison.Ordinal);
        foreach (var text in new[] { markdown, html }) Assert.DoesNotMatch("test_error|\\b7[789]\\b", text);
        var (shown, _) = Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 3, testReadings: 2) with { ShowTest = true });
        Assert.Contains("| `test_error` | 3 | 78 ± 1 % | 77, 78, 79 |", shown, StringComparison.Ordinal);
        Assert.Contains("Its scores were shown 2 times, this report included.", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_arms_of_an_ablation_stand_with_their_paired_differences()
    {
        var (markdown, _) = Write(ExampleSweeps.Input(ExampleSweeps.Ablation));
        // Six pairs reach p = 1/32, which two arms under Holm's correction may not take.
        Assert.Contains("| plain | `network=plain` Without the shortcuts. | 6 | 11.25 ± 0.1871 % | \\+1 ± 0 points | 0.03125 | **inconclusive** |", Regex.Replace(markdown, @"± \d\.?\d*E.1\d", "± 0"), StringComparison.Ordinal);
        Assert.Contains("./repro ablate study.yaml --seed 7 --name rates", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("## Best trials", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_of_an_arm_that_diverged_are_named_and_not_forgotten()
    {
        var drawn = new Dictionary<string, Figure>();
        // The arm "slow", trial 2, is better wherever it does not diverge.
        var input = ExampleSweeps.Input(ExampleSweeps.Ablation, ends: run => run.Run is { Trial: 2, Index: 0 or 3 } ? double.PositiveInfinity : 10 - run.Run.Trial);
        var markdown = File.ReadAllText(SweepReport.Write(input, new CollectingRenderer(drawn), _folder).Markdown);
        var seeds = input.State.Trials[2].Runs.Where(run => run.Key.Index is 0 or 3).Select(run => run.Seed).Order();
        var warning = $"2 of 6 runs of slow diverged (seeds {string.Join(", ", seeds)}): the objective is infinite or no number there.";
        Assert.Contains(warning, markdown, StringComparison.Ordinal);
        Assert.Contains(warning, drawn["forest"].Caption, StringComparison.Ordinal);
        Assert.Matches(@"\| slow \|[^|]*\| 4 \|.*\*\*inconclusive; 2 pairs diverged\*\* \|", markdown);
        Assert.Matches(@"\| plain \|[^|]*\| 6 \|.*\*\*inconclusive\*\* \|", markdown);
    }

    [Fact]
    public void Trials_that_tie_for_the_best_share_its_rank_and_the_first_stands_for_them()
    {
        var drawn = new Dictionary<string, Figure>();
        var markdown = File.ReadAllText(SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search, ends: run => run.Run.Trial < 3 ? 5 : 6), new CollectingRenderer(drawn), _folder).Markdown);
        Assert.Contains("Trial 0, the first of 3 that are equally the best of 13 with a value, of 14, on validation", markdown, StringComparison.Ordinal);
        Assert.Equal([1, 1, 1, 4, 4], Regex.Matches(markdown, @"^\| (\d+) \| \d+[^|]*\| \d %", RegexOptions.Multiline).Take(5).Select(row => int.Parse(row.Groups[1].Value)));
        Assert.Contains("2 others have the same value: the first of them stands for the best.", drawn["trials"].Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_trial_with_a_value_is_called_no_best_of_many()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search, ends: run => run.Run.Trial == 4 ? 5 : double.PositiveInfinity));
        Assert.Contains("Trial 4, the only one of 14 with a value on validation", markdown, StringComparison.Ordinal);
        Assert.Contains("The only trial with a final value", html, StringComparison.Ordinal);
        Assert.Contains("without a rank: trials 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13.", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Trial_0_is_not_called_the_profile_papers_where_somebody_set_an_option_for_all_trials()
    {
        var drawn = new Dictionary<string, Figure>();
        var markdown = File.ReadAllText(SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search) with { Forced = ["depth=8"] }, new CollectingRenderer(drawn), _folder).Markdown);
        Assert.Contains("| 0 (profile paper's but for depth=8) |", markdown, StringComparison.Ordinal);
        Assert.Contains(drawn["curves"].Marks.OfType<Line>(), line => line.Label == "trial 0: the best, profile paper's but for depth=8");
    }

    [Fact]
    public void Every_figure_stands_with_the_one_command_that_draws_it_and_its_caption_says_what_it_shows()
    {
        var drawn = new Dictionary<string, Figure>();
        var input = ExampleSweeps.Input(ExampleSweeps.Search);
        var reports = (SweepReportInput[])[input, ExampleSweeps.Input(ExampleSweeps.Ablation)];
        var texts = string.Concat(reports.Select(report => File.ReadAllText(SweepReport.Write(report, new CollectingRenderer(drawn), _folder).Markdown)));
        Assert.Equal(["bands", "best-of-n", "by-learning-rate", "by-momentum", "by-network", "curves", "forest", "parallel", "trials"], drawn.Keys.Order());
        Assert.All(drawn.Values, figure => Assert.Contains($"./repro figures rates --only {figure.Name}\n", texts, StringComparison.Ordinal));
        Assert.All(drawn.Values, figure => Assert.EndsWith(".", figure.Caption, StringComparison.Ordinal));
        Assert.All(drawn.Values, FigureRules.Check);
        Assert.True(drawn["by-learning-rate"].X.Log);
        Assert.False(drawn["by-momentum"].X.Log);
        Assert.Equal(["residual", "plain"], drawn["by-network"].X.Categories);
        // Thirteen points: the failed trial has no final objective.
        Assert.Equal(13, drawn["by-momentum"].Marks.OfType<Points>().Sum(points => points.X.Count));
        // One point better and two: the differences of six pairs, and their means.
        Assert.Equal([(0.0, 1.0), (1.0, 2.0)], Means(drawn["forest"]));

        static IEnumerable<(double, double)> Means(Figure figure) => figure.Marks.OfType<Points>().Where(points => points.Label.StartsWith("mean", StringComparison.Ordinal)).SelectMany(points => points.Y.Zip(points.X.Select(x => Math.Round(x, 9))));
    }

    [Fact]
    public void A_figure_that_the_data_do_not_allow_is_replaced_by_the_sentence_that_says_why()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search));
        Assert.Contains("Hyperparameter importance takes 30 trials or more; there are 13.", markdown, StringComparison.Ordinal);
        Assert.Contains("Hyperparameter importance takes 30 trials or more; there are 13.", html, StringComparison.Ordinal);
        var learned = ExampleSweeps.Input(ExampleSweeps.Search);
        var (other, _) = Write(learned with { Study = learned.Study with { Sampler = "tpe" } });
        Assert.Contains("An expected best-of-n curve is of independent random trials; these were suggested by the sampler tpe", other, StringComparison.Ordinal);
        var (planned, _) = Write(learned with { Study = learned.Study with { Sampler = "grid" } });
        Assert.Contains("those of the sampler grid are points of a plan, and no draws.", planned, StringComparison.Ordinal);
        Assert.DoesNotContain("each depending on others", planned, StringComparison.Ordinal);
    }

    [Fact]
    public void The_confirmation_is_drawn_over_its_fresh_seeds_without_a_word_of_test()
    {
        var drawn = new Dictionary<string, Figure>();
        var markdown = File.ReadAllText(SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 3), new CollectingRenderer(drawn), _folder).Markdown);
        var figure = drawn["confirmation"];
        // 10.5, 11.5 and 12.5 % at the last step.
        Assert.Equal((8.0, 11.5), (figure.Marks.OfType<Line>().Single().X[^1], Math.Round(figure.Marks.OfType<Line>().Single().Y[^1], 9)));
        Assert.Contains("n = 3, step 8", figure.Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("test", figure.Caption + figure.Title, StringComparison.Ordinal);
        var section = markdown[markdown.IndexOf("## Confirmation", StringComparison.Ordinal)..markdown.IndexOf("## The search", StringComparison.Ordinal)];
        Assert.Contains("./repro figures rates --only confirmation", section, StringComparison.Ordinal);
        Assert.Equal(["rates/14-0", "rates/14-1", "rates/14-2"], LedgerFile.Read(_folder)!.Figures["confirmation"].Runs);
    }

    [Fact]
    public void Values_of_the_paper_are_drawn_where_they_are_given()
    {
        var drawn = new Dictionary<string, Figure>();
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search) with { PaperObjective = new PaperValue("Table 6", 8.75) }, new CollectingRenderer(drawn), _folder);
        Assert.Contains(drawn["trials"].Marks.OfType<Reference>(), reference => reference.At == 8.75);
        Assert.Contains(drawn["best-of-n"].Marks.OfType<Reference>(), reference => reference.Label == "paper, Table 6: 8.75 %");
    }

    [Fact]
    public void The_curves_show_every_trial_as_far_as_it_came()
    {
        var drawn = new Dictionary<string, Figure>();
        SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), new CollectingRenderer(drawn), _folder);
        var lines = drawn["curves"].Marks.OfType<Line>().ToList();
        Assert.Equal(14, lines.Count);
        Assert.Equal([2], lines.Select(line => line.X.Count).Where(count => count < 8));
        Assert.Equal(["other trials", "trial 0: the best, profile paper's"], lines.Select(line => line.Label).Where(label => label.Length > 0));
    }

    [Fact]
    public void The_same_sweep_gives_the_same_bytes_and_the_page_needs_nothing_from_outside()
    {
        var (markdown, html) = Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 2));
        Assert.Equal((markdown, html), Write(ExampleSweeps.Input(ExampleSweeps.Search, confirm: 2)));
        PagePolicy.AssertOnlyOwnScript(html);
        Assert.DoesNotMatch(@"(src|href)\s*=\s*[""'](?!data:|#)", html);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_figures_are_drawn()
    {
        var renderer = GnuplotRenderer.Find(null);
        Skip.If(renderer is null, "gnuplot is not installed");
        var files = SweepReport.Write(ExampleSweeps.Input(ExampleSweeps.Search), renderer, _folder);
        var linked = Regex.Matches(File.ReadAllText(files.Markdown), @"!\[[^\]]*\]\(([^)]+)\)").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["figures/trials.png", "figures/best-of-n.png", "figures/curves.png", "figures/parallel.png", "figures/by-learning-rate.png", "figures/by-network.png", "figures/by-momentum.png"], linked);
        Assert.All(linked, link => Assert.True(new FileInfo(Path.Combine(_folder, link)).Length > 1000));
    }

    private (string Markdown, string Html) Write(SweepReportInput input)
    {
        var files = SweepReport.Write(input, null, _folder);
        return (File.ReadAllText(files.Markdown), File.ReadAllText(files.Html));
    }

    private sealed class CollectingRenderer(Dictionary<string, Figure> drawn) : IFigureRenderer
    {
        public string Name => "collector";

        public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
        {
            if (!figure.Name.EndsWith("-column", StringComparison.Ordinal) && !(figure.Name == "curves" && drawn.ContainsKey("curves"))) drawn[figure.Name] = figure;
            Directory.CreateDirectory(folder);
            return formats.ToArray().Select(format =>
            {
                var file = Path.Combine(folder, $"{figure.Name}.{format}");
                File.WriteAllText(file, "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>");
                return file;
            }).ToList();
        }
    }
}
