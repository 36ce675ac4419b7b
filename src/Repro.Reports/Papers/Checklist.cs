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
        var studies = input.Folders.Where(folder => folder.Study.Length > 0).ToList();
        var judged = input.Judgements.Where(one => one.Runs > 0).ToList();
        var rows = new List<IReadOnlyList<Words>>();
        Ask("models and algorithms", "Is the model described, with the setting?", $"experiments/: the experiment '{input.Card.Experiment}', whose model stands in one file; departures above", input.Card.Prose.Trim().Length > 0);
        Ask("models and algorithms", "Are its assumptions stated?", "the card's prose, under Departures", input.Card.Prose.Trim().Length > 0);
        Ask("models and algorithms", "Is its complexity analysed (time, space, samples)?", "", false);
        Ask("theory", "Are claims of theory stated and proved?", "the card has no claim of theory", true);
        Ask("data", "How many examples are there?", string.Join("; ", data.Select(set => $"{set.Name}: {Whole(set.Examples)}")), data.Count > 0);
        Ask("data", "How are they divided into training, validation and test?", Splits(input), Splits(input).Length > 0);
        Ask("data", "What was left out, what was done to them beforehand?", "the card's prose, under Departures", input.Card.Prose.Trim().Length > 0);
        Ask("data", "Where can they be had?", string.Join("; ", data.Select(set => $"./repro data fetch {set.Name}")), data.Count > 0);
        Ask("data", "Which copy was used?", string.Join("; ", data.Select(set => $"{set.Name}: identity {set.Identity}")), data.Count > 0);
        Ask("code", "What does it depend on?", string.Join("; ", environments.Select(environment => $"{environment.Engine}, {environment.DotNet}").Distinct().Order(StringComparer.Ordinal)) + "; every package with its version is recorded with each attempt", environments.Count > 0);
        Ask("code", "Is the code of training and evaluation there?", Commits(environments), environments.Any(environment => environment.Commit is not null));
        Ask("code", "Are trained models there?", "", false);
        Ask("code", "Is there a table of results with the command that produces each?", $"the first table above; {input.Command}", input.Runs.Count > 0);
        Ask("results", "Which hyperparameters were considered, and how was the best chosen?", string.Join("; ", studies.Select(folder => $"{folder.Name}: its study, on validation")), studies.Count > 0);
        Ask("results", "How many runs were made for training and evaluation?", $"{Whole(input.Runs.Count)} runs in {Whole(input.Runs.Sum(run => run.Run.Attempts.Count))} attempts, each in the cost ledger", input.Runs.Count > 0);
        Ask("results", "Is the measure defined, with its split?", string.Join("; ", input.Judgements.Select(one => $"{one.Claim.Metric} ({one.Claim.Split})").Distinct().Order(StringComparer.Ordinal)), input.Judgements.Count > 0);
        Ask("results", "Are results given with a central tendency and a variation?", string.Join("; ", judged.Select(one => $"{one.Claim.Id}: mean with Student's 95 % interval, n = {Whole(one.Runs)}")), judged.Count > 0);
        Ask("results", "What did a run take on average?", $"{Numbers.Write(input.Runs.Select(run => 60 * run.Hours).DefaultIfEmpty(0).Average())} minutes", input.Runs.Any(run => run.Hours > 0));
        Ask("results", "What energy did it take?", "", false);
        Ask("results", "On which machines?", string.Join("; ", environments.Select(environment => $"{environment.Gpu ?? environment.Cpu}, {Whole(environment.Cores)} cores, {Numbers.Bytes(environment.MemoryBytes)}").Distinct().Order(StringComparer.Ordinal)), environments.Count > 0);
        var open = rows.Count(row => row[2].ToString() == "open");
        yield return new Paragraph($"The questions of the machine-learning reproducibility checklist (Pineau et al. 2021), answered from what is recorded: {Whole(rows.Count - open)} of {Whole(rows.Count)}, {Whole(open)} open.");
        yield return new Table("Machine-learning reproducibility checklist", ["question", "about", "state", "what is recorded"], rows);

        void Ask(string about, string question, string answer, bool recorded) =>
            rows.Add([question, about, Words.Badge(recorded ? "recorded" : "open", recorded ? WordKind.Good : WordKind.Open), recorded ? answer : "not recorded"]);
    }

    private static string Splits(PaperReportInput input) => string.Join("; ", input.Runs.SelectMany(run => run.Run.Options.Where(option => option.Key is "train_on" or "evaluate")).GroupBy(option => option.Key)
        .Select(group => $"{group.Key}: {string.Join(", ", group.Select(option => option.Value).Distinct().Order(StringComparer.Ordinal))}"));

    private static string Commits(IEnumerable<Results.RunEnvironment> environments) => "this repository at " + string.Join(", ", environments.Select(environment => environment.Commit).OfType<string>().Distinct().Order(StringComparer.Ordinal).Select(commit => commit[..Math.Min(9, commit.Length)]));

    private static string Whole(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
