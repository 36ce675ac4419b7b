using Repro.Studies.StudyFiles;

namespace Repro.Studies.Tests.StudyFiles;

public class WrongStudyFileTests
{
    private const string Good = """
        experiment: net
        profile: sweep
        parameters:
          learning_rate: log:1e-4..1
          weight_decay: {type: log_float, low: 1e-6, high: 1e-2, role: nuisance}
          depth: [8, 20]
        constraints: [learning_rate > weight_decay]
        sampler: random
        pruner: {name: median}
        objective: {metric: validation_error, direction: minimize}
        budget: {trials: 40, wall_time: 2h, gpu_hours: 3}
        seeds: 1
        retries: {crash: 2}
        tags: {asked-by: ada}
        """;

    [Fact]
    public void The_file_that_the_other_tests_spoil_is_good() => Assert.Equal(40, StudyFile.Read(Good, "study.yaml", NetSubject.All).Trials);

    [Theory]
    // Words.
    [InlineData("experiment: net", "experiment: nett", 1, 13, "there is no experiment 'nett'. Experiments, nearest first: net, forest.")]
    [InlineData("experiment: net\n", "", 1, 1, "a study lacks the key 'experiment'.")]
    [InlineData("profile: sweep", "profile: swep", 2, 10, "cannot be 'swep'. Valid words, nearest first: sweep, paper.")]
    [InlineData("sampler: random", "sampler: randon", 8, 10, "cannot be 'randon'. Valid words, nearest first: random,")]
    [InlineData("{name: median}", "hyperban", 9, 9, "cannot be 'hyperban'. Valid words, nearest first: hyperband,")]
    [InlineData("seeds: 1", "seds: 1", 12, 1, "a study has no key 'seds'; did you mean 'seeds'?")]
    [InlineData("seeds: 1", "seeds: 1\nseeds: 2", 13, 1, "a key stands here once only; 'seeds' is there twice.")]
    [InlineData("direction: minimize", "direction: down", 10, 50, "cannot be 'down'. Valid words, nearest first:")]
    [InlineData("{crash: 2}", "{hang: 2}", 13, 11, "has no key 'hang'")]
    [InlineData("depth: [8, 20]", "dept: [8, 20]", 6, 3, "the experiment 'net' has no option 'dept'. Valid options, nearest first: depth,")]
    [InlineData("depth: [8, 20]", "Depth: [8, 20]", 6, 3, "a parameter is an option of the experiment, in snake_case; it was 'Depth'.")]
    [InlineData("type: log_float", "type: lgo_float", 5, 24, "cannot be 'lgo_float'. Valid words, nearest first: log_float, float,")]
    [InlineData("role: nuisance", "role: nuisence", 5, 64, "cannot be 'nuisence'. Valid words, nearest first: nuisance,")]
    [InlineData("role: nuisance", "rolle: nuisance", 5, 58, "has no key 'rolle'; did you mean 'role'?")]
    // Kinds.
    [InlineData("{crash: 2}", "[crash]", 13, 10, "the key 'retries' must be a mapping of keys to values, not a list.")]
    [InlineData("{crash: 2}", "", 13, 9, "the key 'retries' must be a mapping of keys to values, not empty.")]
    [InlineData("constraints: [learning_rate > weight_decay]", "constraints: learning_rate > weight_decay", 7, 14, "must be a list")]
    [InlineData("{asked-by: ada}", "{asked-by: [ada]}", 14, 18, "must be one value, not a list.")]
    [InlineData("{asked-by: ada}", "{Asked by: ada}", 14, 8, "a tag's name has the letters a to z, digits, '_' and '-'; it was 'Asked by'.")]
    [InlineData("trials: 40", "trials: forty", 11, 18, "must be an integer from 1 to 10000000, not 'forty'.")]
    [InlineData("trials: 40", "trials: 0", 11, 18, "must be an integer from 1 to 10000000, not '0'.")]
    [InlineData("trials: 40", "trials: 99999999999999999999", 11, 18, "not '99999999999999999999'.")]
    [InlineData("budget: {trials: 40, wall_time: 2h, gpu_hours: 3}\n", "", 1, 1, "a search lacks the key 'budget', as in budget: {trials: 40}.")]
    [InlineData("wall_time: 2h", "wall_time: 2 hours", 11, 33, "it was '2 hours'.")]
    [InlineData("wall_time: 2h", "wall_time: 0h", 11, 33, "it was '0h'.")]
    [InlineData("gpu_hours: 3", "gpu_hours: -1", 11, 48, "'gpu_hours' must be above 0; it was -1.")]
    [InlineData("gpu_hours: 3", "gpu_hours: .nan", 11, 48, "must be a number without quotes, not '.nan'.")]
    [InlineData("trials: 40", "trials_per_arm: 4", 11, 10, "'trials_per_arm' is for an ablation; this study has no 'arms'.")]
    // Ranges.
    [InlineData("low: 1e-6", "low: 1", 5, 40, "'weight_decay' must begin below its end; it was 1..0.01.")]
    [InlineData("low: 1e-6", "low: 0", 5, 40, "'weight_decay' is logarithmic, so its range must be above 0; it was 0..0.01.")]
    [InlineData("low: 1e-6", "low: .inf", 5, 40, "must be a number without quotes, not '.inf'.")]
    [InlineData("high: 1e-2", "high: 1e999", 5, 52, "must be a number without quotes, not '1e999'.")]
    [InlineData("high: 1e-2", "high: 5", 5, 17, "Option 'weight_decay' must stay in the range 0 .. 1; it was to vary over weight_decay=log:1E-06..5.")]
    [InlineData("low: 1e-6, ", "", 5, 17, "the key 'weight_decay' lacks the key 'low'.")]
    [InlineData("role: nuisance", "step: 1e-3", 5, 64, "'weight_decay' is logarithmic, so it cannot have a step.")]
    [InlineData("role: nuisance", "values: [1]", 5, 58, "a range has 'low' and 'high', and no 'values'.")]
    [InlineData("role: nuisance", "role: fixed", 5, 64, "'weight_decay' is fixed, so it needs the key 'value'.")]
    [InlineData("role: nuisance", "role: nuisance, value: 1", 5, 74, "'value' is for what is fixed; 'weight_decay' is nuisance, and has a range.")]
    [InlineData("log:1e-4..1", "lgo:1e-4..1", 4, 18, "'lgo' is no kind of range; valid, nearest first: log,")]
    [InlineData("log:1e-4..1", "log:1e-4..11", 4, 18, "must stay in the range 0 .. 10;")]
    [InlineData("log:1e-4..1", "log:1e-4..NaN", 4, 18, "a finite number must stand here; it was 'NaN'.")]
    [InlineData("[8, 20]", "[8, 21]", 6, 10, "Option 'depth' cannot be '21'. Valid values, nearest first: 20,")]
    [InlineData("[8, 20]", "[8, 8]", 6, 10, "'depth' has the value '8' twice.")]
    [InlineData("[8, 20]", "[]", 6, 10, "'depth' has no value to choose from.")]
    [InlineData("[8, 20]", "int:8..20", 6, 10, "takes one of 8, 20, 32, so it cannot vary over the range")]
    [InlineData("[8, 20]", "{type: int, low: 1, high: 99999999999999999999}", 6, 36, "must be an integer from -9007199254740992 to 9007199254740992, not '99999999999999999999'.")]
    [InlineData("[8, 20]", "{type: int, low: 1.5, high: 3}", 6, 27, "not '1.5'.")]
    [InlineData("[8, 20]", "7", 6, 10, "Option 'depth' cannot be '7'. Valid values, nearest first:")]
    [InlineData("depth: [8, 20]", "width: 8.5", 6, 10, "Option 'width' takes an integer in the range 1 .. 1024; '8.5' is none.")]
    [InlineData("depth: [8, 20]", "width: 0.5..8", 6, 10, "Option 'width' takes integers, so it cannot vary over width=0.5..8; write width=int:1..8.")]
    // Conditions and constraints.
    [InlineData("depth: [8, 20]", "depth: {values: [8, 20], when: {network: plain}}", 6, 10, "Hyperparameter 'depth' is active by 'network', which is not in the search space.")]
    [InlineData("depth: [8, 20]", "depth: {values: [8, 20], when: {depth: 8}}", 6, 10, "is active by itself")]
    [InlineData("depth: [8, 20]", "depth: {values: [8, 20], when: {depth: 9}}", 6, 10, "which it never is. Valid, nearest first: 8, 20.")]
    [InlineData("depth: [8, 20]", "depth: {values: [8, 20], when: {a: 1, b: 2}}", 6, 34, "a condition names one other parameter with its values, as {network: [residual, plain]}; this has 2.")]
    [InlineData("[learning_rate > weight_decay]", "[learning_rat > weight_decay]", 7, 15, "there is no 'learning_rat'; did you mean 'learning_rate'?")]
    [InlineData("[learning_rate > weight_decay]", "[learning_rate >]", 7, 15, "a name, a number or a text is missing at the end.")]
    [InlineData("depth: [8, 20]\nconstraints: [learning_rate > weight_decay]", "depth: 8\nconstraints: [learning_rate > depth]", 7, 15, "reads 'depth', which is fixed; write its value, 8, instead.")]
    // What may be asked.
    [InlineData("validation_error", "test_error", 10, 21, "'test_error' is measured on test, which stays sealed while one searches: what is chosen by it could not be judged by it any more. Take 'validation_error'.")]
    [InlineData("validation_error", "train_loss", 10, 21, "Take 'validation_loss'.")]
    [InlineData("direction: minimize", "direction: minimize, split: test", 10, 67, "the split is always validation")]
    [InlineData("{name: median}", "{name: asha_stopping, least: 100, most: 10}", 9, 9, "The smallest resource must be 1 or more, and at most the largest (10); it was 100.")]
    [InlineData("{name: median}", "{name: successive_halving, least: 1, most: 10000}", 9, 9, "needs at least 16384 trials, so that one reaches the end; it has 40.")]
    [InlineData("{name: median}", "{name: asha_stopping, eta: 1}", 9, 36, "must be an integer from 2 to 1000000, not '1'.")]
    public void What_is_wrong_is_said_with_its_place_the_rule_and_the_value(string good, string wrong, int line, int column, string message)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);
        Refused(Good.Replace(good, wrong, StringComparison.Ordinal), line, column, message);
    }

    [Theory]
    [InlineData("", 1, 1, "a study is one document with the keys experiment,")]
    [InlineData("# nothing\n", 1, 1, "a study is one document")]
    [InlineData("- a\n- b\n", 1, 1, "a study must be a mapping of keys to values, not a list.")]
    [InlineData("resnet\n", 1, 1, "a study must be a mapping of keys to values, not")]
    [InlineData("experiment: net\n---\nexperiment: net\n", 1, 1, "this has 2.")]
    [InlineData("experiment: [net\n", 2, 1, "this is not YAML")]
    [InlineData("experiment: net\nbudget:\n\ttrials: 4\n", 3, 1, "YAML is indented with blanks; this line begins with a tab.")]
    [InlineData("experiment: &a [*a]\n", 1, 17, "'*a' stands for another place of the file; write out what stands there.")]
    [InlineData("? [a]\n: b\n", 1, 3, "a key must be a text, not a list.")]
    [InlineData("experiment: \"net\nbudget: {}\n", 1, 13, "this is not YAML")]
    public void What_is_no_study_at_all_is_said_with_its_place(string text, int line, int column, string message) => Refused(text, line, column, message);

    [Theory]
    [InlineData("plain: {set: {network: plain}}", 6, 10, "lacks the key 'why'.")]
    [InlineData("plain: {why: x y, set: {network: residual}}", 6, 36, "the arm 'plain' sets network to residual, which the baseline has; an arm differs from it in every option that it sets.")]
    [InlineData("plain: {why: x y, set: {depth: 8}}", 6, 34, "sets depth to 8, which the baseline has")]
    [InlineData("plain: {why: x y, set: {}}", 6, 26, "the arm 'plain' changes nothing.")]
    [InlineData("plain: {why: x y, set: {netwrok: plain}}", 6, 27, "has no option 'netwrok'. Valid options, nearest first: network,")]
    [InlineData("plain: {why: x y, set: {network: plane}}", 6, 36, "Option 'network' cannot be 'plane'. Valid values, nearest first: plain,")]
    [InlineData("plain: {why: x y, set: {width: 13}}", 6, 26, "the arm 'plain' cannot be: Thirteen is a bad width; take 12.")]
    [InlineData("baseline: {why: x y, set: {network: plain}}", 6, 3, "and is not 'baseline'")]
    [InlineData("a: {why: x y, set: {network: plain}}\n  b: {why: x y, set: {network: plain}}", 7, 3, "the arms 'a' and 'b' set the same options.")]
    [InlineData("a: {why: x y, set: {network: plain}}\nbudget: {trials: 4}", 7, 10, "the trials of an ablation are its arms;")]
    [InlineData("a: {why: x y, set: {network: plain}}\nbudget: {trials_per_arm: 4}", 7, 10, "there is nothing to tune for each arm")]
    public void An_arm_is_a_named_change_of_the_baseline(string arms, int line, int column, string message) =>
        Refused($"experiment: net\nparameters: {{depth: 8}}\nobjective: {{metric: validation_error, direction: minimize}}\nseeds: 8\narms:\n  {arms}\n", line, column, message);

    [Fact]
    public void A_file_that_is_nested_without_end_is_refused() =>
        Assert.Contains("at most 50 lists", Assert.Throws<BadInputException>(() => StudyFile.Read(new string('[', 200_000), "study.yaml", NetSubject.All)).Message, StringComparison.Ordinal);

    private static void Refused(string text, int line, int column, string message)
    {
        var error = Assert.Throws<BadInputException>(() => StudyFile.Read(text, "study.yaml", NetSubject.All)).Message;
        Assert.StartsWith($"study.yaml, line {line}, column {column}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }
}
