using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Reports.Claims;
using Repro.Reports.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Statistics;

namespace Repro.Reports.Papers;

/// <summary>
/// Numbers in prose, resolved from stored runs and never typed: <c>{{quick.test_error}}</c> is a run's, <c>{{shortcuts.plain.validation_error}}</c> an arm's, with
/// <c>.confirmation.</c>, <c>.best.</c> and <c>.paper.</c> of a search, <c>{{claim.resnet-20-error.verdict}}</c> a claim's.
/// </summary>
public sealed partial class References
{
    private readonly IReadOnlyDictionary<string, string> _values;

    private References(IReadOnlyDictionary<string, string> values) => _values = values;

    /// <summary>What can be named, in order.</summary>
    public IReadOnlyList<string> Names => [.. _values.Keys.Order(StringComparer.Ordinal)];

    public static References Of(PaperReportInput input)
    {
        var values = new Dictionary<string, string>();
        foreach (var folder in input.Runs.GroupBy(run => run.Folder))
        {
            values[$"{folder.Key}.runs"] = Numbers.Whole(folder.Count());
            values[$"{folder.Key}.hours"] = Numbers.Write(folder.Sum(run => run.Hours));
            foreach (var part in folder.Where(run => run.Completed && (run.Label.Length > 0 || run.Role == EvidenceRole.Alone)).GroupBy(run => run.Label))
            {
                var prefix = part.Key.Length > 0 ? $"{folder.Key}.{part.Key}" : folder.Key;
                values[$"{prefix}.n"] = Numbers.Whole(part.Count());
                foreach (var metric in part.SelectMany(run => run.Run.Scores.Keys).Distinct()) values[$"{prefix}.{metric}"] = Score([.. part.Select(run => run.Score(metric)).OfType<double>()], metric);
            }
        }
        foreach (var judged in input.Judgements)
        {
            var prefix = $"claim.{judged.Claim.Id}";
            values[$"{prefix}.verdict"] = VerdictWords.Of(judged.Verdict);
            values[$"{prefix}.n"] = Numbers.Whole(judged.Count);
            values[$"{prefix}.ours"] = JudgementText.Ours(judged);
            values[$"{prefix}.paper"] = JudgementText.Paper(judged.Claim);
            values[$"{prefix}.difference"] = judged.Comparisons is [{ } comparison] ? JudgementText.Difference(judged.Claim, comparison.Difference.Value, comparison.Interval) : "(nothing is judged)";
        }
        return new References(values);
    }

    /// <param name="file">Named in errors.</param>
    /// <exception cref="BadInputException">A reference names nothing; says line, column and the nearest names.</exception>
    public string Resolve(string text, string file) => Form().Replace(text, match =>
    {
        var name = match.Groups["name"].Value;
        if (_values.TryGetValue(name, out var value)) return value;
        var before = text.AsSpan(0, match.Index);
        var (line, column) = (before.Count('\n') + 1, match.Index - before.LastIndexOf('\n'));
        var nearest = NearestWords.Order(name, _values.Keys).Take(8).ToList();
        throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file}, line {line}, column {column} of its prose: the reference '{name}' names nothing that is stored. {(nearest.Count > 0 ? $"Nearest: {string.Join(", ", nearest)}." : "Nothing is exported of this paper yet.")}"));
    });

    private static string Score(IReadOnlyList<double> values, string metric)
    {
        var unit = MetricWords.Of(metric).Unit;
        // What every run measured alike has no spread to speak of.
        return values.Count < 2 || !values.All(double.IsFinite) || values.All(value => value.Equals(values[0])) ? Numbers.WithUnit(values.Average(), unit) : $"{Numbers.Write(values.Average())} ± {Numbers.WithUnit(Sample.Of(values).Deviation, unit)}";
    }

    [GeneratedRegex(@"\{\{\s*(?<name>[^{}\s]+)\s*\}\}")]
    private static partial Regex Form();
}
