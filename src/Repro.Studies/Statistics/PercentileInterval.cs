using Repro.Studies.Randomness;

namespace Repro.Studies.Statistics;

/// <summary>The percentile bootstrap (Efron 1979; Davison, Hinkley 1997, "Bootstrap methods and their application", chapter 5): the middle of what a statistic is over resamples drawn with replacement.</summary>
internal static class PercentileInterval
{
    /// <summary>Resamples of an interval.</summary>
    public const int Resamples = 2000;

    /// <param name="statistic">Of one resample, which draws from the generator that it is given.</param>
    /// <param name="seed">Equal seeds give equal intervals.</param>
    public static Interval Of(Resampled statistic, double level, ulong seed, int resamples = Resamples)
    {
        Sample.RequireLevel(level);
        var values = new double[resamples];
        for (var i = 0; i < resamples; i++)
        {
            var philox = new Philox(seed, RandomPurpose.Bootstrap, i);
            values[i] = statistic(ref philox);
        }
        Array.Sort(values);
        return new Interval(Quantile(values, (1 - level) / 2), Quantile(values, (1 + level) / 2), level);
    }

    /// <summary>A quantile between neighbours, as NumPy's default (Hyndman, Fan 1996, definition 7).</summary>
    public static double Quantile(double[] ascending, double share)
    {
        var at = share * (ascending.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, ascending.Length - 1);
        return ascending[below] + ((at - below) * (ascending[above] - ascending[below]));
    }
}

/// <summary>A statistic of one resample.</summary>
internal delegate double Resampled(ref Philox philox);
