using Repro.Studies.SearchSpaces;

namespace Repro.Studies.StudyFiles;

/// <summary>Rules that hold for a study wherever it comes from: a file, the command line, an experiment.</summary>
public static class StudyRules
{
    /// <summary>What is wrong with a metric as an objective; null where nothing is.</summary>
    public static string? MetricComplaint(string metric) =>
        Sweeps.TestSeal.Covers(metric)
            ? $"'{metric}' is measured on test, which stays sealed while one searches: what is chosen by it could not be judged by it any more. Take 'validation_{metric["test_".Length..]}'"
        : metric.StartsWith("train_", StringComparison.Ordinal)
            ? $"'{metric}' is measured on what is trained on, so the best of it may only have learned it by heart. Take 'validation_{metric["train_".Length..]}'"
        : !SearchSpace.IsName(metric) ? $"a metric's name is snake_case, as validation_error; it was '{metric}'"
        : null;

    /// <summary>A word that names an arm, a tag, a study: a to z, digits, _ and -, not - first.</summary>
    public static bool IsWord(string text) => text.Length > 0 && text[0] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
}
