using System.Globalization;
using Repro.Figures;
using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Figures;

/// <summary>For each searched hyperparameter what completed trials ended with: one figure a hyperparameter.</summary>
public static class Slices
{
    // Of the distance between two categories, to either side.
    private const double Spread = 0.18;

    public static IEnumerable<Figure> Of(SearchedTrials trials)
    {
        foreach (var parameter in trials.Space.Parameters)
        {
            var log = IsLogarithmic(parameter);
            var (marks, shown) = TrialMarks.Points(trials, trial => (Position(parameter, trial, log), trial.Objective!.Value));
            if (marks.Count == 0) continue;
            var name = Title(parameter.Name);
            var values = marks.OfType<Points>().SelectMany(points => points.Y);
            var axis = new Axis(log ? $"{name} (logarithmic)" : name, log) { Categories = parameter is Categorical choice ? choice.Values : [] };
            var sideways = parameter is Categorical ? " Within a value the points are spread sideways, which means nothing." : "";
            yield return new Figure($"by-{parameter.Name.Replace('_', '-')}", $"{trials.Words.Sentence} by {name}", axis, trials.Axis(values), marks)
            {
                Height = 240,
                Caption = $"The final {trials.Words} of {shown}; {trials.Better}; the other hyperparameters vary too.{sideways}",
            };
        }
    }

    internal static bool IsLogarithmic(Hyperparameter parameter) => parameter is FloatRange { Logarithmic: true } or IntRange { Logarithmic: true };

    internal static string Title(string name) => name.Replace('_', ' ');

    // NaN: a value that is none of the choices, or no number, or not above 0 on a logarithmic axis.
    private static double Position(Hyperparameter parameter, SearchedTrial trial, bool log)
    {
        if (!trial.Configuration.TryGet(parameter.Name, out var text)) return double.NaN;
        if (parameter is Categorical choice)
        {
            for (var i = 0; i < choice.Values.Count; i++)
            {
                if (choice.Values[i] == text) return i + (((new Philox(0, RandomPurpose.Report, trial.Number).NextDouble() * 2) - 1) * Spread);
            }
            return double.NaN;
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (!log || number > 0) ? number : double.NaN;
    }
}
