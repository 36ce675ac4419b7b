using Repro.Torch.Dispatch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>How the losses of a batch become one number.</summary>
            public enum Reduction : long
            {
                None = 0,
                Mean = 1,
                Sum = 2,
            }

            /// <summary>Log-softmax over classes, then the negative log-likelihood.</summary>
            public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) =>
                new(weight, ignore_index, reduction);

            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static partial class functional
            {
                /// <param name="input">Logits (N, C) or (N, C, ...).</param>
                /// <param name="target">Class numbers (int64), or probabilities of the input's shape.</param>
                public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                    weight is null && label_smoothing == 0
                        ? FusedOps.cross_entropy.Call(input, target, (long)reduction, ignore_index)
                        : Ops.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

                public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Ops.nll_loss_nd.Call(input, target, weight, (long)reduction);

                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.mse_loss.Call(input, target, (long)reduction);

                public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.l1_loss.Call(input, target, (long)reduction);

                public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                    Ops.smooth_l1_loss.Call(input, target, (long)reduction, beta);

                public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                    Ops.huber_loss.Call(input, target, (long)reduction, delta);

                public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                    Ops.binary_cross_entropy.Call(input, target, weight, (long)reduction);

                public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                    Ops.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);

                public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                    Ops.kl_div.Call(input, target, (long)reduction, log_target);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public abstract class Loss<T1, T2, TResult> : torch.nn.Module<T1, T2, TResult>
    {
        protected Loss(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : base(nameof(Loss<T1, T2, TResult>)) => this.reduction = reduction;

        public torch.nn.Reduction reduction { get; }
    }

    public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult>
    {
        protected WeightedLoss(torch.Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : base(reduction) => this.weight = weight;

        public torch.Tensor? weight { get; }
    }

    public sealed class CrossEntropyLoss : WeightedLoss<torch.Tensor, torch.Tensor, torch.Tensor>
    {
        public CrossEntropyLoss(torch.Tensor? weight = null, long? ignore_index = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean, double label_smoothing = 0.0)
            : base(weight, reduction)
        {
            this.ignore_index = ignore_index;
            this.label_smoothing = label_smoothing;
        }

        public long? ignore_index { get; }

        public double label_smoothing { get; }

        public override torch.Tensor forward(torch.Tensor input, torch.Tensor target) =>
            torch.nn.functional.cross_entropy(input, target, weight, ignore_index ?? -100, reduction, label_smoothing);
    }

    public sealed class NLLLoss : WeightedLoss<torch.Tensor, torch.Tensor, torch.Tensor>
    {
        public NLLLoss(torch.Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : base(weight, reduction)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, torch.Tensor target) => torch.nn.functional.nll_loss(input, target, weight, reduction);
    }

    public sealed class MSELoss : Loss<torch.Tensor, torch.Tensor, torch.Tensor>
    {
        public MSELoss(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : base(reduction)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, torch.Tensor target) => torch.nn.functional.mse_loss(input, target, reduction);
    }

    public sealed class L1Loss : Loss<torch.Tensor, torch.Tensor, torch.Tensor>
    {
        public L1Loss(torch.nn.Reduction reduction = torch.nn.Reduction.Mean) : base(reduction)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, torch.Tensor target) => torch.nn.functional.l1_loss(input, target, reduction);
    }
}
