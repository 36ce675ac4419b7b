using Repro.Studies.Randomness;
using Repro.Training.Datasets;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// A daily series of independent normal values whose mean rises from 1 to 10 and whose deviation rises with it: linearly, or as the square (section 5.2's synthetic series, as the released code
/// makes them). The true distribution of every row is known, so that a perfect forecaster's scores are too.
/// </summary>
internal sealed class HeteroscedasticSeries(bool quadratic)
{
    public const int Rows = 7588;

    public static HeteroscedasticSeries Linear { get; } = new(quadratic: false);

    public static HeteroscedasticSeries Quadratic { get; } = new(quadratic: true);

    /// <summary>The same for every run: a data set, not a part of its chance.</summary>
    public SeriesTable Table { get; } = Draw(quadratic);

    /// <summary>Mean and standard deviation of the value of a row.</summary>
    public (double Mean, double Deviation) Truth(int row) => Truth(row, quadratic);

    /// <summary>
    /// The CRPS that can be expected of whoever samples from the true distribution: sigma / sqrt(pi) (Gneiting and Raftery 2007, Eq. 21), and an m-th more where the score is that of m samples.
    /// </summary>
    public static double BestCrps(double deviation, int samples) => deviation / Math.Sqrt(Math.PI) * (1 + (1.0 / samples));

    private static (double Mean, double Deviation) Truth(int row, bool quadratic)
    {
        var linear = 1 + (9.0 * row / (Rows - 1));
        return (linear, quadratic ? linear * linear : linear);
    }

    private static SeriesTable Draw(bool quadratic)
    {
        var numbers = new Philox(0, RandomPurpose.GeneratedData, quadratic ? 1 : 0);
        var (times, values) = (new DateTime[Rows], new double[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            var (mean, deviation) = Truth(row, quadratic);
            (times[row], values[row]) = (new DateTime(1990, 1, 1).AddDays(row), mean + (deviation * numbers.NextNormal()));
        }
        return new SeriesTable(["value"], times, values);
    }
}
