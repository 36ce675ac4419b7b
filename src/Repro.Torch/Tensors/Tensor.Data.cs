using System.Runtime.CompilerServices;
using Repro.Torch.Dispatch;
using Repro.Torch.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements as .NET values; copied to the CPU first where the tensor lives elsewhere.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the tensor's element type.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(Plain());
        }

        /// <summary>The only element.</summary>
        /// <exception cref="ArgumentException">There is not exactly one, or it is of another type.</exception>
        public unsafe T item<T>() where T : unmanaged
        {
            var info = Info;
            if (info.Numel != 1)
                throw new ArgumentException($"Number of elements in the tensor must be 1, but there are {info.Numel}");
            ValidateType(typeof(T));
            if (info.DeviceType != 0 || info.IsLazy)
            {
                using var here = Plain();
                return here.item<T>();
            }
            var value = *(T*)DataPointer;
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>This tensor, or where its memory does not hold the elements themselves, a copy on the CPU that does.</summary>
        private Tensor Plain()
        {
            var info = Info;
            if (!info.IsLazy)
                return info.DeviceType == 0 ? this : cpu();
            using var conjugated = resolve_conj();
            using var plain = conjugated.resolve_neg();
            using var whole = plain.clone();
            return whole.cpu();
        }

        internal void ValidateType(Type type)
        {
            if (dtype != torch.ToScalarType(type))
                throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        internal unsafe void* DataPointer
        {
            get
            {
                void* data;
                Native.Check(Native.rt_tensor_data(Handle, &data), "Tensor.data");
                return data;
            }
        }

        /// <summary>The tensor's own memory. Valid while the tensor lives; what is written there is in the tensor.</summary>
        /// <exception cref="InvalidOperationException">The tensor is not contiguous, not on the CPU, or above 2 GiB.</exception>
        public unsafe Span<byte> bytes
        {
            get => new(DataPointer, ByteCount("read"));
            set
            {
                var count = ByteCount("written");
                if (value.Length != count)
                    throw new ArgumentException($"Mismatched data sizes: the tensor has {count} bytes, {value.Length} were given.");
                value.CopyTo(new Span<byte>(DataPointer, count));
                GC.KeepAlive(this);
            }
        }

        private int ByteCount(string verb)
        {
            var info = Info;
            if (info.IsLazy)
                throw new InvalidOperationException($"The bytes of a tensor whose elements are pending (a conjugate, a negative, zeros) cannot be {verb}; call resolve_conj(), resolve_neg() and clone() first.");
            if (!info.IsContiguous)
                throw new InvalidOperationException($"The bytes of a non-contiguous tensor cannot be {verb}; call contiguous() first.");
            if (info.DeviceType != 0)
                throw new InvalidOperationException($"The bytes of a tensor on {device} cannot be {verb}; call cpu() first.");
            var count = info.Numel * info.ElementSize;
            return count <= int.MaxValue ? (int)count : throw new InvalidOperationException($"The tensor has {count} bytes; a span holds at most {int.MaxValue}.");
        }

        /// <summary>Writes the elements in row-major order.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var source = Plain().contiguous();
            var left = source.NumberOfElements * source.ElementSize;
            for (var at = (byte*)source.DataPointer; left > 0;)
            {
                var chunk = (int)Math.Min(left, 1 << 20);
                stream.Write(new ReadOnlySpan<byte>(at, chunk));
                at += chunk;
                left -= chunk;
            }
            GC.KeepAlive(source);
        }

        /// <summary>Fills the tensor with bytes as <see cref="WriteBytesToStream"/> wrote them.</summary>
        /// <exception cref="EndOfStreamException">There are too few.</exception>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var direct = is_cpu() && is_contiguous() && !Info.IsLazy;
            var target = direct ? this : torch.empty(shape, dtype);
            var left = target.NumberOfElements * target.ElementSize;
            for (var at = (byte*)target.DataPointer; left > 0;)
            {
                var chunk = (int)Math.Min(left, 1 << 20);
                stream.ReadExactly(new Span<byte>(at, chunk));
                at += chunk;
                left -= chunk;
            }
            if (!direct)
                copy_(target);
        }

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);
        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);
        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);
        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);
        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);
        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);
        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);
        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);
        public float ReadCpuFloat16(long i) => (float)ReadCpuValue<Half>(i);
        public float ReadCpuBFloat16(long i) => ReadCpuValue<BFloat16>(i).ToSingle();

        /// <summary>The element at a row-major position.</summary>
        public T ReadCpuValue<T>(long i) where T : unmanaged
        {
            using var accessor = data<T>();
            return accessor.AtPosition(i);
        }

        public Scalar ToScalar() => Ops.item.CallScalar(this);

        /// <summary>Whether the only element is not zero.</summary>
        public bool is_nonzero() => ToScalar().ToBoolean();

        public static explicit operator float(Tensor value) => value.ToScalar().ToSingle();
        public static explicit operator double(Tensor value) => value.ToScalar().ToDouble();
        public static explicit operator sbyte(Tensor value) => value.ToScalar().ToSByte();
        public static explicit operator byte(Tensor value) => value.ToScalar().ToByte();
        public static explicit operator short(Tensor value) => value.ToScalar().ToInt16();
        public static explicit operator int(Tensor value) => value.ToScalar().ToInt32();
        public static explicit operator long(Tensor value) => value.ToScalar().ToInt64();
        public static explicit operator bool(Tensor value) => value.ToScalar().ToBoolean();

        public static implicit operator Tensor(byte value) => tensor(value);
        public static implicit operator Tensor(sbyte value) => tensor(value);
        public static implicit operator Tensor(short value) => tensor(value);
        public static implicit operator Tensor(int value) => tensor(value);
        public static implicit operator Tensor(long value) => tensor(value);
        public static implicit operator Tensor(float value) => tensor(value);
        public static implicit operator Tensor(double value) => tensor(value);
        public static implicit operator Tensor(bool value) => tensor(value);
        public static implicit operator Tensor((float, float) value) => tensor(value);
        public static implicit operator Tensor(System.Numerics.Complex value) => tensor(value);
        public static implicit operator Tensor((float, float)[] value) => tensor(value);
        public static implicit operator Tensor(System.Numerics.Complex[] value) => tensor(value);
        public static implicit operator Tensor(byte[] value) => tensor(value);
        public static implicit operator Tensor(sbyte[] value) => tensor(value);
        public static implicit operator Tensor(short[] value) => tensor(value);
        public static implicit operator Tensor(int[] value) => tensor(value);
        public static implicit operator Tensor(long[] value) => tensor(value);
        public static implicit operator Tensor(float[] value) => tensor(value);
        public static implicit operator Tensor(double[] value) => tensor(value);
        public static implicit operator Tensor(bool[] value) => tensor(value);

        public static implicit operator Tensor(Scalar scalar) => scalar.Kind switch
        {
            ScalarKind.Integer => tensor(scalar.Bits),
            ScalarKind.Boolean => tensor(scalar.Bits != 0),
            ScalarKind.Complex => tensor(scalar.ToComplexFloat64()),
            _ => tensor(scalar.ToDouble()),
        };
    }

    /// <summary>A new tensor of the array's element type, before conversion to another.</summary>
    internal static unsafe Tensor FromSpan<T>(ReadOnlySpan<T> values, long[] sizes, ScalarType? dtype, Device? device, bool requiresGrad) where T : unmanaged
    {
        long count = 1;
        foreach (var size in sizes)
            count *= size;
        if (count != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill a tensor of shape [{string.Join(", ", sizes)}], which has {count}.");
        var made = Ops.empty_memory_format.Call(sizes, ToScalarType(typeof(T)), default(Argument), CPU);
        if (count > 0)
            values.CopyTo(new Span<T>(made.DataPointer, values.Length));
        device = InitializeDevice(device);
        if ((dtype is { } wanted && wanted != made.dtype) || device.type != DeviceType.CPU)
        {
            var source = made;
            made = source.to(dtype ?? source.dtype, device);
            source.Dispose();
        }
        return requiresGrad ? made.requires_grad_() : made;
    }

    internal static ReadOnlySpan<T> SpanOf<T>(IList<T> values) => values switch
    {
        T[] array => array,
        List<T> list => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list),
        _ => values.ToArray(),
    };

    internal static ReadOnlySpan<T> SpanOf<T>(Array values) where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(values)), values.Length);
}
