using System.Globalization;
using Repro.Figures;
using Repro.Reports.Runs;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Sweeps;

/// <summary>Turns what a sweep's runs measured into figures. In all of them the paper's own trial and the best have their own colours.</summary>
internal static class SweepFigures
{
    private const int PaperColour = 0, BestColour = 1, OtherColour = 5;

    // More lines than this are one dark area.
    private const int MostLines = 200;

    /// <summary>The objective while training: one line a trial, or in an ablation one an arm.</summary>
    public static IEnumerable<Figure> Curves(SweepReportInput input)
    {
        var (marks, drawn) = input.IsAblation ? ArmLines(input) : TrialLines(input);
        if (marks.Count == 0) yield break;
        var words = MetricWords.Of(input.Study.Objective.Metric);
        yield return new Figure("curves", $"{Capital(words.ToString())} while training", new Axis("optimizer steps"), Objective(input, marks.SelectMany(Values)), marks)
        {
            Caption = $"{drawn} {Origin(input)}",
        };
    }

    /// <summary>For each searched hyperparameter, what completed trials ended with.</summary>
    public static IEnumerable<Figure> Hyperparameters(SweepReportInput input)
    {
        if (input.IsAblation) yield break;
        var metric = input.Study.Objective.Metric;
        var completed = input.Searched.Where(trial => trial.Mean(metric) is { } mean && double.IsFinite(mean)).ToList();
        foreach (var parameter in input.Study.Space.Parameters)
        {
            var log = parameter is FloatRange { Logarithmic: true } or IntRange { Logarithmic: true };
            var points = completed
                .Where(trial => trial.Configuration.TryGet(parameter.Name, out _))
                .Select(trial => (Trial: trial, X: Position(parameter, trial.Configuration), Y: trial.Mean(metric)!.Value))
                .Where(point => double.IsFinite(point.X) && (!log || point.X > 0)).ToList();
            if (points.Count == 0) continue;
            var marks = new List<Mark>();
            Add("other trials", OtherColour, point => point.Trial != input.Best && point.Trial != input.Paper);
            Add("the paper's own", PaperColour, point => point.Trial == input.Paper && point.Trial != input.Best);
            Add(input.Best == input.Paper ? "the best: the paper's own" : "the best", BestColour, point => point.Trial == input.Best);
            var axis = new Axis(parameter.Name.Replace('_', ' '), log) { Categories = parameter is Categorical choice ? choice.Values : [] };
            yield return new Figure($"by-{parameter.Name.Replace('_', '-')}", $"{Capital(MetricWords.Of(metric).ToString())} by {parameter.Name.Replace('_', ' ')}", axis, Objective(input, points.Select(point => point.Y)), marks)
            {
                Caption = $"The final {MetricWords.Of(metric)} of {points.Count} completed trials; the other hyperparameters vary too. {Origin(input)}",
            };

            void Add(string label, int colour, Func<(TrialStatus Trial, double X, double Y), bool> fits)
            {
                var some = points.Where(fits).ToList();
                if (some.Count > 0) marks.Add(new Points(label, colour, [.. some.Select(point => point.X)], [.. some.Select(point => point.Y)]));
            }
        }
    }

    /// <summary>Every pair of an ablation.</summary>
    public static IEnumerable<Figure> Differences(SweepReportInput input)
    {
        if (!input.IsAblation) yield break;
        var arms = PairedArms.Of(input.Study, input.State).Arms;
        if (arms.All(arm => arm.Differences.Count == 0)) yield break;
        var words = MetricWords.Of(input.Study.Objective.Metric);
        var (x, y) = (arms.SelectMany((arm, i) => arm.Differences.Select(_ => (double)i)).ToList(), arms.SelectMany(arm => arm.Differences).ToList());
        var label = $"difference in {words}";
        yield return new Figure(
            "differences", $"{Capital(words.ToString())}, arm minus baseline", new Axis("arm") { Categories = [.. arms.Select(arm => arm.Name)] },
            new Axis(words.Unit.Length > 0 ? $"{label} ({(words.Unit == "%" ? "percentage points" : words.Unit)})" : label), [new Points("", PaperColour, x, y), new Reference("baseline", 6, 0)])
        {
            Caption = $"One point a pair of runs with the same seed. {Origin(input)}",
        };
    }

