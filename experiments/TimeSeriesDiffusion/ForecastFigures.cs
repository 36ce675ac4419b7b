using Repro.Figures;
using Repro.Training;
using Repro.Training.Metrics;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Forecasts for people's eyes, and where they are good.</summary>
internal static class ForecastFigures
{
    // Windows shown as fans, the last channel of each: what ETT and illness are about stands there. Of a person's own series nobody knows which one matters.
    private const int Fans = 3, OwnChannels = 6;

    /// <param name="windows">That were scored; the fans are of some of them, evenly apart.</param>
    public static IReadOnlyList<Figure> Of(string split, ForecastData data, ForecastEvaluation evaluation, IReadOnlyList<int> windows, ForecastResult result)
    {
        var count = Math.Min(Fans, windows.Count);
        int[] shown = [.. Enumerable.Range(0, count).Select(i => windows[i * (windows.Count - 1) / Math.Max(1, count - 1)])];
        var (samples, observed) = evaluation.Sample(shown);
        List<Figure> figures = [.. shown.Select((first, i) => Shown(data, first, i, Of(samples, i), Of(observed, i))), Calibration(result.Scores), ByRow(result.Scores)];
        if (split == Splits.Test || windows.Count > 1) figures.Add(ByWindow(result));
        if (windows.Count > 1) figures.Add(OverTime(data, result));
        // Last, so that nothing that is scored draws other numbers for it; what it was asked for stands first.
        if (split == Splits.Test && data.IsOwn && data.TimesAhead.Count > 0 && evaluation.SampleAhead() is var ahead && Array.TrueForAll(ahead, float.IsFinite)) figures.InsertRange(0, Ahead(data, ahead));
        return figures;

        ReadOnlySpan<float> Of(float[] all, int window) => all.AsSpan(window * (all.Length / shown.Length), all.Length / shown.Length);
    }

    // What comes after the series, of which nobody knows the truth.
    private static IEnumerable<Figure> Ahead(ForecastData data, float[] samples)
    {
        var (channels, times) = (data.Shape.Channels, data.TimesAhead);
        for (var channel = 0; channel < Math.Min(channels, OwnChannels); channel++)
        {
            var title = $"{data.Channels[channel]} after the last row: {times[0]:yyyy-MM-dd HH:mm} to {times[^1]:yyyy-MM-dd HH:mm}";
            yield return Fan(data, $"forecast-{channel + 1}", title, data.Times.Count, channel, samples, [],
                $"Nobody knows what comes; how far to trust the bands is told by the scores of the test windows.{(channels > OwnChannels ? $" Of {channels} channels the first {OwnChannels} are drawn." : "")}");
        }
    }

    private static Figure Shown(ForecastData data, int first, int window, ReadOnlySpan<float> samples, ReadOnlySpan<float> observed)
    {
        var (channel, channels) = (data.Shape.Channels - 1, data.Shape.Channels);
        return Fan(data, $"fan-{window + 1}", $"{data.Channels[channel]} from {data.Times[first]:yyyy-MM-dd HH:mm}", first, channel, samples, observed,
            $"The windows shown are the first, the last and the one between of those that were scored; none was chosen by eye.{(channels > 1 ? $" Of {channels} channels the last is drawn." : "")}");
    }

    /// <param name="first">The first forecast row.</param>
    /// <param name="samples">Of one window, samples x rows x channels.</param>
    /// <param name="observed">Rows x channels; empty where nobody knows.</param>
    private static Figure Fan(ForecastData data, string name, string title, int first, int channel, ReadOnlySpan<float> samples, ReadOnlySpan<float> observed, string caption)
    {
        var (horizon, channels, history) = (data.Shape.Horizon, data.Shape.Channels, Math.Min(data.Shape.History, data.Shape.Horizon));
        double[] truth = new double[observed.Length / channels], times = [.. Enumerable.Range(1, horizon).Select(row => (double)row)];
        var drawn = new double[horizon][];
        for (var row = 0; row < horizon; row++)
        {
            if (truth.Length > 0) truth[row] = InOwnUnit(data, channel, observed[(row * channels) + channel]);
            drawn[row] = new double[samples.Length / horizon / channels];
            for (var s = 0; s < drawn[row].Length; s++) drawn[row][s] = InOwnUnit(data, channel, samples[(((s * horizon) + row) * channels) + channel]);
        }
        var past = data.Values(first - history, history, channel).Select((value, i) => ((double)i - history + 1, value)).ToList();
        var fan = ForecastFan.Of(name, title, "rows after the last known one", data.Channels[channel], past, truth, times, drawn);
        return fan with { Caption = $"{fan.Caption} {caption}" };
    }

    private static Figure Calibration(ForecastScores scores) => new(
        "calibration", "Where observations fall among their samples", new Axis("tenth of the samples, from the lowest"), new Axis("share of observations (%)", Min: 0),
        [new Bars("", 0, [.. Enumerable.Range(1, ForecastScores.Bins).Select(i => (double)i)], [.. scores.BinShares.Select(share => 100 * share)]), new Reference("calibrated", 1, 10)])
    {
        Caption = $"A calibrated forecast has a tenth of the observations in each. QICE is the mean distance from that: {scores.Qice:0.00} %.",
    };

    private static Figure ByRow(ForecastScores scores) => new(
        "crps-by-horizon", "CRPS by how far ahead", new Axis("rows ahead"), new Axis("CRPS (standardized)", Min: 0),
        [new Line("", 0, [.. Enumerable.Range(1, scores.Horizon).Select(i => (double)i)], scores.CrpsByHorizon)])
    { Caption = "Mean over windows and channels." };

    // The data of this figure are what pairs of models are compared by: windows overlap, so that their scores are a series and not independent numbers.
    private static Figure ByWindow(ForecastResult result) => new(
        "crps-by-window", "CRPS of each window", new Axis("first forecast row"), new Axis("CRPS (standardized)", Min: 0),
        [new Line("", 0, [.. result.Windows.Select(window => (double)window.First)], [.. result.Windows.Select(window => window.Crps)])])
    { Caption = "Mean over the rows and channels of a window." };

    private static Figure OverTime(ForecastData data, ForecastResult result)
    {
        double[] first = [.. result.Windows.Select(window => (double)window.First)];
        List<Mark> marks =
        [
            new Line("error of the samples' mean", 0, first, [.. result.Windows.Select(window => window.Error)]),
            new Line("spread of the samples", 1, first, [.. result.Windows.Select(window => window.Spread)]),
        ];
        if (data.TrueDeviation(result.Windows[0].First) is not null) marks.Add(new Line("spread of the true distribution", 2, first, [.. result.Windows.Select(window => data.TrueDeviation(window.First)!.Value)]));
        return new Figure("variance-over-time", "Whether the spread of the samples follows the series", new Axis("first forecast row"), new Axis("deviation (standardized)", Min: 0), marks)
        {
            Caption = "Roots of means over the rows and channels of a window. The spread of a calibrated forecaster goes with the errors; one that knows only one spread draws a level line.",
        };
    }

    private static double InOwnUnit(ForecastData data, int channel, double value) => (value * data.Deviations[channel]) + data.Means[channel];
}
