using System.Runtime.CompilerServices;

namespace Repro.Studies.Randomness;

/// <summary>
/// Random numbers that are a pure function of (seed, stream, index): any draw of any step can be had without the draws before it,
/// so a resumed run continues with the same numbers and parallel loaders need no lock.
/// </summary>
/// <remarks>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"). The seed is the key. Of the
/// counter's four words, word 0 counts the blocks, word 1 is the lower half of the index, word 2 its upper half, and word 3 the stream; each block
/// gives four numbers. Equal on every machine and .NET version.
/// </remarks>
public struct Philox
{
    private readonly uint _key0, _key1, _stream, _indexLow, _indexHigh;
    private uint _block;
    private uint _r0, _r1, _r2, _r3;
    private int _used;
    private double _spareNormal;
    private bool _hasSpare;

    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">The purpose of the numbers; see <see cref="RandomPurpose"/>.</param>
    /// <param name="index">Which of the stream's independent sequences: a step, an epoch or an example.</param>
    public Philox(ulong seed, RandomPurpose stream, long index = 0)
    {
        _key0 = (uint)seed;
        _key1 = (uint)(seed >> 32);
        _stream = (uint)stream;
        _indexLow = (uint)index;
        _indexHigh = (uint)((ulong)index >> 32);
        _used = 4;
    }

    /// <summary>32 uniform bits.</summary>
    public uint NextUInt32()
    {
        if (_used == 4) Refill();
        return _used++ switch { 0 => _r0, 1 => _r1, 2 => _r2, _ => _r3 };
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => NextUInt32() | ((ulong)NextUInt32() << 32);

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without modulo bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is zero or less.</exception>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire 2019, "Fast random integer generation in an interval".
        var product = (ulong)NextUInt32() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            var threshold = (0u - (uint)bound) % (uint)bound;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * (uint)bound;
        }
        return (int)(product >> 32);
    }

    /// <summary>A standard normal number (Box-Muller; the second of each pair is kept for the next call).</summary>
    public double NextNormal()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spareNormal;
        }
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        var (sin, cos) = Math.SinCos(2 * Math.PI * NextDouble());
        _spareNormal = radius * sin;
        _hasSpare = true;
        return radius * cos;
    }

    /// <summary>Puts <paramref name="items"/> into a uniformly random order (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The numbers 0 .. <paramref name="count"/> - 1 in a uniformly random order.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        Shuffle(order.AsSpan());
        return order;
    }

    private void Refill()
    {
        (_r0, _r1, _r2, _r3) = Block(_block++, _indexLow, _indexHigh, _stream, _key0, _key1);
        _used = 0;
    }

    /// <summary>One Philox4x32-10 block: 128 bits from a 128-bit counter and a 64-bit key.</summary>
    public static (uint R0, uint R1, uint R2, uint R3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < 10; round++)
        {
            var p0 = (ulong)0xD2511F53u * c0;
            var p1 = (ulong)0xCD9E8D57u * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return (c0, c1, c2, c3);
    }
}
