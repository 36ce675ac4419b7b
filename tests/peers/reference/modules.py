#!/usr/bin/python3
"""Writes what whole modules of PyTorch compute, for tests/Repro.Torch.Tests: states, inputs, outputs and gradients.

    /usr/bin/python3 tests/peers/reference/modules.py tests/Repro.Torch.Tests/Data/modules.safetensors

The same modules stand in ModuleCases.cs. Of each case NAME the file has: NAME.init.KEY, the state right after construction with the
generator seeded by 11 (where PyTorch and TorchSharp draw alike); NAME.state.KEY, a state with noise added, which is loaded; NAME.in.I and
NAME.mask.I (booleans, as 0 and 1); NAME.out.I; NAME.grad.I and NAME.param.KEY, gradients of the sum over all outputs of
(output * weights).sum(); NAME.after.KEY, buffers that changed. The generator is seeded by 7 before the call.
"""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from reference_file import ReferenceFile, weights

file = ReferenceFile(seed=20141222)
T = torch.tensor


def tensors(result):
    """All tensors of nested tuples, in order."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in tensors(part)]
    return [] if result is None else [result]


def dense(gradient):
    return gradient.to_dense() if gradient.is_sparse else gradient


def case(name, make, *inputs, masks=(), run=None, evaluation=False, initial=True):
    torch.manual_seed(11)
    module = make()
    state = module.state_dict()
    if initial:
        for key, value in state.items():
            file.save(f"{name}.init.{key}", value)
    torch.manual_seed(sum(map(ord, name)))
    with torch.no_grad():
        for key, value in state.items():
            if value.is_floating_point():
                value.add_(torch.rand_like(value) * 0.4)
    for key, value in state.items():
        file.save(f"{name}.state.{key}", value)
    before = {key: value.clone() for key, value in state.items()}
    given = [torch.randn(value).requires_grad_() if isinstance(value, tuple) else value for value in inputs]
    for i, value in enumerate(given):
        file.save(f"{name}.in.{i}", value)
    for i, mask in enumerate(masks):
        file.save(f"{name}.mask.{i}", mask.long())
    module.train(not evaluation)
    torch.manual_seed(7)
    outputs = tensors(run(module, *given, *masks) if run else module(*given, *masks))
    for i, output in enumerate(outputs):
        file.save(f"{name}.out.{i}", output)
    used = [output for output in outputs if output.requires_grad]
    if used:
        sum((output * weights(output)).sum() for output in used).backward()
    for i, value in enumerate(given):
        if value.grad is not None:
            file.save(f"{name}.grad.{i}", value.grad)
    for key, parameter in module.named_parameters():
        if parameter.grad is not None:
            file.save(f"{name}.param.{key}", dense(parameter.grad))
    for key, value in module.state_dict().items():
        if not torch.equal(value, before[key]):
            file.save(f"{name}.after.{key}", value)
    file.count += 1


# convolutions
case("conv1d_reflect", lambda: nn.Conv1d(2, 3, 3, padding=2, padding_mode="reflect"), (2, 2, 5))
case("conv1d_one", lambda: nn.Conv1d(2, 3, 2, stride=2), (2, 5))
case("conv2d_circular_groups", lambda: nn.Conv2d(4, 2, (3, 2), padding=(1, 2), groups=2, padding_mode="circular"), (1, 4, 4, 3))
case("conv2d_same_replicate", lambda: nn.Conv2d(2, 2, (2, 3), padding="same", dilation=(1, 2), padding_mode="replicate"), (1, 2, 4, 5))
case("conv2d_same", lambda: nn.Conv2d(2, 2, 3, padding="same", bias=False), (1, 2, 4, 5))
case("conv3d", lambda: nn.Conv3d(2, 2, 2, stride=(1, 2, 1), padding=1), (1, 2, 2, 3, 3))
case("conv3d_replicate", lambda: nn.Conv3d(1, 2, (1, 2, 2), padding=(0, 1, 1), padding_mode="replicate"), (1, 1, 2, 3, 3))
case("conv_transpose1d", lambda: nn.ConvTranspose1d(3, 2, 3, stride=2, padding=1, output_padding=1), (2, 3, 4))
case("conv_transpose2d_output_size", lambda: nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, groups=2), (1, 2, 2, 3), run=lambda m, x: m(x, output_size=(4, 5)))
case("conv_transpose3d", lambda: nn.ConvTranspose3d(2, 1, (1, 2, 2), stride=(1, 2, 1), dilation=(1, 1, 2), bias=False), (1, 2, 2, 2, 3))

# pools, sizes and padding
case("max_pool1d", lambda: nn.MaxPool1d(3, 2, 1, ceil_mode=True, return_indices=True), (1, 2, 6))
case("max_pool2d", lambda: nn.MaxPool2d((2, 3), (1, 2), (1, 0), return_indices=True), (1, 2, 4, 5))
case("max_pool3d", lambda: nn.MaxPool3d(2, 1, dilation=(1, 2, 1), return_indices=True), (1, 1, 3, 4, 3))
case("avg_pool1d", lambda: nn.AvgPool1d(3, 2, 1, count_include_pad=False), (1, 2, 6))
case("avg_pool2d", lambda: nn.AvgPool2d((2, 3), (1, 2), (1, 0), divisor_override=4), (1, 2, 4, 5))
case("avg_pool3d", lambda: nn.AvgPool3d(2, 1), (1, 1, 3, 3, 3))
case("lp_pool1d", lambda: nn.LPPool1d(2, 3, 2), (1, 2, 7))
case("lp_pool2d", lambda: nn.LPPool2d(2, (2, 3), stride=1), (1, 1, 4, 4))
case("adaptive_avg_pool1d", lambda: nn.AdaptiveAvgPool1d(3), (1, 2, 5))
case("adaptive_avg_pool2d", lambda: nn.AdaptiveAvgPool2d((2, 3)), (1, 2, 5, 4))
case("adaptive_avg_pool3d", lambda: nn.AdaptiveAvgPool3d(2), (1, 1, 3, 4, 3))
case("adaptive_max_pool1d", lambda: nn.AdaptiveMaxPool1d(3, return_indices=True), (1, 2, 5))
case("adaptive_max_pool2d", lambda: nn.AdaptiveMaxPool2d((2, 3), return_indices=True), (1, 2, 5, 4))
case("adaptive_max_pool3d", lambda: nn.AdaptiveMaxPool3d((2, 1, 2), return_indices=True), (1, 1, 3, 4, 3))
case("max_unpool1d", lambda: nn.MaxUnpool1d(2), (1, 1, 3), T([[[1, 2, 5]]]), run=lambda m, x, i: m(x, i, output_size=(7,)))
case("max_unpool2d", lambda: nn.MaxUnpool2d(2), (1, 1, 2, 2), T([[[[0, 3], [9, 15]]]]))
case("max_unpool3d", lambda: nn.MaxUnpool3d((1, 2, 2)), (1, 1, 2, 1, 2), T([[[[[5, 7]], [[8, 14]]]]]))
case("fractional_max_pool2d", lambda: nn.FractionalMaxPool2d(2, output_ratio=0.6, return_indices=True), (1, 2, 5, 6))
case("fractional_max_pool3d", lambda: nn.FractionalMaxPool3d(2, output_size=(2, 3, 2), return_indices=True), (1, 1, 4, 5, 4))
case("fold", lambda: nn.Fold((3, 4), 2, padding=1, stride=2), (1, 4, 6))
case("unfold", lambda: nn.Unfold((2, 1), dilation=2, stride=(1, 2)), (1, 2, 4, 4))
case("upsample_nearest", lambda: nn.Upsample(scale_factor=2), (1, 1, 2, 3))
case("upsample_bilinear", lambda: nn.Upsample(size=(3, 5), mode="bilinear", align_corners=True), (1, 1, 2, 3))
case("upsample_bicubic", lambda: nn.Upsample(scale_factor=(1.5, 2.5), mode="bicubic"), (1, 1, 3, 3))
case("pixel_shuffle", lambda: nn.PixelShuffle(2), (1, 4, 2, 2))
case("pixel_unshuffle", lambda: nn.PixelUnshuffle(2), (1, 1, 4, 2))
case("channel_shuffle", lambda: nn.ChannelShuffle(2), (1, 6, 1, 2), run=lambda m, x: x.view(1, 2, 3, 1, 2).transpose(1, 2).reshape(1, 6, 1, 2))
case("flatten", lambda: nn.Flatten(1, 2), (2, 3, 2, 2))
case("unflatten", lambda: nn.Unflatten(1, (2, -1)), (2, 6, 2))
case("identity", lambda: nn.Identity(), (2, 3))
case("zero_pad2d", lambda: nn.ZeroPad2d((1, 0, 2, 1)), (1, 1, 2, 2))
case("constant_pad1d", lambda: nn.ConstantPad1d(2, 3.5), (1, 2, 3))
case("constant_pad2d", lambda: nn.ConstantPad2d((1, 0, 2, 1), 3.5), (1, 1, 2, 2))
case("constant_pad3d", lambda: nn.ConstantPad3d((1, 0, 0, 1, 1, 0), -1), (1, 1, 2, 2, 2))
case("reflection_pad1d", lambda: nn.ReflectionPad1d((2, 1)), (1, 2, 4))
case("reflection_pad2d", lambda: nn.ReflectionPad2d(1), (1, 1, 3, 3))
case("reflection_pad3d", lambda: nn.ReflectionPad3d((1, 0, 0, 1, 1, 0)), (1, 1, 2, 2, 2))
case("replication_pad1d", lambda: nn.ReplicationPad1d(2), (1, 2, 3))
case("replication_pad2d", lambda: nn.ReplicationPad2d((1, 0, 2, 1)), (1, 1, 2, 2))
case("replication_pad3d", lambda: nn.ReplicationPad3d(1), (1, 1, 2, 1, 2))

# activations and dropout
for name, make in {
    "relu": lambda: nn.ReLU(), "relu6": lambda: nn.ReLU6(), "leaky_relu": lambda: nn.LeakyReLU(0.3), "prelu": lambda: nn.PReLU(3, 0.1),
    "rrelu": lambda: nn.RReLU(0.2, 0.6), "elu": lambda: nn.ELU(0.5), "celu": lambda: nn.CELU(0.5), "selu": lambda: nn.SELU(),
    "threshold": lambda: nn.Threshold(0.3, -2), "gelu": lambda: nn.GELU(), "gelu_tanh": lambda: nn.GELU(approximate="tanh"), "silu": lambda: nn.SiLU(),
    "mish": lambda: nn.Mish(), "sigmoid": lambda: nn.Sigmoid(), "logsigmoid": lambda: nn.LogSigmoid(), "tanh": lambda: nn.Tanh(),
    "tanhshrink": lambda: nn.Tanhshrink(), "softplus": lambda: nn.Softplus(2, 3), "softsign": lambda: nn.Softsign(),
    "hardtanh": lambda: nn.Hardtanh(-0.4, 0.6), "hardswish": lambda: nn.Hardswish(), "hardsigmoid": lambda: nn.Hardsigmoid(),
    "hardshrink": lambda: nn.Hardshrink(0.7), "softshrink": lambda: nn.Softshrink(0.2), "softmax": lambda: nn.Softmax(1),
    "softmin": lambda: nn.Softmin(0), "log_softmax": lambda: nn.LogSoftmax(1), "glu": lambda: nn.GLU(0), "dropout": lambda: nn.Dropout(0.3),
    "alpha_dropout": lambda: nn.AlphaDropout(0.3), "feature_alpha_dropout": lambda: nn.FeatureAlphaDropout(0.3),
}.items():
    case(name, make, (4, 3))
case("softmax2d", lambda: nn.Softmax2d(), (1, 3, 2, 2))
case("rrelu_evaluation", lambda: nn.RReLU(0.2, 0.6), (4, 3), evaluation=True)
case("dropout_evaluation", lambda: nn.Dropout(0.3), (4, 3), evaluation=True)
case("dropout1d", lambda: nn.Dropout1d(0.3), (2, 4, 3))
case("dropout2d", lambda: nn.Dropout2d(0.3), (2, 4, 1, 2))
case("dropout3d", lambda: nn.Dropout3d(0.3), (2, 4, 1, 1, 2))

# linear maps, distances, embeddings
case("linear", lambda: nn.Linear(3, 2), (2, 4, 3))
case("linear_without_bias", lambda: nn.Linear(3, 2, bias=False), (4, 3))
case("bilinear", lambda: nn.Bilinear(2, 3, 4), (5, 2), (5, 3))
case("bilinear_without_bias", lambda: nn.Bilinear(2, 3, 1, bias=False), (5, 2), (5, 3))
case("cosine_similarity", lambda: nn.CosineSimilarity(0), (3, 4), (3, 4))
case("pairwise_distance", lambda: nn.PairwiseDistance(3, keepdim=True), (3, 4), (3, 4))
ROWS = T([[1, 5, 2], [2, 2, 0]])
case("embedding", lambda: nn.Embedding(6, 3), ROWS)
case("embedding_padding", lambda: nn.Embedding(6, 3, padding_idx=-4), ROWS)
case("embedding_max_norm", lambda: nn.Embedding(6, 3, max_norm=0.9, norm_type=1.5), ROWS)
case("embedding_frequency", lambda: nn.Embedding(6, 3, scale_grad_by_freq=True), ROWS)
case("embedding_sparse", lambda: nn.Embedding(6, 3, sparse=True), ROWS)
FLAT, STARTS = T([1, 5, 2, 2, 2, 0]), T([0, 2, 2])
case("embedding_bag_mean", lambda: nn.EmbeddingBag(6, 3), FLAT, STARTS)
case("embedding_bag_sum_weights", lambda: nn.EmbeddingBag(6, 3, mode="sum"), ROWS, (2, 3), run=lambda m, x, w: m(x, per_sample_weights=w))
case("embedding_bag_max_padding", lambda: nn.EmbeddingBag(6, 3, mode="max", padding_idx=2), FLAT, STARTS)
case("embedding_bag_last_offset", lambda: nn.EmbeddingBag(6, 3, mode="sum", include_last_offset=True, max_norm=1.0), FLAT, T([0, 2, 6]))
case("embedding_bag_sparse", lambda: nn.EmbeddingBag(6, 3, sparse=True), ROWS)

# norms
case("batch_norm1d", lambda: nn.BatchNorm1d(3), (4, 3))
case("batch_norm1d_steps", lambda: nn.BatchNorm1d(3, eps=1e-2, momentum=0.3), (4, 3, 2))
case("batch_norm1d_average", lambda: nn.BatchNorm1d(3, momentum=None), (4, 3))
case("batch_norm2d_evaluation", lambda: nn.BatchNorm2d(3), (2, 3, 2, 2), evaluation=True)
case("batch_norm2d_plain", lambda: nn.BatchNorm2d(3, affine=False), (2, 3, 2, 2))
case("batch_norm2d_batch_only", lambda: nn.BatchNorm2d(3, track_running_stats=False), (2, 3, 2, 2), evaluation=True)
case("batch_norm3d", lambda: nn.BatchNorm3d(2), (2, 2, 1, 2, 2))
case("layer_norm", lambda: nn.LayerNorm((3, 2), eps=1e-3), (2, 3, 2))
case("layer_norm_plain", lambda: nn.LayerNorm(4, elementwise_affine=False), (3, 4))
case("group_norm", lambda: nn.GroupNorm(2, 4, eps=1e-3), (2, 4, 3))
case("group_norm_plain", lambda: nn.GroupNorm(2, 4, affine=False), (2, 4, 2, 2))
case("instance_norm1d_one", lambda: nn.InstanceNorm1d(3), (3, 5))
case("instance_norm2d", lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 2, 2))
case("instance_norm2d_evaluation", lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 2, 2), evaluation=True)
case("instance_norm3d", lambda: nn.InstanceNorm3d(2), (2, 2, 1, 2, 2))
case("local_response_norm", lambda: nn.LocalResponseNorm(3, 0.2, 0.6, 1.5), (2, 4, 3))

# losses
PAIR, CLASSES = [(3, 4), (3, 4)], T([1, 0, 3])
POSITIVE = lambda x: x.exp()
for name, make, inputs, run in [
    ("l1_loss", lambda: nn.L1Loss(), PAIR, None),
    ("mse_loss", lambda: nn.MSELoss(reduction="sum"), PAIR, None),
    ("smooth_l1_loss", lambda: nn.SmoothL1Loss(beta=0.5), PAIR, None),
    ("huber_loss", lambda: nn.HuberLoss(delta=0.5), PAIR, None),
    ("cross_entropy_loss", lambda: nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1), [(3, 4), CLASSES], None),
    ("nll_loss", lambda: nn.NLLLoss(reduction="none"), [(3, 4), CLASSES], None),
    ("poisson_nll_loss", lambda: nn.PoissonNLLLoss(), PAIR, lambda m, a, b: m(a, b.exp())),
    ("gaussian_nll_loss", lambda: nn.GaussianNLLLoss(full=True), PAIR + [(3, 1)], lambda m, a, b, v: m(a, b, v.exp())),
    ("kl_div_loss", lambda: nn.KLDivLoss(log_target=True), PAIR, None),
    ("bce_loss", lambda: nn.BCELoss(), PAIR, lambda m, a, b: m(a.sigmoid(), b.sigmoid())),
    ("bce_with_logits_loss", lambda: nn.BCEWithLogitsLoss(), PAIR, None),
    ("margin_ranking_loss", lambda: nn.MarginRankingLoss(0.2), [(3,), (3,), T([1.0, -1, 1])], None),
    ("hinge_embedding_loss", lambda: nn.HingeEmbeddingLoss(), [(3,), T([1.0, -1, 1])], None),
    ("multi_label_margin_loss", lambda: nn.MultiLabelMarginLoss(), [(2, 4), T([[1, 3, -1, 0], [0, -1, 1, 2]])], None),
    ("multi_label_soft_margin_loss", lambda: nn.MultiLabelSoftMarginLoss(), PAIR, None),
    ("multi_margin_loss", lambda: nn.MultiMarginLoss(2, 0.8), [(3, 4), CLASSES], None),
    ("soft_margin_loss", lambda: nn.SoftMarginLoss(), [(3,), T([1.0, -1, 1])], None),
    ("cosine_embedding_loss", lambda: nn.CosineEmbeddingLoss(0.2), [(3, 4), (3, 4), T([1.0, -1, 1])], None),
    ("triplet_margin_loss", lambda: nn.TripletMarginLoss(2, 3, swap=True), PAIR + [(3, 4)], None),
    ("triplet_margin_with_distance_loss", lambda: nn.TripletMarginWithDistanceLoss(margin=1.5), PAIR + [(3, 4)], None),
    ("ctc_loss", lambda: nn.CTCLoss(blank=1, zero_infinity=True), [(5, 2, 4), T([[2, 3], [3, 0]]), T([5, 4]), T([2, 1])], None),
]:
    case(name, make, *inputs, run=run)

# recurrence
KINDS = {"rnn": nn.RNN, "rnn_relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k), "lstm": nn.LSTM, "gru": nn.GRU}
LENGTHS = T([2, 4, 3])


def packed(module, x, lengths):
    output, state = module(pack_padded_sequence(x, lengths, enforce_sorted=False))
    return output.data, pad_packed_sequence(output), state


def packed_with_state(module, x, lengths, *state):
    output, last = module(pack_padded_sequence(x, lengths, enforce_sorted=False), state if len(state) == 2 else state[0])
    return pad_packed_sequence(output, batch_first=True, padding_value=0.5, total_length=5), last


for kind, make in KINDS.items():
    many = 2 if kind == "lstm" else 1
    with_state = lambda m, x, *state: m(x, state if len(state) == 2 else state[0])
    case(kind, lambda: make(2, 3), (4, 3, 2))
    case(f"{kind}_bidirectional", lambda: make(2, 3, bidirectional=True, bias=False), (4, 3, 2))
    case(f"{kind}_two_layers", lambda: make(2, 3, 2, batch_first=True, dropout=0.3), (3, 4, 2))
    case(f"{kind}_two_layers_bidirectional", lambda: make(2, 3, 2, batch_first=True, bidirectional=True), (3, 4, 2), *[(4, 3, 3)] * many, run=with_state, initial=False)
    case(f"{kind}_packed", lambda: make(2, 3), (4, 3, 2), LENGTHS, run=packed, initial=False)
    case(f"{kind}_packed_bidirectional", lambda: make(2, 3, 2, bidirectional=True), (4, 3, 2), LENGTHS, *[(4, 3, 3)] * many, run=packed_with_state, initial=False)
    case(f"{kind}_one", lambda: make(2, 3), (4, 2), *[(1, 3)] * many, run=with_state, initial=False)
case("gru_sorted", lambda: nn.GRU(2, 3), (4, 2), (3, 2), (1, 2), run=lambda m, *x: (lambda y, h: (y.data, h))(*m(pack_sequence(x))), initial=False)
CELLS = {"rnn_cell": nn.RNNCell, "rnn_cell_relu": lambda *a, **k: nn.RNNCell(*a, nonlinearity="relu", **k), "lstm_cell": nn.LSTMCell, "gru_cell": nn.GRUCell}
for kind, make in CELLS.items():
    many = 2 if kind == "lstm_cell" else 1
    with_state = lambda m, x, *state: m(x, state if len(state) == 2 else state[0])
    case(kind, lambda: make(2, 3), (4, 2))
    case(f"{kind}_state", lambda: make(2, 3, bias=False), (4, 2), *[(4, 3)] * many, run=with_state)
    case(f"{kind}_one", lambda: make(2, 3), (2,), *[(3,)] * many, run=with_state, initial=False)

# attention: masks are given in the order key padding, attention
PADDING = T([[False, False, True, True], [False, True, False, False]])
CAUSAL = torch.ones(4, 4, dtype=torch.bool).triu(1)
case("attention", lambda: nn.MultiheadAttention(4, 2), (4, 2, 4), run=lambda m, x: m(x, x, x))
case("attention_without_bias", lambda: nn.MultiheadAttention(4, 2, bias=False), (3, 2, 4), (4, 2, 4), run=lambda m, q, k: m(q, k, k))
case("attention_masks", lambda: nn.MultiheadAttention(4, 2), (4, 2, 4), initial=False, masks=[PADDING, CAUSAL], run=lambda m, x, p, a: m(x, x, x, key_padding_mask=p, attn_mask=a))
case("attention_masks_by_head", lambda: nn.MultiheadAttention(4, 2), (4, 2, 4), initial=False, masks=[torch.stack([CAUSAL, CAUSAL.t(), CAUSAL, CAUSAL.flip(0)]) & ~torch.eye(4, dtype=torch.bool)],
     run=lambda m, x, a: m(x, x, x, attn_mask=a))
case("attention_without_weights", lambda: nn.MultiheadAttention(4, 2), (4, 2, 4), masks=[CAUSAL], run=lambda m, x, a: m(x, x, x, attn_mask=a, need_weights=False))
case("attention_float_mask", lambda: nn.MultiheadAttention(4, 2), (4, 2, 4), (4, 4), masks=[PADDING], run=lambda m, x, a, p: m(x, x, x, key_padding_mask=p, attn_mask=a))
case("attention_sizes", lambda: nn.MultiheadAttention(4, 2, kdim=3, vdim=5), (3, 2, 4), (4, 2, 3), (4, 2, 5))
case("attention_extra", lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True), (3, 2, 4), (4, 2, 4), (4, 2, 4), masks=[PADDING, CAUSAL[:3]],
     run=lambda m, q, k, v, p, a: m(q, k, v, key_padding_mask=p, attn_mask=a))
case("attention_dropout", lambda: nn.MultiheadAttention(4, 2, dropout=0.4), (4, 2, 4), run=lambda m, x: m(x, x, x))

# transformers
SOURCE, TARGET = (4, 2, 4), (3, 2, 4)
SHORT = CAUSAL[:3, :3]
layer = lambda **k: nn.TransformerEncoderLayer(4, 2, 6, **{"dropout": 0, **k})
decoder = lambda **k: nn.TransformerDecoderLayer(4, 2, 6, **{"dropout": 0, **k})
case("encoder_layer", layer, SOURCE)
case("encoder_layer_evaluation", layer, SOURCE, evaluation=True, initial=False)
case("encoder_layer_gelu_masks", lambda: layer(activation="gelu"), SOURCE, masks=[CAUSAL, PADDING], initial=False)
case("encoder_layer_dropout", lambda: layer(dropout=0.3), SOURCE, initial=False)
case("encoder", lambda: nn.TransformerEncoder(layer(), 2), SOURCE, masks=[CAUSAL, PADDING])
case("encoder_evaluation", lambda: nn.TransformerEncoder(layer(), 2), SOURCE, masks=[CAUSAL], evaluation=True, initial=False)
case("decoder_layer", decoder, TARGET, SOURCE)
case("decoder_layer_gelu_masks", lambda: decoder(activation="gelu"), TARGET, SOURCE, masks=[SHORT, CAUSAL[:3], PADDING[:, 1:], PADDING], initial=False)
case("decoder_layer_dropout", lambda: decoder(dropout=0.3), TARGET, SOURCE, initial=False)
case("decoder_evaluation", lambda: nn.TransformerDecoder(decoder(), 2), TARGET, SOURCE, masks=[SHORT], evaluation=True, initial=False)
case("transformer", lambda: nn.Transformer(4, 2, 1, 2, 6, dropout=0), SOURCE, TARGET, initial=False)
case("transformer_masks", lambda: nn.Transformer(4, 2, 2, 1, 6, dropout=0, activation="gelu"), SOURCE, TARGET, masks=[CAUSAL, SHORT, CAUSAL[:3], PADDING, PADDING[:, 1:], PADDING],
     run=lambda m, s, t, sm, tm, mm, sp, tp, mp: m(s, t, sm, tm, mm, sp, tp, mp), initial=False)

# initial values, drawn with the generator seeded by 11
for name, fill in {
    "uniform": lambda t: nn.init.uniform_(t, -1, 2), "normal": lambda t: nn.init.normal_(t, 1, 2),
    "xavier_uniform": lambda t: nn.init.xavier_uniform_(t, 1.5), "xavier_normal": lambda t: nn.init.xavier_normal_(t, 1.5),
    "kaiming_uniform": lambda t: nn.init.kaiming_uniform_(t, 0.2), "kaiming_normal_out": lambda t: nn.init.kaiming_normal_(t, 0, "fan_out", "relu"),
    "trunc_normal": lambda t: nn.init.trunc_normal_(t, 0.3, 0.5, -0.4, 0.8), "constant": lambda t: nn.init.constant_(t, 3),
    "orthogonal_tall": lambda t: nn.init.orthogonal_(t, 1.5), "orthogonal_wide": lambda t: nn.init.orthogonal_(t),
    "orthogonal_kernel": lambda t: nn.init.orthogonal_(t), "sparse": lambda t: nn.init.sparse_(t, 0.4, 0.5), "eye": lambda t: nn.init.eye_(t), "dirac": lambda t: nn.init.dirac_(t),
}.items():
    shape = {"orthogonal_wide": (3, 5), "orthogonal_kernel": (3, 2, 2), "dirac": (4, 3, 3), "kaiming_normal_out": (3, 2, 2)}.get(name, (5, 3))
    torch.manual_seed(11)
    file.save(f"values.{name}", fill(torch.empty(shape)))

file.write()
