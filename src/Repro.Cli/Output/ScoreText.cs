using Repro.Reports.Runs;

namespace Repro.Cli.Output;

/// <summary>How a run's final metrics are written for people: what it is judged by first, each with its unit.</summary>
internal static class ScoreText
{
    private static readonly string[] Splits = ["test", "validation", "train"];

    /// <param name="main">The metric that the run is judged by; it comes first; then test, validation and train.</param>
    public static IEnumerable<KeyValuePair<string, double>> Ordered(IReadOnlyDictionary<string, double> scores, string main)
    {
        var quantity = MetricWords.Of(main).Quantity;
        return scores
            .OrderByDescending(score => score.Key == main)
            .ThenBy(score => Array.IndexOf(Splits, MetricWords.Of(score.Key).Split) is >= 0 and var split ? split : Splits.Length)
            .ThenByDescending(score => MetricWords.Of(score.Key).Quantity == quantity)
            .ThenBy(score => score.Key, StringComparer.Ordinal);
    }

    /// <summary>7.4 %, 0.2201 nats.</summary>
    /// <param name="lossUnit">The unit of <c>loss</c>, which is whatever an experiment minimizes (<see cref="Repro.Training.Experiment.LossUnit"/>); empty where that is not known.</param>
    public static string WithUnit(string metric, double value, string lossUnit = "")
    {
        var words = MetricWords.Of(metric);
        return $"{Words.Number(value)} {(words.Quantity == "loss" ? lossUnit : words.Unit)}".TrimEnd();
    }
}
