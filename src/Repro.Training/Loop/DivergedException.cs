using Repro.Studies.Runs;

namespace Repro.Training.Loop;

/// <summary>A value that has to be a number is none any more. The message is for a person and becomes the run's failure.</summary>
internal sealed class DivergedException(string message) : Exception(message)
{
    /// <param name="what">Became what it should not be, and by which step of how many.</param>
    /// <param name="last">The last loss that was logged and finite.</param>
    /// <param name="where">The operator where it was born; null where nobody looked.</param>
    public static DivergedException Of(string what, double rate, MetricPoint? last, string? where) => new(
        $"{what} (learning rate {rate:g4}{(last is { } point ? $"; the last logged loss was {point.Value:g4} at step {point.Step}" : "")}). " +
        $"{where ?? "Run it again with --detect-anomaly to learn where the first one is born."} " +
        "Usual causes: a learning rate that is too high, no warm-up, no gradient clipping, a value in the data that is no number.");
}
