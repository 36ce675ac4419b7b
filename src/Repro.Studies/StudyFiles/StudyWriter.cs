using System.Globalization;
using System.Text;
using Repro.Studies.Options;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Studies.StudyFiles;

/// <summary>Writes a study as the YAML that <see cref="StudyReader"/> reads as an equal one.</summary>
internal static class StudyWriter
{
    public static string Write(Study study)
    {
        var text = new StringBuilder();
        Line(text, "experiment", Scalar(study.Experiment));
        Line(text, "profile", Scalar(study.Profile));
        // What is fixed has one place, wherever in the record it stands.
        var still = study.Space.Parameters.Where(p => p.Role == HyperparameterRole.Fixed).Select(p => KeyValuePair.Create(p.Name, p.At(0)));
        Block(
            text, "parameters",
            study.Space.Parameters.Where(p => p.Role != HyperparameterRole.Fixed).Select(p => (p.Name, Parameter(p)))
                .Concat(Configuration.Of(study.Fixed.Settings.Concat(still)).Settings.Select(s => (s.Key, $"{{role: fixed, value: {Scalar(s.Value)}}}"))));
        if (study.Space.Constraints.Count > 0)
        {
            text.Append("constraints:\n");
            foreach (var constraint in study.Space.Constraints) text.Append("  - ").Append(Scalar(constraint.Text)).Append('\n');
        }
        Line(text, "sampler", study.Sampler);
        Line(text, "pruner", Pruner(study));
        Line(text, "objective", $"{{metric: {Scalar(study.Objective.Metric)}, direction: {OptionText.Write(study.Objective.Direction)}}}");
        Line(text, "budget", Budget(study));
        Line(text, "seeds", Number(study.Seeds));
        var limits = study.Retries;
        Line(text, "retries", $"{{bug: {Number(limits.Bug)}, not_finite: {Number(limits.NotFinite)}, out_of_memory: {Number(limits.OutOfMemory)}, crash: {Number(limits.Crash)}}}");
        Block(text, "arms", study.Arms.Select(arm => (arm.Name, $"{{why: {Quoted(arm.Why.Trim())}, set: {{{Settings(arm.Changes.Settings)}}}}}")));
        if (study.ReadsTest) Line(text, "test", "read");
        if (study.Notes.Trim().Length > 0) Line(text, "notes", Quoted(study.Notes.Trim()));
        Block(text, "tags", study.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, Scalar(tag.Value))));
        return text.ToString();
    }

    private static string Parameter(Hyperparameter parameter)
    {
        var range = parameter switch
        {
            FloatRange f => $"type: {(f.Logarithmic ? "log_float" : "float")}, low: {Number(f.Low)}, high: {Number(f.High)}{(f.Step is { } step ? $", step: {Number(step)}" : "")}",
            IntRange i => $"type: {(i.Logarithmic ? "log_int" : "int")}, low: {Number(i.Low)}, high: {Number(i.High)}{(i.Step != 1 ? $", step: {Number(i.Step)}" : "")}",
            Categorical c => $"type: categorical, values: {Sequence(c.Values)}",
            _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "has no words in a study file"),
        };
        var when = parameter.Condition is { } condition ? $", when: {{{Scalar(condition.Parameter)}: {Sequence(condition.Values)}}}" : "";
        return $"{{{range}, role: {OptionText.Write(parameter.Role)}{when}}}";
    }

    private static string Pruner(Study study)
    {
        var (least, most) = study.Rungs;
        return $"{{name: {study.Pruner}{(study.Eta is { } eta ? $", eta: {Number(eta)}" : "")}, least: {Number(least)}{(most != long.MaxValue ? $", most: {Number(most)}" : "")}}}";
    }

    private static string Budget(Study study)
    {
        var parts = new List<string>();
        if (study.Arms.Count == 0) parts.Add($"trials: {Number(study.Trials)}");
        if (study.TrialsPerArm > 0) parts.Add($"trials_per_arm: {Number(study.TrialsPerArm)}");
        if (study.WallTime is { } time) parts.Add($"wall_time: {DurationText.Write(time)}");
        if (study.GpuHours is { } hours) parts.Add($"gpu_hours: {Number(hours)}");
        return $"{{{string.Join(", ", parts)}}}";
    }

    private static string Settings(IEnumerable<KeyValuePair<string, string>> settings) => string.Join(", ", settings.Select(s => $"{Scalar(s.Key)}: {Scalar(s.Value)}"));

    private static string Sequence(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Scalar))}]";

    private static string Number(object value) => OptionText.Write(value);

    private static void Line(StringBuilder text, string key, string value) => text.Append(key).Append(": ").Append(value).Append('\n');

    private static void Block(StringBuilder text, string key, IEnumerable<(string Key, string Value)> entries)
    {
        var begun = false;
        foreach (var (name, value) in entries)
        {
            if (!begun) text.Append(key).Append(":\n");
            begun = true;
            text.Append("  ").Append(Scalar(name)).Append(": ").Append(value).Append('\n');
        }
    }

    /// <summary>Bare where it is a plain word or number, otherwise in double quotes.</summary>
    private static string Scalar(string value)
    {
        var bare = value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '+' or '/') && char.IsAsciiLetterOrDigit(value[0]);
        return bare ? value : Quoted(value);
    }

    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            if (c is '"' or '\\') text.Append('\\').Append(c);
            else if (c == '\n') text.Append("\\n");
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else text.Append(c);
        }
        return text.Append('"').ToString();
    }
}
