using Repro.Torch.Dispatch;

namespace TorchSharp;

// Parts of a tensor, and forms with more dimensions. hsplit goes along the second dimension (of a vector: the first), vsplit along
// the first, dsplit along the third; a number is of equal parts, several are the positions of the cuts.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor[] tensor_split(Tensor indices, long dim = 0L) => Ops.tensor_split_tensor_indices_or_sections.CallList(this, indices, dim);
        private long InEqualParts(long size, int along) => along >= dim() || (size > 0 && shape[along] % size == 0)
            ? size
            : throw new ArgumentException($"A dimension of {shape[along]} elements cannot be split into {size} equal parts.");

        public Tensor[] hsplit(long size) => Ops.hsplit_int.CallList(this, InEqualParts(size, dim() == 1 ? 0 : 1));
        public Tensor[] hsplit(params long[] sizes) => Ops.hsplit_array.CallList(this, sizes);
        public Tensor[] hsplit(Tensor indices) => tensor_split(indices, dim() == 1 ? 0 : 1);
        public Tensor[] vsplit(long size) => Ops.vsplit_int.CallList(this, InEqualParts(size, 0));
        public Tensor[] vsplit(params long[] sizes) => Ops.vsplit_array.CallList(this, sizes);
        public Tensor[] vsplit(Tensor indices) => tensor_split(indices, 0);
        public Tensor[] dsplit(long size) => Ops.dsplit_int.CallList(this, InEqualParts(size, 2));
        public Tensor[] dsplit(params long[] sizes) => Ops.dsplit_array.CallList(this, sizes);
        public Tensor[] dsplit((long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2]);
        public Tensor[] dsplit((long, long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3]);
        public Tensor[] dsplit((long, long, long, long) indices_or_sections) => dsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4]);
        public Tensor[] dsplit(Tensor indices) => tensor_split(indices, 2);

        public Tensor atleast_1d() => Ops.atleast_1d.Call(this);
        public Tensor atleast_2d() => Ops.atleast_2d.Call(this);
        public Tensor atleast_3d() => Ops.atleast_3d.Call(this);
        public static Tensor block_diag(params Tensor[] tensors) => torch.block_diag(tensors);
        public Tensor diagflat(long offset = 0) => Ops.diagflat.Call(this, offset);
        public Tensor tril_(long diagonal = 0) => Ops.tril_.CallInPlace(this, diagonal);
        public Tensor triu_(long diagonal = 0) => Ops.triu_.CallInPlace(this, diagonal);
        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll([shifts.Item1, shifts.Item2, shifts.Item3], [dims.Item1, dims.Item2, dims.Item3]);

        /// <summary>Powers of a vector's elements as rows.</summary>
        /// <param name="N">-1 for as many columns as rows.</param>
        public Tensor vander(long N = -1, bool increasing = false) => Ops.vander.Call(this, Given(N), increasing);

        // Sparse tensors in coordinate form.
        public Tensor to_sparse() => Ops.to_sparse.Call(this);

        /// <param name="sparse_dim">Leading dimensions that are kept sparse; the others are dense blocks.</param>
        public Tensor to_sparse(int sparse_dim) => Ops.to_sparse_sparse_dim.Call(this, sparse_dim);

        /// <summary>Coordinates of a sparse tensor, one column an entry.</summary>
        public Tensor SparseIndices => Ops._indices.Call(this);
        public Tensor SparseValues => Ops._values.Call(this);
    }
}
