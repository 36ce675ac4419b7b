using System.Runtime.InteropServices;
using Repro.Torch.Dispatch;
using Repro.Torch.Interop;

namespace TorchSharp;

// Tensors of other tensors' parts, of memory and files; and of what types come together.
public static partial class torch
{
    public static Tensor complex(Tensor real, Tensor imag) => Ops.complex.Call(real, imag);

    /// <summary>abs * exp(i * angle).</summary>
    public static Tensor polar(Tensor abs, Tensor angle) => Ops.polar.Call(abs, angle);

    /// <summary>A sparse tensor in coordinate form; entries of equal coordinates add up.</summary>
    /// <param name="indices">One row a dimension, one column an entry.</param>
    /// <param name="dtype">Null for that of the values.</param>
    public static Tensor sparse_coo_tensor(Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Ops.sparse_coo_tensor_indices_size.Call(indices, values, size, dtype ?? values.dtype, default(Argument), device ?? values.device), requires_grad);

    public static Tensor sparse(Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        sparse_coo_tensor(indices, values, size, dtype, device, requires_grad, names);

    /// <summary>A file's elements, mapped into memory.</summary>
    /// <param name="shared">Whether writes go to the file.</param>
    /// <param name="size">Elements.</param>
    public static Tensor from_file(string filename, bool? shared = null, long? size = 0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Ops.from_file.Call(filename, shared is { } asked ? asked : default(Argument), size, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

    /// <summary>A vector over the array's own memory, which it keeps alive: writing to one changes the other. Of another type it is a copy.</summary>
    /// <param name="count">Elements; -1 for all from <paramref name="offset"/> on.</param>
    /// <param name="offset">In elements of the array.</param>
    public static unsafe Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        ArgumentNullException.ThrowIfNull(rawArray);
        var length = rawArray.LongLength;
        if (offset < 0 || offset >= length)
            throw new ArgumentException($"invalid value for 'offset': {offset}, of an array of {length} elements", nameof(offset));
        if (count < 0)
            count = length - offset;
        if (count > length - offset)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The array has {length - offset} elements from {offset} on.");
        var type = ToScalarType(rawArray.GetType().GetElementType()!);
        if (type == ScalarType.ComplexFloat64)
            throw new NotSupportedException("libtorch wants complex numbers of two doubles at multiples of 16 bytes, where .NET need not put an array; torch.tensor copies them.");
        // Unlike GCHandle it pins arrays of pairs too.
        var pinned = new PinnedGCHandle<Array>(rawArray);
        var first = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(rawArray));
        nint made;
        Native.Check(
            Native.rt_tensor_of_memory(first + (nint)(offset * type.ElementSize()), count, (int)type, PinnedGCHandle<Array>.ToIntPtr(pinned), Callbacks.Release, &made),
            "torch.frombuffer");
        var tensor = new Tensor(made);
        if (dtype == type)
            return Finish(tensor, requires_grad);
        using (tensor)
            return Finish(tensor.to(dtype), requires_grad);
    }

    public static Tensor BoolTensor(Tensor t) => t.to(ScalarType.Bool);
    public static Tensor ByteTensor(Tensor t) => t.to(ScalarType.Byte);
    public static Tensor ShortTensor(Tensor t) => t.to(ScalarType.Int16);
    public static Tensor IntTensor(Tensor t) => t.to(ScalarType.Int32);
    public static Tensor LongTensor(Tensor t) => t.to(ScalarType.Int64);
    public static Tensor FloatTensor(Tensor t) => t.to(ScalarType.Float32);
    public static Tensor DoubleTensor(Tensor t) => t.to(ScalarType.Float64);

    /// <summary>The type of a sum of the two.</summary>
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) => (ScalarType)Ops.result_type_Tensor.CallScalar(tensor1, tensor2).ToInt32();

    /// <summary>Whether a result of one type may go into a tensor of the other: not from complex to real, nor from real to integers, nor from numbers to bool.</summary>
    public static bool can_cast(ScalarType from, ScalarType to) => Ops.can_cast.CallScalar(from, to).ToBoolean();

    /// <summary>The smallest type that holds the values of both.</summary>
    public static ScalarType promote_types(ScalarType type1, ScalarType type2) => (ScalarType)Ops.promote_types.CallScalar(type1, type2).ToInt32();

    /// <summary>The largest number of an integral type.</summary>
    public static long max_int_value(ScalarType type) => type switch
    {
        ScalarType.Byte => byte.MaxValue,
        ScalarType.Int8 => sbyte.MaxValue,
        ScalarType.Int16 => short.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        ScalarType.Int64 => long.MaxValue,
        _ => throw new ArgumentException($"{type} is no integral type.", nameof(type)),
    };

    /// <summary>The limits of a floating-point type.</summary>
    public struct FInfo
    {
#pragma warning disable CA1051 // TorchSharp has fields here.
        public int bits;

        /// <summary>The distance from 1 to the next number.</summary>
        public double eps;
        public double max;
        public double min;

        /// <summary>The smallest positive number of full precision.</summary>
        public double tiny;
        public double smallest_normal;

        /// <summary>Ten to the minus number of decimal digits that every number keeps.</summary>
        public double resolution;
#pragma warning restore CA1051
    }

    public static FInfo finfo() => finfo(get_default_dtype());

    /// <param name="dtype">Complex types have the limits of their parts.</param>
    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.Float16 => Limits(16, Math.Pow(2, -10), 65504, Math.Pow(2, -14), 1e-3),
        ScalarType.BFloat16 => Limits(16, Math.Pow(2, -7), (double)BFloat16.MaxValue, Math.Pow(2, -126), 1e-2),
        ScalarType.Float32 or ScalarType.ComplexFloat32 => Limits(32, Math.Pow(2, -23), float.MaxValue, Math.Pow(2, -126), 1e-6),
        ScalarType.Float64 or ScalarType.ComplexFloat64 => Limits(64, Math.Pow(2, -52), double.MaxValue, Math.Pow(2, -1022), 1e-15),
        _ => throw new ArgumentException($"'dtype' must be floating point or complex, not {dtype}", nameof(dtype)),
    };

    private static FInfo Limits(int bits, double eps, double max, double tiny, double resolution) =>
        new() { bits = bits, eps = eps, max = max, min = -max, tiny = tiny, smallest_normal = tiny, resolution = resolution };

    public partial class Tensor
    {
        public static Tensor Load(BinaryReader reader) => TensorExtensionMethods.Load(reader);

        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            return Load(reader);
        }

        public static Tensor Load(string location)
        {
            using var stream = File.OpenRead(location);
            return Load(stream);
        }
    }
}
