using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The lengths of a tensor's dimensions.</summary>
    public readonly struct Size : IEnumerable<long>, IEquatable<Size>
    {
        private readonly long[] lengths;

        public Size(long[] shape) => lengths = (long[])shape.Clone();

        public Size(IEnumerable<long> shape) => lengths = [.. shape];

        public Size(int[] shape) => lengths = Array.ConvertAll(shape, n => (long)n);

        public Size(long size) => lengths = [size];

        public Size((long, long) size) => lengths = [size.Item1, size.Item2];

        public Size((long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3];

        public Size((long, long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4];

        public Size((long, long, long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        public Size((long, long, long, long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        public Size(int size) => lengths = [size];

        public Size((int, int) size) => lengths = [size.Item1, size.Item2];

        public Size((int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3];

        public Size((int, int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4];

        public Size((int, int, int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        public Size((int, int, int, int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        /// <summary>That of a tensor of no dimensions.</summary>
        public static Size Empty => default;

        public long[] Shape => lengths ?? [];

        public int Length => Shape.Length;

        public bool IsEmpty => Length == 0;

        public bool IsScalar => IsEmpty;

        public long this[int idx] => Shape[idx];

        public long this[long idx] => Shape[idx];

        public long numel() => Shape.Aggregate(1L, (product, n) => product * n);

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size((long, long) size) => new(size);

        public static implicit operator Size((long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long, long, long) size) => new(size);

        public static implicit operator Size(long[] size) => new(size);

#pragma warning disable CA2225 // TorchSharp's operators have no named forms.
        public static Size operator +(Size left, Size right) => new([.. left.Shape, .. right.Shape]);

        public static Size operator +(Size left, IEnumerable<long> right) => new([.. left.Shape, .. right]);
#pragma warning restore CA2225

        /// <summary>The lengths from one dimension up to, and without, another. Negative ones count from the end.</summary>
        public Size Slice(int first, int next)
        {
            var shape = Shape;
            var (from, to) = (first < 0 ? first + shape.Length : first, next < 0 ? next + shape.Length : next);
            return new Size(shape[Math.Clamp(from, 0, shape.Length)..Math.Clamp(to, Math.Clamp(from, 0, shape.Length), shape.Length)]);
        }

        public IEnumerable<long> Take(int i) => Shape.Take(i);

        public static bool operator ==(Size left, Size right) => left.Equals(right);

        public static bool operator !=(Size left, Size right) => !left.Equals(right);

        public bool Equals(Size other) => Shape.AsSpan().SequenceEqual(other.Shape);

        public override bool Equals(object? obj) => obj is Size other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var length in Shape)
                hash.Add(length);
            return hash.ToHashCode();
        }

        public IEnumerator<long> GetEnumerator() => Shape.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"[{string.Join(", ", Shape)}]";
    }
}
