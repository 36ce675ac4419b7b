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
            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);

            /// <param name="beta">Where the square ends and the absolute value begins.</param>
            public static SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) => new(reduction, beta);

            public static HuberLoss HuberLoss(double delta = 1.0, Reduction reduction = Reduction.Mean) => new(delta, reduction);

            /// <param name="log_input">The input is the logarithm of the rate.</param>
            /// <param name="full">With Stirling's approximation of log(target!).</param>
            public static PoissonNLLLoss PoissonNLLLoss(bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) => new(log_input, full, eps, reduction);

            /// <param name="full">With the constant log(2 pi) / 2.</param>
            /// <param name="eps">The least variance.</param>
            public static GaussianNLLLoss GaussianNLLLoss(bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) => new(full, eps, reduction);

            /// <param name="log_target">The targets are logarithms of probabilities, as the inputs always are.</param>
            public static KLDivLoss KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) => new(log_target, reduction);

            public static partial class functional
            {
                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.mse_loss.Call(input, target, (long)reduction);

                public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.l1_loss.Call(input, target, (long)reduction);

                public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                    Ops.smooth_l1_loss.Call(input, target, (long)reduction, beta);

                public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                    Ops.huber_loss.Call(input, target, (long)reduction, delta);

                public static Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) =>
                    Ops.poisson_nll_loss.Call(input, target, log_input, full, (double)eps, (long)reduction);

                /// <summary>Half of log(variance) + (input - target)^2 / variance, for each element.</summary>
                /// <param name="variance">Of the input's shape, or 1 in its last dimension, or without that.</param>
                /// <param name="eps">The least variance; the gradient passes it by.</param>
                public static Tensor gaussian_nll_loss(Tensor input, Tensor target, Tensor variance, bool full = false, float eps = 1e-6f, Reduction reduction = Reduction.Mean)
                {
                    CheckVariance(input, variance);
                    using var column = variance.dim() == input.dim() - 1 ? variance.unsqueeze(-1) : variance.alias();
                    using var bounded = column.clone();
                    using (no_grad())
                        bounded.clamp_((Scalar)(double)eps);
                    using var logarithm = bounded.log();
                    using var difference = input.sub(target);
                    using var square = difference.square();
                    using var scaled = square.div(bounded);
                    using var sum = logarithm.add(scaled);
                    var losses = sum.mul(0.5);
                    if (!full)
                        return Reduce(losses, reduction);
                    using (losses)
                        return Reduce(losses.add(0.5 * Math.Log(2 * Math.PI)), reduction);
                }
                private static void CheckVariance(Tensor input, Tensor variance)
                {
                    long[] sizes = input.shape, given = variance.shape;
                    var less = sizes.SkipLast(1).ToArray();
                    if (!given.SequenceEqual(sizes) && !given.SequenceEqual(less) && !given.SequenceEqual([.. less, 1]))
                        throw new ArgumentException($"variance is of the wrong shape: [{string.Join(", ", given)}] for an input of [{string.Join(", ", sizes)}]");
                    using var least = variance.detach();
                    using var below = least.lt(0);
                    using var any = below.any();
                    if (any.item<bool>())
                        throw new ArgumentException("variance has negative entry/entries");
                }

                public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                    Ops.kl_div.Call(input, target, (long)reduction, log_target);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class MSELoss : Loss<Tensor, Tensor, Tensor>
    {
        public MSELoss(nn.Reduction reduction = nn.Reduction.Mean) : base(reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.mse_loss(input, target, reduction);
    }

    public sealed class L1Loss : Loss<Tensor, Tensor, Tensor>
    {
        public L1Loss(nn.Reduction reduction = nn.Reduction.Mean) : base(reduction)
        {
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.l1_loss(input, target, reduction);
    }

    public sealed class SmoothL1Loss : Loss<Tensor, Tensor, Tensor>
    {
        public SmoothL1Loss(nn.Reduction reduction = nn.Reduction.Mean, double beta = 1.0) : base(reduction) => this.beta = beta;

        public double beta { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.smooth_l1_loss(input, target, reduction, beta);
    }

    public sealed class HuberLoss : Loss<Tensor, Tensor, Tensor>
    {
        public HuberLoss(double delta = 1.0, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.delta = delta;

        public double delta { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.huber_loss(input, target, delta, reduction);
    }

    public sealed class PoissonNLLLoss : Loss<Tensor, Tensor, Tensor>
    {
        public PoissonNLLLoss(bool log_input = true, bool full = false, float eps = 1e-8f, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) =>
            (this.log_input, this.full, this.eps) = (log_input, full, eps);

        public bool log_input { get; }

        public bool full { get; }

        public float eps { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.poisson_nll_loss(input, target, log_input, full, eps, reduction);
    }

    public sealed class GaussianNLLLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        public GaussianNLLLoss(bool full = false, float eps = 1e-8f, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) =>
            (this.full, this.eps) = (full, eps);

        public bool full { get; }

        public float eps { get; }

        public override Tensor forward(Tensor input, Tensor target, Tensor variance) =>
            F.gaussian_nll_loss(input, target, variance, full, eps, reduction);
    }

    public sealed class KLDivLoss : Loss<Tensor, Tensor, Tensor>
    {
        public KLDivLoss(bool log_target = true, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.log_target = log_target;

        public bool log_target { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.kl_div(input, target, log_target, reduction);
    }
}
