using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Experiments.Tests;

/// <summary>What holds of every study and ablation that any experiment of the catalog declares.</summary>
public sealed class DeclaredStudiesTests
{
    // With what the skeleton of a new paper declares.
    private static readonly IReadOnlyList<Experiment> Experiments = [.. Catalog.All, new Trial.TrialExperiment()];

    public static TheoryData<string, string> Searches =>
        Pairs(experiment => experiment.Studies.Select(study => study.Name));

    public static TheoryData<string, string> Ablations =>
        Pairs(experiment => experiment.Ablations.Select(ablation => ablation.Name));

    [Fact]
    public void Names_of_studies_and_ablations_are_words_and_differ_within_an_experiment()
    {
        foreach (var experiment in Experiments)
        {
            var names = experiment.Studies.Select(s => s.Name).Concat(experiment.Ablations.Select(a => a.Name)).ToList();
            Assert.Equal(names.Count, names.Distinct().Count());
            Assert.All(names, name => Assert.True(StudyRules.IsWord(name), name));
            // The one that anything else here is about.
            Assert.Contains("learning-rate", names);
        }
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public void A_study_names_options_that_there_are_within_their_ranges(string experiment, string name) => Assert.Equal(Search(experiment, name), Read(Search(experiment, name)));

    [Theory]
    [MemberData(nameof(Searches))]
    public void A_search_has_something_scientific_and_sees_the_paper_s_own_values_within_its_ranges(string experiment, string name)
    {
        var study = Search(experiment, name);
        Assert.Contains(study.Space.Parameters, p => p.Role == HyperparameterRole.Scientific);
        var units = new double[study.Space.Parameters.Count];
        study.Space.UnitsOf(Of(experiment).Subject.PaperIn(study.Space), units);
        Assert.DoesNotContain(units, double.IsNaN);
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public void None_of_the_first_configurations_contradicts_itself_and_none_reads_test(string experiment, string name)
    {
        var (of, study) = (Of(experiment), Search(experiment, name));
        var plan = new SweepPlan(study, seed: 0, of.Subject.PaperIn(study.Space), steps: null, secondsPerStep: null, slots: 1);
        foreach (var trial in plan.First(59)) AssertFit(of, study, trial.Configuration);
    }

    [Theory]
    [MemberData(nameof(Ablations))]
    public void An_ablation_names_options_that_there_are_within_their_ranges(string experiment, string name) => Assert.Equal(Compared(experiment, name), Read(Compared(experiment, name)));

    [Theory]
    [MemberData(nameof(Ablations))]
    public void Every_arm_differs_from_the_baseline_in_exactly_the_named_change(string experiment, string name)
    {
        var (of, study) = (Of(experiment), Compared(experiment, name));
        var baseline = Options(of, study, Configuration.Empty);
        foreach (var arm in study.Arms)
        {
            var changed = Options(of, study, arm.Changes).Except(baseline).ToDictionary();
            Assert.Equal(arm.Changes.Settings, changed.OrderBy(c => c.Key, StringComparer.Ordinal));
            AssertFit(of, study, arm.Changes);
        }
        AssertFit(of, study, Configuration.Empty);
    }

    [Theory]
    [MemberData(nameof(Ablations))]
    public void The_pairs_that_an_ablation_asks_for_can_decide(string experiment, string name)
    {
        var plan = new SweepPlan(Compared(experiment, name), seed: 0, paper: null, steps: null, secondsPerStep: null, slots: 1);
        Assert.Empty(plan.Warnings());
    }

    [Fact]
    public void A_search_under_any_profile_is_told_how_to_stay_off_test()
    {
        foreach (var experiment in Experiments)
        {
            foreach (var profile in experiment.Profiles)
            {
                var options = OptionSchema.Apply(profile.Options, experiment.ForSearch(profile.Options).Settings);
                Assert.Null(experiment.Complaint(options));
                var values = OptionSchema.Values(options).ToDictionary();
                // What has no such option has no test to stay off, or data that come divided.
                if (values.TryGetValue("evaluate", out var evaluate)) Assert.Equal("validation", evaluate);
                else Assert.DoesNotContain(experiment.Metrics, metric => metric.StartsWith("test_", StringComparison.Ordinal));
                if (values.TryGetValue("train_on", out var trainOn)) Assert.Equal("split", trainOn);
            }
        }
    }

    [Fact]
    public void The_studies_that_the_guide_names_are_there()
    {
        Assert.Equal(41, Search("resnet", "learning-rate").Trials);
        Assert.Equal("network=plain", Assert.Single(Compared("resnet", "shortcuts").Arms).Changes.ToString());
    }

    [Fact]
    public void The_files_that_the_guide_shows_are_read()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Repro.sln"))) root = root.Parent!;
        var guide = File.ReadAllText(Path.Combine(root.FullName, "docs", "studies.md"));
        var files = guide.Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0]).ToList();
        Assert.Equal(2, files.Count);
        var subjects = Experiments.Select(experiment => experiment.Subject).ToList();
        Assert.Equal(5, StudyFile.Read(files[0], "studies.md", subjects).Space.Parameters.Count + StudyFile.Read(files[1], "studies.md", subjects).Arms.Count);
        var wrong = files[0].Replace("sampler: random ", "sampler: tpr ", StringComparison.Ordinal);
        Assert.Contains(Assert.Throws<Repro.Studies.BadInputException>(() => StudyFile.Read(wrong, "study.yaml", subjects)).Message, guide, StringComparison.Ordinal);
    }

    private static TheoryData<string, string> Pairs(Func<Experiment, IEnumerable<string>> names)
    {
        var pairs = new TheoryData<string, string>();
        foreach (var experiment in Experiments)
        {
            foreach (var name in names(experiment)) pairs.Add(experiment.Name, name);
        }
        return pairs;
    }

    // An option that is out of range, or options that contradict each other, are refused by the same code that refuses a person's.
    private static void AssertFit(Experiment of, Study study, Configuration configuration)
    {
        var options = OptionSchema.Apply(Profile(of, study).Options, study.Fixed.Settings.Concat(configuration.Settings));
        Assert.Null(of.Complaint(options));
        Assert.Equal(0, of.ForSearch(options).Count);
        Assert.All(OptionSchema.Values(options).Where(o => o.Key == "evaluate"), o => Assert.Equal("validation", o.Value));
    }

    private static List<KeyValuePair<string, string>> Options(Experiment of, Study study, Configuration changes) =>
        [.. OptionSchema.Values(OptionSchema.Apply(Profile(of, study).Options, study.Fixed.Settings.Concat(changes.Settings))).Select(o => KeyValuePair.Create(o.Key, OptionText.Write(o.Value)))];

    private static Profile Profile(Experiment of, Study study) => of.Profiles.Single(profile => profile.Name == study.Profile);

    private static Study Read(Study study) => StudyFile.Read(study.Text, "the declared study", [.. Experiments.Select(experiment => experiment.Subject)]);

    private static Experiment Of(string name) => Experiments.Single(experiment => experiment.Name == name);

    private static Study Search(string experiment, string name) => Of(experiment).Studies.Single(study => study.Name == name).Study;

    private static Study Compared(string experiment, string name) => Of(experiment).Ablations.Single(ablation => ablation.Name == name).Of(experiment);
}
