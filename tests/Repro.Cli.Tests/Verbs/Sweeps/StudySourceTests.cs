namespace Repro.Cli.Tests.Verbs.Sweeps;

public sealed class StudySourceTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("There is no study 'ner', and no such file. Valid names, nearest first: net, ", "sweep", "ner")]
    [InlineData("There is no study 'net/learning-rat', and no such file. Valid names, nearest first: net/learning-rate, ", "sweep", "net/learning-rat")]
    [InlineData("There is no file '", "sweep", "study.yaml")]
    [InlineData("There is no ablation 'net/rate', and no such file. Valid names, nearest first: net/rates.", "ablate", "net/rate")]
    [InlineData("A sweep of 'net' needs something to search. Name one of its studies: net/learning-rate; or vary an option: --vary learning_rate=log:1e-4..1.", "sweep", "net")]
    [InlineData("A sweep of 'forest' needs something to search. Vary an option:", "sweep", "forest")]
    [InlineData("Name one of the ablations of 'net': net/rates.", "ablate", "net")]
    [InlineData("The experiment 'forest' declares no ablation.", "ablate", "forest")]
    [InlineData("'net/rates' is an ablation, which compares its arms: ./repro ablate net/rates", "sweep", "net/rates")]
    [InlineData("'net/learning-rate' is a search, which compares no arms: ./repro sweep net/learning-rate", "ablate", "net/learning-rate")]
    [InlineData("has no option 'learning_rat'. Valid options, nearest first: learning_rate,", "sweep", "net", "--vary", "learning_rat=1..2")]
    [InlineData("In 'learning_rate=lgo:1..2', column 15: 'lgo' is no kind of range; valid, nearest first: log,", "sweep", "net", "--vary", "learning_rate=lgo:1..2")]
    [InlineData("Option 'learning_rate' must stay in the range 0 .. 10;", "sweep", "net", "--vary", "learning_rate=1..11")]
    [InlineData("--vary names the option 'steps' twice;", "sweep", "net", "--vary", "steps=1,2", "--vary", "steps=3,4")]
    [InlineData("--set takes name=value; 'steps' has no '='.", "sweep", "net/learning-rate", "--set", "steps")]
    [InlineData("has no option 'step'. Valid options, nearest first: steps,", "sweep", "net/learning-rate", "--set", "step=3")]
    [InlineData("Option 'steps' must be an integer in the range >= 1; it was 0.", "sweep", "net/learning-rate", "--set", "steps=0")]
    [InlineData("has no profile 'swep'. Profiles, nearest first: sweep,", "sweep", "net/learning-rate", "--profile", "swep")]
    [InlineData("There is no sampler 'tpr'. Valid ones, nearest first: tpe,", "sweep", "net/learning-rate", "--sampler", "tpr")]
    [InlineData("There is no pruner 'asha'. Valid ones, nearest first: asha_", "sweep", "net/learning-rate", "--pruner", "asha")]
    [InlineData("'test_error' is measured on test, which stays sealed", "sweep", "net/learning-rate", "--metric", "test_error")]
    [InlineData("Whether 'validation_reward' is better low or high is not known; add --direction", "sweep", "net/learning-rate", "--metric", "validation_reward")]
    [InlineData("There is no direction 'up'. Valid ones, nearest first:", "sweep", "net/learning-rate", "--direction", "up")]
    [InlineData("--trials takes a number in the range 1 .. 10000000; it was 0.", "sweep", "net/learning-rate", "--trials", "0")]
    [InlineData("--seeds takes a number in the range 1 .. 10000; it was -1.", "ablate", "net/rates", "--seeds", "-1")]
    [InlineData("--slots takes a number in the range 1 .. 1024; it was 0.", "sweep", "net/learning-rate", "--slots", "0")]
    [InlineData("--wall-time takes a time above 0", "sweep", "net/learning-rate", "--wall-time", "2 hours")]
    [InlineData("--gpu-hours takes a number above 0; it was 0.", "sweep", "net/learning-rate", "--gpu-hours", "0")]
    [InlineData("The arm 'slow' sets learning_rate=0.01, and so does the baseline with these options", "ablate", "net/rates", "--set", "learning_rate=1e-2")]
    [InlineData("Trial 0 (learning_rate=0.1) contradicts itself: Thirteen steps bring bad luck; take 12 or 14.", "sweep", "net", "--vary", "learning_rate=1..2", "--set", "steps=13")]
    [InlineData("would compute test metrics or have nothing to validate on. What is chosen by test could not be judged by it any more: leave these options alone, or set evaluate=validation.", "sweep", "net/learning-rate", "--set", "evaluate=test")]
    [InlineData("would compute test metrics", "sweep", "net", "--vary", "evaluate=validation,test")]
    [InlineData("--arms: no arm is called 'fsat'. There are, nearest first: fast, slow. The baseline is always compared with.", "ablate", "net/rates", "--arms", "slow,fsat")]
    [InlineData("--arms: no arm is called ''.", "ablate", "net/rates", "--arms", "slow,")]
    [InlineData("There is no option '--arms' in './repro sweep'.", "sweep", "net/learning-rate", "--arms", "slow")]
    [InlineData("There is no option '--vary' in './repro ablate'.", "ablate", "net/rates", "--vary", "steps=1,2")]
    public void What_is_wrong_ends_with_2_and_the_valid_words(string sentence, params string[] arguments)
    {
        var result = _cli.Bare([.. arguments, "--dry-run"]);
        Assert.Equal(2, result.Code);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Out);
    }

    [Fact]
    public void A_wrong_file_is_an_error_with_its_place_and_a_good_one_is_taken_with_the_command_line_s_changes()
    {
        var file = Path.Combine(_cli.Runs, "my study.yaml");
        const string text = "experiment: net\nparameters:\n  learning_rate: log:1e-3..1\n  fault_at: {value: 2, role: fixed}\nobjective: {metric: validation_error, direction: minimize}\nbudget: {trials: 5}\nnotes: Mine.\n";
        File.WriteAllText(file, text.Replace("trials", "trails", StringComparison.Ordinal));
        var wrong = _cli.Bare("sweep", file, "--dry-run");
        Assert.Equal((2, $"{file}, line 6, column 10: the key 'budget' has no key 'trails'; did you mean 'trials'? Valid keys: trials, wall_time, gpu_hours, trials_per_arm.\n"), (wrong.Code, wrong.Error));

        File.WriteAllText(file, text);
        var plan = _cli.Run("sweep", file, "--vary", "fault_at=int:1..5", "--set", "learning_rate=.5", "--trials", "6", "--seeds", "2", "--sampler", "sobol", "--metric", "validation_accuracy", "--wall-time", "90m", "--dry-run", "--json").Last;
        Assert.Equal((file, 6, 2, "sobol", "validation_accuracy", "maximize"),
            ((string)plan["study"]!, (int)plan["trials"]!, (int)plan["seeds"]!, (string)plan["sampler"]!, (string)plan["metric"]!, (string)plan["direction"]!));
        Assert.Equal("""{"learning_rate":0.5}""", plan["fixed"]!.ToJsonString());
        Assert.Equal(["fault_at"], plan["first"]![1]!["options"]!.AsObject().Select(o => o.Key));
        Assert.Contains("wall_time: 1h30m", (string)plan["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_that_reads_test_is_searched_on_validation()
    {
        var plan = _cli.Run("sweep", "net/learning-rate", "--profile", "tested", "--dry-run", "--json").Last;
        Assert.Equal("""{"evaluate":"validation"}""", plan["fixed"]!.ToJsonString());
    }

    [Fact]
    public void A_few_choices_make_a_grid_and_a_range_as_many_random_trials_as_the_target_needs()
    {
        var grid = _cli.Run("sweep", "net", "--vary", "learning_rate=0.1,0.2", "--vary", "fault_at=1,2,3", "--dry-run", "--json").Last;
        // Six combinations, of which the paper's own is trial 0.
        Assert.Equal(("grid", 6, 5), ((string)grid["sampler"]!, (int)grid["trials"]!, (int)grid["configurations"]!));
        var random = _cli.Run("sweep", "net", "--vary", "learning_rate=log:1e-4..1", "--dry-run", "--json").Last;
        Assert.Equal(("random", 60, "sweep", "validation_error"), ((string)random["sampler"]!, (int)random["trials"]!, (string)random["profile"]!, (string)random["metric"]!));
    }

    [Fact]
    public void Another_range_of_a_study_s_hyperparameter_leaves_its_role()
    {
        var text = (string)_cli.Run("sweep", "net/learning-rate", "--vary", "fault_at=int:1..9", "--dry-run", "--json").Last["text"]!;
        Assert.Contains("fault_at: {type: int, low: 1, high: 9, role: nuisance}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_over_the_length_of_a_run_costs_its_longest()
    {
        Assert.Equal(20, (int)_cli.Run("sweep", "net", "--vary", "steps=int:14..20", "--dry-run", "--json").Last["cost"]!["steps"]!);
        Assert.Equal(30, (int)_cli.Run("sweep", "net", "--vary", "steps=5,30,6", "--dry-run", "--json").Last["cost"]!["steps"]!);
    }

    [Fact]
    public void A_folder_a_huge_file_and_one_that_is_no_text_are_no_studies()
    {
        Assert.Contains("is a folder; a study is one YAML file", _cli.Bare("sweep", _cli.Runs, "--dry-run").Error, StringComparison.Ordinal);
        var file = Path.Combine(_cli.Runs, "big.yaml");
        File.WriteAllBytes(file, new byte[(1 << 20) + 1]);
        Assert.Contains("has 1048577 bytes, and a study's file at most 1048576", _cli.Bare("sweep", file, "--dry-run").Error, StringComparison.Ordinal);
        File.WriteAllBytes(file, [0, 1, 2, 0xff, 0xfe]);
        var result = _cli.Bare("sweep", file, "--dry-run");
        Assert.Equal(2, result.Code);
        Assert.StartsWith($"{file}, line 1, column ", result.Error, StringComparison.Ordinal);
    }
}
