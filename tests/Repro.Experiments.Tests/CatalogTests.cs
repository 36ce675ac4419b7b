using Repro.Studies.Options;
using Repro.Training;
using YamlDotNet.Serialization;

namespace Repro.Experiments.Tests;

public sealed class CatalogTests
{
    public static TheoryData<string> Names => [.. Catalog.All.Select(e => e.Name)];

    /// <summary>Those whose validation examples are taken from the training set; other data sets bring their own.</summary>
    public static TheoryData<string> NamesThatSplit => [.. Catalog.All.Where(e => e.OptionsType.GetProperty("TrainOn") is not null).Select(e => e.Name)];

    [Fact]
    public void Names_are_different() => Assert.Equal(Catalog.All.Count, Catalog.All.Select(e => e.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_experiment_has_the_four_profiles_first_and_none_of_them_contradicts_itself(string name)
    {
        var experiment = Find(name);
        Assert.Equal(["smoke", "quick", "sweep", "paper"], experiment.Profiles.Take(4).Select(p => p.Name));
        Assert.All(experiment.Profiles, profile =>
        {
            Assert.IsType(experiment.OptionsType, profile.Options);
            Assert.Null(experiment.Complaint(profile.Options));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_paper_profile_is_what_the_options_say_by_default(string name)
    {
        var experiment = Find(name);
        Assert.Equal(Activator.CreateInstance(experiment.OptionsType), experiment.Profiles.Single(p => p.Name == "paper").Options);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Smoke_needs_no_data_set_and_the_others_do(string name)
    {
        var experiment = Find(name);
        foreach (var profile in experiment.Profiles) Assert.Equal(profile.Name == "smoke", experiment.DataSets(profile.Options).Count == 0);
    }

    [Theory]
    [InlineData("lstm", "a b", "the company said")]
    [InlineData("nanogpt", "ab", "ROMEO:")]
    [InlineData("transformer", "s0 s1 s2", "a man rides a bike .")]
    public void An_experiment_that_goes_on_from_texts_proposes_one_that_its_data_know(string name, string generated, string real)
    {
        var experiment = Find(name);
        foreach (var profile in experiment.Profiles) Assert.Equal(profile.Name == "smoke" ? generated : real, TextOf(experiment.SampleExample(profile.Options)));
    }

    /// <summary>The text of an example of sampling, as a shell gives it on.</summary>
    internal static string TextOf(string example) => example.StartsWith("--text \"", StringComparison.Ordinal) && example.EndsWith('"') ? example["--text \"".Length..^1] : throw new ArgumentException($"'{example}' is no --text.");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_trial_of_a_sweep_reads_validation_and_not_test(string name)
    {
        var experiment = Find(name);
        var sweep = experiment.Profiles.Single(p => p.Name == "sweep").Options;
        using var task = experiment.CreateTask(OptionSchema.Apply(sweep, WithoutData(experiment, sweep)), new RunContext());
        Assert.Contains(Splits.Validation, task.SplitsAtEnd);
        Assert.DoesNotContain(Splits.Test, task.SplitsAtEnd.Concat(task.SplitsWhileTraining));
    }

    [Theory]
    [MemberData(nameof(NamesThatSplit))]
    public void Training_on_everything_leaves_nothing_to_validate_on_and_is_refused(string name)
    {
        var experiment = Find(name);
        var options = OptionSchema.Apply(experiment.Profiles[0].Options, [new("train_on", "all"), new("evaluate", "validation")]);
        Assert.Contains("train_on=split", experiment.Complaint(options));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_claims_of_a_card_name_options_and_values_that_there_are(string name)
    {
        var experiment = Find(name);
        foreach (var claim in Claims(experiment))
        {
            foreach (var (option, values) in (Dictionary<object, object>)claim["options"])
            {
                foreach (var value in ((string)values).Split(", "))
                    OptionSchema.Apply(Activator.CreateInstance(experiment.OptionsType)!, [new((string)option, value)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_ablation_makes_as_many_pairs_as_the_claims_about_it_may_ask_for(string name)
    {
        var experiment = Find(name);
        foreach (var claim in Claims(experiment).Where(claim => claim.ContainsKey("study")))
        {
            var ablation = experiment.Ablations.Single(ablation => $"{name}/{ablation.Name}" == (string)claim["study"]);
            Assert.InRange(int.Parse((string)claim["largest_n"]), 2, ablation.Seeds);
        }
    }

    /// <summary>Of every card about the experiment.</summary>
    private static IEnumerable<Dictionary<object, object>> Claims(Experiment experiment)
    {
        var cards = Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "papers"), "*.md")
            .Select(file => new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(file).Split("---\n", 3)[1]))
            .Where(card => (string)card["experiment"] == experiment.Name).ToList();
        Assert.NotEmpty(cards);
        return cards.SelectMany(card => (List<object>)card["claims"]).Cast<Dictionary<object, object>>();
    }

    private static Experiment Find(string name) => Catalog.All.Single(e => e.Name == name);

    /// <summary>The same on the generated data of the smoke profile; images unchanged.</summary>
    private static IEnumerable<KeyValuePair<string, string>> WithoutData(Experiment experiment, object options)
    {
        var names = OptionSchema.Values(options).Select(o => o.Key).ToHashSet();
        var generated = OptionSchema.Values(experiment.Profiles[0].Options).FirstOrDefault(o => o.Key == "data").Value is { } data ? OptionText.Write(data) : "generated";
        KeyValuePair<string, string>[] wanted = [new("data", generated), new("augment", "false"), new("translate", "0"), new("flip", "false")];
        return wanted.Where(setting => names.Contains(setting.Key));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Repro.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
