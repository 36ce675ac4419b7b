#!/usr/bin/python3
"""Writes the values and gradients of torch.nn.functional that tests/Repro.Torch.Tests compares the engine with, computed by PyTorch.

    /usr/bin/python3 tests/peers/reference/functionals.py tests/Repro.Torch.Tests/Data/functionals.safetensors

The same cases stand in FunctionalCases.cs in C#; see reference_file.py. Those that draw random numbers seed the generator first.
"""
import torch
import torch.nn.functional as F

from reference_file import ReferenceFile

file = ReferenceFile(seed=20170612)
T = torch.tensor
A = [(3, 4)]


def seeded(function):
    def run(*inputs):
        torch.manual_seed(7)
        return function(*inputs)
    return run


def attention(query, key, value, **options):
    return torch._C._nn._scaled_dot_product_attention(query, key, value, **options)[0]


CASES = {
    # activations
    "relu6": (lambda a: F.relu6(a * 5), A),
    "prelu": (lambda a, w: F.prelu(a, w), [(2, 3, 4), (3,)]),
    "rrelu": (lambda a: F.rrelu(a), A),
    "elu": (lambda a: F.elu(a, 0.7), A),
    "celu": (lambda a: F.celu(a, 1.3), A),
    "selu": (lambda a: F.selu(a), A),
    "threshold": (lambda a: F.threshold(a, 0.1, 7), A),
    "mish": (lambda a: F.mish(a), A),
    "logsigmoid": (lambda a: F.logsigmoid(a), A),
    "tanhshrink": (lambda a: F.tanhshrink(a), A),
    "softplus": (lambda a: F.softplus(a, 2, 1), A),
    "softsign": (lambda a: F.softsign(a), A),
    "hardtanh": (lambda a: F.hardtanh(a, -0.5, 0.7), A),
    "hardswish": (lambda a: F.hardswish(a * 3), A),
    "hardsigmoid": (lambda a: F.hardsigmoid(a * 3), A),
    "hardshrink": (lambda a: F.hardshrink(a, 0.4), A),
    "softshrink": (lambda a: F.softshrink(a, 0.4), A),
    "softmax2d": (lambda a: torch.nn.Softmax2d()(a), [(2, 3, 2, 2)]),
    "softmin": (lambda a: F.softmin(a, 1), A),
    "glu": (lambda a: F.glu(a, 1), A),
    # dropout, seeded
    "dropout": (seeded(lambda a: F.dropout(a, 0.4)), A),
    "dropout_evaluation": (lambda a: F.dropout(a, 0.4, training=False), A),
    "dropout1d": (seeded(lambda a: F.dropout1d(a, 0.4)), [(2, 4, 3)]),
    "dropout1d_one": (seeded(lambda a: F.dropout1d(a, 0.4)), [(6, 3)]),
    "dropout2d": (seeded(lambda a: F.dropout2d(a, 0.4)), [(2, 4, 2, 2)]),
    "dropout3d": (seeded(lambda a: F.dropout3d(a, 0.4)), [(2, 4, 1, 2, 2)]),
    "alpha_dropout": (seeded(lambda a: F.alpha_dropout(a, 0.4, training=True)), A),
    "feature_alpha_dropout": (seeded(lambda a: F.feature_alpha_dropout(a, 0.4, training=True)), [(2, 4, 3)]),
    # convolutions
    "conv1d": (lambda a, w, b: F.conv1d(a, w, b, stride=2, padding=1), [(2, 3, 7), (4, 3, 3), (4,)]),
    "conv1d_same": (lambda a, w: F.conv1d(a, w, padding="same", dilation=2), [(2, 3, 7), (4, 3, 3)]),
    "conv2d_same": (lambda a, w, b: F.conv2d(a, w, b, padding="same"), [(1, 2, 4, 5), (3, 2, 2, 3), (3,)]),
    "conv2d_valid": (lambda a, w: F.conv2d(a, w, padding="valid", stride=(1, 2)), [(1, 2, 4, 5), (3, 2, 2, 3)]),
    "conv3d": (lambda a, w, b: F.conv3d(a, w, b, stride=(1, 2, 1), padding=1), [(1, 2, 3, 4, 3), (2, 2, 2, 2, 2), (2,)]),
    "conv3d_same": (lambda a, w: F.conv3d(a, w, padding="same"), [(1, 2, 3, 3, 3), (2, 2, 2, 2, 2)]),
    "conv_transpose1d": (lambda a, w, b: F.conv_transpose1d(a, w, b, stride=3, padding=1, output_padding=2), [(2, 3, 4), (3, 2, 3), (2,)]),
    "conv_transpose2d": (lambda a, w: F.conv_transpose2d(a, w, stride=2, groups=2, dilation=(1, 2), output_padding=(0, 1)), [(1, 4, 2, 3), (4, 1, 2, 2)]),
    "conv_transpose3d": (lambda a, w, b: F.conv_transpose3d(a, w, b, stride=2, padding=1), [(1, 2, 2, 2, 3), (2, 2, 2, 3, 2), (2,)]),
    # pools
    "max_pool1d": (lambda a: F.max_pool1d(a, 3, 2, 1, 1, True), [(2, 3, 8)]),
    "max_pool1d_indices": (lambda a: F.max_pool1d(a, 2, return_indices=True)[1], [(2, 3, 8)]),
    "max_pool2d_dilated": (lambda a: F.max_pool2d(a, (2, 3), (1, 2), (1, 0), (2, 1)), [(1, 2, 5, 6)]),
    "max_pool2d_indices": (lambda a: F.max_pool2d(a, 2, return_indices=True)[1], [(1, 2, 4, 5)]),
    "max_pool3d": (lambda a: F.max_pool3d(a, (2, 2, 3), (1, 2, 2)), [(1, 2, 3, 4, 5)]),
    "max_pool3d_indices": (lambda a: F.max_pool3d(a, 2, return_indices=True)[1], [(1, 2, 2, 4, 4)]),
    "avg_pool1d": (lambda a: F.avg_pool1d(a, 3, 2, 1, True, False), [(2, 3, 8)]),
    "avg_pool2d_divisor": (lambda a: F.avg_pool2d(a, (2, 3), (1, 2), (1, 1), True, False, 5), [(1, 2, 4, 5)]),
    "avg_pool3d": (lambda a: F.avg_pool3d(a, 2, 1, 1, False, False), [(1, 2, 2, 3, 3)]),
    "avg_pool2d_backward": (lambda g, a: torch.ops.aten.avg_pool2d_backward(g, a, [2, 2], [2, 2], [0, 0], False, True, None), [(1, 2, 2, 2), (1, 2, 4, 4)]),
    "lp_pool1d": (lambda a: F.lp_pool1d(a * a + 0.1, 3, 2, 2), [(2, 3, 8)]),
    "lp_pool2d": (lambda a: F.lp_pool2d(a, 2, 2, 1), [(1, 2, 4, 4)]),
    "adaptive_avg_pool1d": (lambda a: F.adaptive_avg_pool1d(a, 3), [(2, 3, 8)]),
    "adaptive_avg_pool3d": (lambda a: F.adaptive_avg_pool3d(a, (1, 2, 3)), [(1, 2, 3, 4, 5)]),
    "adaptive_max_pool1d": (lambda a: F.adaptive_max_pool1d(a, 3), [(2, 3, 8)]),
    "adaptive_max_pool2d": (lambda a: F.adaptive_max_pool2d(a, (2, 3)), [(1, 2, 5, 4)]),
    "adaptive_max_pool2d_indices": (lambda a: F.adaptive_max_pool2d(a, (2, 3), return_indices=True)[1], [(1, 2, 5, 4)]),
    "adaptive_max_pool3d": (lambda a: F.adaptive_max_pool3d(a, (2, 1, 3)), [(1, 2, 3, 4, 5)]),
    "max_unpool1d": (lambda a: F.max_unpool1d(*F.max_pool1d(a, 2, return_indices=True), 2, output_size=(9,)), [(2, 3, 9)]),
    "max_unpool2d": (lambda a: F.max_unpool2d(*F.max_pool2d(a, 2, return_indices=True), 2), [(1, 2, 4, 6)]),
    "max_unpool3d": (lambda a: F.max_unpool3d(*F.max_pool3d(a, 2, return_indices=True), 2), [(1, 2, 2, 4, 4)]),
    "fractional_max_pool2d": (seeded(lambda a: F.fractional_max_pool2d(a, 2, output_size=(3, 2))), [(2, 2, 6, 5)]),
    "fractional_max_pool2d_ratio": (seeded(lambda a: F.fractional_max_pool2d(a, (2, 3), output_ratio=(0.5, 0.6))), [(1, 2, 6, 6)]),
    "fractional_max_pool3d": (seeded(lambda a: F.fractional_max_pool3d(a, 2, output_size=(2, 3, 2))), [(1, 2, 4, 5, 4)]),
    # padding and sizes
    "pad_reflect1d": (lambda a: F.pad(a, (2, 1), "reflect"), [(1, 2, 4)]),
    "pad_reflect3d": (lambda a: F.pad(a, (1, 1, 0, 1, 1, 0), "reflect"), [(1, 2, 2, 3, 2)]),
    "pad_replicate1d": (lambda a: F.pad(a, (2, 1), "replicate"), [(1, 2, 4)]),
    "pad_replicate2d": (lambda a: F.pad(a, (2, 1, 0, 3), "replicate"), [(1, 2, 3, 3)]),
    "pad_replicate3d": (lambda a: F.pad(a, (1, 1, 0, 1, 1, 0), "replicate"), [(1, 2, 2, 3, 2)]),
    "pad_circular1d": (lambda a: F.pad(a, (2, 1), "circular"), [(1, 2, 4)]),
    "pad_circular2d": (lambda a: F.pad(a, (2, 1, 0, 3), "circular"), [(1, 2, 3, 3)]),
    "pad_circular3d": (lambda a: F.pad(a, (1, 1, 0, 1, 1, 0), "circular"), [(1, 2, 2, 3, 2)]),
    "interpolate_nearest1d": (lambda a: F.interpolate(a, size=5), [(1, 2, 3)]),
    "interpolate_nearest3d": (lambda a: F.interpolate(a, scale_factor=(2, 1, 1.5)), [(1, 2, 2, 2, 2)]),
    "interpolate_nearest_exact1d": (lambda a: F.interpolate(a, size=5, mode="nearest-exact"), [(1, 2, 3)]),
    "interpolate_nearest_exact2d": (lambda a: F.interpolate(a, scale_factor=1.7, mode="nearest-exact"), [(1, 2, 3, 4)]),
    "interpolate_nearest_exact3d": (lambda a: F.interpolate(a, size=(3, 3, 1), mode="nearest-exact"), [(1, 2, 2, 2, 2)]),
    "interpolate_linear": (lambda a: F.interpolate(a, scale_factor=2.5, mode="linear", align_corners=True), [(1, 2, 4)]),
    "interpolate_bilinear_scale": (lambda a: F.interpolate(a, scale_factor=(1.6, 2.2), mode="bilinear"), [(1, 2, 3, 3)]),
    "interpolate_bilinear_recomputed": (lambda a: F.interpolate(a, scale_factor=1.6, mode="bilinear", recompute_scale_factor=True), [(1, 2, 3, 3)]),
    "interpolate_bilinear_antialias": (lambda a: F.interpolate(a, size=(2, 3), mode="bilinear", antialias=True), [(1, 2, 5, 6)]),
    "interpolate_bicubic": (lambda a: F.interpolate(a, size=(5, 4), mode="bicubic", align_corners=True), [(1, 2, 3, 3)]),
    "interpolate_bicubic_antialias": (lambda a: F.interpolate(a, size=(2, 3), mode="bicubic", antialias=True), [(1, 2, 5, 6)]),
    "interpolate_trilinear": (lambda a: F.interpolate(a, scale_factor=2, mode="trilinear", align_corners=True), [(1, 1, 2, 2, 2)]),
    "interpolate_area1d": (lambda a: F.interpolate(a, size=3, mode="area"), [(1, 2, 5)]),
    "interpolate_area2d": (lambda a: F.interpolate(a, scale_factor=0.5, mode="area"), [(1, 2, 5, 4)]),
    "interpolate_area3d": (lambda a: F.interpolate(a, size=(1, 2, 2), mode="area"), [(1, 2, 2, 3, 4)]),
    "upsample": (lambda a: F.interpolate(a, size=(4, 5), mode="bilinear", align_corners=True), [(1, 2, 3, 3)]),
    "upsample_nearest1d": (lambda a: F.interpolate(a, scale_factor=2), [(1, 2, 3)]),
    "upsample_nearest3d": (lambda a: F.interpolate(a, size=(3, 2, 4)), [(1, 2, 2, 2, 2)]),
    "upsample_nearest1d_backward": (lambda g: torch.ops.aten.upsample_nearest1d_backward(g, [6], [1, 2, 3], None), [(1, 2, 6)]),
    "upsample_nearest2d_backward": (lambda g: torch.ops.aten.upsample_nearest2d_backward(g, [4, 6], [1, 2, 2, 3], None, None), [(1, 2, 4, 6)]),
    "grid_sample": (lambda a, g: F.grid_sample(a, g.tanh() * 1.2, align_corners=False), [(1, 2, 4, 5), (1, 3, 2, 2)]),
    "grid_sample_nearest_border": (lambda a, g: F.grid_sample(a, g.detach().tanh() * 1.2, mode="nearest", padding_mode="border", align_corners=True), [(1, 2, 4, 5), (1, 3, 2, 2)]),
    "grid_sample_reflection": (lambda a, g: F.grid_sample(a, g.tanh() * 1.2, padding_mode="reflection", align_corners=True), [(1, 2, 4, 5), (1, 3, 2, 2)]),
    "grid_sample_volume": (lambda a, g: F.grid_sample(a, g.tanh() * 0.9, align_corners=False), [(1, 1, 2, 3, 3), (1, 2, 1, 2, 3)]),
    "affine_grid": (lambda t: F.affine_grid(t, (2, 1, 2, 3), align_corners=False), [(2, 2, 3)]),
    "fold": (lambda a: F.fold(a, (4, 4), 2, stride=2), [(1, 8, 4)]),
    "unfold_dilated": (lambda a: F.unfold(a, (2, 2), dilation=(2, 1), padding=(1, 0), stride=(1, 2)), [(1, 2, 4, 4)]),
    "pixel_shuffle": (lambda a: F.pixel_shuffle(a, 2), [(1, 8, 2, 3)]),
    "pixel_unshuffle": (lambda a: F.pixel_unshuffle(a, 2), [(1, 2, 4, 6)]),
    # norms and distances
    "layer_norm_plain": (lambda a: F.layer_norm(a, (3, 4), eps=1e-3), [(2, 3, 4)]),
    "group_norm": (lambda a, w, b: F.group_norm(a, 2, w, b), [(2, 4, 3), (4,), (4,)]),
    "instance_norm": (lambda a, w, b: F.instance_norm(a, weight=w, bias=b), [(2, 3, 5), (3,), (3,)]),
    "normalize": (lambda a: F.normalize(a, 3, 1), A),
    "local_response_norm1d": (lambda a: F.local_response_norm(a, 3, 0.5, 0.75, 2), [(2, 5, 3)]),
    "local_response_norm2d": (lambda a: F.local_response_norm(a, 2, 0.5), [(2, 5, 2, 2)]),
    "local_response_norm3d": (lambda a: F.local_response_norm(a, 4, 0.5), [(1, 5, 2, 1, 2)]),
    "bilinear": (lambda a, b, w, c: F.bilinear(a, b, w, c), [(3, 2), (3, 4), (5, 2, 4), (5,)]),
    "cosine_similarity": (lambda a, b: F.cosine_similarity(a, b, 1), [(3, 4), (3, 4)]),
    "pairwise_distance": (lambda a, b: F.pairwise_distance(a, b, 1, keepdim=True), [(3, 4), (3, 4)]),
    # attention
    "attention": (lambda q, k, v: attention(q, k, v), [(2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3)]),
    "attention_causal": (lambda q, k, v: attention(q, k, v, is_causal=True), [(2, 4, 3), (2, 4, 3), (2, 4, 3)]),
    "attention_bool_mask": (lambda q, k, v: attention(q, k, v, attn_mask=T([[True, False, True], [False, True, True]])), [(2, 2, 3), (2, 3, 3), (2, 3, 3)]),
    "attention_float_mask": (lambda q, k, v, m: attention(q, k, v, attn_mask=m), [(2, 2, 3), (2, 3, 3), (2, 3, 3), (2, 3)]),
    "attention_dropout": (seeded(lambda q, k, v: attention(q, k, v, dropout_p=0.5)), [(2, 3, 4), (2, 5, 4), (2, 5, 3)]),
    # losses with weights and options; reductions below
    "cross_entropy_weight": (lambda a: F.cross_entropy(a, T([1, 0, 3]), T([0.5, 1, 2, 1.5], dtype=a.dtype), ignore_index=0), A),
    "cross_entropy_places": (lambda a: F.cross_entropy(a, T([[1, 0], [2, 2]]), label_smoothing=0.1), [(2, 3, 2)]),
    "nll_loss_weight": (lambda a: F.nll_loss(a.log_softmax(1), T([1, 0, 3]), T([0.5, 1, 2, 1.5], dtype=a.dtype)), A),
    "binary_cross_entropy_weight": (lambda a, b, w: F.binary_cross_entropy(a.sigmoid(), b.sigmoid(), w.detach()), [(3, 4), (3, 4), (4,)]),
    "bce_with_logits_pos_weight": (lambda a, b, w: F.binary_cross_entropy_with_logits(a, b.sigmoid(), pos_weight=w.detach()), [(3, 4), (3, 4), (4,)]),
    "poisson_nll_loss_full": (lambda a, b: F.poisson_nll_loss(a.exp(), b.exp() * 3, log_input=False, full=True), [(3, 4), (3, 4)]),
    "gaussian_nll_loss_full": (lambda a, b, v: F.gaussian_nll_loss(a, b, v.exp(), full=True), [(3, 4), (3, 4), (3, 1)]),
    "gaussian_nll_loss_homoscedastic": (lambda a, b, v: F.gaussian_nll_loss(a, b, v.exp()), [(3, 4), (3, 4), (3,)]),
    "kl_div_log_target": (lambda a, b: F.kl_div(a.log_softmax(1), b.log_softmax(1), reduction="mean", log_target=True), [(3, 4), (3, 4)]),
    "multi_margin_loss_weight": (lambda a: F.multi_margin_loss(a, T([1, 0, 3]), 2, 1.5, T([0.5, 1, 2, 1.5], dtype=a.dtype)), A),
    "multilabel_soft_margin_loss_weight": (lambda a, b, w: F.multilabel_soft_margin_loss(a, b.sigmoid(), w.detach()), [(3, 4), (3, 4), (4,)]),
    "triplet_margin_loss_swap": (lambda a, p, n: F.triplet_margin_loss(a, p, n, 2, 1, swap=True), [(3, 4), (3, 4), (3, 4)]),
    "triplet_margin_with_distance_swap": (lambda a, p, n: F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: 1 - F.cosine_similarity(x, y), margin=2, swap=True), [(3, 4), (3, 4), (3, 4)]),
    "ctc_loss_ends_to_end": (lambda a: F.ctc_loss(a.log_softmax(2), T([1, 2, 3]), T([5, 4]), T([2, 1])), [(5, 2, 4)]),
}
SIGNS = T([1.0, -1.0, 1.0])
PAIR = [(3, 4), (3, 4)]
LOSSES = {
    "l1_loss": (lambda a, b, **r: F.l1_loss(a, b, **r), PAIR),
    "mse_loss": (lambda a, b, **r: F.mse_loss(a, b, **r), PAIR),
    "smooth_l1_loss": (lambda a, b, **r: F.smooth_l1_loss(a, b, beta=0.7, **r), PAIR),
    "huber_loss": (lambda a, b, **r: F.huber_loss(a, b, delta=0.7, **r), PAIR),
    "cross_entropy": (lambda a, **r: F.cross_entropy(a, T([1, 0, 3]), **r), A),
    "nll_loss": (lambda a, **r: F.nll_loss(a.log_softmax(1), T([1, 0, 3]), **r), A),
    "binary_cross_entropy": (lambda a, b, **r: F.binary_cross_entropy(a.sigmoid(), b.sigmoid(), **r), PAIR),
    "binary_cross_entropy_with_logits": (lambda a, b, **r: F.binary_cross_entropy_with_logits(a, b.sigmoid(), **r), PAIR),
    "poisson_nll_loss": (lambda a, b, **r: F.poisson_nll_loss(a, b.exp(), **r), PAIR),
    "gaussian_nll_loss": (lambda a, b, v, **r: F.gaussian_nll_loss(a, b, v.exp(), **r), [(3, 4), (3, 4), (3, 4)]),
    "kl_div": (lambda a, b, **r: F.kl_div(a.log_softmax(1), b.softmax(1), **r), PAIR),
    "soft_margin_loss": (lambda a, **r: F.soft_margin_loss(a, SIGNS.to(a.dtype).unsqueeze(1).expand(3, 4), **r), A),
    "hinge_embedding_loss": (lambda a, **r: F.hinge_embedding_loss(a, SIGNS.to(a.dtype).unsqueeze(1).expand(3, 4), 0.8, **r), A),
    "margin_ranking_loss": (lambda a, b, **r: F.margin_ranking_loss(a, b, SIGNS.to(a.dtype), 0.3, **r), [(3,), (3,)]),
    "cosine_embedding_loss": (lambda a, b, **r: F.cosine_embedding_loss(a, b, SIGNS.to(a.dtype), 0.1, **r), PAIR),
    "multi_label_margin_loss": (lambda a, **r: F.multilabel_margin_loss(a, T([[1, 3, -1, 0], [0, -1, 1, 2], [2, 1, 0, -1]]), **r), A),
    "multilabel_soft_margin_loss": (lambda a, b, **r: F.multilabel_soft_margin_loss(a, b.sigmoid(), **r), PAIR),
    "multi_margin_loss": (lambda a, **r: F.multi_margin_loss(a, T([1, 0, 3]), **r), A),
    "triplet_margin_loss": (lambda a, p, n, **r: F.triplet_margin_loss(a, p, n, **r), [(3, 4), (3, 4), (3, 4)]),
    "triplet_margin_with_distance_loss": (lambda a, p, n, **r: F.triplet_margin_with_distance_loss(a, p, n, margin=1.5, **r), [(3, 4), (3, 4), (3, 4)]),
    "ctc_loss": (lambda a, **r: F.ctc_loss(a.log_softmax(2), T([[1, 2], [3, 1]]), T([5, 4]), T([2, 1]), **r), [(5, 2, 4)]),
}
for name, (loss, shapes) in LOSSES.items():
    for reduction in ("none", "mean", "sum"):
        CASES[f"{name}_{reduction}"] = (lambda *inputs, loss=loss, reduction=reduction: loss(*inputs, reduction=reduction), shapes)

file.cases(CASES)
file.write()
