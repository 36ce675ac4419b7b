using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The cases of tests/peers/reference/linalg.py, written in C#.</summary>
internal static class LinalgCases
{
    private static readonly Dictionary<string, Func<Tensor[], Tensor>> Single = new()
    {
        // Products
        ["mv"] = x => mv(x[0], x[1]),
        ["dot"] = x => dot(x[0], x[1]),
        ["vdot"] = x => vdot(x[0], x[1]),
        ["inner"] = x => inner(x[0], x[1]),
        ["outer"] = x => outer(x[0], x[1]),
        ["ger"] = x => ger(x[0], x[1]),
        ["addmv"] = x => addmv(x[0], x[1], x[2], 0.5f, 2),
        ["addr"] = x => addr(x[0], x[1], x[2], 0.5f, 2),
        ["addbmm"] = x => addbmm(x[0], x[1], x[2], 0.5f),
        ["baddbmm"] = x => baddbmm(x[0], x[1], x[2], alpha: 0.5f),
        ["tensordot"] = x => tensordot(x[0], x[1]),
        ["tensordot_dims"] = x => tensordot(x[0], x[1], [2], [0]),
        ["tensordot_pairs"] = x => tensordot(x[0], x[1], [(2, 0), (1, 1)]),
        ["einsum"] = x => einsum("bij,bjk->bik", x[0], x[1]),
        ["chain_matmul"] = x => chain_matmul(x[0], x[1], x[2]),
        ["multi_dot"] = x => linalg.multi_dot([x[0], x[1], x[2]]),
        ["cross"] = x => linalg.cross(x[0], x[1]),
        ["vecdot"] = x => linalg.vecdot(x[0], x[1]),
        ["trace"] = x => trace(x[0]),

        // Eigenvalues and singular values
        ["eigh_values"] = x => linalg.eigh(x[0] + x[0].mT).Item1,
        ["eigh_vectors"] = x => linalg.eigh(x[0] + x[0].mT).Item2.abs(),
        ["eigvalsh_upper"] = x => linalg.eigvalsh(x[0] + x[0].mT, 'U'),
        ["eig_values"] = x => linalg.eig(x[0]).Item1.abs().sort().Values,
        ["eigvals"] = x => linalg.eigvals(x[0]).abs().sort().Values,
        ["svd_rebuilt"] = x => linalg.svd(x[0], false).U.abs(),
        ["svdvals"] = x => linalg.svdvals(x[0]),
        ["cond"] = x => linalg.cond(x[0]),
        ["cond_one"] = x => linalg.cond(x[0].detach(), 1),
        ["cond_fro"] = x => linalg.cond(x[0].detach(), "fro"),

        // Decompositions
        ["cholesky"] = x => linalg.cholesky(x[0].matmul(x[0].mT) + eye(3)),
        ["cholesky_ex"] = x => linalg.cholesky_ex(x[0].matmul(x[0].mT) + eye(3)).L,
        ["torch_cholesky_upper"] = x => cholesky(x[0].matmul(x[0].mT) + eye(3), true),
        ["cholesky_inverse"] = x => cholesky_inverse(x[0].tril() + 3 * eye(3)),
        ["cholesky_solve"] = x => cholesky_solve(x[0], x[1].tril() + 3 * eye(3)),
        ["qr_q"] = x => linalg.qr(x[0]).Q,
        ["qr_r"] = x => linalg.qr(x[0]).R,
        ["qr_complete"] = x => linalg.qr(x[0].detach(), linalg.QRMode.Complete).Q,
        ["geqrf"] = x => geqrf(x[0].detach()).a,
        ["householder_product"] = x => linalg.householder_product(x[0], x[1]),
        ["orgqr"] = x => orgqr(x[0].detach(), x[1].detach()),
        ["ormqr"] = x => ormqr(x[0].detach(), x[1].detach(), x[2].detach()),
        ["lu_l"] = x => linalg.lu(x[0]).L,
        ["lu_u"] = x => linalg.lu(x[0]).U,
        ["lu_factor"] = x => linalg.lu_factor(x[0]).LU,
        ["torch_lu"] = x => lu(x[0]).A_LU,
        ["torch_lu_infos"] = x => lu(x[0].detach(), get_infos: true).infos!,
        ["lu_unpack"] = x => lu_unpack(lu(x[0]).A_LU, lu(x[0]).pivots!).U!,
        ["lu_solve"] = x => linalg.lu_solve(linalg.lu_factor(x[0]).LU, linalg.lu_factor(x[0]).Pivots!, x[1]),
        ["torch_lu_solve"] = x => lu_solve(x[1], lu(x[0]).A_LU, lu(x[0]).pivots!),
        ["ldl_factor"] = x => linalg.ldl_factor((x[0] + x[0].mT).detach(), false).LU,
        ["ldl_factor_ex"] = x => linalg.ldl_factor_ex((x[0] + x[0].mT).detach(), false).Pivots!,
        ["ldl_solve"] = x => linalg.ldl_solve(linalg.ldl_factor((x[0] + x[0].mT).detach(), false).LU, linalg.ldl_factor((x[0] + x[0].mT).detach(), false).Pivots!, x[1].detach()),

        // Solutions and inverses
        ["solve"] = x => linalg.solve(x[0], x[1]),
        ["solve_right"] = x => linalg.solve(x[0], x[1], left: false),
        ["solve_ex"] = x => linalg.solve_ex(x[0], x[1]).result,
        ["solve_triangular"] = x => linalg.solve_triangular(x[0] + 3 * eye(3), x[1], true),
        ["solve_triangular_unit"] = x => linalg.solve_triangular(x[0], x[1], false, unitriangular: true),
        ["lstsq"] = x => linalg.lstsq(x[0], x[1]).Solution,
        ["lstsq_rcond"] = x => linalg.lstsq(x[0].detach(), x[1].detach(), 1e-4).Solution,
        ["inv"] = x => linalg.inv(x[0]),
        ["inv_ex"] = x => linalg.inv_ex(x[0]).L,
        ["inverse"] = x => inverse(x[0]),
        ["pinv"] = x => linalg.pinv(x[0]),
        ["pinv_rtol"] = x => linalg.pinv(x[0], rtol: 1e-4),
        ["pinverse"] = x => pinverse(x[0]),
        ["tensorinv"] = x => linalg.tensorinv(x[0], 1),
        ["tensorsolve"] = x => linalg.tensorsolve(x[0], x[1], [1]),

        // Determinants, powers and norms
        ["det"] = x => linalg.det(x[0]),
        ["torch_det"] = x => det(x[0]),
        ["slogdet"] = x => slogdet(x[0]).logabsdet,
        ["slogdet_sign"] = x => linalg.slogdet(x[0].detach()).Item1,
        ["logdet"] = x => logdet(x[0].matmul(x[0].mT)),
        ["matrix_power"] = x => matrix_power(x[0], 3),
        ["matrix_power_inverse"] = x => x[0].matrix_power(-2),
        ["matrix_exp"] = x => matrix_exp(x[0]),
        ["matrix_rank"] = x => linalg.matrix_rank(x[0]),
        ["matrix_rank_atol"] = x => linalg.matrix_rank(x[0], atol: 1.5),
        ["vector_norm"] = x => linalg.vector_norm(x[0], 3),
        ["vector_norm_dim"] = x => linalg.vector_norm(x[0], 1, [1], keepdim: true),
        ["matrix_norm"] = x => linalg.matrix_norm(x[0]),
        ["matrix_norm_nuclear"] = x => linalg.matrix_norm(x[0], "nuc"),
        ["matrix_norm_one"] = x => linalg.matrix_norm(x[0], 1),
        ["norm"] = x => linalg.norm(x[0]),
        ["norm_two"] = x => linalg.norm(x[0], 2),
        ["vander"] = x => linalg.vander(x[0]),
        ["linalg_diagonal"] = x => linalg.diagonal(x[0]),
        ["matrix_exp_linalg"] = x => linalg.matrix_exp(x[0]),
    };

    public static readonly Dictionary<string, Func<Tensor[], Tensor>> All =
        Single.Concat(Single.Select(entry => KeyValuePair.Create(entry.Key + "_float64", entry.Value))).ToDictionary();
}
