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
            /// <summary>Normalizes over the last dimensions (Ba et al. 2016).</summary>
            /// <param name="normalized_shape">Sizes of those dimensions.</param>
            /// <param name="bias">Whether an affine layer shifts, too.</param>
            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            /// <summary>Normalizes (N, C, ...) over groups of channels (Wu and He 2018).</summary>
            public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_groups, num_channels, eps, affine, device, dtype);

            /// <summary>Divides by (k + alpha * mean square over neighbouring channels)^beta (Krizhevsky et al. 2012).</summary>
            /// <param name="size">Channels in that mean.</param>
            public static LocalResponseNorm LocalResponseNorm(long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) => new(size, alpha, beta, k);

            public static partial class functional
            {
                public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Ops.layer_norm.Call(input, normalized_shape, weight, bias, eps);

                public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    FusedOps.group_norm.Call(input, num_groups, weight, bias, eps, false);

                /// <summary>Divides by the p-norm along a dimension.</summary>
                public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
                {
                    using var norm = linalg.vector_norm(input, p, [dim], true);
                    using var bounded = norm.clamp_min(eps);
                    return input / bounded;
                }

                public static Tensor local_response_norm(Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0)
                {
                    var sizes = input.shape;
                    if (sizes.Length < 3)
                        throw new ArgumentException($"local_response_norm: expected 3D or higher dimensionality input (got {sizes.Length} dimensions)");
                    if (input.numel() == 0)
                        return input.alias();
                    // Channels as rows of an image, so that an average pool along them is the mean over neighbours.
                    using var squares = input.mul(input);
                    using var rows = squares.reshape(sizes[0], 1, sizes[1], -1);
                    using var padded = pad(rows, (0, 0, size / 2, (size - 1) / 2));
                    using var means = avg_pool2d(padded, [size, 1], [1, 1]);
                    using var shaped = means.reshape(sizes);
                    using var scaled = shaped.mul(alpha);
                    using var shifted = scaled.add(k);
                    using var divisor = shifted.pow(beta);
                    return input.div(divisor);
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Weight and bias of the normalized shape.</summary>
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        private Parameter? ownWeight;
        private Parameter? ownBias;

        internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype) : base(nameof(LayerNorm))
        {
            this.normalized_shape = normalized_shape;
            this.eps = eps;
            this.elementwise_affine = elementwise_affine;
            if (!elementwise_affine)
                return;
            weight = new Parameter(empty(normalized_shape, dtype, device));
            if (bias)
                this.bias = new Parameter(empty(normalized_shape, dtype, device));
            reset_parameters();
        }

        public long[] normalized_shape { get; set; }

        public double eps { get; set; }

        public bool elementwise_affine { get; set; }

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

        public void reset_parameters()
        {
            if (!elementwise_affine)
                return;
            nn.init.ones_(weight);
            if (bias is not null)
                nn.init.zeros_(bias);
        }

        public override Tensor forward(Tensor tensor) => F.layer_norm(tensor, normalized_shape, ownWeight, ownBias, eps);
    }

    /// <summary>Weight and bias (C).</summary>
    public sealed class GroupNorm : nn.Module<Tensor, Tensor>
    {
        private Parameter? ownWeight;
        private Parameter? ownBias;

        internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
        {
            if (num_channels % num_groups != 0)
                throw new ArgumentException($"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})");
            this.num_groups = num_groups;
            this.eps = eps;
            this.affine = affine;
            if (!affine)
                return;
            weight = new Parameter(ones(num_channels, dtype, device));
            bias = new Parameter(zeros(num_channels, dtype, device));
        }

        public long num_groups { get; set; }

        public double eps { get; set; }

        public bool affine { get; set; }

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

        public override Tensor forward(Tensor tensor) => Normalize(tensor, silu: false);

        internal Tensor Normalize(Tensor tensor, bool silu) => ownWeight is { } scale && (tensor.dim() < 2 || tensor.size(1) != scale.size(0))
            ? throw new ArgumentException($"{GetName()}: expected an input of {scale.size(0)} channels in its second dimension, but got [{string.Join(", ", tensor.shape)}]")
            : FusedOps.group_norm.Call(tensor, num_groups, ownWeight, ownBias, eps, silu);
    }

    public sealed class LocalResponseNorm : ParameterLessModule<Tensor, Tensor>
    {
        internal LocalResponseNorm(long size, double alpha, double beta, double k) : base(nameof(LocalResponseNorm))
        {
            this.size = size;
            this.alpha = alpha;
            this.beta = beta;
            this.k = k;
        }

        public long size { get; set; }

        public double alpha { get; set; }

        public double beta { get; set; }

        public double k { get; set; }

        public override Tensor forward(Tensor input) => F.local_response_norm(input, size, alpha, beta, k);
    }
}
