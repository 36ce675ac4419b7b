using System.Globalization;

namespace Repro.Studies.Statistics;

/// <summary>An interval estimate, ends included.</summary>
/// <param name="Low">At most <paramref name="High"/>.</param>
/// <param name="Level">The coverage it is called by, in (0, 1): 0.95 for a 95 % interval.</param>
public sealed record Interval(double Low, double High, double Level)
{
    public double Width => High - Low;

    /// <summary>Whether all of it lies in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    public bool LiesWithin(double low, double high) => low <= Low && High <= high;

    /// <summary>Whether no point of it lies in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    public bool LiesOutside(double low, double high) => High < low || high < Low;

    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>For people: <c>[0.0812, 0.0874] (95 %)</c>, four significant digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Low:G4}, {High:G4}] ({100 * Level:0.##} %)");
}
