using Repro.Torch.Dispatch;

namespace TorchSharp;

// Elements read and written by tensors of positions and by masks.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Ops.index_copy.Call(this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Ops.index_fill_int_Scalar.Call(this, dim, index, value);

        /// <summary>The elements at row-major positions.</summary>
        public Tensor take_along_dim(Tensor indices) => Ops.take_along_dim.Call(this, indices);

        /// <summary>As gather, with the other dimensions broadcast.</summary>
        public Tensor take_along_dim(Tensor indices, long dim) => Ops.take_along_dim.Call(this, indices, dim);

        public Tensor take_along_dim(IEnumerable<long> indices)
        {
            using var positions = tensor(indices.ToArray());
            return take_along_dim(positions);
        }

        public Tensor take_along_dim(IEnumerable<long> indices, long dim)
        {
            using var positions = tensor(indices.ToArray());
            return take_along_dim(positions, dim);
        }

        /// <summary>Replaces the elements under the mask by the first elements of <paramref name="value"/>, in row-major order.</summary>
        public Tensor masked_scatter(Tensor mask, Tensor value) => Ops.masked_scatter.Call(this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Ops.masked_scatter_.CallInPlace(this, mask, value);

        // A copy of this tensor with src in place of the part that a view would show.
        public Tensor diagonal_scatter(Tensor src, long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Ops.diagonal_scatter.Call(this, src, offset, dim1, dim2);
        public Tensor select_scatter(Tensor src, long dim, long index) => Ops.select_scatter.Call(this, src, dim, index);
        public Tensor slice_scatter(Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) => Ops.slice_scatter.Call(this, src, dim, start, end, step);

        /// <summary>One row of indices for each element that is not 0.</summary>
        public Tensor argwhere() => Ops.argwhere.Call(this);

        /// <summary>The columns of <see cref="nonzero"/>: for each dimension, where the elements are that are not 0. Of shape [n, 1] each.</summary>
        public IList<Tensor> nonzero_as_list()
        {
            using var rows = nonzero();
            return rows.chunk(rows.shape[1], 1);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => index(i1, i2, i3, i4, i5);
            set => index_put_(value, i1, i2, i3, i4, i5);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => index(i1, i2, i3, i4, i5, i6);
            set => index_put_(value, i1, i2, i3, i4, i5, i6);
        }

        public Tensor this[params long[] indices]
        {
            get => index(Array.ConvertAll(indices, i => (TensorIndex)i));
            set => index_put_(value, Array.ConvertAll(indices, i => (TensorIndex)i));
        }
    }
}
