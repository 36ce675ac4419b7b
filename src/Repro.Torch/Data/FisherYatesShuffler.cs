using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The numbers 0 to size - 1 in a random order, another at each enumeration; with a seed always the same one, that of TorchSharp.</summary>
public class FisherYatesShuffler(long size, int? seed = null) : IEnumerable<long>
{
    public IEnumerator<long> GetEnumerator()
    {
        var random = seed is { } given ? new Random(given) : new Random();
        var order = new long[size];
        for (var i = 0L; i < size; i++)
        {
            var other = (((long)random.Next() << 32) + random.Next()) % (i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order.AsEnumerable().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
