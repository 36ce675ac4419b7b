using System.Numerics;

namespace Repro.Training.Datasets.Inspection;

/// <summary>When two images count as nearly equal.</summary>
/// <param name="HashDistance">Most bits in which their difference hashes may differ, 0 to 64.</param>
/// <param name="RootMeanSquare">Largest root mean square difference over all bytes, on the scale 0 to 255.</param>
/// <param name="ShareOfContrast">Largest such difference as a share of the less contrasted image's standard deviation around its channels' means: two small
/// birds in one blue sky differ by little in all, but by all that there is to see.</param>
public sealed record NearDuplicateRule(int HashDistance, double RootMeanSquare, double ShareOfContrast)
{
    /// <summary>
    /// For photographs. On CIFAR-10 nearly every pair within it is one picture twice, even near its bounds; the authors had removed what was
    /// nearer than a difference of about 16, so that a smaller bound finds nothing there.
    /// </summary>
    public static readonly NearDuplicateRule Photographs = new(14, 32, 0.5);

    /// <summary>For objects cut out on an even ground, where different pairs of trousers already differ by no more than 10.</summary>
    public static readonly NearDuplicateRule CutOuts = new(14, 8, 0.5);

    /// <summary>The rule in words.</summary>
    public string Sentence =>
        $"Near duplicates: 64-bit difference hashes (9 x 8 grey) that differ in at most {HashDistance} bits, confirmed by a root mean square difference over all pixels " +
        $"of at most {RootMeanSquare} of 255 and at most {ShareOfContrast} of the standard deviation of the less contrasted image.";

    /// <summary>Largest sum of squared differences between images of these contrasts.</summary>
    internal long LargestSquare(double contrast, double otherContrast, int size)
    {
        var difference = Math.Min(RootMeanSquare, ShareOfContrast * Math.Min(contrast, otherContrast));
        return (long)Math.Floor(difference * difference * size);
    }

    /// <summary>Sum of the squared differences of two images, or any number above <paramref name="limit"/> as soon as it is passed.</summary>
    internal static long SquaredDistance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, long limit)
    {
        var (sum, i) = (0L, 0);
        while (i <= a.Length - Vector<byte>.Count)
        {
            // 512 bytes at a time: the sum in each 32-bit place stays far from overflow, and most pairs are told apart by the first.
            var total = Vector<uint>.Zero;
            for (var end = Math.Min(a.Length - Vector<byte>.Count, i + 511); i <= end; i += Vector<byte>.Count)
            {
                var (left, right) = (new Vector<byte>(a[i..]), new Vector<byte>(b[i..]));
                Vector.Widen(Vector.Max(left, right) - Vector.Min(left, right), out var low, out var high);
                // 255 squared fits 16 bits.
                Vector.Widen(low * low, out var first, out var second);
                Vector.Widen(high * high, out var third, out var fourth);
                total += first + second + (third + fourth);
            }
            sum += Vector.Sum(total);
            if (sum > limit) return sum;
        }
        for (; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}
