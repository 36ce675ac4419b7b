using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor as .NET values, without copying. Keeps the tensor alive while it is used.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* start;
    private readonly long[] sizes;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        sizes = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        start = (T*)tensor.DataPointer;
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    /// <summary>One index per dimension, or a single one: the row-major position.</summary>
    public T this[params long[] indices]
    {
        get => *Address(indices);
        set => *Address(indices) = value;
    }

    /// <summary>All elements in row-major order.</summary>
    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array.AsSpan());
        return array;
    }

    /// <summary>An array of as many dimensions as the tensor has (one, for a tensor of none).</summary>
    public Array ToNDArray()
    {
        if (sizes.Length < 2)
            return ToArray();
        var array = Array.CreateInstance(typeof(T), sizes);
        var bytes = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array), checked((int)(Count * sizeof(T))));
        CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <param name="arrayIndex">Where in the span the first element goes.</param>
    /// <param name="tensorIndex">Row-major position of the first element taken.</param>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        if (contiguous)
            new ReadOnlySpan<T>(start + tensorIndex, count).CopyTo(array[arrayIndex..]);
        else
            for (var i = 0; i < count; i++)
                array[arrayIndex + i] = start[Offset(tensorIndex + i)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        for (var i = 0; i < count; i++)
            start[contiguous ? tensorIndex + i : Offset(tensorIndex + i)] = array[arrayIndex + i];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
            yield return AtPosition(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both have as many elements, and equal ones in row-major order; the shapes may differ.</summary>
    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && (ReferenceEquals(this, other) || (Count == other.Count && this.SequenceEqual(other)));

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>Lets go of the tensor, which itself stays as it is.</summary>
    public void Dispose()
    {
    }

    internal T AtPosition(long position)
    {
        if ((ulong)position >= (ulong)Count)
            throw new ArgumentOutOfRangeException(nameof(position), position, $"The tensor has {Count} elements.");
        var value = start[contiguous ? position : Offset(position)];
        GC.KeepAlive(tensor);
        return value;
    }

    private long Offset(long position)
    {
        long offset = 0;
        for (var d = sizes.Length - 1; d >= 0; d--)
        {
            offset += position % sizes[d] * strides[d];
            position /= sizes[d];
        }
        return offset;
    }

    private T* Address(long[] indices)
    {
        if (indices.Length == 1 && sizes.Length != 1)
            return (ulong)indices[0] < (ulong)Count
                ? start + Offset(indices[0])
                : throw new ArgumentOutOfRangeException(nameof(indices), indices[0], $"The tensor has {Count} elements.");
        if (indices.Length != sizes.Length)
            throw new ArgumentException($"{indices.Length} indices were given for a tensor of {sizes.Length} dimensions.");
        long offset = 0;
        for (var d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)sizes[d])
                throw new ArgumentOutOfRangeException(nameof(indices), indices[d], $"Dimension {d} has {sizes[d]} elements.");
            offset += indices[d] * strides[d];
        }
        return start + offset;
    }
}
