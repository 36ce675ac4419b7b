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
            /// <summary>Normalizes each channel of (N, C) or (N, C, L) by the batch's mean and variance, in evaluation by the running ones.</summary>
            public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Normalizes each channel of (N, C, H, W) by the batch's mean and variance, in evaluation by the running ones.</summary>
            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Normalizes each channel of (N, C, D, H, W) by the batch's mean and variance, in evaluation by the running ones.</summary>
            public static BatchNorm3d BatchNorm3d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                    BatchNorm(input, running_mean, running_var, weight, bias, training, momentum, eps, null, relu: false);

                /// <summary>With a sum and a ReLU behind it.</summary>
                internal static Tensor BatchNorm(
                    Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight, Tensor? bias, bool training, double momentum, double eps, Tensor? residual, bool relu)
                {
                    if (training)
                    {
                        CheckValues(input.shape);
                        return FusedOps.batch_norm.Call(input, weight, bias, running_mean, running_var, residual, momentum, eps, relu);
                    }
                    var normal = Ops.batch_norm.Call(input, weight, bias, running_mean, running_var, false, momentum, eps, true);
                    if (residual is not null)
                        normal.add_(residual);
                    return relu ? normal.relu_() : normal;
                }

                // One value has no variance: libtorch would put a NaN into the running one, from which nothing recovers.
                private static void CheckValues(long[] sizes)
                {
                    var values = sizes.Length == 0 ? 0 : sizes[0];
                    for (var i = 2; i < sizes.Length; i++)
                        values *= sizes[i];
                    if (values == 1)
                        throw new ArgumentException($"batch_norm: Expected more than 1 value per channel when training, got input size [{string.Join(", ", sizes)}]");
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public abstract class BatchNorm : NormBase
    {
        protected BatchNorm(
            long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        public override Tensor forward(Tensor input) => Normalize(input, null, relu: false);

        /// <summary>relu(normal(input) + residual), without what is left out.</summary>
        internal Tensor Normalize(Tensor input, Tensor? residual, bool relu)
        {
            ValidateInputDimensions(input);
            var average = momentum ?? 0.0;
            if (training && track_running_stats && num_batches_tracked is { } count)
            {
                using (no_grad())
                    count.add_(1);
                if (momentum is null)
                    average = 1.0 / count.item<long>();
            }
            var byBatch = training || running_mean is null;
            var track = !training || track_running_stats;
            return F.BatchNorm(input, track ? running_mean : null, track ? running_var : null, affine ? weight : null, bias, byBatch, average, eps, residual, relu);
        }
    }

    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input) => Expect(input, 2, 3);
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input) => Expect(input, 4, 4);
    }

    public sealed class BatchNorm3d : BatchNorm
    {
        internal BatchNorm3d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm3d))
        {
        }

        protected override void ValidateInputDimensions(Tensor input) => Expect(input, 5, 5);
    }
}
