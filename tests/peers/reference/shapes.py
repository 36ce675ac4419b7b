#!/usr/bin/python3
"""Creation, joins, cuts, turns, indexing and sparse tensors.

    /usr/bin/python3 tests/peers/reference/shapes.py tests/Repro.Torch.Tests/Data/shapes.safetensors

The same cases stand in ShapeCases.cs in C#; see reference_file.py.
"""
import torch

from reference_file import ReferenceFile

file = ReferenceFile(seed=20260503)
T = torch.tensor


def assigned(tensor, row, value):
    copy = tensor.clone()
    copy[row] = value
    return copy

CASES = {
    # made of numbers
    "linspace": (lambda a: torch.linspace(-1, 2, 7), [(1,)]),
    "logspace": (lambda a: torch.logspace(-1, 1, 5), [(1,)]),
    "logspace_base": (lambda a: torch.logspace(0, 4, 5, base=2), [(1,)]),
    "arange_real": (lambda a: torch.arange(0.5, 2, 0.4), [(1,)]),
    "arange_down": (lambda a: torch.arange(5, 0, -2), [(1,)]),
    "eye": (lambda a: torch.eye(2, 3), [(1,)]),
    "full_integer": (lambda a: torch.full((2, 3), 7), [(1,)]),
    "tril_indices": (lambda a: torch.tril_indices(3, 4, 1), [(1,)]),
    "triu_indices": (lambda a: torch.triu_indices(3, 4, -1), [(1,)]),
    "vander": (lambda a: torch.vander(a.detach()), [(4,)]),
    "vander_increasing": (lambda a: torch.vander(a.detach(), 3, increasing=True), [(4,)]),
    "zeros_like": (lambda a: torch.zeros_like(a), [(3, 4)]),
    "ones_like": (lambda a: torch.ones_like(a), [(3, 4)]),
    "full_like": (lambda a: torch.full_like(a, 2.5), [(3, 4)]),
    "new_ones": (lambda a: a.new_ones([2, 2]), [(3, 4)]),
    "new_zeros": (lambda a: a.new_zeros([2, 3, 1]), [(3, 4)]),
    "new_full": (lambda a: a.new_full([2, 2], 3.5), [(3, 4)]),
    **{name: (lambda a, name=name: getattr(torch, name)(7), [(1,)]) for name in
       "hann_window hamming_window bartlett_window blackman_window kaiser_window".split()},
    "hann_symmetric": (lambda a: torch.hann_window(6, periodic=False), [(1,)]),
    "hamming_parts": (lambda a: torch.hamming_window(6, True, 0.6, 0.4), [(1,)]),
    "kaiser_beta": (lambda a: torch.kaiser_window(6, True, 5.0), [(1,)]),
    "diagflat": (lambda a: torch.diagflat(a, 1), [(4,)]),
    "diag": (lambda a: torch.diag(a, -1), [(4,)]),
    "diag_embed": (lambda a: torch.diag_embed(a), [(3, 4)]),
    "block_diag": (lambda a, b: torch.block_diag(a, b), [(3, 4), (2, 2)]),
    "meshgrid": (lambda a, b: torch.meshgrid(a, b, indexing="xy")[0], [(3,), (2,)]),
    "cartesian_prod": (lambda a, b: torch.cartesian_prod(a, b), [(3,), (2,)]),
    "combinations": (lambda a: torch.combinations(a, 2), [(4,)]),
    "combinations_again": (lambda a: torch.combinations(a, 2, with_replacement=True), [(3,)]),
    # joined
    "hstack": (lambda a, b: torch.hstack([a, b]), [(3, 4), (3, 2)]),
    "vstack": (lambda a, b: torch.vstack([a, b]), [(3, 4), (2, 4)]),
    "dstack": (lambda a, b: torch.dstack([a, b]), [(3, 4), (3, 4)]),
    "column_stack": (lambda a, b: torch.column_stack([a, b]), [(3,), (3, 2)]),
    "row_stack": (lambda a, b: torch.row_stack([a, b]), [(4,), (2, 4)]),
    "concatenate": (lambda a, b: torch.cat([a, b], 1), [(3, 4), (3, 4)]),
    "broadcast_tensors": (lambda a, b: torch.broadcast_tensors(a, b)[1], [(3, 1), (4,)]),
    "atleast_3d": (lambda a: torch.atleast_3d(a), [(4,)]),
    "kron": (lambda a, b: torch.kron(a, b), [(2, 2), (2, 3)]),
    # cut
    "tensor_split": (lambda a: torch.tensor_split(a, 3)[1], [(7, 2)]),
    "tensor_split_at": (lambda a: torch.tensor_split(a, [2, 5])[1], [(7, 2)]),
    "tensor_split_tensor": (lambda a: torch.tensor_split(a, T([2, 5]))[2], [(7, 2)]),
    "hsplit": (lambda a: torch.hsplit(a, 2)[1], [(3, 4)]),
    "hsplit_at": (lambda a: torch.hsplit(a, [1, 3])[1], [(3, 4)]),
    "vsplit": (lambda a: torch.vsplit(a, 3)[1], [(3, 4)]),
    "vsplit_at": (lambda a: torch.vsplit(a, [1])[1], [(3, 4)]),
    "dsplit": (lambda a: torch.dsplit(a, 2)[0], [(2, 3, 4)]),
    "dsplit_at": (lambda a: torch.dsplit(a, [1, 2])[2], [(2, 3, 4)]),
    "narrow": (lambda a: torch.narrow(a, 1, 1, 2), [(3, 4)]),
    "unfold_dimension": (lambda a: a.unfold(0, 3, 2), [(7,)]),
    "as_strided": (lambda a: torch.as_strided(a, [3, 2], [2, 1], 1), [(8,)]),
    # turned
    "movedim": (lambda a: torch.movedim(a, [0, 2], [2, 0]), [(2, 3, 4)]),
    "movedim_one": (lambda a: torch.movedim(a, 0, 2), [(2, 3, 4)]),
    "moveaxis": (lambda a: torch.moveaxis(a, [0, 1], [1, 2]), [(2, 3, 4)]),
    "swapaxes": (lambda a: torch.swapaxes(a, 0, 2), [(2, 3, 4)]),
    "unflatten": (lambda a: a.unflatten(1, (2, 3)), [(2, 6)]),
    "ravel": (lambda a: torch.ravel(a), [(3, 4)]),
    "rot90": (lambda a: torch.rot90(a), [(3, 4)]),
    "rot90_three": (lambda a: torch.rot90(a, 3, [1, 2]), [(2, 3, 4)]),
    "fliplr": (lambda a: torch.fliplr(a), [(3, 4)]),
    "flipud": (lambda a: torch.flipud(a), [(3, 4)]),
    "tile": (lambda a: torch.tile(a, [2, 3]), [(3, 4)]),
    "repeat_interleave": (lambda a: torch.repeat_interleave(a, 2, dim=1), [(3, 4)]),
    "repeat_interleave_each": (lambda a: torch.repeat_interleave(a, T([1, 0, 2]), dim=0), [(3, 4)]),
    "roll_three": (lambda a: torch.roll(a, (1, 2, 3), (0, 1, 2)), [(2, 3, 4)]),
    "squeeze": (lambda a: torch.squeeze(a), [(3, 1, 4, 1)]),
    "squeeze_dim": (lambda a: torch.squeeze(a, 1), [(3, 1, 4, 1)]),
    "tril_": (lambda a: a.clone().tril_(-1), [(3, 4)]),
    "triu": (lambda a: torch.triu(a, 1), [(3, 4)]),
    "broadcast_to": (lambda a: torch.broadcast_to(a, [3, 5]), [(3, 1)]),
    "view_as": (lambda a: a.view_as(torch.zeros(2, 6)), [(3, 4)]),
    "adjoint": (lambda a: torch.adjoint(a), [(2, 3, 4)]),
    "mT": (lambda a: a.mT, [(2, 3, 4)]),
    # picked and placed
    "argwhere": (lambda a: torch.argwhere(a > 0), [(3, 4)]),
    "nonzero_as_list": (lambda a: torch.nonzero(a > 0, as_tuple=True)[1].unsqueeze(1), [(3, 4)]),
    "take": (lambda a: torch.take(a, T([0, 5, 11])), [(3, 4)]),
    "take_along_dim": (lambda a: torch.take_along_dim(a, torch.argsort(a, 1), 1), [(3, 4)]),
    "take_along_flat": (lambda a: torch.take_along_dim(a, T([7, 0])), [(3, 4)]),
    "index_add": (lambda a, b: torch.index_add(a, 0, T([2, 0]), b, alpha=0.5), [(3, 4), (2, 4)]),
    "index_copy": (lambda a, b: torch.index_copy(a, 0, T([2, 0]), b), [(3, 4), (2, 4)]),
    "index_fill": (lambda a: torch.index_fill(a, 1, T([3, 0]), 2.5), [(3, 4)]),
    "index_put_accumulate": (lambda a, b: a.index_put((T([0, 1, 0]), T([2, 2, 2])), b, accumulate=True), [(3, 4), (3,)]),
    "masked_select": (lambda a: torch.masked_select(a, a > 0), [(3, 4)]),
    "masked_scatter": (lambda a, b: a.masked_scatter(a > 0, b), [(3, 4), (3, 4)]),
    "diagonal_scatter": (lambda a, b: torch.diagonal_scatter(a, b), [(3, 4), (3,)]),
    "diagonal": (lambda a: torch.diagonal(a, 1, 1, 2), [(2, 3, 4)]),
    "select_scatter": (lambda a, b: torch.select_scatter(a, b, 1, 2), [(3, 4), (3,)]),
    "slice_scatter": (lambda a, b: torch.slice_scatter(a, b, 1, 0, 4, 2), [(3, 4), (3, 2)]),
    "gather_sparse": (lambda a: torch.gather(a, 1, T([[0], [1], [3]])), [(3, 4)]),
    "scatter_add_": (lambda a, b: a.clone().scatter_add_(1, T([[0, 0], [3, 2], [2, 0]]), b), [(3, 4), (3, 2)]),
    "where_positions": (lambda a: torch.where(a > 0)[0], [(3, 4)]),
    "index_five": (lambda a: a[0, 1, 0, 1, 0], [(1, 2, 1, 2, 2)]),
    "index_assign": (lambda a, b: assigned(a, 1, b), [(3, 4), (4,)]),
    # sparse
    "to_dense": (lambda a: (a * (a > 0)).to_sparse().to_dense(), [(3, 4)]),
    "sparse_indices": (lambda a: (a.detach() * (a > 0)).to_sparse().indices(), [(3, 4)]),
    "sparse_values": (lambda a: (a.detach() * (a > 0)).to_sparse().values(), [(3, 4)]),
    "sparse_dims": (lambda a: a.detach().to_sparse(1).values(), [(3, 2, 2)]),
    "sparse_coo": (lambda a: torch.sparse_coo_tensor(T([[0, 1, 1], [2, 0, 2]]), a, (2, 3)).to_dense(), [(3,)]),
    "sparse_doubled": (lambda a: torch.sparse_coo_tensor(T([[0, 0, 1], [2, 2, 0]]), a, (2, 3)).to_dense(), [(3,)]),
    "sparse_mm": (lambda a, b: torch.mm(torch.sparse_coo_tensor(T([[0, 1, 1], [2, 0, 2]]), a.detach(), (2, 3)), b), [(3,), (3, 2)]),
    "sparse_matmul": (lambda a, b: torch.matmul(torch.sparse_coo_tensor(T([[0, 1, 1], [2, 0, 2]]), a.detach(), (2, 3)), b), [(3,), (3, 2)]),
}

file.cases(CASES)
file.write()
