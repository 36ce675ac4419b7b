using Repro.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>An array of any number of dimensions in libtorch's memory, with its gradient where one is kept.</summary>
    /// <remarks>
    /// Holds one reference to the native tensor. Disposing gives it back at once, closing the owning <see cref="DisposeScope"/>
    /// does too, and a forgotten tensor is given back by its finalizer. Views share memory, each with a reference of its own.
    /// </remarks>
    public partial class Tensor : IDisposable
    {
        private static long total;
        private static long peak;
        internal IntPtr handle;

        internal Tensor(IntPtr handle, bool register = true)
        {
            this.handle = handle;
            var now = Interlocked.Increment(ref total);
            if (now > peak)
                peak = now; // a statistic: a lost race loses a count
            if (register)
                DisposeScopeManager.Register(this);
        }

#pragma warning disable CA1816 // It never has anything to give back.
        private Tensor() => GC.SuppressFinalize(this);
#pragma warning restore CA1816

        ~Tensor() => Free();

        /// <summary>What stands for no tensor: invalid from the start, and not counted.</summary>
        internal static Tensor Undefined() => new();

        /// <summary>Tensors alive in this process, of the managed kind.</summary>
        public static long TotalCount => Interlocked.Read(ref total);

        public static long PeakCount => Interlocked.Read(ref peak);

        public string? name { get; set; }

        /// <summary>True once disposed.</summary>
        public bool IsInvalid => handle == IntPtr.Zero;

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Place in the owning scope's list.</summary>
        internal int ScopeSlot { get; set; }

        /// <exception cref="InvalidOperationException">The tensor was disposed.</exception>
        public IntPtr Handle => handle != IntPtr.Zero ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public void Dispose()
        {
            if (handle != IntPtr.Zero)
            {
                DisposeScopeManager.Disposing(this);
                OwningDisposeScope?.Forget(this);
            }
            Free();
            GC.SuppressFinalize(this);
        }

        /// <summary>Takes the reference out of this object, which is invalid then, without giving it back to libtorch.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            OwningDisposeScope?.Forget(this);
            var taken = Interlocked.Exchange(ref handle, IntPtr.Zero);
            if (taken != IntPtr.Zero)
                Interlocked.Decrement(ref total);
            return taken;
        }

        /// <summary>Gives the reference to another object, which counts from now on instead of this one.</summary>
        internal IntPtr MoveHandle()
        {
            var taken = Interlocked.Exchange(ref handle, IntPtr.Zero);
            Interlocked.Decrement(ref total);
            return taken;
        }

        private void Free()
        {
            var taken = Interlocked.Exchange(ref handle, IntPtr.Zero);
            if (taken == IntPtr.Zero)
                return;
            Native.rt_tensor_release(taken);
            Interlocked.Decrement(ref total);
        }

        /// <summary>Hands the tensor to the scope around the current one, or to none; it outlives the current scope.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>From here on only <see cref="Dispose"/> or the finalizer frees the tensor.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
                owner.MoveToOther(other, this);
            else
                other?.Attach(this);
            return this;
        }

        internal unsafe NativeTensorInfo Info
        {
            get
            {
                NativeTensorInfo info;
                Native.Check(Native.rt_tensor_info(Handle, &info), "Tensor");
                GC.KeepAlive(this);
                return info;
            }
        }

        public long Dimensions => Info.Dim;

        public long dim() => Info.Dim;

        public long ndim => Info.Dim;

        public long NumberOfElements => Info.Numel;

        public long numel() => Info.Numel;

        /// <summary>Bytes of one element.</summary>
        public long ElementSize => Info.ElementSize;

        public long element_size() => Info.ElementSize;

        public ScalarType dtype => (ScalarType)Info.ScalarType;

        public Device device
        {
            get
            {
                var info = Info;
                return info.DeviceType == 0 ? CPU : new Device((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        public DeviceType device_type => (DeviceType)Info.DeviceType;

        public int device_index => Info.DeviceIndex;

        public bool is_cpu() => Info.DeviceType == 0;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Info.IsSparse;

        public bool is_leaf => Info.IsLeaf;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>Whether the elements lie in row-major order without gaps.</summary>
        public bool is_contiguous() => Info.IsContiguous;

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Info.Dim];
                fixed (long* pointer = sizes)
                    Native.Check(Native.rt_tensor_shape(Handle, pointer, null), "Tensor.shape");
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        /// <param name="dim">Negative counts from the last dimension.</param>
        public long size(int dim) => At(shape, dim);

        /// <summary>Steps in elements between neighbours along each dimension.</summary>
        public unsafe long[] stride()
        {
            var strides = new long[Info.Dim];
            fixed (long* pointer = strides)
                Native.Check(Native.rt_tensor_shape(Handle, null, pointer), "Tensor.stride");
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => At(stride(), dim);

        public unsafe long storage_offset()
        {
            long offset;
            Native.Check(Native.rt_tensor_storage_offset(Handle, &offset), "Tensor.storage_offset");
            GC.KeepAlive(this);
            return offset;
        }

        private static long At(long[] values, int dim) => (dim < 0 ? dim + values.Length : dim) is var i && i >= 0 && i < values.Length
            ? values[i]
            : throw new ArgumentOutOfRangeException(nameof(dim), dim, $"The tensor has {values.Length} dimensions.");

        public bool Equals(Tensor target) => ReferenceEquals(this, target) || (target is not null && Repro.Torch.Dispatch.Ops.equal.CallScalar(this, target).ToBoolean());

        /// <summary>Whether the other is a tensor of the same shape with the same values.</summary>
        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
