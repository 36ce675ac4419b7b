using Repro.Studies.Statistics;

namespace Repro.Training.Metrics;

/// <summary>
/// How good sampled forecasts are, window after window in bounded memory: the continuous ranked probability score, calibration, coverage, sharpness and the energy score. Every mean is over
/// windows, places of the horizon and channels, each counted once; NaN once a sample was not finite.
/// </summary>
public sealed class ForecastScores
{
    /// <summary>Bins of <see cref="Qice"/>.</summary>
    public const int Bins = 10;

    /// <summary>The band of <see cref="Coverage"/> and <see cref="Sharpness"/>.</summary>
    public const double Low = 0.05, High = 0.95;

    private readonly double[] _crps, _fair;
    private readonly long[] _counts = new long[Bins];
    private long _inside;
    private double _width, _energy, _squares;
    private bool _notFinite;

    /// <param name="horizon">Places that are forecast.</param>
    /// <param name="channels">Series side by side.</param>
    public ForecastScores(int horizon, int channels)
    {
        (Horizon, Channels) = (horizon, channels);
        (_crps, _fair) = (new double[horizon * channels], new double[horizon * channels]);
    }

    public int Horizon { get; }

    public int Channels { get; }

    /// <summary>Windows so far.</summary>
    public long Windows { get; private set; }

    /// <summary>
    /// Continuous ranked probability score of the samples' empirical distribution (Gneiting and Raftery 2007, Eq. 20): mean |x_i - y| - sum |x_i - x_j| / (2 m^2), in the unit of the data; lower is
    /// better.
    /// </summary>
    public double Crps => Mean(_crps);

    /// <summary>The same without the bias of a finite number of samples, sum |x_i - x_j| / (2 m (m - 1)): what the distribution that was sampled from would have (Ferro 2014, Eq. 8).</summary>
    public double FairCrps => Mean(_fair);

    /// <summary><see cref="Crps"/> of each place of the horizon, all channels together.</summary>
    public IReadOnlyList<double> CrpsByHorizon => [.. _crps.Chunk(Channels).Select(place => _notFinite ? double.NaN : place.Sum() / Channels / Windows)];

    /// <summary>Share of observations in each tenth of their samples, from the lowest; what lies outside all samples counts to the tenth at that end.</summary>
    public IReadOnlyList<double> BinShares => [.. _counts.Select(count => Mean(count))];

    /// <summary>Quantile interval coverage error (Han, Zheng, Zhou 2022, CARD): the mean distance of <see cref="BinShares"/> from a tenth, in per cent; 0 .. 18.</summary>
    public double Qice => 100 * BinShares.Average(share => Math.Abs(share - (1.0 / Bins)));

    /// <summary>Prediction interval coverage: the share of observations from the 5th to the 95th percentile of their samples, in per cent; 90 of a perfect forecast from very many samples.</summary>
    public double Coverage => 100 * Mean(_inside);

    /// <summary>Mean width of that band, in the unit of the data.</summary>
    public double Sharpness => Mean(_width);

    /// <summary>Energy score (Gneiting and Raftery 2007, Eq. 22) of a whole window, all places and channels as one vector, divided by the root of their number: mean over windows.</summary>
    public double EnergyScore => _notFinite ? double.NaN : _energy / Windows;

    /// <summary>Mean squared error of the samples' mean, in the squared unit of the data.</summary>
    public double SquaredError => Mean(_squares);

    private long Points => Windows * Horizon * Channels;

