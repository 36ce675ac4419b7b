using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.StudyFiles;

/// <summary>What a study may say of an experiment.</summary>
/// <param name="Experiment">Its name.</param>
/// <param name="Profiles">Name to the value of every option.</param>
/// <param name="Options">As <see cref="OptionSchema.Of"/> lists them.</param>
/// <param name="Complaint">What is wrong with a profile under these settings together, each being in its range; null where nothing is.</param>
public sealed record StudySubject(
    string Experiment, IReadOnlyList<KeyValuePair<string, Configuration>> Profiles, IReadOnlyList<OptionInfo> Options, Func<string, Configuration, string?> Complaint)
{
    /// <summary>The text of a setting as options write it: <c>1e-1</c> becomes <c>0.1</c>.</summary>
    /// <exception cref="BadInputException">No such option or value; lists those there are, nearest first.</exception>
    public string Canonical(string name, string text) => OptionText.Write(OptionSchema.Read(Require(name), text));

    /// <summary>An option by name.</summary>
    /// <exception cref="BadInputException">There is none; lists those there are, nearest first.</exception>
    public OptionInfo Require(string name) => Options.FirstOrDefault(option => option.Name == name)
        ?? throw new BadInputException($"The experiment '{Experiment}' has no option '{name}'. Valid options, nearest first: {string.Join(", ", NearestWords.Order(name, Options.Select(o => o.Name)))}.");

    /// <summary>What a profile sets an option to; null where there is no such profile or option.</summary>
    public string? ProfileValue(string profile, string option) =>
        Profiles.FirstOrDefault(p => p.Key == profile).Value is { } values && values.TryGet(option, out var text) ? text : null;

    /// <summary>What the options' defaults are called: after the profile that has them all, <c>profile paper</c>, since they may be one published setting of several; <c>default</c> where no profile has.</summary>
    public string Defaults =>
        Profiles.FirstOrDefault(profile => Options.Count > 0 && Options.All(option => profile.Value.TryGet(option.Name, out var text) && text == OptionText.Write(option.Default))).Key is { } name
            ? $"profile {name}" : "default";

    /// <summary>The defaults, which are those of the profile <c>paper</c>, of the hyperparameters of a space, those left out that their conditions make inactive.</summary>
    public Configuration PaperIn(SearchSpace space)
    {
        var paper = Configuration.Empty;
        foreach (var index in space.Order)
        {
            var parameter = space.Parameters[index];
            if (parameter.Condition is { } condition && !(paper.TryGet(condition.Parameter, out var value) && condition.Values.Contains(value))) continue;
            paper = paper.With(parameter.Name, OptionText.Write(Require(parameter.Name).Default));
        }
        return paper;
    }
}
