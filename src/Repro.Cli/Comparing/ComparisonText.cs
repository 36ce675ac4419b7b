using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Cli.Output;
using Repro.Reports.Comparison;
using Repro.Studies.Statistics;

namespace Repro.Cli.Comparing;

/// <summary>A comparison for people: what is alike in a word, what differs in a table.</summary>
internal sealed partial class ComparisonText(CommandOutput output)
{
    private const int PairsShown = 10;
    private const string Package = "package ";

    /// <param name="part">What kind of facts: <c>options</c>.</param>
    public void Facts(string part, ComparedFacts facts)
    {
        output.Say();
        var title = char.ToUpperInvariant(part[0]) + part[1..];
        if (!facts.Differ) output.Say(facts.Equal > 0 ? $"{title}: nothing differs ({facts.Equal} {(facts.Equal == 1 ? "fact" : "facts")} compared)." : $"{title}: nothing was compared.");
        else
        {
            output.Say($"{title}: {facts.Differences.Count} of {facts.Differences.Count + facts.Equal} facts differ.");
            var alone = facts.Differences.Where(difference => difference.Fact.StartsWith(Package, StringComparison.Ordinal) && (difference.A == ComparedFacts.None || difference.B == ComparedFacts.None)).ToList();
            Table([.. facts.Differences.Except(alone)]);
            Packages("A", [.. alone.Where(difference => difference.B == ComparedFacts.None).Select(difference => $"{difference.Fact[Package.Length..]} {difference.A}")]);
            Packages("B", [.. alone.Where(difference => difference.A == ComparedFacts.None).Select(difference => $"{difference.Fact[Package.Length..]} {difference.B}")]);
        }
        Sentences(facts.Remarks);
    }

    public void Outcome(RunComparison comparison)
    {
        Ends(comparison.Ends, comparison.OutcomesDiffer);
        if (comparison.Scores.Count > 0)
        {
            output.Say();
            var table = new TextTable("final metric", "A", "B", "B - A") { Right = new HashSet<int> { 1, 2, 3 } };
            foreach (var score in comparison.Scores) table.Row(score.Metric, Value(score.A), Value(score.B), score.Same ? "same bits" : score.Difference is { } difference ? Signed(difference) : "");
            table.Write(output);
        }
        Conclude(comparison.Conclusions);
    }

    public void Outcome(SweepComparison comparison, string metric)
    {
        Ends(comparison.Ends, comparison.OutcomesDiffer, comparison.Trials.Pairs.Count > 0 && comparison.Trials.Parted.Count == 0 ? "Outcome: the same in all that both have; other runs are in one of them alone." : "Outcome: differs.");
        if (comparison.Means.Count > 0)
        {
            output.Say();
            // Either of arms, by one metric, or of one confirmation, by several.
            var arms = comparison.Means.Select(means => means.Metric).Distinct().Count() == 1;
            var table = new TextTable(arms ? comparison.Means[0].Metric : comparison.Means[0].What, "n", "A", "B", "B - A", "interval", "") { Right = new HashSet<int> { 1, 2, 3, 4, 5 } };
            foreach (var means in comparison.Means)
            {
                table.RowWithNote(
                    means.LeftOut > 0 ? $"{means.LeftOut} left out, which are no finite numbers." : "", arms ? means.What : means.Metric, means.A.Count == means.B.Count ? Whole(means.A.Count) : $"{means.A.Count}, {means.B.Count}",
                    Mean(means.A), Mean(means.B), means.Difference is { } difference ? Signed(difference) : "", means.Interval is { } interval ? $"{Signed(interval.Low)} to {Signed(interval.High)}" : "",
                    (means.Interval is null ? "" : means.Paired ? "paired: " : "Welch: ") + means.Reading);
            }
            table.Write(output);
        }
        Parted(comparison.Trials, metric);
        Conclude(comparison.Conclusions);
    }

    // Two builds of the program may differ in dozens of them.
    private void Packages(string side, IReadOnlyList<string> packages)
    {
        if (packages.Count > 0) Sentences([$"Packages of {side} alone: {string.Join(", ", packages)}."]);
    }

    private void Parted(EqualTrials trials, string metric)
    {
        if (trials.Parted.Count == 0) return;
        output.Say();
        var table = new TextTable("A", "B", "state A", "state B", $"{metric}, B - A", "curves part at") { Right = new HashSet<int> { 4 } };
        foreach (var pair in trials.Parted.Take(PairsShown))
        {
            table.Row(
                pair.A.Key.ToString(), pair.B.Key.ToString(), Words.State(pair.A.State), Words.State(pair.B.State), pair.Difference is { } difference ? Signed(difference) : "",
                pair.Curves.First is { } first ? $"step {Whole(first.Step)}, {first.Metric}" : "nowhere");
        }
        table.Write(output);
        if (trials.Parted.Count > PairsShown) output.Say($"... and {trials.Parted.Count - PairsShown} more pairs that did not come to the same; --json has all.");
    }

    private void Ends(ComparedFacts ends, bool differ, string difference = "Outcome: differs.")
    {
        output.Say();
        output.Say(differ ? difference : "Outcome: nothing differs.");
        if (ends.Differ) Table(ends.Differences);
    }

    private void Conclude(IReadOnlyList<string> conclusions)
    {
        output.Say();
        Sentences(conclusions);
    }

    private void Table(IReadOnlyList<Difference> differences)
    {
        var table = new TextTable("", "A", "B");
        foreach (var difference in differences)
        {
            var (a, b) = (Short(difference.A), Short(difference.B));
            // Two that begin alike are not told apart by their beginnings.
            table.Row(difference.Fact, a == b ? difference.A : a, a == b ? difference.B : b);
        }
        table.Write(output);
    }

    private void Sentences(IEnumerable<string> sentences)
    {
        foreach (var line in sentences.SelectMany(sentence => TextLines.Wrap(sentence, output.Width, breakWords: false))) output.Say(line);
    }

    private static string Short(string text) => Digits().Replace(Hash().Replace(text, match => Words.Hash(match.Value)), match => Words.Number(double.Parse(match.Value, CultureInfo.InvariantCulture)));

    private static string Mean(IReadOnlyList<double> values) => values.Count == 0 ? "" : values.Count == 1 ? Words.Number(values[0]) : $"{Four(values.Average())} +- {Four(Sample.Of(values).Deviation)}";

    private static string Four(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Value(double? value) => value is { } number ? Words.Number(number) : ComparedFacts.None;

    private static string Signed(double value) => (value > 0 ? "+" : "") + Four(value);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    // A seed of as many digits is no hash.
    [GeneratedRegex(@"\b(?=\d*[a-f])[0-9a-f]{16,64}\b")]
    private static partial Regex Hash();

    // Seventeen digits are for programs.
    [GeneratedRegex(@"(?<![\w.-])-?\d+\.\d{6,}(E[+-]?\d+)?")]
    private static partial Regex Digits();
}
