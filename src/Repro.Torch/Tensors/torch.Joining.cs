using Repro.Torch.Dispatch;

namespace TorchSharp;

// Joins, splits, parts and shapes of tensors, in their other form.
public static partial class torch
{
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);
    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);
    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) => input.index_add(dim, index, source, alpha);
    public static Tensor index_add_(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) => input.index_add_(dim, index, source, alpha);
    public static Tensor index_copy_(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy_(dim, index, source);
    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);
    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);
    public static Tensor movedim(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);
    public static Tensor moveaxis(Tensor input, long[] source, long[] destination) => input.moveaxis(source, destination);
    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);
    public static Tensor nonzero(Tensor input) => input.nonzero();
    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);
    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);
    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);
    public static Tensor scatter_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_(dim, index, src);
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);
    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0L) => tensor.split(split_size_or_sections, dim);
    public static Tensor swapaxes(Tensor input, long axis0, long axis1) => input.swapaxes(axis0, axis1);
    public static Tensor swapdims(Tensor input, long dim0, long dim1) => input.swapdims(dim0, dim1);
    public static Tensor t(Tensor input) => input.t();
    public static Tensor take(Tensor input, Tensor index) => input.take(index);
    public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0L) => input.tensor_split(indices_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, long[] indices_or_sections, long dim = 0L) => input.tensor_split(indices_or_sections, dim);
    public static Tensor tile(Tensor input, long[] dims) => input.tile(dims);
    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);
    public static Tensor[] unbind(Tensor input, long dim = 0L) => input.unbind(dim);
    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);
    public static Tensor unsqueeze_(Tensor input, long dim) => input.unsqueeze_(dim);
    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);
    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.broadcast_to(shape);
    public static Tensor clone(Tensor input) => input.clone();
    public static Tensor cov(Tensor input, long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
        input.cov(correction, fweights, aweights);
    public static (Tensor values, Tensor indices) cummax(Tensor input, long dim) => input.cummax(dim);
    public static (Tensor values, Tensor indices) cummin(Tensor input, long dim) => input.cummin(dim);
    public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => input.cumprod(dim, dtype);
    public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => input.cumsum(dim, type);
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);
    public static Tensor diag_embed(Tensor input, long offset = 0L, long dim1 = -2L, long dim2 = -1L) => input.diag_embed(offset, dim1, dim2);
    public static Tensor diagonal(Tensor input, long offset = 0L, long dim1 = 0L, long dim2 = 1L) => input.diagonal(offset, dim1, dim2);
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);
    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);
    public static Tensor fliplr(Tensor input) => input.fliplr();
    public static Tensor flipud(Tensor input) => input.flipud();
    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => input.rot90(k, dims);
    public static Tensor ravel(Tensor input) => input.ravel();
    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);
    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);
    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);
    public static Tensor roll(Tensor input, (long, long) shifts, (long, long) dims) => input.roll(shifts, dims);
    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);
    public static Tensor roll(Tensor input, long[] shifts) => input.roll(shifts);
    public static Tensor roll(Tensor input, ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) => input.roll(shifts, dims);
    public static Tensor trace(Tensor input) => input.trace();
    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);
    public static Tensor triu(Tensor input, long diagonal = 0L) => input.triu(diagonal);
    public static Tensor adjoint(Tensor input) => input.adjoint();
    public static Tensor argwhere(Tensor input) => input.argwhere();
    public static Tensor conj(Tensor input) => input.conj();
    public static Tensor[] dsplit(Tensor input, Tensor indices_or_sections) => input.dsplit(indices_or_sections);
    public static Tensor[] dsplit(Tensor input, long size) => input.dsplit(size);
    public static Tensor[] dsplit(Tensor input, long[] indices_or_sections) => input.dsplit(indices_or_sections);
    public static Tensor[] dsplit(Tensor input, (long, long) indices_or_sections) => input.dsplit(indices_or_sections);
    public static Tensor[] dsplit(Tensor input, (long, long, long) indices_or_sections) => input.dsplit(indices_or_sections);
    public static Tensor[] dsplit(Tensor input, (long, long, long, long) indices_or_sections) => input.dsplit(indices_or_sections);
    public static Tensor dstack(params Tensor[] tensors) => Ops.dstack.Call(tensors);
    public static Tensor dstack(IList<Tensor> tensors) => Ops.dstack.Call(ArrayOf(tensors));
    public static Tensor dstack(ReadOnlySpan<Tensor> tensors) => Ops.dstack.Call(tensors.ToArray());
    public static Tensor dstack(IEnumerable<Tensor> tensors) => Ops.dstack.Call(tensors.ToArray());
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) => Ops.gather.Call(input, dim, index, sparse_grad);
    public static Tensor[] hsplit(Tensor input, Tensor indices_or_sections) => input.hsplit(indices_or_sections);
    public static Tensor[] hsplit(Tensor input, long indices_or_sections) => input.hsplit(indices_or_sections);
    public static Tensor[] hsplit(Tensor input, long[] indices_or_sections) => input.hsplit(indices_or_sections);
    public static Tensor[] hsplit(Tensor input, (long, long) indices_or_sections) =>
        input.hsplit([indices_or_sections.Item1, indices_or_sections.Item2]);
    public static Tensor[] hsplit(Tensor input, (long, long, long) indices_or_sections) =>
        input.hsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3]);
    public static Tensor[] hsplit(Tensor input, (long, long, long, long) indices_or_sections) =>
        input.hsplit([indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4]);
    public static Tensor hstack(IList<Tensor> tensors) => Ops.hstack.Call(ArrayOf(tensors));
    public static Tensor hstack(IEnumerable<Tensor> tensors) => Ops.hstack.Call(tensors.ToArray());
    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => Ops.hstack.Call(tensors.ToArray());
    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy(dim, index, source);
    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, (long, long) source, (long, long) destination) =>
        input.movedim([source.Item1, source.Item2], [destination.Item1, destination.Item2]);
    public static Tensor moveaxis(Tensor input, (long, long, long) source, (long, long, long) destination) =>
        input.movedim([source.Item1, source.Item2, source.Item3], [destination.Item1, destination.Item2, destination.Item3]);
    public static Tensor moveaxis(Tensor input, (long, long, long, long) source, (long, long, long, long) destination) =>
        input.movedim([source.Item1, source.Item2, source.Item3, source.Item4], [destination.Item1, destination.Item2, destination.Item3, destination.Item4]);
    public static Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0L, long dim1 = 0L, long dim2 = 1L) =>
        input.diagonal_scatter(src, offset, dim1, dim2);
    public static Tensor select_scatter(Tensor input, Tensor src, long dim, long index) => input.select_scatter(src, dim, index);
    public static Tensor slice_scatter(Tensor input, Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) =>
        input.slice_scatter(src, dim, start, end, step);
    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0L) => input.take_along_dim(indices, dim);
    public static Tensor take_along_dim(Tensor input, IEnumerable<long> indices, long dim = 0L) => input.take_along_dim(indices, dim);
    public static Tensor[] tensor_split(Tensor input, Tensor indices_or_sections, long dim = 0L) => input.tensor_split(indices_or_sections, dim);
    public static Tensor[] vsplit(Tensor input, long[] indices_or_sections) => input.vsplit(indices_or_sections);
    public static Tensor vstack(IList<Tensor> tensors) => Ops.vstack.Call(ArrayOf(tensors));
    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => Ops.vstack.Call(tensors.ToArray());
    public static IEnumerable<Tensor> atleast_1d(params Tensor[] input) => Array.ConvertAll(input, tensor => tensor.atleast_1d());
    public static IEnumerable<Tensor> atleast_2d(params Tensor[] input) => Array.ConvertAll(input, tensor => tensor.atleast_2d());
    public static IEnumerable<Tensor> atleast_3d(params Tensor[] input) => Array.ConvertAll(input, tensor => tensor.atleast_3d());
    public static Tensor block_diag(params Tensor[] tensors) => Ops.block_diag.Call(tensors);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Ops.broadcast_tensors.CallList(tensors);
    public static Tensor cartesian_prod(IList<Tensor> tensors) => Ops.cartesian_prod.Call(ArrayOf(tensors));
    public static Tensor cartesian_prod(params Tensor[] tensors) => Ops.cartesian_prod.Call(tensors);
    public static Tensor cartesian_prod(ReadOnlySpan<Tensor> tensors) => Ops.cartesian_prod.Call(tensors.ToArray());
    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) => Ops.combinations.Call(input, r, with_replacement);
    public static Tensor corrcoef(Tensor input) => input.corrcoef();
    public static Tensor diagflat(Tensor input, long offset = 0) => input.diagflat(offset);
    public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
        input.diff(n, dim, prepend, append);
    public static Tensor kron(Tensor input, Tensor other) => input.kron(other);
    public static Tensor gcd(Tensor left, Tensor right) => left.gcd(right);
    public static Tensor gcd_(Tensor left, Tensor right) => left.gcd_(right);
    public static Tensor histc(Tensor input, long bins = 100, long min = 0, long max = 0) => input.histc(bins, min, max);
    public static Tensor lcm(Tensor input, Tensor other) => input.lcm(other);
    public static Tensor lcm_(Tensor input, Tensor other) => input.lcm_(other);
    public static Tensor logcumsumexp(Tensor input, long dim) => input.logcumsumexp(dim);
    public static Tensor renorm(Tensor input, float p, long dim, float maxnorm) => input.renorm(p, dim, maxnorm);
    public static Tensor roll(Tensor input, (long, long, long) shifts, (long, long, long) dims) => input.roll(shifts, dims);
    public static Tensor tensordot(Tensor a, Tensor b, long dims = 2) => a.tensordot(b, dims);
    public static Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2) => a.tensordot(b, dims1, dims2);
    public static Tensor tensordot(Tensor a, Tensor b, (long, long)[] dims) => a.tensordot(b, dims);
    public static Tensor tril_(Tensor input, long diagonal = 0) => input.tril_(diagonal);
    public static Tensor triu_(Tensor input, long diagonal = 0L) => input.triu_(diagonal);
    public static Tensor vander(Tensor x, long N = -1, bool increasing = false) => x.vander(N, increasing);
    public static Tensor view_as_real(Tensor input) => input.view_as_real();
    public static Tensor view_as_complex(Tensor input) => input.view_as_complex();
    public static Tensor resolve_conj(Tensor input) => input.resolve_conj();
    public static Tensor resolve_neg(Tensor input) => input.resolve_neg();
    public static Tensor is_neg(Tensor input) => input.is_neg();
    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => cat(tensors, axis);
    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => cat(tensors, axis);
    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => cat(tensors, axis);
    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);
    public static Tensor squeeze_(Tensor input, long? dim = null) => input.squeeze_(dim);
    public static Tensor column_stack(IList<Tensor> tensors) => Ops.column_stack.Call(ArrayOf(tensors));
    public static Tensor column_stack(params Tensor[] tensors) => Ops.column_stack.Call(tensors);
    public static Tensor column_stack(ReadOnlySpan<Tensor> tensors) => Ops.column_stack.Call(tensors.ToArray());
    public static Tensor row_stack(IList<Tensor> tensors) => Ops.row_stack.Call(ArrayOf(tensors));
    public static Tensor row_stack(params Tensor[] tensors) => Ops.row_stack.Call(tensors);
    public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => Ops.row_stack.Call(tensors.ToArray());
    public static Tensor[] unbind(Tensor tensor, int dim = 0) => tensor.unbind(dim);
    public static Tensor scatter_add_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add_(dim, index, src);
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => input.unflatten(dim, sizes);
    public static Tensor unflatten(Tensor input, long dim, Size sizes) => input.unflatten(dim, sizes);
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill(dim, index, value);
    public static Tensor index_fill_(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill_(dim, index, value);

    /// <summary>Rows and columns of the lower triangle's elements, of shape [2, n].</summary>
    public static Tensor tril_indices(long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Ops.tril_indices.Call(row, col, offset, dtype, default(Argument), InitializeDevice(device));
    public static Tensor triu_indices(long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Ops.triu_indices.Call(row, col, offset, dtype, default(Argument), InitializeDevice(device));

    /// <exception cref="ArgumentException">Two lengths of a dimension, counted from the last, differ and neither is 1.</exception>
    public static Size broadcast_shapes(params long[][] shapes)
    {
        var result = Enumerable.Repeat(1L, shapes.Length == 0 ? 0 : shapes.Max(shape => shape.Length)).ToArray();
        foreach (var shape in shapes)
            for (var i = 1; i <= shape.Length; i++)
                if (shape[^i] != 1 && shape[^i] != result[^i])
                    result[^i] = result[^i] == 1 ? shape[^i] : throw new ArgumentException($"Shape mismatch: [{string.Join(", ", shape)}] cannot be broadcast to [{string.Join(", ", result)}].");
        return new Size(result);
    }

    private static Tensor[] ArrayOf(IList<Tensor> tensors) => tensors as Tensor[] ?? [.. tensors];
}
