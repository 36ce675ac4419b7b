using System.Numerics;

namespace Repro.Studies.Statistics;

/// <summary>Quantiles of values at hand.</summary>
public static class Quantiles
{
    /// <summary>Linear between order statistics: definition 7 of Hyndman and Fan 1996, "Sample quantiles in statistical packages", as NumPy and R have it by default.</summary>
    /// <param name="ascending">Sorted; at least one.</param>
    /// <param name="share">0 for the least value to 1 for the greatest.</param>
    public static double Of<T>(ReadOnlySpan<T> ascending, double share)
        where T : struct, INumberBase<T>
    {
        var at = share * (ascending.Length - 1);
        var below = (int)at;
        var low = double.CreateChecked(ascending[below]);
        // The greatest has no neighbour above it.
        return below == ascending.Length - 1 ? low : low + ((at - below) * (double.CreateChecked(ascending[below + 1]) - low));
    }
}
