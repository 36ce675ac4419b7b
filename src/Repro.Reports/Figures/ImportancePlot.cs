using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;

namespace Repro.Reports.Figures;

/// <summary>How much of the objective's variation over the search space each hyperparameter makes by itself, with its uncertainty.</summary>
public static class ImportancePlot
{
    private const int ShareColour = 1, InkColour = 6;
    private const double Lane = 0.3, PerRow = 30;

    /// <param name="draws">How the trials came about; only random unpruned ones are spread over the whole space.</param>
    public static FigureOrReason Of(SearchedTrials trials, TrialDraws draws)
    {
        const string Statistic = "Hyperparameter importance";
        if (draws.Refusal(Statistic) is { } refusal) return FigureOrReason.Because(refusal);
        if (RandomTrials.Of(trials) is not { } random) return RandomTrials.TooFew(Statistic, trials);
        // A conditional hyperparameter is not there in every trial, and one with a single value explains nothing.
        var searched = trials.Space.Parameters.Where(parameter => parameter.Condition is null && parameter.Count is not 1 && parameter is not Categorical { Values.Count: > 64 }).ToList();
        var log = trials.Axis(random.Objective).Log;
        var found = Importance.Of(
            [.. searched.Select(parameter => new ImportanceAxis(parameter.Name, parameter is Categorical choice ? choice.Values.Count : null))],
            [.. random.Trials.Select(trial => (IReadOnlyList<double>)[.. searched.Select(parameter => Place(parameter, trial.Configuration[parameter.Name]))])],
            log ? [.. random.Objective.Select(value => Math.Log(value))] : random.Objective, draws);
        if (found.Unknown is { } unknown) return FigureOrReason.Because(unknown);

        var rows = found.Each.OrderByDescending(one => one.Share).Select((one, i) => (Name: Slices.Title(one.Name), Share: 100 * one.Share, Interval: new Interval(100 * one.Interval.Low, 100 * one.Interval.High, one.Interval.Level), Y: (double)i)).ToList();
        var high = Math.Min(100, 1.1 * rows.Max(row => row.Interval.High));
        var at = rows.Select(row => row.Y).ToList();
        List<Mark> marks =
        [
            new Intervals("", ShareColour, at, [.. rows.Select(row => row.Interval.Low)], [.. rows.Select(row => row.Interval.High)], Horizontal: true),
            new Points("", ShareColour, [.. rows.Select(row => row.Share)], at),
            .. RowNumbers.Place(InkColour, 0, 0, high, [.. rows.Select(row => (row.Share, row.Y - Lane, RowNumbers.Write(row.Share, row.Interval)))]),
        ];
        var left = trials.Space.Parameters.Except(searched).Where(parameter => parameter.Count is not 1).Select(parameter => Slices.Title(parameter.Name)).ToList();
        return new Figure("importance", $"What {trials.Words} depends on", new Axis($"share of its variance{(log ? " (logarithms)" : "")} over the space (%)", Min: 0, Max: high),
            new Axis("", Min: -0.7, Max: rows.Count - 0.5) { Categories = [.. rows.Select(row => row.Name)] }, marks)
        {
            Height = 66 + (PerRow * rows.Count),
            Caption = $"What each hyperparameter makes by itself, by analysis of variance over random forests (fANOVA) on n = {random.Trials.Count:#,0} random trials; whiskers hold 95 % of the forests, each grown on resampled trials. "
                + $"The rest, {Numbers.Short(100 * found.Interactions)} %, only several make together. The forests explain {Numbers.Short(100 * found.Explained)} % of the variance of trials that they have not seen.{random.FailedSentence}"
                + (left.Count > 0 ? $" Left out, because not every trial has them or they have too many values: {string.Join(", ", left)}." : ""),
        };
    }

    private static double Place(Hyperparameter parameter, string text) => parameter is Categorical choice ? Math.Floor(choice.UnitOf(text) * choice.Values.Count) : parameter.UnitOf(text);
}
