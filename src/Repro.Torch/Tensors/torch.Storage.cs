using System.Collections;
using System.Numerics;
using Repro.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The memory that a tensor and its views are in, as a flat array.</summary>
    public abstract class Storage
    {
        private protected Storage(Tensor? tensor) => Owner = tensor;

        private protected Tensor? Owner { get; private set; }

        private protected Tensor Given => Owner ?? throw new InvalidOperationException("This storage is a single value to assign, or was disposed of.");

        internal static Storage<T> Create<T>(Tensor tensor) where T : unmanaged
        {
            var type = ToScalarType(typeof(T));
            return new Storage<T>(tensor.dtype == type ? tensor.alias() : tensor.to_type(type));
        }

        // Of another type: copies of the elements of the tensor itself.
        public Storage<bool> @bool() => Given.storage<bool>();
        public Storage<byte> @byte() => Given.storage<byte>();
        public Storage<int> @int() => Given.storage<int>();
        public Storage<long> @long() => Given.storage<long>();
        public Storage<float> @float() => Given.storage<float>();
        public Storage<double> @double() => Given.storage<double>();
        public Storage<(float, float)> complex_float() => Given.storage<(float, float)>();
        public Storage<Complex> complex_double() => Given.storage<Complex>();

        /// <summary>Bytes of one element.</summary>
        public abstract int element_size();

        /// <summary>Where the memory begins, on the tensor's device.</summary>
        public IntPtr data_ptr() => Memory().Data;

        public ulong nbytes() => (ulong)Memory().Bytes;

        private protected void Forget() => Owner = null;

        private unsafe (nint Data, long Bytes) Memory()
        {
            nint data;
            long bytes;
            Native.Check(Native.rt_tensor_storage(Given.Handle, &data, &bytes), "Tensor.storage");
            return (data, bytes);
        }
    }

    public sealed unsafe class Storage<T> : Storage, IDisposable, IEnumerable<T> where T : unmanaged
    {
        private readonly int start;
        private readonly T single;

        internal Storage(Tensor tensor, int start = 0, int? count = null) : base(tensor)
        {
            this.start = start;
            Count = count ?? checked((int)(nbytes() / (ulong)sizeof(T)));
        }

        private Storage(T value) : base(null)
        {
            single = value;
            Count = 1;
        }

        public int Count { get; }

        public bool IsReadOnly => false;

        public Device device => Given.device;

        public override int element_size() => sizeof(T);

        public Storage<T> cuda(Device? device = null) => Given.cuda(device).storage<T>();

        public Storage<T> cpu() => Given.cpu().storage<T>();

        public T this[int index]
        {
            get => Elements[index];
            set => Elements[index] = value;
        }

        /// <summary>A part over the same memory. What is assigned is copied into it, a single value everywhere.</summary>
        public Storage<T> this[(int? start, int? end) range]
        {
            get => this[(range.start ?? 0)..(range.end ?? Count)];
            set => this[(range.start ?? 0)..(range.end ?? Count)] = value;
        }

        public Storage<T> this[Range range]
        {
            get
            {
                var (offset, length) = range.GetOffsetAndLength(Count);
                return new Storage<T>(Given.alias(), start + offset, length);
            }

            set
            {
                var part = Elements[range];
                if (value.Owner is null)
                    part.Fill(value.single);
                else
                    value.Elements[..Math.Min(value.Count, part.Length)].CopyTo(part);
            }
        }

#pragma warning disable CA2225 // TorchSharp has this operator alone.
        public static implicit operator Storage<T>(T value) => new(value);
#pragma warning restore CA2225

        public T[] ToArray() => Elements.ToArray();

        public IList<T> tolist() => ToArray();

        public void copy_(IList<T> array) => CopyFrom(array, 0);

        public void fill_(T value) => Elements.Fill(value);

        public bool Contains(T item) => IndexOf(item) >= 0;

        public int IndexOf(T item) => Array.IndexOf(ToArray(), item);

        /// <param name="arrayIndex">Where in the array the first element goes.</param>
        public void CopyTo(IList<T> array, int arrayIndex)
        {
            var elements = Elements;
            for (var i = 0; i < elements.Length && i + arrayIndex < array.Count; i++)
                array[i + arrayIndex] = elements[i];
        }

        /// <param name="arrayIndex">The first element of the array that is taken.</param>
        public void CopyFrom(IList<T> array, int arrayIndex)
        {
            var elements = Elements;
            for (var i = 0; i < elements.Length && i + arrayIndex < array.Count; i++)
                elements[i] = array[i + arrayIndex];
        }

        public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose() => Forget();

        private Span<T> Elements => Given.is_cpu()
            ? new Span<T>((T*)data_ptr() + start, Count)
            : throw new InvalidOperationException($"The storage is on {Given.device}; call cpu() first.");
    }

    public static bool is_storage(object obj) => obj is Storage;

    public partial class Tensor
    {
        /// <summary>The memory behind this tensor; where its elements are of another type, that of a copy of them.</summary>
        public Storage<T> storage<T>() where T : unmanaged => Storage.Create<T>(this);
    }
}
