using Repro.Reports.Runs;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Papers;

/// <summary>Whether the words of a claim mean something in its experiment: metric, options, settings, profile, study.</summary>
internal static class ClaimWords
{
    /// <exception cref="BadInputException">A word means nothing; says where it stands and which are nearest.</exception>
    public static void Check(Claim claim, YamlMap map, CardSubject subject)
    {
        Known(map.Required("metric"), claim.Metric, subject.Metrics, "metric");
        if (MetricWords.Of(claim.Metric).Split is { Length: > 0 } split && split != claim.Split) throw map.Required("split").Error($"the metric {claim.Metric} is of the split '{split}', not '{claim.Split}'");
        if (claim.Profile is { } profile) Known(map.Required("profile"), profile, [.. subject.Experiment.Profiles.Select(p => p.Key)], "profile");
        if (claim.Study is { } study) Known(map.Required("study"), study, subject.Studies, "study");
        if (map.Optional("options")?.Map([]) is { } options)
        {
            foreach (var (name, node) in options.Values) Option(name, node.Written(), options.Place(name), node);
        }
        foreach (var (setting, node) in claim.Settings.Zip(map.Optional("settings")?.List() ?? []))
        {
            foreach (var (name, value) in setting.Settings) Option(name, value, node, node);
        }

        void Option(string name, string value, YamlValue place, YamlValue at)
        {
            Known(place, name, [.. subject.Experiment.Options.Select(option => option.Name)], "option");
            // "20, 32" asks for either.
            foreach (var one in value.Split(',', StringSplitOptions.TrimEntries)) Readable(name, one, at);
        }

        void Readable(string name, string value, YamlValue at)
        {
            try
            {
                _ = subject.Experiment.Canonical(name, value);
            }
            catch (BadInputException e)
            {
                throw at.Error(e.Message.TrimEnd('.'));
            }
        }

        void Known(YamlValue at, string word, IReadOnlyList<string> words, string what)
        {
            if (words.Contains(word)) return;
            throw at.Error(words.Count == 0 ? $"the experiment '{subject.Experiment.Experiment}' has no {what}, so no '{word}' either"
                : $"the experiment '{subject.Experiment.Experiment}' has no {what} '{word}'. Those there are, nearest first: {string.Join(", ", NearestWords.Order(word, words).Take(12))}");
        }
    }
}
