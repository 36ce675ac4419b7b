using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>What two sweeps were asked: their studies and seeds, fact by fact.</summary>
internal static class StudyFacts
{
    public static ComparedFacts Compare(ComparedSweep a, ComparedSweep b) => ComparedFacts.Of(Of(a), Of(b), same: OptionDifference.Same);

    private static List<(string, string)> Of(ComparedSweep sweep)
    {
        var study = sweep.Study;
        List<(string, string)> facts = [("experiment", study.Experiment), ("profile", study.Profile), ("sweep's seed", Whole(sweep.State.Created!.Seed))];
        // What is fixed has two places in a study, and what neither sets is the profile's.
        var still = study.Space.Parameters.Where(parameter => parameter.Role == HyperparameterRole.Fixed).Select(parameter => KeyValuePair.Create(parameter.Name, parameter.At(0)));
        var set = Configuration.Of(sweep.ProfileOptions.Concat(study.Fixed.Settings).Concat(still)).Settings;
        var searched = study.Space.Parameters.Where(parameter => parameter.Role != HyperparameterRole.Fixed).ToList();
        foreach (var (name, text) in set.Where(setting => searched.TrueForAll(parameter => parameter.Name != setting.Key))) facts.Add((name, text));
        foreach (var parameter in searched) facts.Add((parameter.Name, Searched(parameter)));
        if (study.Space.Constraints.Count > 0) facts.Add(("constraints", string.Join("; ", study.Space.Constraints.Select(constraint => constraint.Text))));
        facts.Add(("objective", $"{OptionText.Write(study.Objective.Direction)} {study.Objective.Metric}"));
        foreach (var arm in study.Arms) facts.Add(($"arm {arm.Name}", arm.Changes.ToString()));
        if (study.Arms.Count == 0)
        {
            facts.Add(("sampler", study.Sampler));
            facts.Add(("pruner", study.Pruner + (study.Pruner == "none" ? "" : $", from step {Whole(study.Rungs.Least)}{(study.Eta is { } eta ? $", eta {Whole(eta)}" : "")}")));
            facts.Add(("budget", $"{Whole(sweep.State.Budget)} trials"));
        }
        facts.Add((study.Arms.Count == 0 ? "runs a configuration" : "pairs an arm", Whole(study.Seeds)));
        if (study.TrialsPerArm > 0) facts.Add(("trials that tune an arm", Whole(study.TrialsPerArm)));
        if (study.WallTime is { } time) facts.Add(("wall time", DurationText.Write(time)));
        if (study.GpuHours is { } hours) facts.Add(("GPU hours", OptionText.Write(hours)));
        var limits = study.Retries;
        facts.Add(("retries", $"bug {Whole(limits.Bug)}, not finite {Whole(limits.NotFinite)}, out of memory {Whole(limits.OutOfMemory)}, crash {Whole(limits.Crash)}"));
        return facts;
    }

    private static string Searched(Hyperparameter parameter)
    {
        var range = CompactForm.Write(parameter);
        var when = parameter.Condition is { } condition ? $", where {condition.Parameter} is {string.Join(" or ", condition.Values)}" : "";
        return $"searched, {OptionText.Write(parameter.Role)}: {range[(range.IndexOf('=', StringComparison.Ordinal) + 1)..]}{when}";
    }

    private static string Whole(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
