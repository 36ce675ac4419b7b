using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.utils.rnn;

namespace Repro.Torch.Tests;

/// <summary>A module of tests/peers/reference/modules.py and its call, which frees whatever it makes besides the results.</summary>
/// <param name="Call">From the inputs, and behind them the masks, to all results in PyTorch's order.</param>
internal sealed record ModuleCase(Func<Module> Make, Func<Module, Tensor[], Tensor[]> Call, bool Evaluation = false);

/// <summary>The cases of tests/peers/reference/modules.py, written in C#; recurrence and attention are in the files beside this one.</summary>
internal static partial class ModuleCases
{
    public static readonly Dictionary<string, ModuleCase> All = new(
        new[] { Convolutions, Pools, Sizes, Activations, Maps, Norms, Losses, Recurrence(), Attention }.SelectMany(group => group));

    private static Dictionary<string, ModuleCase> Convolutions => new()
    {
        ["conv1d_reflect"] = One(() => Conv1d(2, 3, 3, padding: 2, padding_mode: PaddingModes.Reflect)),
        ["conv1d_one"] = One(() => Conv1d(2, 3, 2, stride: 2)),
        ["conv2d_circular_groups"] = One(() => Conv2d(4, 2, (3, 2), padding: (1, 2), groups: 2, padding_mode: PaddingModes.Circular)),
        ["conv2d_same_replicate"] = One(() => Conv2d(2, 2, (2, 3), Padding.Same, dilation: (1, 2), padding_mode: PaddingModes.Replicate)),
        ["conv2d_same"] = One(() => Conv2d(2, 2, 3, Padding.Same, bias: false)),
        ["conv3d"] = One(() => Conv3d(2, 2, (2, 2, 2), stride: (1, 2, 1), padding: (1, 1, 1))),
        ["conv3d_replicate"] = One(() => Conv3d(1, 2, (1, 2, 2), padding: (0, 1, 1), padding_mode: PaddingModes.Replicate)),
        ["conv_transpose1d"] = One(() => ConvTranspose1d(3, 2, 3, stride: 2, padding: 1, output_padding: 1)),
        ["conv_transpose2d_output_size"] = Of(() => ConvTranspose2d(2, 4, 3, stride: 2, padding: 1, groups: 2), (m, x) => [m.forward(x[0], [4, 5])]),
        ["conv_transpose3d"] = One(() => ConvTranspose3d(2, 1, (1, 2, 2), stride: (1, 2, 1), dilation: (1, 1, 2), bias: false)),
    };

