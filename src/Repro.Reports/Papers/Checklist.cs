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
        var used = environments.SelectMany(environment => environment.DataSets).DistinctBy(set => (set.Name, set.Identity)).OrderBy(set => set.Name, StringComparer.Ordinal).ToList();
        var (data, yardsticks) = (used.Where(set => !set.IsYardstick).ToList(), used.Where(set => set.IsYardstick).ToList());
        var registered = data.Select(set => set.Name).Distinct().Select(name => (Name: name, Splits: input.Registered(name))).Where(set => set.Splits is not null).ToList();
        // An ablation compares named changes and chooses nothing.
        var searches = input.Folders.Where(folder => folder.Study.Length > 0 && !folder.What.StartsWith("ablation", StringComparison.Ordinal)).ToList();
        var judged = input.Judgements.Where(one => one.Runs > 0).ToList();
        var rows = new List<IReadOnlyList<Words>>();
        Ask("models and algorithms", "Is the model described, with the setting?", Under(CardSections.Model), Under(CardSections.Model).Length > 0);
        Ask("models and algorithms", "Are its assumptions stated?", Under(CardSections.Assumptions), Under(CardSections.Assumptions).Length > 0);
        Ask("models and algorithms", "Is its complexity analysed (time, space, samples)?", "", false);
        // A card's claims are measured: none of their kinds is a theorem.
        rows.Add(["Are claims of theory stated and proved?", "theory", Words.Badge("not applicable", WordKind.Muted), "a card has no claim of theory"]);
        Ask("data", "How many examples are there?", string.Join("; ", data.Select(set => $"{set.Name}: {Numbers.Whole(set.Examples)}")), data.Count > 0);
        Ask("data", "How are they divided into training, validation and test?", string.Join("; ", [.. registered.Select(set => $"{set.Name}: {string.Join(", ", set.Splits!.Select(split => $"{split.Split} {Numbers.Whole(split.Examples)}"))}"), Under(CardSections.Data)]), Under(CardSections.Data).Length > 0);
        Ask("data", "What was left out, what was done to them beforehand?", Under(CardSections.Data, CardSections.Departures), Under(CardSections.Data, CardSections.Departures).Length > 0);
        Ask("data", "Where can they be had?", string.Join("; ", registered.Select(set => $"./repro data fetch {set.Name}")), registered.Count > 0);
        Ask("data", "Which copy was used?", string.Join("; ", data.Select(set => $"{set.Name}: identity {set.Identity}")), data.Count > 0);
        Ask("code", "What does it depend on?", string.Join("; ", environments.Select(environment => $"{environment.Engine}, {environment.DotNet}").Distinct().Order(StringComparer.Ordinal)) + "; every package with its version is recorded with each attempt", environments.Count > 0);
        Ask("code", "Is the code of training and evaluation there?", Commits(environments), environments.Any(environment => environment.Commit is not null));
        Ask("code", "Are trained models there?", "", false);
        Ask("code", "Is there a table of results with the command that produces each?", $"the first table above; {input.Command}", input.Runs.Count > 0);
        Ask("results", "Which hyperparameters were considered, and how was the best chosen?", string.Join("; ", searches.Select(folder => $"{folder.Name}: its study, which chooses on validation")), searches.Count > 0);
        Ask("results", "How many runs were made for training and evaluation?", $"{Numbers.Count(input.Runs.Count, "run")} in {Numbers.Count(input.Runs.Sum(run => run.Run.Attempts.Count), "attempt")}, each in the cost ledger", input.Runs.Count > 0);
        Ask("results", "Is the measure defined, with its split?", string.Join("; ", [.. input.Judgements.Select(one => $"{one.Claim.Metric} ({one.Claim.Split})").Distinct().Order(StringComparer.Ordinal), .. yardsticks.Select(one => $"measured with {one.Name}, identity {one.Identity}")]), input.Judgements.Count > 0);
        Ask("results", "Are results given with a central tendency and a variation?", string.Join("; ", judged.Select(one => $"{one.Claim.Id}: mean with Student's 95 % interval, n = {Numbers.Whole(one.Runs)}")), judged.Count > 0);
        Ask("results", "What did a run take on average?", $"{Numbers.Write(input.Runs.Select(run => 60 * run.Hours).DefaultIfEmpty(0).Average())} minutes", input.Runs.Any(run => run.Hours > 0));
        Ask("results", "What energy did it take?", "", false);
        Ask("results", "On which machines?", string.Join("; ", environments.Select(environment => $"{environment.Gpu ?? environment.Cpu}, {Numbers.Count(environment.Cores, "core")}, {Numbers.Bytes(environment.MemoryBytes)}").Distinct().Order(StringComparer.Ordinal)), environments.Count > 0);
        var open = rows.Count(row => row[2].ToString() == "open");
        var recorded = rows.Count(row => row[2].ToString() == "recorded");
        yield return new Paragraph($"The questions of the machine-learning reproducibility checklist (Pineau et al. 2021), answered from what is recorded: {Numbers.Whole(recorded)} of {Numbers.Whole(rows.Count)}, {Numbers.Whole(open)} open, {Numbers.Whole(rows.Count - recorded - open)} not applicable.");
        yield return new Table("Machine-learning reproducibility checklist", ["question", "about", "state", "what is recorded"], rows);

        string Under(params string[] sections) => sections.SelectMany(section => CardSections.Headings(input.Card.Prose, section)).Distinct().ToList() is { Count: > 0 } found
            ? $"the card, under {string.Join(", ", found.Select(heading => $"\"{heading}\""))}" : "";

        void Ask(string about, string question, string answer, bool recorded) =>
            rows.Add([question, about, Words.Badge(recorded ? "recorded" : "open", recorded ? WordKind.Good : WordKind.Open), recorded ? answer : "not recorded"]);
    }

    private static string Commits(IEnumerable<Results.RunEnvironment> environments) => "this repository at " + string.Join(", ", environments.Select(environment => environment.Commit).OfType<string>().Distinct().Order(StringComparer.Ordinal).Select(commit => commit[..Math.Min(9, commit.Length)]));
}
