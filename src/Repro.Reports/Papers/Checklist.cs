using System.Globalization;
using Repro.Reports.Claims;
using Repro.Reports.Documents;
using Repro.Reports.Runs;

namespace Repro.Reports.Papers;

/// <summary>
/// The questions of the machine-learning reproducibility checklist (Pineau et al. 2021, "Improving reproducibility in machine learning research", appendix; version 2.0), asked of this
/// reproduction and answered by what is recorded. What is not recorded stays open, for all to see.
/// </summary>
internal static class Checklist
{
    public static IEnumerable<Block> Of(PaperReportInput input)
    {
        var environments = input.Runs.SelectMany(run => run.Run.Attempts).Select(attempt => attempt.Environment).ToList();
        var data = environments.SelectMany(environment => environment.DataSets).DistinctBy(set => (set.Name, set.Identity)).OrderBy(set => set.Name, StringComparer.Ordinal).ToList();
        // An ablation compares named changes and chooses nothing.
        var searches = input.Folders.Where(folder => folder.Study.Length > 0 && !folder.What.StartsWith("ablation", StringComparison.Ordinal)).ToList();
        var judged = input.Judgements.Where(one => one.Runs > 0).ToList();
        var rows = new List<IReadOnlyList<Words>>();
        Ask("models and algorithms", "Is the model described, with the setting?", Under("model", "network", "architecture"), Under("model", "network", "architecture").Length > 0);
        Ask("models and algorithms", "Are its assumptions stated?", Under("assum", "leaves open"), Under("assum", "leaves open").Length > 0);
        Ask("models and algorithms", "Is its complexity analysed (time, space, samples)?", "", false);
        // A card's claims are measured: none of their kinds is a theorem.
        rows.Add(["Are claims of theory stated and proved?", "theory", Words.Badge("not applicable", WordKind.Muted), "a card has no claim of theory"]);
        Ask("data", "How many examples are there?", string.Join("; ", data.Select(set => $"{set.Name}: {Whole(set.Examples)}")), data.Count > 0);
        Ask("data", "How are they divided into training, validation and test?", Splits(input), Splits(input).Length > 0);
        Ask("data", "What was left out, what was done to them beforehand?", Under("otherwise", "departure", "data"), Under("otherwise", "departure", "data").Length > 0);
        Ask("data", "Where can they be had?", string.Join("; ", data.Select(set => $"./repro data fetch {set.Name}")), data.Count > 0);
        Ask("data", "Which copy was used?", string.Join("; ", data.Select(set => $"{set.Name}: identity {set.Identity}")), data.Count > 0);
        Ask("code", "What does it depend on?", string.Join("; ", environments.Select(environment => $"{environment.Engine}, {environment.DotNet}").Distinct().Order(StringComparer.Ordinal)) + "; every package with its version is recorded with each attempt", environments.Count > 0);
        Ask("code", "Is the code of training and evaluation there?", Commits(environments), environments.Any(environment => environment.Commit is not null));
        Ask("code", "Are trained models there?", "", false);
        Ask("code", "Is there a table of results with the command that produces each?", $"the first table above; {input.Command}", input.Runs.Count > 0);
        Ask("results", "Which hyperparameters were considered, and how was the best chosen?", string.Join("; ", searches.Select(folder => $"{folder.Name}: its study, which chooses on validation")), searches.Count > 0);
        Ask("results", "How many runs were made for training and evaluation?", $"{Whole(input.Runs.Count)} runs in {Whole(input.Runs.Sum(run => run.Run.Attempts.Count))} attempts, each in the cost ledger", input.Runs.Count > 0);
        Ask("results", "Is the measure defined, with its split?", string.Join("; ", input.Judgements.Select(one => $"{one.Claim.Metric} ({one.Claim.Split})").Distinct().Order(StringComparer.Ordinal)), input.Judgements.Count > 0);
        Ask("results", "Are results given with a central tendency and a variation?", string.Join("; ", judged.Select(one => $"{one.Claim.Id}: mean with Student's 95 % interval, n = {Whole(one.Runs)}")), judged.Count > 0);
        Ask("results", "What did a run take on average?", $"{Numbers.Write(input.Runs.Select(run => 60 * run.Hours).DefaultIfEmpty(0).Average())} minutes", input.Runs.Any(run => run.Hours > 0));
        Ask("results", "What energy did it take?", "", false);
        Ask("results", "On which machines?", string.Join("; ", environments.Select(environment => $"{environment.Gpu ?? environment.Cpu}, {Whole(environment.Cores)} {(environment.Cores == 1 ? "core" : "cores")}, {Numbers.Bytes(environment.MemoryBytes)}").Distinct().Order(StringComparer.Ordinal)), environments.Count > 0);
        var open = rows.Count(row => row[2].ToString() == "open");
        var recorded = rows.Count(row => row[2].ToString() == "recorded");
        yield return new Paragraph($"The questions of the machine-learning reproducibility checklist (Pineau et al. 2021), answered from what is recorded: {Whole(recorded)} of {Whole(rows.Count)}, {Whole(open)} open, {Whole(rows.Count - recorded - open)} not applicable.");
        yield return new Table("Machine-learning reproducibility checklist", ["question", "about", "state", "what is recorded"], rows);

        string Under(params string[] words) => Headings(input.Card.Prose, words) is { Count: > 0 } found ? $"the card, under {string.Join(", ", found.Select(heading => $"\"{heading}\""))}" : "";

        void Ask(string about, string question, string answer, bool recorded) =>
            rows.Add([question, about, Words.Badge(recorded ? "recorded" : "open", recorded ? WordKind.Good : WordKind.Open), recorded ? answer : "not recorded"]);
    }

    /// <summary>Headings of the second level and below that have one of the words in them and text under them. A card's title says what it is about, not what it tells.</summary>
    private static List<string> Headings(string prose, IReadOnlyList<string> words)
    {
        var found = new List<string>();
        var (heading, code) = ("", false);
        foreach (var line in prose.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) code = !code;
            if (!code && line.StartsWith('#')) heading = line.StartsWith("##", StringComparison.Ordinal) ? line.TrimStart('#').Trim() : "";
            else if (line.Length > 0 && words.Any(word => heading.Contains(word, StringComparison.OrdinalIgnoreCase)) && !found.Contains(heading)) found.Add(heading);
        }
        return found;
    }

    private static string Splits(PaperReportInput input) => string.Join("; ", input.Runs.SelectMany(run => run.Run.Options.Where(option => option.Key is "train_on" or "evaluate")).GroupBy(option => option.Key)
        .Select(group => $"{group.Key}: {string.Join(", ", group.Select(option => option.Value).Distinct().Order(StringComparer.Ordinal))}"));

    private static string Commits(IEnumerable<Results.RunEnvironment> environments) => "this repository at " + string.Join(", ", environments.Select(environment => environment.Commit).OfType<string>().Distinct().Order(StringComparer.Ordinal).Select(commit => commit[..Math.Min(9, commit.Length)]));

    private static string Whole(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
