namespace Repro.Cli.Tests.Verbs;

public sealed class UsageTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<string> Verbs => ["list", "check", "run", "predict", "report", "compare", "why", "data", "data list", "data verify", "data fetch", "data inspect", "bpe", "bpe learn", "bpe apply", "doctor", "clean", "new", "new paper"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_has_help_with_examples_of_itself(string verb)
    {
        var result = _cli.Bare([.. verb.Split(' '), "--help"]);
        Assert.Equal(0, result.Code);
        var examples = result.Out.Split("Examples:")[1];
        Assert.Contains($"./repro {verb}", examples, StringComparison.Ordinal);
        Assert.Contains("--json", result.Out, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void No_help_is_wider_than_a_page_or_says_a_default_twice(string verb)
    {
        var help = _cli.Bare([.. verb.Split(' '), "--help"]).Out;
        Assert.All(help.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.All(help.Split("\n  -"), option => Assert.InRange(option.Split("default").Length, 1, 2));
    }

    [Theory]
    [InlineData("--resume [<RUN>]", "run")]
    [InlineData("--runs [<DIR>]", "list")]
    public void A_value_that_may_be_left_out_is_shown_so(string shown, string verb) => Assert.Contains(shown, _cli.Bare(verb, "--help").Out, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_example_parses(string verb)
    {
        var examples = _cli.Bare([.. verb.Split(' '), "--help"]).Out.Split("Examples:")[1].Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("./repro ", StringComparison.Ordinal));
        foreach (var example in examples)
        {
            // An option that is wrong keeps the line from being executed, and must be all that is wrong with it.
            var result = _cli.Bare([.. example.Split(" | ")[0].Split(' ')[1..], "--no-such-option"]);
            Assert.Equal(2, result.Code);
            Assert.StartsWith("There is no option '--no-such-option'", result.Error, StringComparison.Ordinal);
            Assert.Equal(2, result.Error.TrimEnd('\n').Split('\n').Length);
        }
    }

    [Fact]
    public void The_programs_help_names_every_verb_and_the_exit_codes()
    {
        var result = _cli.Bare("--help");
        Assert.Equal(0, result.Code);
        foreach (var verb in Verbs) Assert.Contains(((string)verb).Split(' ')[0], result.Out, StringComparison.Ordinal);
        Assert.Contains("130 cancelled", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no verb 'rnu' in './repro'. Valid ones, nearest first: run,", "rnu")]
    [InlineData("There is no verb 'rnu' in './repro'. Valid ones, nearest first: run,", "rnu", "net", "--seed", "3")]
    [InlineData("There is no option '--sed' in './repro run'. Valid ones, nearest first: --seed,", "run", "net", "--sed", "3")]
    [InlineData("There is no option '--profil' in './repro run'. Valid ones, nearest first: --profile,", "run", "net", "--profil=quick")]
    [InlineData("There is no verb 'ftech' in './repro data'. Valid ones, nearest first: fetch,", "data", "ftech")]
    [InlineData("'paper' is one word too many for './repro run'.", "run", "net", "paper")]
    [InlineData("'--seed' takes a whole number from 0; 'abc' is none.", "run", "net", "--seed", "abc")]
    [InlineData("'--threads' takes a whole number; '2.5' is none.", "run", "net", "--threads", "2.5")]
    [InlineData("'--seed' takes a whole number, 0 .. 18446744073709551615; 18446744073709551616 is too large.", "run", "net", "--seed", "18446744073709551616")]
    [InlineData("'--seed' takes a whole number, 0 .. 18446744073709551615; -1 is too small.", "run", "net", "--seed", "-1")]
    [InlineData("'--threads' takes a whole number, 1 .. 1024; 99999999999 is too large.", "run", "net", "--threads", "99999999999")]
    [InlineData("'--top' takes a whole number, up to 2147483647; 99999999999 is too large.", "predict", "last", "a.png", "--top", "99999999999")]
    [InlineData("'./repro' needs one of: list,")]
    [InlineData("'./repro data' needs one of: list,", "data")]
    [InlineData("'./repro run' needs EXPERIMENT: name of the experiment; ./repro list shows them. For example: ./repro run", "run")]
    [InlineData("'./repro bpe apply' needs FILE: texts to encode", "bpe", "apply")]
    [InlineData("For example: ./repro bpe apply test.en --codes codes -o test.bpe.en", "bpe", "apply")]
    public void Wrong_usage_ends_with_2_and_the_nearest_valid_words(string sentence, params string[] arguments)
    {
        var result = _cli.Bare(arguments);
        Assert.Equal(2, result.Code);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Theory]
    [InlineData("PAPER|RUN|SWEEP", "report", "")]
    [InlineData("RUN", "predict", "", "cat.png")]
    [InlineData("IMAGE", "predict", "last", " ")]
    [InlineData("RUN", "clean", "")]
    [InlineData("--resume", "run", "net", "--resume", "")]
    [InlineData("--runs", "run", "net", "--runs", "")]
    [InlineData("--output", "report", "last", "--output", "")]
    [InlineData("EXPERIMENT", "run", "")]
    public void An_empty_text_is_no_value_of_anything(string name, params string[] arguments)
    {
        _cli.Run("run", "net");
        var result = _cli.Bare(arguments);
        Assert.Equal(2, result.Code);
        Assert.StartsWith($"'{name}' was given an empty text", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "net")]
    [InlineData("run", "net", "--resume")]
    [InlineData("predict", "last", "cat.png")]
    [InlineData("report", "last")]
    [InlineData("clean")]
    [InlineData("list")]
    [InlineData("doctor")]
    public void A_file_is_no_folder_of_runs(params string[] arguments)
    {
        var file = Path.Combine(_cli.Runs, "file");
        File.WriteAllText(file, "");
        var result = _cli.Bare([.. arguments, "--runs", file]);
        Assert.Equal(2, result.Code);
        Assert.Equal($"The folder of the runs cannot be {file}: that is a file. Name a folder with --runs DIR, or in REPRO_RUNS.\n", result.Error);
        Assert.Empty(result.Out);
    }

    [Theory]
    [InlineData("--output", "check", "net")]
    [InlineData("--output", "report", "last")]
    [InlineData("--output", "data", "inspect", "cifar-10")]
    [InlineData("--data-dir", "run", "net")]
    [InlineData("--data-dir", "data", "fetch", "cifar-10")]
    [InlineData("--data-dir", "data", "list")]
    public void A_file_is_no_folder_to_read_from_or_write_into(string option, params string[] arguments)
    {
        _cli.Run("run", "net");
        var file = Path.Combine(_cli.Runs, "file");
        File.WriteAllText(file, "");
        string[] runs = arguments[0] == "data" ? [] : ["--runs", _cli.Runs];
        var result = _cli.Bare([.. arguments, option, file, .. runs]);
        Assert.Equal((2, $"{option} takes a folder; {file} is a file.\n"), (result.Code, result.Error));
    }

    [Fact]
    public void An_option_of_the_experiment_that_is_set_twice_is_refused_with_both_values()
    {
        var result = _cli.Run("run", "net", "--set", "steps=3", "--set", "learning_rate=1", "--set", "steps=4");
        Assert.Equal(2, result.Code);
        Assert.Equal("--set names the option 'steps' twice, as '3' and as '4'; leave one of them out.\n", result.Error);
        Assert.Empty(Directory.GetDirectories(_cli.Runs));
    }

    [Fact]
    public void Wrong_usage_with_json_ends_with_a_result_too()
    {
        var result = _cli.Bare("rnu", "--json");
        Assert.Equal(2, result.Code);
        Assert.Equal(("bad_input", 2), ((string)result.Last["status"]!, (int)result.Last["exit_code"]!));
    }
}
