using Repro.Studies;
using Repro.Studies.Options;
using Repro.Training;

namespace Repro.Cli.Verbs;

/// <summary>An experiment with the options that a command line gives it.</summary>
internal sealed record ChosenExperiment(Experiment Experiment, Profile Profile, object Options)
{
    /// <summary>The profile taken where none is named.</summary>
    private const string Default = "quick";

    public static Experiment Find(Surroundings surroundings, string name)
    {
        var all = surroundings.Experiments();
        if (all.FirstOrDefault(e => e.Name == name) is { } found) return found;
        // A person may well name the paper: not every paper has an experiment of its own name.
        if (Papers.NotAnExperiment(all, name) is { } meant) throw new BadInputException($"{meant.Sentence} Name {meant.Experiment} in its place.");
        throw new BadInputException(all.Count == 0
            ? $"There is no experiment '{name}': this build has none."
            : $"There is no experiment '{name}'. Experiments, nearest first: {string.Join(", ", NearestWords.Order(name, all.Select(e => e.Name)))}.");
    }

    public static Profile FindProfile(Experiment experiment, string? name)
    {
        var names = experiment.Profiles.Select(p => p.Name).ToList();
        if (name is null) return experiment.Profiles.FirstOrDefault(p => p.Name == Default) ?? experiment.Profiles[0];
        return experiment.Profiles.FirstOrDefault(p => p.Name == name)
            ?? throw new BadInputException($"The experiment '{experiment.Name}' has no profile '{name}'. Profiles, nearest first: {string.Join(", ", NearestWords.Order(name, names))}." +
                (Repro.Experiments.Catalog.All.Any(e => e.Name == name) ? $" '{name}' is an experiment of its own: ./repro run {name}." : ""));
    }

    /// <param name="settings"><c>name=value</c> each.</param>
    /// <exception cref="BadInputException">An unknown name or value, or options that do not go together.</exception>
    public static ChosenExperiment From(Surroundings surroundings, string name, string? profile, IEnumerable<string> settings)
    {
        var experiment = Find(surroundings, name);
        var chosen = FindProfile(experiment, profile);
        return From(experiment, chosen, OptionSchema.Apply(chosen.Options, Pairs(settings)));
    }

    public static ChosenExperiment From(Experiment experiment, Profile profile, object options)
    {
        if (experiment.Complaint(options) is { } complaint) throw new BadInputException(complaint);
        return new ChosenExperiment(experiment, profile, options);
    }

    /// <exception cref="BadInputException">Not name=value, or a name twice.</exception>
    internal static List<KeyValuePair<string, string>> Pairs(IEnumerable<string> settings)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=');
            if (at <= 0) throw new BadInputException($"--set takes name=value; '{setting}' has no {(at == 0 ? "name" : "'='")}.");
            var (name, value) = (setting[..at].Trim(), setting[(at + 1)..]);
            if (pairs.Find(pair => pair.Key == name) is { Key: not null } before)
                throw new BadInputException($"--set names the option '{name}' twice, as '{before.Value}' and as '{value}'; leave one of them out.");
            pairs.Add(KeyValuePair.Create(name, value));
        }
        return pairs;
    }
}
