using Repro.Torch.Dispatch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Normalizes each channel of (N, C, H, W) by the batch's mean and variance, in evaluation by the running ones.</summary>
            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>The same over (N, C) or (N, C, L).</summary>
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                    Ops.batch_norm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

                public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Ops.layer_norm.Call(input, normalized_shape, weight, bias, eps);

                public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Ops.group_norm.Call(input, num_groups, weight, bias, eps);

                public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
                {
                    using var norm = linalg.vector_norm(input, p, [dim], true);
                    using var bounded = norm.clamp_min(eps);
                    return input / bounded;
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Scale, shift and running statistics of a normalization over channels.</summary>
    public abstract class NormBase : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private Parameter? ownWeight;
        private Parameter? ownBias;
        private torch.Tensor? mean;
        private torch.Tensor? variance;
        private torch.Tensor? batches;

        private protected NormBase(
            long num_features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype, string name) : base(name)
        {
            this.num_features = num_features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            this.track_running_stats = track_running_stats;
            if (affine)
            {
                weight = new Parameter(torch.empty(num_features, dtype, device));
                bias = new Parameter(torch.empty(num_features, dtype, device));
            }
            if (track_running_stats)
            {
                running_mean = torch.zeros(num_features, dtype, device);
                running_var = torch.ones(num_features, dtype, device);
                num_batches_tracked = torch.tensor(0L, device: device);
            }
            reset_parameters();
        }

        public long num_features { get; private set; }

        public double eps { get; set; }

        /// <summary>Share of the newest batch in the running statistics; null averages over all batches.</summary>
        public double? momentum { get; set; }

        public bool affine { get; private set; }

        public bool track_running_stats { get; private set; }

        public Parameter weight
        {
            get => ownWeight!;
            set => ConditionallyRegisterParameter(nameof(weight), ownWeight = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias
        {
            get => ownBias;
            set => ConditionallyRegisterParameter(nameof(bias), ownBias = (Parameter?)value?.DetachFromDisposeScope());
        }

        public torch.Tensor? running_mean
        {
            get => mean;
            set => ConditionallyRegisterBuffer(nameof(running_mean), mean = value?.DetachFromDisposeScope());
        }

        public torch.Tensor? running_var
        {
            get => variance;
            set => ConditionallyRegisterBuffer(nameof(running_var), variance = value?.DetachFromDisposeScope());
        }

        public torch.Tensor? num_batches_tracked
        {
            get => batches;
            set => ConditionallyRegisterBuffer(nameof(num_batches_tracked), batches = value?.DetachFromDisposeScope());
        }

        public void reset_running_stats()
        {
            running_mean?.zero_();
            running_var?.fill_(1);
            num_batches_tracked?.zero_();
        }

        public void reset_parameters()
        {
            reset_running_stats();
            if (!affine)
                return;
            torch.nn.init.ones_(weight);
            torch.nn.init.zeros_(bias!);
        }
    }

    public abstract class BatchNorm : NormBase
    {
        private protected BatchNorm(
            long num_features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        private protected abstract bool Fits(long dimensions);

        public override torch.Tensor forward(torch.Tensor input)
        {
            var dimensions = input.dim();
            if (!Fits(dimensions))
                throw new ArgumentException($"{GetName()} cannot take an input of {dimensions} dimensions");
            var average = momentum ?? 0.0;
            if (training && track_running_stats && num_batches_tracked is { } count)
            {
                using (torch.no_grad())
                    count.add_(1);
                if (momentum is null)
                    average = 1.0 / count.item<long>();
            }
            var byBatch = training || running_mean is null;
            var track = !training || track_running_stats;
            return torch.nn.functional.batch_norm(input, track ? running_mean : null, track ? running_var : null, affine ? weight : null, bias, byBatch, average, eps);
        }
    }

    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
        {
        }

        private protected override bool Fits(long dimensions) => dimensions is 2 or 3;
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, torch.Device? device, torch.ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
        {
        }

        private protected override bool Fits(long dimensions) => dimensions == 4;
    }
}
