using Repro.Cli.Running;
using Repro.Cli.Tests.Fakes;
using Repro.Figures.Images;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Text;

namespace Repro.Cli.Tests.Verbs;

public sealed class ReportAndPredictTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_report_of_a_stored_run_is_made_again_with_the_same_bytes()
    {
        _cli.Run("run", "net");
        var markdown = Path.Combine(Folder, "report.md");
        var (first, page) = (File.ReadAllText(markdown), File.ReadAllText(Path.Combine(Folder, "report.html")));
        File.Delete(markdown);
        var result = _cli.Run("report", "last", "--json");
        Assert.Equal((0, markdown), (result.Code, (string)result.Last["report"]!));
        Assert.Equal(first, File.ReadAllText(markdown));
        Assert.Equal(page, File.ReadAllText((string)result.Last["report_html"]!));
    }

    [Fact]
    public void An_exported_run_has_no_checkpoints_and_is_a_run_folder_itself()
    {
        _cli.Run("run", "net", "--seed", "6");
        var run = RunFolderReader.Read(Folder);
        using var elsewhere = new CommandLine();
        var copy = Path.Combine(elsewhere.Runs, "results");
        Assert.Equal(0, _cli.Run("report", run.Id, "--output", copy).Code);
        Assert.Empty(Directory.GetFiles(copy, "step-*", SearchOption.AllDirectories));
        Assert.False(File.Exists(Path.Combine(copy, "lock")));
        var exported = RunFolderReader.Read(copy);
        Assert.Equal((run.Id, run.State, run.Command), (exported.Id, exported.State, exported.Command));
        Assert.Equal(run.Metrics, exported.Metrics);
        Assert.Equal(run.Scores, exported.Scores);
        Assert.Equal(StoredPredictions.Read(run.Folder, "test").LogProbabilities, StoredPredictions.Read(copy, "test").LogProbabilities);
        Assert.Equal(File.ReadAllText(Path.Combine(Folder, "report.md")), File.ReadAllText(Path.Combine(copy, "report.md")));
        Assert.Equal(0, elsewhere.Bare("report", copy).Code);
    }

    [Fact]
    public void Predictions_that_do_not_give_the_recorded_score_are_a_warning_on_the_first_screen()
    {
        _cli.Run("run", "net");
        Assert.DoesNotContain("stored predictions", Report(), StringComparison.Ordinal);
        using (var run = RunFolder.Open(Folder)) StoredPredictions.Write(run, new StoredPredictions("test", 6, [0, 1], [0, 1], ["dark", "bright"], [-3, -0.05f, -0.05f, -3]));
        Assert.Contains("100 % of them are wrong", Report(), StringComparison.Ordinal);
        File.WriteAllBytes(StoredPredictions.FileOf(Folder, "test"), [1, 2, 3]);
        Assert.Contains("cannot be checked against the run's predictions", Report(), StringComparison.Ordinal);
        File.Delete(StoredPredictions.FileOf(Folder, "test"));
        Assert.Contains("has no predictions of the split 'test'", Report(), StringComparison.Ordinal);

        string Report()
        {
            Assert.Equal(0, _cli.Run("report", "last").Code);
            return File.ReadAllText(Path.Combine(Folder, "report.md"));
        }
    }

    [Fact]
    public void Translations_that_do_not_give_the_recorded_score_are_a_warning_on_the_first_screen()
    {
        // n-gram precisions 4/5, 3/4, 2/3 and 1/2, no brevity penalty.
        var recorded = 100 * Math.Pow(0.8 * 0.75 * 2 / 3 * 0.5, 0.25);
        Func<Translations, double> score = kept => Bleu.Corpus([.. kept.Lines.Select(line => line.Split(' '))], [["ein", "hund", "läuft", "hier", "."]]).Score;
        _cli.Change = same => same with
        {
            Experiments = () => [new FakeExperiment("net") { Scored = kept => new Dictionary<string, double> { ["bleu"] = score(kept) } }],
            Train = (experiment, options, context, sink, from, stop) =>
            {
                var outcome = FakeTraining.Run(experiment, options, context, sink, from, stop);
                sink.Samples(new SampleSet("test", 6, [], []) { Translations = new Translations(Translations.Digest(["ein hund läuft hier ."]), ["ein hund läuft hier !"]) });
                return outcome with { Scores = new Dictionary<string, double>(outcome.Scores) { ["test_bleu"] = recorded } };
            },
        };
        _cli.Run("run", "net");
        Assert.DoesNotContain("test_bleu cannot", Report().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stored translations", Report().Text, StringComparison.Ordinal);
        var file = Path.Combine(Folder, EvidenceFile.Samples("test"));
        var written = File.ReadAllText(file);

        File.WriteAllText(file, written.Replace("hier !", "hier .", StringComparison.Ordinal));
        Assert.Contains("The stored translations do not give the recorded test_bleu: they have 100, and the run's log says 66.874", Report().Text, StringComparison.Ordinal);
        File.WriteAllText(file, written);

        score = _ => throw new BadInputException("Other references.");
        Assert.Contains("Other references.", Report().Text, StringComparison.Ordinal);
        // What is not on this machine is no fault of the run, whose report is the same on every machine.
        score = _ => throw new MissingComponentException("No references here.");
        Assert.Contains("No references here.", Report().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("No references here.", Report().Text, StringComparison.Ordinal);

        // A run of before translations were kept is read, and says what it lacks.
        SampleFiles.Write(Folder, new SampleSet("test", 6, [], []));
        Assert.DoesNotContain("translations", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Contains("does not have all of the run's translations", Report().Text, StringComparison.Ordinal);

        (string Text, string Error) Report()
        {
            var result = _cli.Run("report", "last");
            Assert.Equal(0, result.Code);
            return (File.ReadAllText(Path.Combine(Folder, "report.md")), result.Error);
        }
    }

    [Theory]
    [InlineData("events.jsonl")]
    [InlineData("metrics.jsonl")]
    public void A_log_that_was_changed_since_the_last_report_is_told_from_one_that_went_on(string name)
    {
        _cli.Run("run", "net");
        Assert.DoesNotContain("changed by hand", _cli.Run("report", "last").Error, StringComparison.Ordinal);
        var file = Path.Combine(Folder, name);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"time\"", " \"time\"", StringComparison.Ordinal).Replace("\"value\"", " \"value\"", StringComparison.Ordinal));
        Assert.Contains($"{file} is not what the last report was made from", _cli.Run("report", "last").Error, StringComparison.Ordinal);
        // That report is the last one now.
        Assert.DoesNotContain("changed by hand", _cli.Run("report", "last").Error, StringComparison.Ordinal);

        // One that was made before the last thing happened in the run.
        File.AppendAllText(Path.Combine(Folder, "events.jsonl"), "\n");
        File.SetLastWriteTimeUtc(Path.Combine(Folder, "figures", "ledger.json"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.DoesNotContain("changed by hand", _cli.Run("report", "last").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_not_exported_over_a_run_of_another_experiment()
    {
        _cli.Run("run", "forest");
        var forest = Folder;
        _cli.Run("run", "net");
        var result = _cli.Run("report", "net", "--output", forest);
        Assert.Equal(2, result.Code);
        Assert.Contains("of the experiment 'forest'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_an_ambiguous_or_unknown_run_lists_the_runs()
    {
        _cli.Run("run", "net");
        _cli.Run("run", "net");
        Assert.Contains("begins the names of 2 runs", _cli.Run("report", "net").Error, StringComparison.Ordinal);
        Assert.Contains("Runs, nearest first: net-quick", _cli.Run("report", "nex").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trained_run_says_what_it_sees_in_ones_own_images()
    {
        _cli.Run("run", "net");
        var (dark, bright) = (Image("dark.png", 30), Image("bright.png", 250));
        var result = _cli.Run("predict", "last", dark, bright, "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal(6, (long)result.Last["step"]!);
        Assert.Equal(["dark", "bright"], result.Last["predictions"]!.AsArray().Select(p => (string)p!["class"]!));
        Assert.Equal([dark, bright], result.Last["predictions"]!.AsArray().Select(p => (string)p!["image"]!));
        Assert.Equal(1 - 30 / 255.0, (double)result.Last["predictions"]![0]!["probability"]!, 1e-9);
    }

    [Fact]
    public void An_image_that_is_none_or_not_there_is_named()
    {
        _cli.Run("run", "net");
        var file = Path.Combine(Folder, "note.png");
        File.WriteAllText(file, "not an image");
        var result = _cli.Run("predict", "last", file);
        Assert.Equal(2, result.Code);
        Assert.Contains(file, result.Error, StringComparison.Ordinal);
        Assert.Contains("There is no image", _cli.Run("predict", "last", file + "x").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_experiment_may_stand_before_the_run_and_an_image_is_never_taken_for_one()
    {
        _cli.Run("run", "net");
        var dark = Image("dark.png", 30);
        Assert.Equal(0, _cli.Run("predict", "net", "last", dark).Code);
        var missing = _cli.Run("predict", "net", dark + "x.png");
        Assert.Equal(2, missing.Code);
        Assert.Contains("There is no image", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_classes_at_all_cannot_be_asked_for()
    {
        _cli.Run("run", "net");
        var result = _cli.Run("predict", "last", Image("dark.png", 30), "--top", "0");
        Assert.Equal((2, "--top takes a number of classes, at least 1; it was 0.\n"), (result.Code, result.Error));
    }

    [Fact]
    public void An_image_that_is_far_from_a_square_is_said_to_lose_its_sides()
    {
        _cli.Run("run", "net");
        var file = Path.Combine(Folder, "long.png");
        ImageFile.WritePng(new RgbImage(200, 2), file);
        var result = _cli.Run("predict", "last", file, Image("dark.png", 30));
        Assert.Equal(0, result.Code);
        Assert.Equal($"{file} has 200 x 2 pixels; its middle square is taken, at the size that the run was trained on, so do not expect much.\n", result.Error);
    }

    [Fact]
    public void A_report_that_cannot_be_written_says_where_it_could()
    {
        _cli.Run("run", "net", "--no-report");
        // A folder where a file has to go: refuses root too.
        Directory.CreateDirectory(Path.Combine(Folder, "report.html.partial"));
        var result = _cli.Run("report", "last");
        Assert.Equal(1, result.Code);
        Assert.Equal($"Cannot write the report in {Folder}: permission denied. To write it elsewhere: ./repro report {Path.GetFileName(Folder)} --runs {_cli.Runs} --output DIR\n", result.Error);
    }

    [Fact]
    public void A_folder_is_no_image()
    {
        _cli.Run("run", "net");
        var result = _cli.Run("predict", "last", Folder);
        Assert.Equal(2, result.Code);
        Assert.Equal($"{Folder} is a folder; name image files, for example {Path.Combine(Folder, "cat.png")}.\n", result.Error);
    }

    [Fact]
    public void A_run_that_is_not_finished_predicts_from_its_checkpoint_and_says_so()
    {
        _cli.Run("run", "net", "--set", "fault=diverge");
        var result = _cli.Run("predict", "last", Image("dark.png", 30));
        Assert.Equal(0, result.Code);
        Assert.Contains("is failed: this is its checkpoint of step 2", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_whole_checkpoint_cannot_predict()
    {
        _cli.Run("run", "net");
        foreach (var checkpoint in RunFolderReader.Checkpoints(RunFolderReader.Read(Folder))) File.WriteAllText(checkpoint.File, "torn");
        var result = _cli.Run("predict", "last", Image("dark.png", 30));
        Assert.Equal(2, result.Code);
        Assert.Contains("has no whole checkpoint to predict with. Train it again: ./repro run net", result.Error, StringComparison.Ordinal);
    }

    private string Folder => new RunsFolder(_cli.Runs).Find("last");

    private string Image(string name, byte brightness)
    {
        var image = new RgbImage(8, 8);
        Array.Fill(image.Pixels, brightness);
        var file = Path.Combine(Folder, name);
        ImageFile.WritePng(image, file);
        return file;
    }
}
