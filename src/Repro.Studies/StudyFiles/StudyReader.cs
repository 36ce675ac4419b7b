using System.Globalization;
using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.Pruners;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.StudyFiles;

/// <summary>Reads what <see cref="StudyFile"/> describes.</summary>
internal sealed class StudyReader(string file, IReadOnlyList<StudySubject>? subjects)
{
    private const int MostTrials = 10_000_000, MostSeeds = 10_000, MostRetries = 1_000;

    public Study Read(string text)
    {
        var root = YamlValue.Read(text.TrimStart('\uFEFF'), file, 1, "a study", StudyWords.Keys).Map(StudyWords.Keys);
        var subject = Subject(root.Required("experiment"));
        var profile = Profile(root.Optional("profile"), subject);
        var parameters = new ParameterReader(subject);
        var space = parameters.Read(root.Optional("parameters"), root.Optional("constraints"));
        var arms = root.Optional("arms") is { } listed ? new ArmReader(subject, profile, parameters.Fixed, space).Read(listed) : [];
        if (arms.Count > 0 && space.Parameters.FirstOrDefault(p => p.Role != HyperparameterRole.Nuisance) is { } other)
            throw root.Required("parameters").Map([]).Place(other.Name).Error($"in an ablation '{other.Name}' is tuned anew for every arm, so its role is nuisance");
        if (arms.Count > 0 && root.Optional("pruner") is { } pruner && (pruner.IsMap ? pruner.Map(StudyWords.Pruner).Required("name") : pruner).Choice(PrunerCatalog.Names) != "none")
            throw pruner.Error("an ablation compares whole runs, so it has no pruner: leave 'pruner' out");
        var study = Pruner(root.Optional("pruner"), Budget(root, arms, space, new Study
        {
            Experiment = root.Required("experiment").Text(), Profile = profile, Fixed = parameters.Fixed, Space = space, Arms = arms, Trials = 0,
            Sampler = root.Optional("sampler")?.Choice(SamplerCatalog.Names) ?? "random",
            Objective = Objective(root.Required("objective")),
            Seeds = root.Optional("seeds")?.WholeNumber(1, MostSeeds) ?? 1,
            Retries = Retries(root.Optional("retries")),
            ReadsTest = ReadsTest(root.Optional("test"), arms, space),
            Notes = root.Optional("notes")?.Text() ?? "",
            Tags = Tags(root.Optional("tags")),
        }));
        // Where something is searched, what is wrong together is known for each configuration only.
        if (subject is not null && space.Parameters.Count == 0 && subject.Complaint(profile, study.Fixed) is { } complaint)
            throw (root.Optional("parameters") ?? root.Required("experiment")).Error(complaint.TrimEnd('.'));
        return study;
    }

    private StudySubject? Subject(YamlValue experiment)
    {
        if (subjects is null) return null;
        var name = experiment.Text();
        return subjects.FirstOrDefault(subject => subject.Experiment == name)
            ?? throw experiment.Error($"there is no experiment '{name}'. Experiments, nearest first: {string.Join(", ", NearestWords.Order(name, subjects.Select(s => s.Experiment)))}");
    }

    private static string Profile(YamlValue? profile, StudySubject? subject) =>
        profile is null ? "sweep" : subject is null ? profile.Text() : profile.Choice([.. subject.Profiles.Select(p => p.Key)]);

    private static Objective Objective(YamlValue node)
    {
        var map = node.Map(StudyWords.Objective);
        var metric = map.Required("metric").Text();
        if (StudyRules.MetricComplaint(metric) is { } complaint) throw map.Required("metric").Error(complaint);
        if (map.Optional("split") is { } split && split.Text() != "validation")
            throw split.Error($"the split is always validation, because what is chosen by test would be judged by the data that chose it; it was '{split.Text()}'");
        var direction = map.Required("direction").Choice(StudyWords.Directions);
        return new Objective(metric, Enum.GetValues<ObjectiveDirection>().Single(d => OptionText.Write(d) == direction));
    }

