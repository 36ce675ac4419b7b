#!/usr/bin/python3
"""Reductions, order, counts, moments, norms and distances.

    /usr/bin/python3 tests/peers/reference/reductions.py tests/Repro.Torch.Tests/Data/reductions.safetensors

The same cases stand in ReductionCases.cs in C#; see reference_file.py.
"""
import torch

from reference_file import ReferenceFile

file = ReferenceFile(seed=20260502)
T = torch.tensor
CASES = {
    # without what is nan
    "nansum": (lambda a: torch.nansum(a.log()), [(3, 4)]),
    "nanmean": (lambda a: torch.nanmean(a.detach().log()), [(3, 4)]),
    "nanmean_dim": (lambda a: torch.nanmean(a, 1, keepdim=True), [(3, 4)]),
    "nanmedian": (lambda a: torch.nanmedian(a.detach().log()), [(3, 4)]),
    "nanquantile": (lambda a: torch.nanquantile(a.detach().log(), T([0.2, 0.7])), [(3, 4)]),
    # order
    "median": (lambda a: a.median(), [(3, 4)]),
    "mode": (lambda a: torch.mode(a.round(), 1).values, [(3, 4)]),
    "mode_indices": (lambda a: torch.mode(a.round(), 1).indices, [(3, 4)]),
    "quantile": (lambda a: torch.quantile(a, T([0.25, 0.6], dtype=a.dtype)), [(3, 4)]),
    "quantile_dim": (lambda a: torch.quantile(a, T([0.5], dtype=a.dtype), 0), [(3, 4)]),
    "kthvalue": (lambda a: torch.kthvalue(a, 2, 1).values, [(3, 4)]),
    "kthvalue_indices": (lambda a: torch.kthvalue(a, 2).indices, [(3, 4)]),
    "aminmax_min": (lambda a: torch.aminmax(a.detach()).min, [(3, 4)]),
    "aminmax_max_dim": (lambda a: torch.aminmax(a.detach(), dim=1, keepdim=True).max, [(3, 4)]),
    "msort": (lambda a: torch.msort(a), [(3, 4)]),
    "argsort": (lambda a: torch.argsort(a, 0, True), [(3, 4)]),
    "argmin": (lambda a: torch.argmin(a, 1, keepdim=True), [(3, 4)]),
    "argmin_all": (lambda a: torch.argmin(a), [(3, 4)]),
    "sort_stable_indices": (lambda a: torch.sort(a.round(), dim=1, stable=True).indices, [(3, 4)]),
    "topk_smallest": (lambda a: torch.topk(a, 2, 0, largest=False).values, [(3, 4)]),
    "topk_indices": (lambda a: torch.topk(a, 3).indices, [(3, 4)]),
    "amin": (lambda a: torch.amin(a, [1], keepdim=True), [(3, 4)]),
    "max_other": (lambda a, b: torch.max(a, b), [(3, 4), (3, 4)]),
    "min_other": (lambda a, b: torch.min(a, b), [(3, 4), (3, 4)]),
    "searchsorted": (lambda a: torch.searchsorted(T([-1.0, 0.0, 0.5]), a.detach()), [(3, 4)]),
    "searchsorted_right": (lambda a: torch.searchsorted(T([-1.0, 0.0, 1.0]), a.detach().round(), right=True), [(3, 4)]),
    "searchsorted_number": (lambda a: torch.searchsorted(T([-1.0, 0.0, 0.5]), 0.2), [(1,)]),
    "bucketize": (lambda a: torch.bucketize(a.detach(), T([-1.0, 0.0, 0.5]), right=True), [(3, 4)]),
    "isin": (lambda a: torch.isin(a.round(), T([0.0, 1.0])), [(3, 4)]),
    "unique_counts": (lambda a: torch.unique(a.detach().round(), return_counts=True)[1], [(3, 4)]),
    "unique_inverse": (lambda a: torch.unique(a.detach().round(), return_inverse=True)[1], [(3, 4)]),
    "unique_dim": (lambda a: torch.unique(a.detach().round(), dim=1), [(3, 4)]),
    "unique_consecutive": (lambda a: torch.unique_consecutive(a.detach().sign()), [(3, 4)]),
    "unique_consecutive_counts": (lambda a: torch.unique_consecutive(a.detach().sign(), return_counts=True)[1], [(3, 4)]),
    # moments
    "std_dims": (lambda a: torch.std(a, [0, 2], unbiased=False), [(2, 3, 4)]),
    "var_dims": (lambda a: torch.var(a, [0, 1, 2]), [(2, 3, 4)]),
    "std_mean_dim_std": (lambda a: torch.std_mean(a, 1)[0], [(3, 4)]),
    "std_mean_dim_mean": (lambda a: torch.std_mean(a, [0, 1], keepdim=True)[1], [(3, 4)]),
    "var_mean_var": (lambda a: torch.var_mean(a, 0, unbiased=False)[0], [(3, 4)]),
    "var_mean_all": (lambda a: torch.var_mean(a)[0], [(3, 4)]),
    "cov": (lambda a: torch.cov(a), [(3, 4)]),
    "cov_weights": (lambda a: torch.cov(a, correction=0, fweights=T([1, 2, 1, 3])), [(3, 4)]),
    "corrcoef": (lambda a: torch.corrcoef(a), [(3, 4)]),
    # sums along a dimension
    "cumprod": (lambda a: torch.cumprod(a, 0), [(3, 4)]),
    "cummax": (lambda a: torch.cummax(a, 1).values, [(3, 4)]),
    "cummin_indices": (lambda a: torch.cummin(a, 1).indices, [(3, 4)]),
    "logcumsumexp": (lambda a: torch.logcumsumexp(a, 1), [(3, 4)]),
    "logsumexp_keepdim": (lambda a: torch.logsumexp(a, 0, keepdim=True), [(3, 4)]),
    "diff": (lambda a: torch.diff(a), [(3, 4)]),
    "diff_twice": (lambda a: torch.diff(a, n=2, dim=1), [(3, 4)]),
    "diff_prepend": (lambda a, b: torch.diff(a, prepend=b), [(3, 4), (3, 1)]),
    "trapezoid": (lambda a: torch.trapezoid(a), [(3, 4)]),
    "trapezoid_dx": (lambda a: torch.trapezoid(a, dx=0.5, dim=0), [(3, 4)]),
    "trapezoid_x": (lambda a, b: torch.trapezoid(a, b), [(3, 4), (3, 4)]),
    "trapz": (lambda a: torch.trapz(a), [(3, 4)]),
    "cumulative_trapezoid": (lambda a: torch.cumulative_trapezoid(a, dx=0.5), [(3, 4)]),
    "cumulative_trapezoid_x": (lambda a, b: torch.cumulative_trapezoid(a, b, dim=0), [(3, 4), (3, 4)]),
    "sum_type": (lambda a: a.sum(dtype=torch.float64), [(3, 4)]),
    "sum_two": (lambda a: a.sum([0, 1]), [(2, 3, 4)]),
    "mean_type": (lambda a: a.mean([1], dtype=torch.float64), [(3, 4)]),
    "prod_keepdim": (lambda a: torch.prod(a, 0, keepdim=True), [(3, 4)]),
    # counts
    "count_nonzero": (lambda a: torch.count_nonzero(a.round()), [(3, 4)]),
    "count_nonzero_dim": (lambda a: torch.count_nonzero(a.round(), dim=[1]), [(3, 4)]),
    "histc": (lambda a: torch.histc(a.detach(), 5, -2, 2), [(40,)]),
    "histogram": (lambda a: torch.histogram(a.detach(), 5, range=(-2, 2))[0], [(40,)]),
    "histogram_density": (lambda a, b: torch.histogram(a.detach(), 4, weight=b.detach().abs(), density=True)[0], [(40,), (40,)]),
    "histogram_edges": (lambda a: torch.histogram(a.detach(), T([-2.0, -0.5, 0.5, 3.0]))[0], [(40,)]),
    "bincount": (lambda a: torch.bincount(a.detach().abs().long(), minlength=4), [(10,)]),
    "bincount_weights": (lambda a, b: torch.bincount(a.detach().abs().long(), b.detach()), [(10,), (10,)]),
    # norms and distances
    "norm_one": (lambda a: torch.norm(a, p=1), [(3, 4)]),
    "norm_dim_three": (lambda a: torch.norm(a, p=3, dim=0, keepdim=True), [(3, 4)]),
    "dist": (lambda a, b: torch.dist(a, b, 3), [(3, 4), (3, 4)]),
    "cdist": (lambda a, b: torch.cdist(a, b), [(3, 4), (5, 4)]),
    "cdist_one": (lambda a, b: torch.cdist(a, b, p=1), [(3, 4), (5, 4)]),
    "cdist_no_mm": (lambda a, b: torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"), [(3, 4), (5, 4)]),
    "renorm": (lambda a: torch.renorm(a, 2, 0, 1.0), [(3, 4)]),
    "isclose": (lambda a: torch.isclose(a, a + T([0.0, 1e-9, 1e-6, 1.0]), rtol=1e-5), [(3, 4)]),
}

file.cases(CASES)
file.write()
