using Repro.Studies.Formats;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.StudyFiles;

/// <summary>Reads the <c>arms</c> of an ablation.</summary>
/// <param name="still">The baseline's options over the profile's.</param>
/// <param name="space">What is tuned anew for every arm.</param>
internal sealed class ArmReader(StudySubject? subject, string profile, Configuration still, SearchSpace space)
{
    private const string BaselineName = AblationArm.Baseline;

    public IReadOnlyList<AblationArm> Read(YamlValue node)
    {
        var map = node.Map([]);
        if (map.Values.Count == 0) throw node.Error("an ablation has one arm or more");
        var arms = new List<AblationArm>();
        foreach (var (name, value) in map.Values)
        {
            if (!StudyRules.IsWord(name) || name == BaselineName)
                throw map.Place(name).Error($"an arm's name has the letters a to z, digits, '_' and '-', and is not '{BaselineName}'; it was '{name}'");
            var arm = One(name, value.Map(StudyWords.Arm));
            if (arms.Find(before => before.Changes.Equals(arm.Changes)) is { } same) throw map.Place(name).Error($"the arms '{same.Name}' and '{name}' set the same options");
            arms.Add(arm);
        }
        return arms;
    }

    private AblationArm One(string name, YamlMap map)
    {
        var why = map.Required("why").Text();
        var set = map.Required("set");
        var changes = set.Map([]);
        if (changes.Values.Count == 0) throw set.Error($"the arm '{name}' changes nothing");
        var settings = Configuration.Empty;
        foreach (var (option, value) in changes.Values)
        {
            if (subject is not null) Placed.At(changes.Place(option), () => subject.Require(option));
            else if (!SearchSpace.IsName(option)) throw changes.Place(option).Error($"an option's name is snake_case; it was '{option}'");
            if (space.Parameters.Any(p => p.Name == option)) throw changes.Place(option).Error($"'{option}' is tuned anew for every arm, so no arm sets it");
            var text = subject is null ? value.Written() : Placed.At(value, () => subject.Canonical(option, value.Written()));
            var baseline = still.TryGet(option, out var own) ? own : subject?.ProfileValue(profile, option);
            if (text == baseline) throw value.Error($"the arm '{name}' sets {option} to {text}, which the baseline has; an arm differs from it in every option that it sets");
            settings = settings.With(option, text);
        }
        if (subject is not null && subject.Complaint(profile, Configuration.Of(still.Settings.Concat(settings.Settings))) is { } complaint)
            throw set.Error($"the arm '{name}' cannot be: {complaint.TrimEnd('.')}");
        return new AblationArm(name, why, settings);
    }
}