    /// <summary>Takes a window, and says how it alone was forecast.</summary>
    /// <param name="samples">Samples x places x channels.</param>
    /// <param name="observed">Places x channels.</param>
    /// <param name="count">Samples, at least 2.</param>
    /// <exception cref="ArgumentException">An observation is not finite, or the lengths do not fit.</exception>
    public WindowScore Add(ReadOnlySpan<float> samples, ReadOnlySpan<float> observed, int count)
    {
        var size = Horizon * Channels;
        if (count < 2 || samples.Length != count * size || observed.Length != size)
            throw new ArgumentException($"A window of {Horizon} places and {Channels} channels with {count} samples has {(long)count * size} and {size} numbers; it was given {samples.Length} and {observed.Length}.");
        var (crps, squares, variance, finite) = (0.0, 0.0, 0.0, true);
        Span<float> sorted = count <= 1024 ? stackalloc float[count] : new float[count];
        for (var point = 0; point < size; point++)
        {
            for (var i = 0; i < count; i++) sorted[i] = samples[(i * size) + point];
            sorted.Sort();
            if (!float.IsFinite(observed[point])) throw new ArgumentException($"The observation at place {point / Channels} of channel {point % Channels} is not finite.");
            // NaN is sorted to the front.
            finite &= float.IsFinite(sorted[0]) && float.IsFinite(sorted[^1]);
            if (!finite) continue;
            var (score, square, spread) = Take(point, sorted, observed[point]);
            (crps, squares, variance) = (crps + score, squares + square, variance + spread);
        }
        _squares += squares;
        _energy += Energy(samples, observed, count, size);
        _notFinite |= !finite;
        Windows++;
        return finite ? new WindowScore(crps / size, squares / size, variance / size) : new WindowScore(double.NaN, double.NaN, double.NaN);
    }

    private (double Crps, double SquaredError, double Variance) Take(int point, ReadOnlySpan<float> sorted, double y)
    {
        var (count, apart, spread, sum) = (sorted.Length, 0.0, 0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            sum += sorted[i];
            apart += Math.Abs(sorted[i] - y);
            // sum over pairs of |x_i - x_j|, each pair once: a sorted number is above i others and below the rest.
            spread += ((2 * i) - count + 1) * (double)sorted[i];
        }
        var crps = (apart / count) - (spread / count / count);
        _crps[point] += crps;
        _fair[point] += (apart / count) - (spread / count / (count - 1));
        var mean = sum / count;
        var squares = 0.0;
        foreach (var value in sorted) squares += (value - mean) * (value - mean);
        var bin = 0;
        while (bin < Bins - 1 && y > Quantiles.Of(sorted, (bin + 1.0) / Bins)) bin++;
        _counts[bin]++;
        var (low, high) = (Quantiles.Of(sorted, Low), Quantiles.Of(sorted, High));
        if (y >= low && y <= high) _inside++;
        _width += high - low;
        return (crps, (mean - y) * (mean - y), squares / (count - 1));
    }

    private static double Energy(ReadOnlySpan<float> samples, ReadOnlySpan<float> observed, int count, int size)
    {
        var (apart, spread) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            var one = samples.Slice(i * size, size);
            apart += Distance(one, observed);
            for (var j = 0; j < i; j++) spread += Distance(one, samples.Slice(j * size, size));
        }
        return ((apart / count) - (spread / count / count)) / Math.Sqrt(size);
    }

    private static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = System.Numerics.Vector<float>.Zero;
        var (i, width, total) = (0, System.Numerics.Vector<float>.Count, 0.0);
        for (; i <= a.Length - width; i += width)
        {
            var difference = new System.Numerics.Vector<float>(a.Slice(i, width)) - new System.Numerics.Vector<float>(b.Slice(i, width));
            sum += difference * difference;
        }
        for (var k = 0; k < width; k++) total += sum[k];
        for (; i < a.Length; i++) total += (a[i] - b[i]) * (double)(a[i] - b[i]);
        return Math.Sqrt(total);
    }

    private double Mean(double[] sums) => Mean(sums.Sum());

    private double Mean(double sum) => _notFinite ? double.NaN : sum / Points;
}

/// <summary>How a window was forecast: means over its places and channels.</summary>
/// <param name="Crps">As <see cref="ForecastScores.Crps"/>.</param>
/// <param name="SquaredError">Of the samples' mean.</param>
/// <param name="Variance">Of the samples, unbiased: of a perfect forecast from very many samples as large as the squared error, in the mean over windows.</param>
public readonly record struct WindowScore(double Crps, double SquaredError, double Variance);
