using System.Globalization;
using Repro.Cli.Running;
using Repro.Figures;
using Repro.Reports.Claims;
using Repro.Reports.Runs;
using Repro.Results;

namespace Repro.Cli.Judging;

/// <summary>The losses of the windows that a run forecast: of <c>test_crps</c> the data of the test split's figure <c>crps-by-window</c>.</summary>
internal static class StoredWindowLosses
{
    /// <summary>Reads those of a metric when it is asked for them, each once; null where the run has no such figure of the split, or no option <c>horizon</c>.</summary>
    /// <remarks>Throws <see cref="Repro.Studies.BadInputException"/> where the run's file of samples is corrupt.</remarks>
    public static Func<string, WindowLosses?> Of(RunRecord run)
    {
        var read = new Dictionary<string, WindowLosses?>();
        return metric => read.TryGetValue(metric, out var known) ? known : read[metric] = Read(run, MetricWords.Of(metric));
    }

    private static WindowLosses? Read(RunRecord run, MetricWords metric)
    {
        var name = $"{metric.Quantity.Replace('_', '-')}-by-window";
        var line = SampleFiles.Read(run.PredictionFolder).Where(set => set.Split == metric.Split).SelectMany(set => set.Figures).FirstOrDefault(figure => figure.Name == name)?.Marks.OfType<Line>().FirstOrDefault();
        var horizon = run.Options.FirstOrDefault(option => option.Key == "horizon").Value;
        if (line is null || !int.TryParse(horizon, CultureInfo.InvariantCulture, out var rows) || rows < 1) return null;
        return new WindowLosses([.. line.X.Select(start => (int)start)], line.Y, rows);
    }
}
