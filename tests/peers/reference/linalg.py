#!/usr/bin/python3
"""Products and linear algebra, in float32 and float64.

    /usr/bin/python3 tests/peers/reference/linalg.py tests/Repro.Torch.Tests/Data/linalg.safetensors

The same cases stand in LinalgCases.cs in C#; see reference_file.py.
"""
import torch

from reference_file import ReferenceFile

file = ReferenceFile(seed=20260504)
CASES = {
    # products
    "mv": (lambda a, b: torch.mv(a, b), [(3, 4), (4,)]),
    "dot": (lambda a, b: torch.dot(a, b), [(4,), (4,)]),
    "vdot": (lambda a, b: torch.vdot(a, b), [(4,), (4,)]),
    "inner": (lambda a, b: torch.inner(a, b), [(3, 4), (2, 4)]),
    "outer": (lambda a, b: torch.outer(a, b), [(3,), (4,)]),
    "ger": (lambda a, b: torch.ger(a, b), [(3,), (4,)]),
    "addmv": (lambda a, b, c: torch.addmv(a, b, c, beta=0.5, alpha=2), [(3,), (3, 4), (4,)]),
    "addr": (lambda a, b, c: torch.addr(a, b, c, beta=0.5, alpha=2), [(3, 4), (3,), (4,)]),
    "addbmm": (lambda a, b, c: torch.addbmm(a, b, c, beta=0.5), [(3, 2), (2, 3, 4), (2, 4, 2)]),
    "baddbmm": (lambda a, b, c: torch.baddbmm(a, b, c, alpha=0.5), [(2, 3, 2), (2, 3, 4), (2, 4, 2)]),
    "tensordot": (lambda a, b: torch.tensordot(a, b), [(2, 3, 4), (3, 4, 2)]),
    "tensordot_dims": (lambda a, b: torch.tensordot(a, b, ([2], [0])), [(2, 3, 4), (4, 2)]),
    "tensordot_pairs": (lambda a, b: torch.tensordot(a, b, ([2, 1], [0, 1])), [(2, 3, 4), (4, 3)]),
    "einsum": (lambda a, b: torch.einsum("bij,bjk->bik", a, b), [(2, 3, 4), (2, 4, 5)]),
    "chain_matmul": (lambda a, b, c: torch.linalg.multi_dot([a, b, c]), [(2, 3), (3, 4), (4, 2)]),
    "multi_dot": (lambda a, b, c: torch.linalg.multi_dot([a, b, c]), [(2, 3), (3, 4), (4, 2)]),
    "cross": (lambda a, b: torch.linalg.cross(a, b), [(4, 3), (4, 3)]),
    "vecdot": (lambda a, b: torch.linalg.vecdot(a, b), [(3, 4), (3, 4)]),
    "trace": (lambda a: torch.trace(a), [(3, 4)]),
    # eigenvalues and singular values
    "eigh_values": (lambda a: torch.linalg.eigh(a + a.mT)[0], [(3, 3)]),
    "eigh_vectors": (lambda a: torch.linalg.eigh(a + a.mT)[1].abs(), [(3, 3)]),
    "eigvalsh_upper": (lambda a: torch.linalg.eigvalsh(a + a.mT, UPLO="U"), [(3, 3)]),
    "eig_values": (lambda a: torch.linalg.eig(a)[0].abs().sort()[0], [(3, 3)]),
    "eigvals": (lambda a: torch.linalg.eigvals(a).abs().sort()[0], [(3, 3)]),
    "svd_rebuilt": (lambda a: torch.linalg.svd(a, full_matrices=False)[0].abs(), [(3, 4)]),
    "svdvals": (lambda a: torch.linalg.svdvals(a), [(3, 4)]),
    "cond": (lambda a: torch.linalg.cond(a), [(3, 3)]),
    "cond_one": (lambda a: torch.linalg.cond(a.detach(), 1), [(3, 3)]),
    "cond_fro": (lambda a: torch.linalg.cond(a.detach(), "fro"), [(3, 3)]),
    # decompositions
    "cholesky": (lambda a: torch.linalg.cholesky(a @ a.mT + torch.eye(3)), [(3, 3)]),
    "cholesky_ex": (lambda a: torch.linalg.cholesky_ex(a @ a.mT + torch.eye(3))[0], [(3, 3)]),
    "torch_cholesky_upper": (lambda a: torch.cholesky(a @ a.mT + torch.eye(3), upper=True), [(3, 3)]),
    "cholesky_inverse": (lambda a: torch.cholesky_inverse(a.tril() + 3 * torch.eye(3)), [(3, 3)]),
    "cholesky_solve": (lambda a, b: torch.cholesky_solve(a, b.tril() + 3 * torch.eye(3)), [(3, 2), (3, 3)]),
    "qr_q": (lambda a: torch.linalg.qr(a)[0], [(4, 3)]),
    "qr_r": (lambda a: torch.linalg.qr(a)[1], [(4, 3)]),
    "qr_complete": (lambda a: torch.linalg.qr(a.detach(), "complete")[0], [(4, 3)]),
    "geqrf": (lambda a: torch.geqrf(a.detach())[0], [(4, 3)]),
    "householder_product": (lambda a, b: torch.linalg.householder_product(a, b), [(4, 3), (3,)]),
    "orgqr": (lambda a, b: torch.orgqr(a.detach(), b.detach()), [(4, 3), (3,)]),
    "ormqr": (lambda a, b, c: torch.ormqr(a.detach(), b.detach(), c.detach()), [(4, 3), (3,), (4, 2)]),
    "lu_l": (lambda a: torch.linalg.lu(a)[1], [(3, 3)]),
    "lu_u": (lambda a: torch.linalg.lu(a)[2], [(3, 3)]),
    "lu_factor": (lambda a: torch.linalg.lu_factor(a)[0], [(3, 3)]),
    "torch_lu": (lambda a: torch.lu(a)[0], [(3, 3)]),
    "torch_lu_infos": (lambda a: torch.lu(a.detach(), get_infos=True)[2], [(3, 3)]),
    "lu_unpack": (lambda a: torch.lu_unpack(*torch.lu(a))[2], [(3, 3)]),
    "lu_solve": (lambda a, b: torch.linalg.lu_solve(*torch.linalg.lu_factor(a), b), [(3, 3), (3, 2)]),
    "torch_lu_solve": (lambda a, b: torch.lu_solve(b, *torch.lu(a)), [(3, 3), (3, 2)]),
    "ldl_factor": (lambda a: torch.linalg.ldl_factor((a + a.mT).detach())[0], [(3, 3)]),
    "ldl_factor_ex": (lambda a: torch.linalg.ldl_factor_ex((a + a.mT).detach())[1], [(3, 3)]),
    "ldl_solve": (lambda a, b: torch.linalg.ldl_solve(*torch.linalg.ldl_factor((a + a.mT).detach()), b.detach()), [(3, 3), (3, 2)]),
    # solutions and inverses
    "solve": (lambda a, b: torch.linalg.solve(a, b), [(3, 3), (3, 2)]),
    "solve_right": (lambda a, b: torch.linalg.solve(a, b, left=False), [(3, 3), (2, 3)]),
    "solve_ex": (lambda a, b: torch.linalg.solve_ex(a, b)[0], [(3, 3), (3, 2)]),
    "solve_triangular": (lambda a, b: torch.linalg.solve_triangular(a + 3 * torch.eye(3), b, upper=True), [(3, 3), (3, 2)]),
    "solve_triangular_unit": (lambda a, b: torch.linalg.solve_triangular(a, b, upper=False, unitriangular=True), [(3, 3), (3, 2)]),
    "lstsq": (lambda a, b: torch.linalg.lstsq(a, b)[0], [(4, 3), (4, 2)]),
    "lstsq_rcond": (lambda a, b: torch.linalg.lstsq(a.detach(), b.detach(), rcond=1e-4)[0], [(4, 3), (4, 2)]),
    "inv": (lambda a: torch.linalg.inv(a), [(3, 3)]),
    "inv_ex": (lambda a: torch.linalg.inv_ex(a)[0], [(3, 3)]),
    "inverse": (lambda a: torch.inverse(a), [(3, 3)]),
    "pinv": (lambda a: torch.linalg.pinv(a), [(4, 3)]),
    "pinv_rtol": (lambda a: torch.linalg.pinv(a, rtol=1e-4), [(4, 3)]),
    "pinverse": (lambda a: torch.pinverse(a), [(4, 3)]),
    "tensorinv": (lambda a: torch.linalg.tensorinv(a, 1), [(6, 2, 3)]),
    "tensorsolve": (lambda a, b: torch.linalg.tensorsolve(a, b, (1,)), [(2, 6, 3), (2, 3)]),
    # determinants, powers and norms
    "det": (lambda a: torch.linalg.det(a), [(3, 3)]),
    "torch_det": (lambda a: torch.det(a), [(3, 3)]),
    "slogdet": (lambda a: torch.linalg.slogdet(a)[1], [(3, 3)]),
    "slogdet_sign": (lambda a: torch.linalg.slogdet(a.detach())[0], [(3, 3)]),
    "logdet": (lambda a: torch.logdet(a @ a.mT), [(3, 3)]),
    "matrix_power": (lambda a: torch.matrix_power(a, 3), [(3, 3)]),
    "matrix_power_inverse": (lambda a: torch.linalg.matrix_power(a, -2), [(3, 3)]),
    "matrix_exp": (lambda a: torch.matrix_exp(a), [(3, 3)]),
    "matrix_rank": (lambda a: torch.linalg.matrix_rank(a), [(3, 4)]),
    "matrix_rank_atol": (lambda a: torch.linalg.matrix_rank(a, atol=1.5), [(3, 4)]),
    "vector_norm": (lambda a: torch.linalg.vector_norm(a, 3), [(3, 4)]),
    "vector_norm_dim": (lambda a: torch.linalg.vector_norm(a, 1, [1], keepdim=True), [(3, 4)]),
    "matrix_norm": (lambda a: torch.linalg.matrix_norm(a), [(3, 4)]),
    "matrix_norm_nuclear": (lambda a: torch.linalg.matrix_norm(a, "nuc"), [(3, 4)]),
    "matrix_norm_one": (lambda a: torch.linalg.matrix_norm(a, 1), [(3, 4)]),
    "norm": (lambda a: torch.linalg.norm(a), [(3, 4)]),
    "norm_two": (lambda a: torch.linalg.norm(a, 2), [(3, 4)]),
    "vander": (lambda a: torch.linalg.vander(a), [(4,)]),
    "linalg_diagonal": (lambda a: torch.linalg.diagonal(a), [(3, 3)]),
    "matrix_exp_linalg": (lambda a: torch.linalg.matrix_exp(a), [(3, 3)]),
}

file.cases(CASES)
file.cases(CASES, torch.float64, "_float64")
file.write()
