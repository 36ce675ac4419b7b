using System.Globalization;
using System.Numerics;
using Repro.Studies.Randomness;

namespace Repro.Studies.Samplers;

/// <summary>
/// Points of a Sobol sequence with the directions of Joe and Kuo: of the first 2^m points every dyadic box of the nets that the sequence guarantees
/// holds its exact share; between powers of two it is less balanced than there. Any point can be had by its index, at no state; point 0 is part of it.
/// </summary>
/// <remarks>
/// In Gray-code order (Antonov, Saleev 1979), 32 bits a coordinate. Scrambled by a random lower triangular matrix with unit diagonal over GF(2) for each
/// dimension, then a random digital shift (Matousek 1998, "On the L2-discrepancy for anchored boxes", section 4): every point is uniform on
/// [0, 1)^d by itself, and balance is kept.
/// </remarks>
public sealed class SobolSequence
{
    private const int Bits = 32;
    private readonly uint[] _directions;
    private readonly uint[] _shifts;

    /// <param name="dimensions">1 to <see cref="LargestDimension"/>.</param>
    /// <param name="seed">Of the scrambling; null: unscrambled, point 0 is the origin.</param>
    public SobolSequence(int dimensions, ulong? seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, LargestDimension);
        Dimensions = dimensions;
        _directions = new uint[dimensions * Bits];
        _shifts = new uint[dimensions];
        for (var d = 0; d < dimensions; d++)
        {
            var directions = _directions.AsSpan(d * Bits, Bits);
            Unscrambled(d, directions);
            if (seed is { } given) _shifts[d] = Scramble(directions, new Philox(given, RandomPurpose.Scrambling, d));
        }
    }

    /// <summary>Dimensions for which there are directions: 128.</summary>
    public static int LargestDimension => JoeKuoDirections.Dimensions;

    public int Dimensions { get; }

    /// <summary>Writes one point.</summary>
    /// <param name="index">From 0, below 2^32.</param>
    /// <param name="units">A coordinate in [0, 1) for each dimension, a multiple of 2^-32.</param>
    public void Point(long index, Span<double> units)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNotEqual(units.Length, Dimensions);
        var gray = (uint)index ^ ((uint)index >> 1);
        for (var d = 0; d < Dimensions; d++)
        {
            var digits = _shifts[d];
            for (var rest = gray; rest != 0; rest &= rest - 1) digits ^= _directions[(d * Bits) + BitOperations.TrailingZeroCount(rest)];
            units[d] = digits * (1.0 / (1L << Bits));
        }
    }

    // Bratley, Fox 1988, "Algorithm 659": v_j is the sum over GF(2) of a_k v_(j-k) and of v_(j-s) shifted by s.
    private static void Unscrambled(int dimension, Span<uint> v)
    {
        if (dimension == 0)
        {
            for (var j = 0; j < Bits; j++) v[j] = 1u << (Bits - 1 - j);
            return;
        }
        var row = JoeKuoDirections.Rows[dimension - 1].Split(' ');
        var a = uint.Parse(row[0], CultureInfo.InvariantCulture);
        var degree = row.Length - 1;
        for (var j = 0; j < Bits; j++)
        {
            if (j < degree)
            {
                v[j] = uint.Parse(row[j + 1], CultureInfo.InvariantCulture) << (Bits - 1 - j);
                continue;
            }
            v[j] = v[j - degree] ^ (v[j - degree] >> degree);
            for (var k = 1; k < degree; k++)
            {
                if (((a >> (degree - 1 - k)) & 1) != 0) v[j] ^= v[j - k];
            }
        }
    }

    /// <summary>Multiplies the directions by the dimension's random matrix; returns its digital shift.</summary>
    private static uint Scramble(Span<uint> directions, Philox random)
    {
        // Row i of the matrix, as a mask on the digits (the most significant first): a one on the diagonal, random before it.
        Span<uint> rows = stackalloc uint[Bits];
        for (var i = 0; i < Bits; i++)
        {
            var diagonal = 1u << (Bits - 1 - i);
            rows[i] = diagonal | (random.NextUInt32() & ~((diagonal << 1) - 1));
        }
        rows[0] = 1u << (Bits - 1);
        foreach (ref var direction in directions)
        {
            var product = 0u;
            for (var i = 0; i < Bits; i++) product |= (uint)(BitOperations.PopCount(direction & rows[i]) & 1) << (Bits - 1 - i);
            direction = product;
        }
        return random.NextUInt32();
    }
}