    private static Dictionary<string, ModuleCase> Pools => new()
    {
        ["max_pool1d"] = Of(() => MaxPool1d(3, 2, 1, ceil_mode: true), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["max_pool2d"] = Of(() => MaxPool2d((2, 3), (1, 2), (1, 0)), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["max_pool3d"] = Of(() => MaxPool3d((2, 2, 2), (1, 1, 1), dilation: (1, 2, 1)), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["avg_pool1d"] = One(() => AvgPool1d(3, 2, 1, count_include_pad: false)),
        ["avg_pool2d"] = One(() => AvgPool2d((2, 3), (1, 2), (1, 0), divisor_override: 4)),
        ["avg_pool3d"] = One(() => AvgPool3d(2, 1)),
        ["lp_pool1d"] = One(() => LPPool1d(2, 3, 2)),
        ["lp_pool2d"] = One(() => LPPool2d(2, [2, 3], stride: [1, 1])),
        ["adaptive_avg_pool1d"] = One(() => AdaptiveAvgPool1d(3)),
        ["adaptive_avg_pool2d"] = One(() => AdaptiveAvgPool2d((2, 3))),
        ["adaptive_avg_pool3d"] = One(() => AdaptiveAvgPool3d(2)),
        ["adaptive_max_pool1d"] = Of(() => AdaptiveMaxPool1d(3), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["adaptive_max_pool2d"] = Of(() => AdaptiveMaxPool2d([2, 3]), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["adaptive_max_pool3d"] = Of(() => AdaptiveMaxPool3d([2, 1, 2]), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["max_unpool1d"] = Of(() => MaxUnpool1d(2), (m, x) => [m.call(x[0], x[1], [7])]),
        ["max_unpool2d"] = Of(() => MaxUnpool2d(2), (m, x) => [m.call(x[0], x[1])]),
        ["max_unpool3d"] = Of(() => MaxUnpool3d((1, 2, 2)), (m, x) => [m.call(x[0], x[1])]),
        ["fractional_max_pool2d"] = Of(() => FractionalMaxPool2d(2, output_ratio: 0.6), (m, x) => Both(m.forward_with_indices(x[0]))),
        ["fractional_max_pool3d"] = Of(() => FractionalMaxPool3d((2, 2, 2), output_size: (2, 3, 2)), (m, x) => Both(m.forward_with_indices(x[0]))),
    };

    private static Dictionary<string, ModuleCase> Sizes => new()
    {
        ["fold"] = One(() => Fold((3, 4), (2, 2), padding: (1, 1), stride: (2, 2))),
        ["unfold"] = One(() => Unfold((2, 1), dilation: (2, 2), stride: (1, 2))),
        ["upsample_nearest"] = One(() => Upsample(scale_factor: [2])),
        ["upsample_bilinear"] = One(() => Upsample(size: [3, 5], mode: UpsampleMode.Bilinear, align_corners: true)),
        ["upsample_bicubic"] = One(() => Upsample(scale_factor: [1.5, 2.5], mode: UpsampleMode.Bicubic)),
        ["pixel_shuffle"] = One(() => PixelShuffle(2)),
        ["pixel_unshuffle"] = One(() => PixelUnshuffle(2)),
        ["channel_shuffle"] = One(() => ChannelShuffle(2)),
        ["flatten"] = One(() => Flatten(1, 2)),
        ["unflatten"] = One(() => Unflatten(1, [2, -1])),
        ["identity"] = One(() => Identity()),
        ["zero_pad2d"] = One(() => ZeroPad2d((1, 0, 2, 1))),
        ["constant_pad1d"] = One(() => ConstantPad1d(2, 3.5)),
        ["constant_pad2d"] = One(() => ConstantPad2d((1, 0, 2, 1), 3.5)),
        ["constant_pad3d"] = One(() => ConstantPad3d((1, 0, 0, 1, 1, 0), -1)),
        ["reflection_pad1d"] = One(() => ReflectionPad1d((2, 1))),
        ["reflection_pad2d"] = One(() => ReflectionPad2d(1)),
        ["reflection_pad3d"] = One(() => ReflectionPad3d((1, 0, 0, 1, 1, 0))),
        ["replication_pad1d"] = One(() => ReplicationPad1d(2)),
        ["replication_pad2d"] = One(() => ReplicationPad2d((1, 0, 2, 1))),
        ["replication_pad3d"] = One(() => ReplicationPad3d(1)),
    };

    private static Dictionary<string, ModuleCase> Activations => new()
    {
        ["relu"] = One(() => ReLU()),
        ["relu6"] = One(() => ReLU6()),
        ["leaky_relu"] = One(() => LeakyReLU(0.3)),
        ["prelu"] = One(() => PReLU(3, 0.1)),
        ["rrelu"] = One(() => RReLU(0.2, 0.6)),
        ["rrelu_evaluation"] = One(() => RReLU(0.2, 0.6), evaluation: true),
        ["elu"] = One(() => ELU(0.5)),
        ["celu"] = One(() => CELU(0.5)),
        ["selu"] = One(() => SELU()),
        ["threshold"] = One(() => Threshold(0.3, -2)),
        ["gelu"] = One(() => GELU()),
        ["gelu_tanh"] = One(() => GELU(TorchSharp.Modules.GELU.Approximate.tanh)),
        ["silu"] = One(() => SiLU()),
        ["mish"] = One(() => Mish()),
        ["sigmoid"] = One(() => Sigmoid()),
        ["logsigmoid"] = One(() => LogSigmoid()),
        ["tanh"] = One(() => Tanh()),
        ["tanhshrink"] = One(() => Tanhshrink()),
        ["softplus"] = One(() => Softplus(2, 3)),
        ["softsign"] = One(() => Softsign()),
        ["hardtanh"] = One(() => Hardtanh(-0.4, 0.6)),
        ["hardswish"] = One(() => Hardswish()),
        ["hardsigmoid"] = One(() => Hardsigmoid()),
        ["hardshrink"] = One(() => Hardshrink(0.7)),
        ["softshrink"] = One(() => Softshrink(0.2)),
        ["softmax"] = One(() => Softmax(1)),
        ["softmax2d"] = One(() => Softmax2d()),
        ["softmin"] = One(() => Softmin(0)),
        ["log_softmax"] = One(() => LogSoftmax(1)),
        ["glu"] = One(() => GLU(0)),
        ["dropout"] = One(() => Dropout(0.3)),
        ["dropout_evaluation"] = One(() => Dropout(0.3), evaluation: true),
        ["dropout1d"] = One(() => Dropout1d(0.3)),
        ["dropout2d"] = One(() => Dropout2d(0.3)),
        ["dropout3d"] = One(() => Dropout3d(0.3)),
        ["alpha_dropout"] = One(() => AlphaDropout(0.3)),
        ["feature_alpha_dropout"] = One(() => FeatureAlphaDropout(0.3)),
    };

    private static Dictionary<string, ModuleCase> Maps => new()
    {
        ["linear"] = One(() => Linear(3, 2)),
        ["linear_without_bias"] = One(() => Linear(3, 2, hasBias: false)),
        ["bilinear"] = Two(() => Bilinear(2, 3, 4)),
        ["bilinear_without_bias"] = Two(() => Bilinear(2, 3, 1, hasBias: false)),
        ["cosine_similarity"] = Two(() => CosineSimilarity(0)),
        ["pairwise_distance"] = Two(() => PairwiseDistance(3, keepdim: true)),
        ["embedding"] = One(() => Embedding(6, 3)),
        ["embedding_padding"] = One(() => Embedding(6, 3, padding_idx: -4)),
        ["embedding_max_norm"] = One(() => Embedding(6, 3, max_norm: 0.9, norm_type: 1.5)),
        ["embedding_frequency"] = One(() => Embedding(6, 3, scale_grad_by_freq: true)),
        ["embedding_sparse"] = One(() => Embedding(6, 3, sparse: true)),
        ["embedding_bag_mean"] = Of(() => EmbeddingBag(6, 3), (m, x) => [m.call(x[0], x[1])]),
        ["embedding_bag_sum_weights"] = Of(() => EmbeddingBag(6, 3, mode: EmbeddingBagMode.Sum), (m, x) => [m.call(x[0], null, x[1])]),
        ["embedding_bag_max_padding"] = Of(() => EmbeddingBag(6, 3, mode: EmbeddingBagMode.Max, padding_index: 2), (m, x) => [m.call(x[0], x[1])]),
        ["embedding_bag_last_offset"] = Of(
            () => EmbeddingBag(6, 3, mode: EmbeddingBagMode.Sum, include_last_offset: true, max_norm: 1), (m, x) => [m.call(x[0], x[1])]),
        ["embedding_bag_sparse"] = Of(() => EmbeddingBag(6, 3, sparse: true), (m, x) => [m.call(x[0])]),
    };

    private static Dictionary<string, ModuleCase> Norms => new()
    {
        ["batch_norm1d"] = One(() => BatchNorm1d(3)),
        ["batch_norm1d_steps"] = One(() => BatchNorm1d(3, eps: 1e-2, momentum: 0.3)),
        ["batch_norm1d_average"] = One(() =>
        {
            var norm = BatchNorm1d(3);
            norm.momentum = null;
            return norm;
        }),
        ["batch_norm2d_evaluation"] = One(() => BatchNorm2d(3), evaluation: true),
        ["batch_norm2d_plain"] = One(() => BatchNorm2d(3, affine: false)),
        ["batch_norm2d_batch_only"] = One(() => BatchNorm2d(3, track_running_stats: false), evaluation: true),
        ["batch_norm3d"] = One(() => BatchNorm3d(2)),
        ["layer_norm"] = One(() => LayerNorm([3, 2], eps: 1e-3)),
        ["layer_norm_plain"] = One(() => LayerNorm(4, elementwise_affine: false)),
        ["group_norm"] = One(() => GroupNorm(2, 4, eps: 1e-3)),
        ["group_norm_plain"] = One(() => GroupNorm(2, 4, affine: false)),
        ["instance_norm1d_one"] = One(() => InstanceNorm1d(3)),
        ["instance_norm2d"] = One(() => InstanceNorm2d(3, affine: true, track_running_stats: true)),
        ["instance_norm2d_evaluation"] = One(() => InstanceNorm2d(3, affine: true, track_running_stats: true), evaluation: true),
        ["instance_norm3d"] = One(() => InstanceNorm3d(2)),
        ["local_response_norm"] = One(() => LocalResponseNorm(3, 0.2, 0.6, 1.5)),
    };

    private static Dictionary<string, ModuleCase> Losses => new()
    {
        ["l1_loss"] = Two(() => L1Loss()),
        ["mse_loss"] = Two(() => MSELoss(Reduction.Sum)),
        ["smooth_l1_loss"] = Two(() => SmoothL1Loss(beta: 0.5)),
        ["huber_loss"] = Two(() => HuberLoss(0.5)),
        ["cross_entropy_loss"] = Two(() => new CrossEntropyLoss(ignore_index: 0, label_smoothing: 0.1)),
        ["nll_loss"] = Two(() => NLLLoss(reduction: Reduction.None)),
        ["poisson_nll_loss"] = Of(() => PoissonNLLLoss(), (m, x) => After(x[1].exp(), rate => m.call(x[0], rate))),
        ["gaussian_nll_loss"] = Of(() => GaussianNLLLoss(full: true, eps: 1e-6f), (m, x) => After(x[2].exp(), variance => m.call(x[0], x[1], variance))),
        ["kl_div_loss"] = Two(() => KLDivLoss()),
        ["bce_loss"] = Of(() => BCELoss(), (m, x) => After(x[0].sigmoid(), p => After(x[1].sigmoid(), target => m.call(p, target))[0])),
        ["bce_with_logits_loss"] = Two(() => BCEWithLogitsLoss()),
        ["margin_ranking_loss"] = Three(() => MarginRankingLoss(0.2)),
        ["hinge_embedding_loss"] = Two(() => HingeEmbeddingLoss()),
        ["multi_label_margin_loss"] = Two(() => MultiLabelMarginLoss()),
        ["multi_label_soft_margin_loss"] = Two(() => MultiLabelSoftMarginLoss()),
        ["multi_margin_loss"] = Two(() => MultiMarginLoss(2, 0.8)),
        ["soft_margin_loss"] = Two(() => SoftMarginLoss()),
        ["cosine_embedding_loss"] = Three(() => CosineEmbeddingLoss(0.2)),
        ["triplet_margin_loss"] = Three(() => TripletMarginLoss(2, 3, swap: true)),
        ["triplet_margin_with_distance_loss"] = Three(() => TripletMarginWithDistanceLoss(margin: 1.5)),
        ["ctc_loss"] = Of(() => CTCLoss(1, zero_infinity: true), (m, x) => [m.call(x[0], x[1], x[2], x[3])]),
    };

    private static ModuleCase Of<TModule>(Func<TModule> make, Func<TModule, Tensor[], Tensor[]> call, bool evaluation = false) where TModule : Module =>
        new(make, (module, x) => call((TModule)module, x), evaluation);

    private static ModuleCase One(Func<Module<Tensor, Tensor>> make, bool evaluation = false) => Of(make, (m, x) => [m.call(x[0])], evaluation);

    private static ModuleCase Two(Func<Module<Tensor, Tensor, Tensor>> make) => Of(make, (m, x) => [m.call(x[0], x[1])]);

    private static ModuleCase Three(Func<Module<Tensor, Tensor, Tensor, Tensor>> make) => Of(make, (m, x) => [m.call(x[0], x[1], x[2])]);

    private static Tensor[] Both((Tensor, Tensor) pair) => [pair.Item1, pair.Item2];

    /// <summary>What is computed from a tensor that is freed then.</summary>
    private static Tensor[] After(Tensor made, Func<Tensor, Tensor> call)
    {
        using (made)
            return [call(made)];
    }
}
