using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Repro.Training.Datasets;

/// <summary>
/// Digests that name data whatever the order of its records. A record's digest is the SHA-256 of its label byte and its pixels (for CIFAR-10
/// exactly the 3,073 bytes of the official record); sorted digests are hashed into the split's, and the splits' into the data set's. Sorting
/// keeps SHA-256's strength, where a sum or an exclusive-or of digests can be steered to any value (and two equal records would cancel).
/// </summary>
internal static class RecordDigests
{
    internal const int Length = SHA256.HashSizeInBytes;

    /// <summary>32 bytes a record, in the given order.</summary>
    internal static byte[] Of(int imageSize, byte[] labels, byte[] pixels)
    {
        var digests = new byte[labels.Length * Length];
        ParallelLoop.ForRanges(labels.Length, (from, to) =>
        {
            var record = new byte[imageSize + 1];
            for (var i = from; i < to; i++)
            {
                record[0] = labels[i];
                pixels.AsSpan(i * imageSize, imageSize).CopyTo(record.AsSpan(1));
                SHA256.HashData(record, digests.AsSpan(i * Length));
            }
        });
        return digests;
    }

    /// <summary>Positions of the digests in ascending order of their bytes; equal ones in the order given.</summary>
    internal static int[] SortedOrder(byte[] digests)
    {
        var order = new int[digests.Length / Length];
        var keys = new ulong[order.Length];
        for (var i = 0; i < order.Length; i++) (order[i], keys[i]) = (i, BinaryPrimitives.ReadUInt64BigEndian(digests.AsSpan(i * Length)));
        Array.Sort(order, (a, b) =>
        {
            var byKey = keys[a].CompareTo(keys[b]);
            if (byKey != 0) return byKey;
            var byRest = digests.AsSpan(a * Length, Length).SequenceCompareTo(digests.AsSpan(b * Length, Length));
            return byRest != 0 ? byRest : a.CompareTo(b);
        });
        return order;
    }

    /// <param name="format">Names the way of hashing, so that another way can never give the same name.</param>
    internal static string OfSplit(string format, string name, ImageShape shape, int count, byte[] digests)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{format}\n{name}\n{shape}\n{count}\n"));
        hash.AppendData(digests);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static string Combine(string format, IEnumerable<(string Name, string Hash)> splits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{format}\n{string.Concat(splits.OrderBy(split => split.Name, StringComparer.Ordinal).Select(split => $"{split.Name} {split.Hash}\n"))}")));
}
