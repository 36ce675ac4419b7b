using Repro.Figures;

namespace Repro.Reports.Figures;

/// <summary>Completed trials as points: in every figure of a search the paper's own and the best have the same colours and names.</summary>
internal static class TrialMarks
{
    public const int PaperColour = PaperValue.Colour, BestColour = 1, OtherColour = 5;

    /// <summary>More points than this only make a file larger; they lie over each other.</summary>
    public const int Most = 1500;

    /// <param name="place">Where a trial stands; one that is not finite is left out.</param>
    /// <returns>The marks, and in words how many of the trials they show.</returns>
    public static (List<Mark> Marks, string Shown) Points(SearchedTrials trials, Func<SearchedTrial, (double X, double Y)> place)
    {
        var placed = trials.Completed.Select(trial => (Trial: trial, At: place(trial))).Where(item => double.IsFinite(item.At.X) && double.IsFinite(item.At.Y)).ToList();
        var others = placed.Where(item => item.Trial != trials.Best && item.Trial != trials.Paper).ToList();
        var shown = Thinning.Evenly(others, Most);
        var marks = new List<Mark>();
        Add("other trials", OtherColour, shown);
        Add(PaperLabel(trials), PaperColour, placed.Where(item => item.Trial == trials.Paper && item.Trial != trials.Best));
        Add(BestLabel(trials), BestColour, placed.Where(item => item.Trial == trials.Best));
        var words = others.Count > shown.Count ? $"{placed.Count - others.Count + shown.Count:#,0} of {placed.Count:#,0} completed trials, evenly over their numbers" : $"{placed.Count:#,0} completed {(placed.Count == 1 ? "trial" : "trials")}";
        return (marks, words);

        void Add(string label, int colour, IEnumerable<(SearchedTrial Trial, (double X, double Y) At)> items)
        {
            var list = items.ToList();
            if (list.Count > 0) marks.Add(new Points(label, colour, [.. list.Select(item => item.At.X)], [.. list.Select(item => item.At.Y)]));
        }
    }

    public static string BestLabel(SearchedTrials trials) => trials.Best == trials.Paper ? $"trial {trials.Best!.Number}: the best, {trials.PaperWords}" : $"trial {trials.Best!.Number}: the best";

    public static string PaperLabel(SearchedTrials trials) => trials.Paper is { } paper ? $"trial {paper.Number}: {trials.PaperWords}" : "";
}
