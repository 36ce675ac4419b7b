using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>What a random search finds with a smaller budget: the expected best of n trials, with its interval.</summary>
public static class BestOfN
{
    /// <summary>The budget that is marked: of so many draws one is among the best 5 % of the space with probability 1 - 0.95^60, 95 %.</summary>
    public const int Marked = 60;

    private const int CurveColour = 1, MarkColour = 6, Budgets = 40;

    private const double BestShare = 0.05;

    // From here on the first trials, where most is gained, would be one steep stroke.
    private const int LogarithmicFrom = 100;

    /// <param name="draws">How the trials came about; only random unpruned ones say what n of them find.</param>
    /// <param name="paper">What the paper states of the objective's own metric and split.</param>
    public static FigureOrReason Of(SearchedTrials trials, TrialDraws draws, PaperValue? paper = null)
    {
        const string Statistic = "An expected best-of-n curve";
        if (draws.Refusal(Statistic) is { } refusal) return FigureOrReason.Because(refusal);
        if (RandomTrials.Of(trials) is not { } random) return RandomTrials.TooFew(Statistic, trials);
        var count = random.Objective.Count;
        var curve = ExpectedBest.Curve(random.Objective, trials.Direction, draws, Spaced(count));
        var known = curve.TakeWhile(best => best.Interval is not null).ToList();

        var marks = new List<Mark>();
        if (known.Count > 0) marks.Add(new Band("its 95 % interval", CurveColour, X(known), [.. known.Select(best => best.Interval!.Low)], [.. known.Select(best => best.Interval!.High)]));
        marks.Add(new Line("expected best of n", CurveColour, X(curve), Y(curve)));
        if (count >= Marked) marks.Add(new Reference($"{Marked} trials", MarkColour, Marked, Vertical: true));
        if (trials.Paper?.Objective is { } own) marks.Add(new Reference($"{trials.PaperWords} values: {Numbers.WithUnit(own, trials.Words.Unit)}", TrialMarks.PaperColour, own));
        if (paper is not null) marks.Add(paper.Line(trials.Words.Unit));

        var at = curve.MinBy(best => Math.Abs(best.Trials - Marked))!;
        var sure = $"{100 * RandomSearchBudget.ProbabilityOf(Marked, BestShare):0} %";
        var marked = count >= Marked ? $" Of {Marked} trials the best is {Numbers.WithUnit(at.Expected, trials.Words.Unit)} on average; so many hold one of the best {100 * BestShare:0} % of the space with probability {sure}."
            : $" {Marked} trials, which hold one of the best {100 * BestShare:0} % of the space with probability {sure}, are more than this search has.";
        var log = count >= LogarithmicFrom;
        return new Figure("best-of-n", $"Best {trials.Words} of n random trials", new Axis(log ? "random trials n (logarithmic)" : "random trials n", log), trials.Axis(curve.Select(best => best.Expected)), marks)
        {
            Height = 250,
            Caption = $"The best of n of this search's {count:#,0} random trials, as the mean over all ways to choose them; {trials.Better}. {(known.Count > 0 ? "The band is the jackknife interval that is called 95 % (in simulations it covers 89 to 96 %); beyond a tenth of the trials there is none" : "The trials are too few for an interval")}."
                + $"{random.FailedSentence}{marked}",
        };
    }

    private static List<double> X(IReadOnlyList<BestOfTrials> curve) => [.. curve.Select(best => (double)best.Trials)];

    private static List<double> Y(IReadOnlyList<BestOfTrials> curve) => [.. curve.Select(best => best.Expected)];

    /// <summary>All of a few budgets; of many those at equal ratios, the marked one and those at which the interval ends among them.</summary>
    private static List<int> Spaced(int count)
    {
        if (count <= Budgets) return [.. Enumerable.Range(1, count)];
        var spaced = Enumerable.Range(0, Budgets).Select(i => (int)Math.Round(Math.Pow(count, i / (Budgets - 1.0))));
        return [.. spaced.Append(Math.Min(Marked, count)).Append(count / ExpectedBest.TrialsPerBudget).Distinct().Order()];
    }
}
