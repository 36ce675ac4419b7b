using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Log-softmax over classes, then the negative log-likelihood.</summary>
            public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);

            public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static BCELoss BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            /// <param name="pos_weights">Factors of the positive examples, one a class.</param>
            public static BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => new(weight, reduction, pos_weights);

            /// <summary>Connectionist temporal classification (Graves et al. 2006): all alignments of a shorter target with a longer input.</summary>
            /// <param name="zero_infinity">Targets that do not fit count as zero, not infinity.</param>
            public static CTCLoss CTCLoss(long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) => new(blank, zero_infinity, reduction);

            public static MultiLabelSoftMarginLoss MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static MultiLabelMarginLoss MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static MultiMarginLoss MultiMarginLoss(int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(p, margin, weight, reduction);

            /// <summary>log(1 + exp(-target * input)), targets +-1.</summary>
            public static SoftMarginLoss SoftMarginLoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static partial class functional
            {
                /// <param name="input">Logits (N, C) or (N, C, ...).</param>
                /// <param name="target">Class numbers (int64), or probabilities of the input's shape.</param>
                public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                    weight is null && label_smoothing == 0
                        ? FusedOps.cross_entropy.Call(input, target, (long)reduction, ignore_index)
                        : Ops.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

                /// <param name="input">Log-probabilities (N, C) or (N, C, ...).</param>
                public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Ops.nll_loss_nd.Call(input, target, weight, (long)reduction);

                /// <param name="input">Probabilities.</param>
                public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    target.shape.AsSpan().SequenceEqual(input.shape)
                        ? Ops.binary_cross_entropy.Call(input, target, weight, (long)reduction)
                        : throw new ArgumentException($"binary_cross_entropy: {OtherSize(input, target)}");

                public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                    target.shape.AsSpan().SequenceEqual(input.shape)
                        ? Ops.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction)
                        : throw new ArgumentException($"binary_cross_entropy_with_logits: {OtherSize(input, target)}");

                private static string OtherSize(Tensor input, Tensor target) =>
                    $"Target size ([{string.Join(", ", target.shape)}]) must be the same as input size ([{string.Join(", ", input.shape)}])";

                /// <param name="log_probs">(T, N, C).</param>
                /// <param name="targets">(N, S), or all end to end.</param>
                public static Tensor ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) =>
                    Ops.ctc_loss_Tensor.Call(log_probs, targets, input_lengths, target_lengths, blank, (long)reduction, zero_infinity);

                /// <summary>The mean over classes of the binary cross-entropy with logits.</summary>
                public static Tensor multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
                {
                    using var truth = target.to(input.dtype);
                    using var byClass = Ops.binary_cross_entropy_with_logits.Call(input, truth, weight, Argument.None, (long)Reduction.None);
                    return Reduce(byClass.mean([-1L]), reduction);
                }
                /// <param name="target">Class numbers of each example, ended by a -1.</param>
                public static Tensor multi_label_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.multilabel_margin_loss.Call(input, target, (long)reduction);

                public static Tensor multi_margin_loss(Tensor input, Tensor target, int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Ops.multi_margin_loss.Call(input, target, p, margin, weight, (long)reduction);

                public static Tensor soft_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.soft_margin_loss.Call(input, target, (long)reduction);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class CrossEntropyLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, nn.Reduction reduction = nn.Reduction.Mean, double label_smoothing = 0.0) : base(weight, reduction) =>
            (this.ignore_index, this.label_smoothing) = (ignore_index, label_smoothing);

        public long? ignore_index { get; }

        public double label_smoothing { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.cross_entropy(input, target, weight, ignore_index ?? -100, reduction, label_smoothing);
    }

    public sealed class NLLLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public NLLLoss(Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(weight, reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.nll_loss(input, target, weight, reduction);
    }

    public sealed class BCELoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public BCELoss(Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(weight, reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.binary_cross_entropy(input, target, weight, reduction);
    }

    public sealed class BCEWithLogitsLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public BCEWithLogitsLoss(Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean, Tensor? pos_weights = null) : base(weight, reduction) => this.pos_weights = pos_weights;

        public Tensor? pos_weights { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weights);
    }

    public sealed class CTCLoss : Loss<Tensor, Tensor, Tensor, Tensor, Tensor>
    {
        public CTCLoss(long blank = 0, bool zero_infinity = false, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) =>
            (this.blank, this.zero_infinity) = (blank, zero_infinity);

        public long blank { get; }

        public bool zero_infinity { get; }

        public override Tensor forward(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths) =>
            F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity, reduction);
    }

    public sealed class MultiLabelSoftMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public MultiLabelSoftMarginLoss(Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(weight, reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.multilabel_soft_margin_loss(input, target, weight, reduction);
    }

    public sealed class MultiLabelMarginLoss : Loss<Tensor, Tensor, Tensor>
    {
        public MultiLabelMarginLoss(nn.Reduction reduction = nn.Reduction.Mean) : base(reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.multi_label_margin_loss(input, target, reduction);
    }

    public sealed class MultiMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        public MultiMarginLoss(int p = 1, double margin = 1.0, Tensor? weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(weight, reduction) =>
            (this.p, this.margin) = (p, margin);

        public int p { get; }

        public double margin { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.multi_margin_loss(input, target, p, margin, weight, reduction);
    }

    public sealed class SoftMarginLoss : Loss<Tensor, Tensor, Tensor>
    {
        public SoftMarginLoss(nn.Reduction reduction = nn.Reduction.Mean) : base(reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.soft_margin_loss(input, target, reduction);
    }
}
