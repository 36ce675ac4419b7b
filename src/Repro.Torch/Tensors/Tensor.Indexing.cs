using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position of an index: a number, a range, a mask, a tensor of positions, a new axis or an ellipsis.</summary>
    public struct TensorIndex
    {
        internal enum Kind
        {
            Slice,
            Single,
            Bool,
            Tensor,
            Ellipsis,
            None,
            Null,
        }

        internal Kind kind;
        internal long? start;
        internal long? stop;
        internal long? step;
        internal Tensor? tensor;

#pragma warning disable CA2211 // TorchSharp has fields here.
        /// <summary>As many full dimensions as are left.</summary>
        public static TensorIndex Ellipsis = new() { kind = Kind.Ellipsis };

        /// <summary>A new axis of length 1.</summary>
        public static TensorIndex None = new() { kind = Kind.None };

        public static TensorIndex Null = new() { kind = Kind.Null };

        /// <summary>A full dimension.</summary>
        public static TensorIndex Colon = Slice();
#pragma warning restore CA2211

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { kind = Kind.Slice, start = start, stop = stop, step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End is { IsFromEnd: true, Value: 0 } ? null : range.End.IsFromEnd ? -range.End.Value : range.End.Value);

        public static TensorIndex Bool(bool value) => new() { kind = Kind.Bool, start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { kind = Kind.Single, start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { kind = Kind.Tensor, tensor = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        /// <summary>Only of an index that is a tensor. It is there so that numbers prefer the overloads that take indices.</summary>
        public static implicit operator Tensor(TensorIndex value) =>
            value.kind == Kind.Tensor ? value.tensor! : throw new InvalidCastException($"An index of kind {value.kind} is no tensor.");

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }

    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, i1);
        }

        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, i1, i2, i3, i4);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, owned, advanced) = Walk(indices);
            if (advanced is null)
                return owned ? view : view.alias();
            try
            {
                return TakeAt(view, advanced);
            }
            finally
            {
                if (owned)
                    view.Dispose();
            }
        }

        public Tensor index(params Tensor[] indices) => TakeAt(this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, owned, advanced) = Walk(indices);
            try
            {
                if (advanced is not null)
                    PutAt(view, advanced, value, accumulate);
                else if (accumulate)
                    view.add_(value);
                else
                    view.copy_(value);
                return this;
            }
            finally
            {
                if (owned)
                    view.Dispose();
            }
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            PutAt(this, indices, value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = torch.full([], value, dtype, device);
            return index_put_(filled, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var filled = torch.full([], value, dtype, device);
            return index_put_(filled, indices, false);
        }

        private static Tensor TakeAt(Tensor from, Tensor?[] positions)
        {
            var (wide, made) = Widened(positions);
            var taken = Ops.index_Tensor.Call(from, Argument.OptionalTensors(wide));
            Array.ForEach(made, tensor => tensor.Dispose());
            return taken;
        }

        private static Tensor PutAt(Tensor into, Tensor?[] positions, Tensor value, bool accumulate)
        {
            var (wide, made) = Widened(positions);
            Ops.index_put_.CallInPlace(into, Argument.OptionalTensors(wide), value, accumulate);
            Array.ForEach(made, tensor => tensor.Dispose());
            return into;
        }

        // Newer libtorches take positions of 32 bits as they are; older ones want 64.
        private static (Tensor?[] Wide, Tensor[] Made) Widened(Tensor?[] positions)
        {
            if (!Array.Exists(positions, tensor => tensor?.dtype == ScalarType.Int32))
                return (positions, []);
            List<Tensor> made = [];
            return (Array.ConvertAll(positions, Wide), [.. made]);

            Tensor? Wide(Tensor? given)
            {
                if (given?.dtype != ScalarType.Int32)
                    return given;
                made.Add(given.to(ScalarType.Int64));
                return made[^1];
            }
        }

        public Tensor index_select(long dim, Tensor index) => Ops.index_select.Call(this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Ops.index_add.Call(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Ops.index_add_.CallInPlace(this, dim, index, source, alpha);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Ops.index_copy_.CallInPlace(this, dim, index, source);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Ops.index_fill__int_Scalar.CallInPlace(this, dim, index, value);
        public Tensor select(long dim, long index) => Ops.select_int.Call(this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Ops.slice_Tensor.Call(this, dim, start, finish, step);
        public Tensor narrow(long dim, long start, long length) => Ops.narrow.Call(this, dim, start, length);
        public Tensor take(Tensor index) => Ops.take.Call(this, index);
        public Tensor gather(long dim, Tensor index) => Ops.gather.Call(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Ops.scatter_src.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Ops.scatter__src.CallInPlace(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Ops.scatter_add.Call(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Ops.scatter_add_.CallInPlace(this, dim, index, src);

        // Numbers, ranges and new axes are views taken one by one; what is left of tensors and masks is one advanced index.
        private (Tensor View, bool Owned, Tensor?[]? Advanced) Walk(TensorIndex[] indices)
        {
            var view = this;
            var taken = 0;
            foreach (var index in indices)
                taken += index.kind switch
                {
                    TensorIndex.Kind.Slice or TensorIndex.Kind.Single => 1,
                    TensorIndex.Kind.Tensor => index.tensor!.dtype is ScalarType.Bool or ScalarType.Byte ? (int)index.tensor.dim() : 1,
                    _ => 0,
                };
            List<Tensor?>? advanced = null;
            var at = 0;
            foreach (var index in indices)
            {
                switch (index.kind)
                {
                    case TensorIndex.Kind.Single:
                        Step(ref view, view.select(at, index.start ?? 0));
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.start is not null || index.stop is not null || index.step is not null)
                            Step(ref view, Ops.slice_Tensor.Call(view, at, index.start, index.stop, index.step ?? 1));
                        at++;
                        break;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        Step(ref view, view.unsqueeze(at++));
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        at += (int)dim() - taken;
                        break;
                    case TensorIndex.Kind.Bool:
                        Step(ref view, view.unsqueeze(at));
                        Advanced(tensor(index.start != 0).unsqueeze_(0));
                        at++;
                        break;
                    case TensorIndex.Kind.Tensor:
                        Advanced(index.tensor!);
                        at += index.tensor!.dtype is ScalarType.Bool or ScalarType.Byte ? (int)index.tensor.dim() : 1;
                        break;
                }
            }
            return (view, !ReferenceEquals(view, this), advanced?.ToArray());

            void Advanced(Tensor given)
            {
                advanced ??= [];
                var entries = 0;
                foreach (var entry in advanced)
                    entries += entry is not null && entry.dtype is ScalarType.Bool or ScalarType.Byte ? (int)entry!.dim() : 1;
                for (; entries < at; entries++)
                    advanced.Add(null);
                advanced.Add(given);
            }

            void Step(ref Tensor current, Tensor next)
            {
                if (!ReferenceEquals(current, this))
                    current.Dispose();
                current = next;
            }
        }
    }
}