    private static bool ReadsTest(YamlValue? node, IReadOnlyList<AblationArm> arms, SearchSpace space)
    {
        if (node?.Choice(["sealed", "read"]) is not "read") return false;
        return arms.Count > 0 && space.Parameters.Count == 0 ? true
            : throw node.Error("test is read by a comparison whose 'arms' are all fixed beforehand; where anything is searched or tuned it stays sealed, because what is chosen by test would be judged by the data that chose it");
    }

    private static Study Budget(YamlMap root, IReadOnlyList<AblationArm> arms, SearchSpace space, Study study)
    {
        var map = root.Optional("budget")?.Map(StudyWords.Budget);
        var perArm = map?.Optional("trials_per_arm");
        if (arms.Count == 0)
        {
            if (perArm is not null) throw map!.Place("trials_per_arm").Error("'trials_per_arm' is for an ablation; this study has no 'arms'. A search has 'trials'");
            if (map is null) throw root.Node.Error("a search lacks the key 'budget', as in budget: {trials: 40}");
            study = study with { Trials = map.Required("trials").WholeNumber(1, MostTrials) };
        }
        else
        {
            if (map?.Optional("trials") is not null) throw map.Place("trials").Error("the trials of an ablation are its arms; 'trials_per_arm' says how many configurations each is tuned over");
            if (space.Parameters.Count > 0 && perArm is null) throw root.Place("parameters").Error("an ablation that tunes parameters needs the key 'trials_per_arm' in its budget");
            if (space.Parameters.Count == 0 && perArm is not null) throw map!.Place("trials_per_arm").Error("there is nothing to tune for each arm: no parameter has a range");
            study = study with { TrialsPerArm = perArm?.WholeNumber(1, MostTrials) ?? 0 };
        }
        if (map?.Optional("wall_time") is { } time)
            study = study with { WallTime = DurationText.Read(time.Written()) ?? throw time.Error($"'wall_time' is {DurationText.Rule}; it was '{time.Written()}'") };
        if (map?.Optional("gpu_hours") is { } hours)
            study = study with { GpuHours = hours.Number() is > 0 and var number ? number : throw hours.Error(string.Create(CultureInfo.InvariantCulture, $"'gpu_hours' must be above 0; it was {hours.Number()}")) };
        return study;
    }

    private static Study Pruner(YamlValue? node, Study study)
    {
        if (node is null) return study;
        if (!node.IsMap) return study with { Pruner = node.Choice(PrunerCatalog.Names) };
        var map = node.Map(StudyWords.Pruner);
        var most = map.Optional("most")?.WholeNumber(1, long.MaxValue);
        study = study with
        {
            Pruner = map.Required("name").Choice(PrunerCatalog.Names),
            Eta = map.Optional("eta")?.WholeNumber(2, 1_000_000),
            Rungs = (map.Optional("least")?.WholeNumber(1, long.MaxValue) ?? 1, most ?? long.MaxValue),
        };
        // Without the length of a run the rungs are not known yet.
        if (most is not null || study.Pruner is "none" or "median")
            Placed.At(node, () => PrunerCatalog.Create(study.Pruner, study.Objective.Direction, study.Rungs.Least, study.Rungs.Most, study.Trials, study.Eta));
        return study;
    }

    private static RetryLimits Retries(YamlValue? node)
    {
        if (node is null) return new RetryLimits();
        var (map, limits) = (node.Map(StudyWords.Retries), new RetryLimits());
        int Of(string key, int otherwise) => map.Optional(key)?.WholeNumber(0, MostRetries) ?? otherwise;
        return new RetryLimits(Of("bug", limits.Bug), Of("not_finite", limits.NotFinite), Of("out_of_memory", limits.OutOfMemory), Of("crash", limits.Crash));
    }

    private static Dictionary<string, string> Tags(YamlValue? node)
    {
        var tags = new Dictionary<string, string>();
        if (node is null) return tags;
        var map = node.Map([]);
        foreach (var (name, value) in map.Values)
        {
            if (!StudyRules.IsWord(name)) throw map.Place(name).Error($"a tag's name has the letters a to z, digits, '_' and '-'; it was '{name}'");
            if (SweepTags.Complaint(name) is { } complaint) throw map.Place(name).Error(complaint);
            if (name == "note") throw map.Place(name).Error("what a study notes stands under the key 'notes'");
            tags.Add(name, value.Written());
        }
        return tags;
    }
}
