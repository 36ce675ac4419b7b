using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Studies.Tests.StudyFiles;

public class StudyFileTests
{
    private const string Whole = """
        experiment: net
        profile: paper
        parameters:
          learning_rate: log:1e-4..1
          weight_decay: {type: log_float, low: 1e-6, high: 0.01, role: nuisance}
          width:
            range: logint:16..64
            role: nuisance
            when: {network: residual}
          network: [residual, plain]
          depth: 20,32
          steps: {role: fixed, value: 1000}
          augment: false
        constraints:
          - depth * width <= 640 or network = plain
        sampler: tpe
        pruner: {name: asha_stopping, eta: 3, least: 10, most: 300}
        objective: {metric: validation_error, direction: minimize, split: validation}
        budget: {trials: 40, wall_time: 1h30m, gpu_hours: 2.5}
        seeds: 3
        retries: {out_of_memory: 0, crash: 5}
        notes: |
          Is the rate the best one?
          And the decay?
        tags: {asked-by: ada, round: 2}
        """;

    [Fact]
    public void Every_word_of_a_file_arrives_in_the_study()
    {
        var study = Read(Whole);
        Assert.Equal(("net", "paper", "tpe", "asha_stopping"), (study.Experiment, study.Profile, study.Sampler, study.Pruner));
        Assert.Equal(["learning_rate", "weight_decay", "width", "network", "depth"], study.Space.Parameters.Select(p => p.Name));
        Assert.Equal(new FloatRange("learning_rate", 1e-4, 1, Logarithmic: true), study.Space.Parameters[0]);
        Assert.Equal(new FloatRange("weight_decay", 1e-6, 0.01, Logarithmic: true) { Role = HyperparameterRole.Nuisance }, study.Space.Parameters[1]);
        var width = Assert.IsType<IntRange>(study.Space.Parameters[2]);
        Assert.Equal((16, 64, true, HyperparameterRole.Nuisance), (width.Low, width.High, width.Logarithmic, width.Role));
        Assert.Equal("network", width.Condition!.Parameter);
        Assert.Equal(["residual"], width.Condition.Values);
        Assert.Equal(["residual", "plain"], Assert.IsType<Categorical>(study.Space.Parameters[3]).Values);
        Assert.Equal(["20", "32"], Assert.IsType<Categorical>(study.Space.Parameters[4]).Values);
        Assert.Equal("augment=false,steps=1000", study.Fixed.ToString());
        Assert.Equal("depth * width <= 640 or network = plain", Assert.Single(study.Space.Constraints).Text);
        Assert.Equal((3, 10L, 300L), (study.Eta, study.Rungs.Least, study.Rungs.Most));
        Assert.Equal(new Objective("validation_error", ObjectiveDirection.Minimize), study.Objective);
        Assert.Equal((40, TimeSpan.FromMinutes(90), 2.5, 3), (study.Trials, study.WallTime, study.GpuHours, study.Seeds));
        Assert.Equal(new RetryLimits(OutOfMemory: 0, Crash: 5), study.Retries);
        Assert.Equal("Is the rate the best one?\nAnd the decay?", study.Notes);
        Assert.Equal([KeyValuePair.Create("asked-by", "ada"), KeyValuePair.Create("round", "2")], study.Tags);
    }

    [Fact]
    public void What_a_short_file_leaves_out_has_the_stated_defaults()
    {
        var study = Read("experiment: net\nobjective: {metric: validation_error, direction: maximize}\nbudget: {trials: 1}\n");
        Assert.Equal(("sweep", "random", "none", 1), (study.Profile, study.Sampler, study.Pruner, study.Seeds));
        Assert.Equal(new RetryLimits(), study.Retries);
        Assert.Empty(study.Space.Parameters);
        Assert.Equal(ObjectiveDirection.Maximize, study.Objective.Direction);
    }

    [Fact]
    public void Values_are_kept_as_the_options_write_them()
    {
        var study = Read("experiment: net\nparameters:\n  learning_rate: [1e-1, .5]\n  weight_decay: 1e-2\nobjective: {metric: validation_error, direction: minimize}\nbudget: {trials: 1}\n");
        Assert.Equal(["0.1", "0.5"], Assert.IsType<Categorical>(study.Space.Parameters[0]).Values);
        Assert.Equal("weight_decay=0.01", study.Fixed.ToString());
    }

    [Fact]
    public void An_ablation_has_arms_instead_of_trials()
    {
        var study = Read("""
            experiment: net
            parameters:
              depth: 8
              learning_rate: {range: log:0.01..1, role: nuisance}
            objective: {metric: validation_error, direction: minimize}
            budget: {trials_per_arm: 10}
            seeds: 8
            arms:
              plain: {why: "No shortcuts, as in Fig. 6.", set: {network: plain}}
              wide: {why: Twice the filters., set: {width: 32}}
            """);
        Assert.Equal((0, 10, 8), (study.Trials, study.TrialsPerArm, study.Seeds));
        Assert.Equal(["plain", "wide"], study.Arms.Select(arm => arm.Name));
        Assert.Equal("network=plain", study.Arms[0].Changes.ToString());
        Assert.Equal("No shortcuts, as in Fig. 6.", study.Arms[0].Why);
    }

    [Fact]
    public void A_stored_study_is_read_without_its_experiment() =>
        Assert.Equal(Read(Whole), StudyFile.Read(Read(Whole).Text, "the store", subjects: null));

    [Fact]
    public void The_paper_s_own_configuration_has_the_options_defaults_of_what_is_active()
    {
        var (study, subject) = (Read(Whole), NetSubject.All[0]);
        Assert.Equal("depth=20,learning_rate=0.1,network=residual,weight_decay=0.0001,width=16", subject.PaperIn(study.Space).ToString());
        var inactive = Read(Whole.Replace("{network: residual}", "{network: plain}", StringComparison.Ordinal));
        Assert.Equal("depth=20,learning_rate=0.1,network=residual,weight_decay=0.0001", subject.PaperIn(inactive.Space).ToString());
    }

    private static Study Read(string text) => StudyFile.Read(text, "study.yaml", NetSubject.All);
}
