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
        return new Interval(Quantiles.Of<double>(values, (1 - level) / 2), Quantiles.Of<double>(values, (1 + level) / 2), level);
    }
}

/// <summary>A statistic of one resample.</summary>
internal delegate double Resampled(ref Philox philox);