    /// <summary>What every figure names: the sweep, its commit, and the one command that draws it.</summary>
    private static string Origin(SweepReportInput input) => $"Sweep {input.Sweep}, commit {input.Commit ?? "not recorded"}; ./repro report {input.Sweep}";

    private static (List<Mark> Marks, string Drawn) TrialLines(SweepReportInput input)
    {
        var lines = input.Searched.Select(trial => (Trial: trial, Points: Mean(input, trial))).Where(line => line.Points.Exists(point => double.IsFinite(point.Value))).ToList();
        var others = lines.Where(line => line.Trial != input.Best && line.Trial != input.Paper).ToList();
        // Evenly over their numbers: the best ones alone would tell another story.
        var shown = others.Count <= MostLines ? others : [.. Enumerable.Range(0, MostLines).Select(i => others[(int)((long)i * others.Count / MostLines)])];
        var marks = shown.Select((line, i) => Draw(i == 0 ? "other trials" : "", OtherColour, line.Points)).ToList();
        foreach (var line in lines.Where(line => line.Trial == input.Paper && line.Trial != input.Best)) marks.Add(Draw($"trial {line.Trial.Number}: the paper's own", PaperColour, line.Points));
        foreach (var line in lines.Where(line => line.Trial == input.Best)) marks.Add(Draw($"trial {line.Trial.Number}: the best{(line.Trial == input.Paper ? ", the paper's own" : "")}", BestColour, line.Points));
        var drawn = others.Count > shown.Count ? $"{marks.Count} of {lines.Count} trials, evenly over their numbers, as far as each came." : $"All {lines.Count} trials that measured it, as far as each came.";
        return (marks, input.Study.Seeds > 1 ? $"{drawn} Each line is the mean over {input.Study.Seeds} seeds." : drawn);
    }

    private static (List<Mark> Marks, string Drawn) ArmLines(SweepReportInput input)
    {
        var marks = new List<Mark>();
        foreach (var (trial, i) in input.State.Trials.Where(trial => trial.Origin == TrialOrigin.Arm).Select((trial, i) => (trial, i)))
        {
            if (Mean(input, trial) is { Count: > 0 } points && points.Exists(point => double.IsFinite(point.Value))) marks.Add(Draw(trial.Arm ?? "", i, points));
        }
        return (marks, $"Each line is the mean over the {input.Study.Seeds} seeds of an arm.");
    }

    /// <summary>Over the runs of a trial, at the steps that all of those have which measured anything.</summary>
    private static List<(long Step, double Value)> Mean(SweepReportInput input, TrialStatus trial)
    {
        var curves = trial.Runs.Select(run => input.Curves.GetValueOrDefault(run.Key)).OfType<IReadOnlyList<MetricPoint>>().Where(curve => curve.Count > 0).ToList();
        return curves.SelectMany(curve => curve).GroupBy(point => point.Step).Where(step => step.Count() == curves.Count).OrderBy(step => step.Key)
            .Select(step => (step.Key, step.Average(point => point.Value))).ToList();
    }

    private static Mark Draw(string label, int colour, List<(long Step, double Value)> points) =>
        points.Count == 1 ? new Points(label, colour, [points[0].Step], [points[0].Value]) : new Line(label, colour, [.. points.Select(point => (double)point.Step)], [.. points.Select(point => point.Value)]);

    private static IEnumerable<double> Values(Mark mark) => mark switch { Line line => line.Y, Points points => points.Y, _ => [] };

    private static Axis Objective(SweepReportInput input, IEnumerable<double> values)
    {
        var words = MetricWords.Of(input.Study.Objective.Metric);
        return new Axis(words.Unit.Length > 0 ? $"{words} ({words.Unit})" : words.ToString(), LearningCurves.NeedsLog(words.Quantity, values));
    }

    // NaN: a value that is none of the choices, or no number.
    private static double Position(Hyperparameter parameter, Configuration configuration)
    {
        if (!configuration.TryGet(parameter.Name, out var text)) return double.NaN;
        if (parameter is Categorical choice) return choice.Values.ToList().IndexOf(text) is >= 0 and var index ? index : double.NaN;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
