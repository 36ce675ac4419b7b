using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The cases of tests/peers/reference/reductions.py, written in C#.</summary>
internal static class ReductionCases
{
    public static readonly Dictionary<string, Func<Tensor[], Tensor>> All = new()
    {
        // Without what is NaN
        ["nansum"] = x => nansum(x[0].log()),
        ["nanmean"] = x => nanmean(x[0].detach().log()),
        ["nanmean_dim"] = x => nanmean(x[0], 1, keepdim: true),
        ["nanmedian"] = x => nanmedian(x[0].detach().log()),
        ["nanquantile"] = x => nanquantile(x[0].detach().log(), tensor([0.2f, 0.7f])),

        // Order
        ["median"] = x => x[0].median(),
        ["mode"] = x => mode(x[0].round(), 1).values,
        ["mode_indices"] = x => mode(x[0].round(), 1).indices,
        ["quantile"] = x => quantile(x[0], tensor([0.25, 0.6], x[0].dtype)),
        ["quantile_dim"] = x => quantile(x[0], tensor([0.5], x[0].dtype), 0),
        ["kthvalue"] = x => kthvalue(x[0], 2, 1).values,
        ["kthvalue_indices"] = x => x[0].kthvalue(2, null).indices,
        ["aminmax_min"] = x => aminmax(x[0].detach()).min,
        ["aminmax_max_dim"] = x => aminmax(x[0].detach(), 1, true).max,
        ["msort"] = x => msort(x[0]),
        ["argsort"] = x => argsort(x[0], 0, true),
        ["argmin"] = x => argmin(x[0], 1, keepdim: true),
        ["argmin_all"] = x => argmin(x[0]),
        ["sort_stable_indices"] = x => sort(x[0].round(), 1, stable: true).indices,
        ["topk_smallest"] = x => topk(x[0], 2, 0, largest: false).values,
        ["topk_indices"] = x => topk(x[0], 3).indices,
        ["amin"] = x => amin(x[0], [1], keepdim: true),
        ["max_other"] = x => max(x[0], x[1]),
        ["min_other"] = x => min(x[0], x[1]),
        ["searchsorted"] = x => searchsorted(tensor([-1f, 0f, 0.5f]), x[0].detach()),
        ["searchsorted_right"] = x => searchsorted(tensor([-1f, 0f, 1f]), x[0].detach().round(), right: true),
        ["searchsorted_number"] = x => searchsorted(tensor([-1f, 0f, 0.5f]), 0.2, false, false, null),
        ["bucketize"] = x => bucketize(x[0].detach(), tensor([-1f, 0f, 0.5f]), right: true),
        ["isin"] = x => isin(x[0].round(), tensor([0f, 1f])),
        ["unique_counts"] = x => x[0].detach().round().unique(return_counts: true).counts!,
        ["unique_inverse"] = x => unique(x[0].detach().round(), return_inverse: true).inverse_indices!,
        ["unique_dim"] = x => unique(x[0].detach().round(), dim: 1).output,
        ["unique_consecutive"] = x => unique_consecutive(x[0].detach().sign()).output,
        ["unique_consecutive_counts"] = x => x[0].detach().sign().unique_consecutive(return_counts: true).counts!,

        // Moments
        ["std_dims"] = x => std(x[0], (0, 2), unbiased: false),
        ["var_dims"] = x => var(x[0], (0, 1, 2)),
        ["std_mean_dim_std"] = x => std_mean(x[0], 1).std,
        ["std_mean_dim_mean"] = x => x[0].std_mean([0, 1], keepdim: true).mean,
        ["var_mean_var"] = x => var_mean(x[0], 0, unbiased: false).var,
        ["var_mean_all"] = x => x[0].var_mean().var,
        ["cov"] = x => cov(x[0]),
        ["cov_weights"] = x => cov(x[0], 0, tensor([1L, 2L, 1L, 3L])),
        ["corrcoef"] = x => corrcoef(x[0]),

        // Sums along a dimension
        ["cumprod"] = x => cumprod(x[0], 0),
        ["cummax"] = x => cummax(x[0], 1).values,
        ["cummin_indices"] = x => cummin(x[0], 1).indices,
        ["logcumsumexp"] = x => logcumsumexp(x[0], 1),
        ["logsumexp_keepdim"] = x => logsumexp(x[0], 0, keepdim: true),
        ["diff"] = x => diff(x[0]),
        ["diff_twice"] = x => diff(x[0], n: 2, dim: 1),
        ["diff_prepend"] = x => diff(x[0], prepend: x[1]),
        ["trapezoid"] = x => trapezoid(x[0]),
        ["trapezoid_dx"] = x => trapezoid(x[0], dx: 0.5, dim: 0),
        ["trapezoid_x"] = x => trapezoid(x[0], x[1]),
        ["trapz"] = x => trapz(x[0]),
        ["cumulative_trapezoid"] = x => cumulative_trapezoid(x[0], dx: 0.5),
        ["cumulative_trapezoid_x"] = x => cumulative_trapezoid(x[0], x[1], dim: 0),
        ["sum_type"] = x => x[0].sum(float64),
        ["sum_two"] = x => x[0].sum(0, 1),
        ["mean_type"] = x => x[0].mean([1], type: float64),
        ["prod_keepdim"] = x => prod(x[0], 0, keepdim: true),

        // Counts
        ["count_nonzero"] = x => count_nonzero(x[0].round()),
        ["count_nonzero_dim"] = x => count_nonzero(x[0].round(), [1]),
        ["histc"] = x => histc(x[0].detach(), 5, -2, 2),
        ["histogram"] = x => histogram(x[0].detach(), 5, (-2.0, 2.0)).hist,
        ["histogram_density"] = x => histogram(x[0].detach(), 4, weight: x[1].detach().abs(), density: true).hist,
        ["histogram_edges"] = x => histogram(x[0].detach(), tensor([-2f, -0.5f, 0.5f, 3f])).hist,
        ["bincount"] = x => bincount(x[0].detach().abs().@long(), minlength: 4),
        ["bincount_weights"] = x => bincount(x[0].detach().abs().@long(), x[1].detach()),

        // Norms and distances
        ["norm_one"] = x => norm(x[0], 1f),
        ["norm_dim_three"] = x => norm(x[0], 0, true, 3f),
        ["dist"] = x => dist(x[0], x[1], 3),
        ["cdist"] = x => cdist(x[0], x[1]),
        ["cdist_one"] = x => cdist(x[0], x[1], p: 1),
        ["cdist_no_mm"] = x => cdist(x[0], x[1], compute_mode: compute_mode.donot_use_mm_for_euclid_dist),
        ["renorm"] = x => renorm(x[0], 2, 0, 1),
        ["isclose"] = x => isclose(x[0], x[0] + tensor([0f, 1e-9f, 1e-6f, 1f]), rtol: 1e-5),
    };
}
