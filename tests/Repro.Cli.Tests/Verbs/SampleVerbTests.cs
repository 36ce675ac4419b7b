using Repro.Cli.Running;
using Repro.Cli.Tests.Fakes;
using Repro.Figures;
using Repro.Training;

namespace Repro.Cli.Tests.Verbs;

public sealed class SampleVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Folder => Directory.GetDirectories(_cli.Runs).Single();

    [Fact]
    public void A_run_goes_on_with_ones_text()
    {
        _cli.Run("run", "net");
        var result = _cli.Run("sample", "net", "last", "--text", "Once", "--count", "2", "--set", "length=3", "--seed", "7", "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal(["!!!70", "!!!71"], result.Last["texts"]!.AsArray().Select(text => (string)text!["text"]!));
        Assert.Equal("Once!!!70\n", _cli.Run("sample", "last", "--text", "Once", "--set", "length=3", "--seed", "7").Out);
    }

    [Fact]
    public void The_last_run_is_the_named_experiments_own()
    {
        _cli.Run("run", "net");
        _cli.Run("run", "forest");
        Assert.Equal(0, _cli.Run("sample", "net", "last", "--text", "Once").Code);
        Assert.Equal(0, _cli.Run("predict", "net", "last", "--text", "Once").Code);
        Assert.Equal(2, _cli.Run("sample", "last", "--text", "Once").Code);
    }

    [SkippableFact]
    public void Pictures_of_one_run_are_never_drawn_over_earlier_ones()
    {
        _cli.Change = parts => parts with { Experiments = () => [new FakeExperiment("net") { Drawn = [new Figure("grid", "Points", new Axis("x"), new Axis("y"), [])] }] };
        _cli.Run("run", "net");
        string[] folders = [.. Enumerable.Range(0, 3).Select(_ => Path.GetDirectoryName((string)_cli.Run("sample", "last", "--json").Last["files"]!.AsArray()[0]!)!)];
        foreach (var folder in folders) Directory.Delete(folder, recursive: true);
        Assert.Equal([folders[0], folders[0] + "-2", folders[0] + "-3"], folders);
    }

    [Fact]
    public void The_options_of_sampling_are_listed_and_held_to_their_ranges()
    {
        _cli.Run("run", "net");
        Assert.Contains("Exclamation marks.", _cli.Run("sample", "last", "--show-options").Out, StringComparison.Ordinal);
        Assert.Contains("length", _cli.Run("sample", "last", "--set", "length=10").Error, StringComparison.Ordinal);
        Assert.Contains("nearest first: length", _cli.Run("sample", "last", "--set", "lenght=3").Error, StringComparison.Ordinal);
        Assert.Contains("1 .. 10000; it was 0", _cli.Run("sample", "last", "--count", "0").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_another_experiment_and_one_that_generates_nothing_are_named()
    {
        _cli.Run("run", "forest");
        Assert.Contains("There is no run of 'net'", _cli.Run("sample", "net", "last").Error, StringComparison.Ordinal);
        var other = _cli.Run("sample", "net", "forest");
        Assert.Equal(2, other.Code);
        Assert.Contains("is of the experiment 'forest', not of 'net'", other.Error, StringComparison.Ordinal);
        Assert.Contains("generates nothing that could be sampled", _cli.Run("sample", "last").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_predicted_as_images_are()
    {
        _cli.Run("run", "net");
        var result = _cli.Run("predict", "last", "--text", "abc", "--top", "1", "--json");
        var prediction = Assert.Single(result.Last["predictions"]!.AsArray())!;
        Assert.Equal(("ABC", 3.0, 0.75), ((string)prediction["answer"]!, (double)prediction["metrics"]!["perplexity"]!, (double)prediction["classes"]!["yes"]!));
        Assert.Equal("abc\n  ABC\n  perplexity 3\n  yes 75.0%, no 25.0%\n", _cli.Run("predict", "last", "--text", "abc").Out);
        Assert.Contains("images or texts, not both", _cli.Run("predict", "last", "a.png", "--text", "abc").Error, StringComparison.Ordinal);
        Assert.Contains("Name what to predict", _cli.Run("predict", "last").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_person_should_know_of_a_text_is_said_beside_its_prediction()
    {
        _cli.Run("run", "net");
        Assert.Equal("\"who?\" is a question.\n", _cli.Run("predict", "last", "--text", "abc", "--text", "who?").Error);
    }

    [Fact]
    public void A_line_break_is_a_text_and_nothing_at_all_is_none()
    {
        _cli.Run("run", "net");
        Assert.Equal((0, "\n!!00\n"), (_cli.Run("sample", "last", "--text", "\n") is var result ? (result.Code, result.Out) : default));
        Assert.Equal(0, _cli.Run("predict", "last", "--text", " ").Code);
        Assert.StartsWith("'--text' was given an empty text", _cli.Run("sample", "last", "--text", "").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/x")]
    [InlineData("/proc/self")]
    public void Pictures_that_cannot_be_written_where_they_should_are_bad_input(string folder)
    {
        _cli.Change = parts => parts with { Experiments = () => [new FakeExperiment("net") { Drawn = [new Figure("grid", "Points", new Axis("x"), new Axis("y"), [])] }] };
        _cli.Run("run", "net");
        var result = _cli.Run("sample", "last", "--output", folder);
        Assert.Equal(2, result.Code);
        Assert.StartsWith($"The pictures cannot be written into {folder}: ", result.Error, StringComparison.Ordinal);
        Assert.EndsWith("Name a folder that can be written with --output DIR.\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Examples_of_sampling_parse_as_the_verb_reads_them()
    {
        foreach (var experiment in Repro.Experiments.Catalog.All)
        {
            foreach (var example in experiment.Profiles.Select(profile => experiment.SampleExample(profile.Options)).Where(example => example.Length > 0))
            {
                var words = System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example);
                var result = _cli.Bare(["sample", "last", .. words, "--no-such-option"]);
                Assert.StartsWith("There is no option '--no-such-option'", result.Error, StringComparison.Ordinal);
                Assert.Equal(2, result.Error.TrimEnd('\n').Split('\n').Length);
            }
        }
    }

    [Fact]
    public void What_a_run_drew_and_wrote_is_in_its_report_and_in_its_export()
    {
        _cli.Run("run", "net");
        var copy = Path.Combine(Path.GetDirectoryName(_cli.Runs)!, "copy");
        Assert.Equal(0, _cli.Run("report", "last", "--output", copy).Code);
        foreach (var folder in (string[])[Folder, copy])
        {
            var report = File.ReadAllText(Path.Combine(folder, "report.md"));
            Assert.Contains("Once upon a time", report, StringComparison.Ordinal);
            Assert.Contains("| a dog | ein hund | ein Hund |", report, StringComparison.Ordinal);
            Assert.Contains("Drawn samples", report, StringComparison.Ordinal);
        }
        Assert.True(File.Exists(Path.Combine(copy, "samples-test.json")));
    }

    [Fact]
    public void Figures_of_two_splits_stand_apart_by_name_and_one_that_is_the_same_of_both_stands_once()
    {
        Figure Drawn(string name, double y) => new(name, "Points", new Axis("x"), new Axis("y"), [new Points("", 0, [1], [y])]);
        var figures = SampleFiles.Figures(
        [
            new SampleSet("test", 1, [Drawn("samples", 1), Drawn("denoising", 5)], []), new SampleSet("validation", 1, [Drawn("samples", 2), Drawn("denoising", 5)], []),
        ]).ToList();
        Assert.Equal(["samples-test", "denoising", "samples-validation"], figures.Select(figure => figure.Name));
        Assert.Equal("Points (validation)", figures[2].Title);
    }

    [Theory]
    [InlineData("{\"split\": \"validation\", \"step\": 1, \"figures\": [], \"texts\": []}", "about the validation split")]
    [InlineData("{\"split\": \"test\", \"step\": 1, \"figures\": [], \"texts\": [null]}", "A text is missing")]
    [InlineData("{\"split\": \"test\", \"step\": 1, \"figures\": [], \"texts\": [{\"name\": \"a\", \"title\": \"\", \"caption\": \"\", \"items\": [null]}]}", "A text is missing")]
    [InlineData("{\"split\": \"test\", \"step\": 1, \"figures\": [], \"texts\": [], \"translations\": {\"references\": \"\", \"lines\": [null]}}", "A translation is missing")]
    [InlineData("{\"split\": \"test\", \"step\": 1, \"figures\": [], \"texts\": [], \"translations\": {\"lines\": []}}", "references")]
    [InlineData("{\"split\": \"test\"}", "A field is missing")]
    public void Samples_that_are_not_whole_are_refused(string written, string said)
    {
        _cli.Run("run", "net");
        File.WriteAllText(Path.Combine(Folder, "samples-test.json"), written);
        var result = _cli.Run("report", "last");
        Assert.Equal(2, result.Code);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_was_changed_by_hand_is_said_when_the_report_is_made_again_and_a_damaged_ledger_stops_nothing()
    {
        _cli.Run("run", "net");
        Assert.Equal("", _cli.Run("report", "last").Error);
        var file = Path.Combine(Folder, "samples-test.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace(" upon a time", " upon a lie", StringComparison.Ordinal));
        Assert.Contains($"{file} is not what the last report was made from", _cli.Run("report", "last").Error, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Folder, "figures", "ledger.json"), "{");
        Assert.Equal(0, _cli.Run("report", "last").Code);
    }

    [Fact]
    public void Translations_are_read_as_they_were_written_and_the_references_are_named_by_their_digest()
    {
        // printf 'a\nb\n' | sha256sum
        Assert.Equal("911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2", Translations.Digest(["a", "b"]));
        SampleFiles.Write(_cli.Runs, new SampleSet("test", 5, [], []) { Translations = new Translations("abc", ["ein \"großer\" hund", "", "&quot; <b> ' \\"]) });
        var read = Assert.Single(SampleFiles.Read(_cli.Runs)).Translations!;
        Assert.Equal(["ein \"großer\" hund", "", "&quot; <b> ' \\"], read.Lines);
        Assert.Equal("abc", read.References);
    }

    [Fact]
    public void Damaged_samples_are_named_with_what_to_do()
    {
        _cli.Run("run", "net");
        File.WriteAllText(Path.Combine(Folder, "samples-test.json"), "{\"split\": 3}");
        var result = _cli.Run("report", "last");
        Assert.Equal(2, result.Code);
        Assert.Contains(Path.Combine(Folder, "samples-test.json"), result.Error, StringComparison.Ordinal);
        Assert.Contains("or remove it", result.Error, StringComparison.Ordinal);
    }
}
