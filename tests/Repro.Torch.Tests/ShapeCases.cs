using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The cases of tests/peers/reference/shapes.py, written in C#.</summary>
internal static class ShapeCases
{
    public static readonly Dictionary<string, Func<Tensor[], Tensor>> All = new()
    {
        // Made of numbers
        ["linspace"] = x => linspace(-1, 2, 7),
        ["logspace"] = x => logspace(-1, 1, 5),
        ["logspace_base"] = x => logspace(0, 4, 5, 2),
        ["arange_real"] = x => arange(0.5, 2, 0.4),
        ["arange_down"] = x => arange(5, 0, -2),
        ["eye"] = x => eye(2, 3),
        ["full_integer"] = x => full(2, 3, 7),
        ["tril_indices"] = x => tril_indices(3, 4, 1),
        ["triu_indices"] = x => triu_indices(3, 4, -1),
        ["vander"] = x => vander(x[0].detach()),
        ["vander_increasing"] = x => vander(x[0].detach(), 3, increasing: true),
        ["zeros_like"] = x => zeros_like(x[0]),
        ["ones_like"] = x => ones_like(x[0]),
        ["full_like"] = x => full_like(x[0], 2.5),
        ["new_ones"] = x => x[0].new_ones(2, 2),
        ["new_zeros"] = x => x[0].new_zeros(2, 3, 1),
        ["new_full"] = x => x[0].new_full(2, 2, 3.5),
        ["hann_window"] = x => hann_window(7),
        ["hamming_window"] = x => hamming_window(7),
        ["bartlett_window"] = x => bartlett_window(7),
        ["blackman_window"] = x => blackman_window(7),
        ["kaiser_window"] = x => kaiser_window(7),
        ["hann_symmetric"] = x => hann_window(6, periodic: false),
        ["hamming_parts"] = x => hamming_window(6, true, 0.6f, 0.4f),
        ["kaiser_beta"] = x => kaiser_window(6, true, 5f),
        ["diagflat"] = x => diagflat(x[0], 1),
        ["diag"] = x => diag(x[0], -1),
        ["diag_embed"] = x => diag_embed(x[0]),
        ["block_diag"] = x => block_diag(x[0], x[1]),
        ["meshgrid"] = x => meshgrid([x[0], x[1]], "xy")[0],
        ["cartesian_prod"] = x => cartesian_prod(x[0], x[1]),
        ["combinations"] = x => combinations(x[0], 2),
        ["combinations_again"] = x => combinations(x[0], 2, with_replacement: true),

        // Joined
        ["hstack"] = x => hstack(x[0], x[1]),
        ["vstack"] = x => vstack([x[0], x[1]]),
        ["dstack"] = x => dstack(x[0], x[1]),
        ["column_stack"] = x => column_stack(x[0], x[1]),
        ["row_stack"] = x => row_stack(x[0], x[1]),
        ["concatenate"] = x => concatenate([x[0], x[1]], 1),
        ["broadcast_tensors"] = x => broadcast_tensors(x[0], x[1])[1],
        ["atleast_3d"] = x => x[0].atleast_3d(),
        ["kron"] = x => kron(x[0], x[1]),

        // Cut
        ["tensor_split"] = x => tensor_split(x[0], 3)[1],
        ["tensor_split_at"] = x => tensor_split(x[0], [2, 5])[1],
        ["tensor_split_tensor"] = x => tensor_split(x[0], tensor([2L, 5L]))[2],
        ["hsplit"] = x => hsplit(x[0], 2)[1],
        ["hsplit_at"] = x => hsplit(x[0], (1, 3))[1],
        ["vsplit"] = x => x[0].vsplit(3)[1],
        ["vsplit_at"] = x => vsplit(x[0], new long[] { 1 })[1],
        ["dsplit"] = x => dsplit(x[0], 2)[0],
        ["dsplit_at"] = x => dsplit(x[0], (1, 2))[2],
        ["narrow"] = x => narrow(x[0], 1, 1, 2),
        ["unfold_dimension"] = x => x[0].unfold(0, 3, 2),
        ["as_strided"] = x => x[0].as_strided([3, 2], [2, 1], 1),

        // Turned
        ["movedim"] = x => movedim(x[0], [0, 2], [2, 0]),
        ["movedim_one"] = x => movedim(x[0], 0, 2),
        ["moveaxis"] = x => moveaxis(x[0], (0, 1), (1, 2)),
        ["swapaxes"] = x => swapaxes(x[0], 0, 2),
        ["unflatten"] = x => unflatten(x[0], 1, 2, 3),
        ["ravel"] = x => ravel(x[0]),
        ["rot90"] = x => rot90(x[0]),
        ["rot90_three"] = x => rot90(x[0], 3, (1, 2)),
        ["fliplr"] = x => fliplr(x[0]),
        ["flipud"] = x => flipud(x[0]),
        ["tile"] = x => tile(x[0], [2, 3]),
        ["repeat_interleave"] = x => repeat_interleave(x[0], 2, 1),
        ["repeat_interleave_each"] = x => repeat_interleave(x[0], tensor([1L, 0L, 2L]), 0),
        ["roll_three"] = x => roll(x[0], (1, 2, 3), (0, 1, 2)),
        ["squeeze"] = x => squeeze(x[0]),
        ["squeeze_dim"] = x => squeeze(x[0], 1),
        ["tril_"] = x => x[0].clone().tril_(-1),
        ["triu"] = x => triu(x[0], 1),
        ["broadcast_to"] = x => broadcast_to(x[0], 3, 5),
        ["view_as"] = x => x[0].view_as(zeros(2, 6)),
        ["adjoint"] = x => adjoint(x[0]),
        ["mT"] = x => x[0].mT,

        // Picked and placed
        ["argwhere"] = x => argwhere(x[0] > 0),
        ["nonzero_as_list"] = x => (x[0] > 0).nonzero_as_list()[1],
        ["take"] = x => take(x[0], tensor([0L, 5L, 11L])),
        ["take_along_dim"] = x => take_along_dim(x[0], argsort(x[0], 1), 1),
        ["take_along_flat"] = x => x[0].take_along_dim([7L, 0L]),
        ["index_add"] = x => index_add(x[0], 0, tensor([2L, 0L]), x[1], 0.5),
        ["index_copy"] = x => index_copy(x[0], 0, tensor([2L, 0L]), x[1]),
        ["index_fill"] = x => index_fill(x[0], 1, tensor([3L, 0L]), 2.5),
        ["index_put_accumulate"] = x => x[0].clone().index_put_(x[1], new[] { tensor([0L, 1L, 0L]), tensor([2L, 2L, 2L]) }, true),
        ["masked_select"] = x => masked_select(x[0], x[0] > 0),
        ["masked_scatter"] = x => x[0].masked_scatter(x[0] > 0, x[1]),
        ["diagonal_scatter"] = x => diagonal_scatter(x[0], x[1]),
        ["diagonal"] = x => diagonal(x[0], 1, 1, 2),
        ["select_scatter"] = x => select_scatter(x[0], x[1], 1, 2),
        ["slice_scatter"] = x => slice_scatter(x[0], x[1], 1, 0, 4, 2),
        ["gather_sparse"] = x => gather(x[0], 1, tensor(new long[,] { { 0 }, { 1 }, { 3 } }), false),
        ["scatter_add_"] = x => scatter_add_(x[0].clone(), 1, tensor(new long[,] { { 0, 0 }, { 3, 2 }, { 2, 0 } }), x[1]),
        ["where_positions"] = x => where(x[0] > 0)[0],
        ["index_five"] = x => x[0][0, 1, 0, 1, 0],
        ["index_assign"] = x => Assigned(x[0], 1, x[1]),

        // Sparse
        ["to_dense"] = x => (x[0] * (x[0] > 0)).to_sparse().to_dense(),
        ["sparse_indices"] = x => (x[0].detach() * (x[0] > 0)).to_sparse().SparseIndices,
        ["sparse_values"] = x => (x[0].detach() * (x[0] > 0)).to_sparse().SparseValues,
        ["sparse_dims"] = x => x[0].detach().to_sparse(1).SparseValues,
        ["sparse_coo"] = x => sparse_coo_tensor(tensor(new long[,] { { 0, 1, 1 }, { 2, 0, 2 } }), x[0], [2, 3]).to_dense(),
        ["sparse_doubled"] = x => sparse(tensor(new long[,] { { 0, 0, 1 }, { 2, 2, 0 } }), x[0], [2, 3]).to_dense(),
        ["sparse_mm"] = x => mm(sparse_coo_tensor(tensor(new long[,] { { 0, 1, 1 }, { 2, 0, 2 } }), x[0].detach(), [2, 3]), x[1]),
        ["sparse_matmul"] = x => sparse_coo_tensor(tensor(new long[,] { { 0, 1, 1 }, { 2, 0, 2 } }), x[0].detach(), [2, 3]).matmul(x[1]),
    };

    private static Tensor Assigned(Tensor tensor, long row, Tensor value)
    {
        var copy = tensor.clone();
        copy[row] = value;
        return copy;
    }
}
