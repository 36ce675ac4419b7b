using System.Globalization;
using Repro.Reports.Runs;
using Repro.Studies.Runs;

namespace Repro.Reports.Comparison;

/// <summary>Where the measured values of two runs part. Compared by their bits; training times are no part of it.</summary>
/// <param name="Shared">Values, (name, step), that both measured.</param>
/// <param name="First">The earliest of them, by step, those of a split first, then name, that is not the same in both; null where all are.</param>
/// <param name="Others">How many other metrics part at that very step.</param>
/// <param name="Parted">How many of the shared values are not the same.</param>
/// <param name="Alone">Values that only one of the two measured.</param>
public sealed record CurveParting(int Shared, PartedValue? First, int Others, int Parted, int Alone)
{
    /// <summary>Whether there is something to compare, and all of it is the same.</summary>
    public bool Same => Shared > 0 && Parted == 0;

    public static CurveParting Of(IEnumerable<MetricPoint> a, IEnumerable<MetricPoint> b)
    {
        var ofB = b.ToDictionary(point => (point.Step, point.Name), point => point.Value);
        var (shared, alone, parted) = (0, 0, new List<PartedValue>());
        foreach (var point in a)
        {
            if (!ofB.Remove((point.Step, point.Name), out var other))
            {
                alone++;
                continue;
            }
            shared++;
            if (!SameBits(point.Value, other)) parted.Add(new PartedValue(point.Name, point.Step, point.Value, other));
        }
        // What training measured says more than a schedule that follows from the options.
        var first = parted.OrderBy(value => value.Step).ThenBy(value => MetricWords.Of(value.Metric).Split.Length == 0).ThenBy(value => value.Metric, StringComparer.Ordinal).FirstOrDefault();
        return new CurveParting(shared, first, first is null ? 0 : parted.Count(value => value.Step == first.Step) - 1, parted.Count, alone + ofB.Count);
    }

    /// <summary>Equal to the last bit; every NaN is like every other, and 0 is not -0.</summary>
    public static bool SameBits(double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b) || (double.IsNaN(a) && double.IsNaN(b));
}

/// <summary>A value that two runs measured differently.</summary>
public sealed record PartedValue(string Metric, long Step, double A, double B)
{
    /// <summary>Both for people: in all of their digits where four do not tell them apart.</summary>
    internal string Told => Numbers.Write(A) is var a && Numbers.Write(B) is var b && a != b ? $"{a} and {b}" : string.Create(CultureInfo.InvariantCulture, $"{A:R} and {B:R}");
}
