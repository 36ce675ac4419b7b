using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values, written in place without a trace in autograd.</summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            /// <summary>The factor that keeps the variance through a nonlinearity.</summary>
            /// <param name="param">The negative slope, for a leaky ReLU.</param>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + (param * param))),
                _ => 1,
            };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var sizes = tensor.shape;
                if (sizes.Length < 2)
                    throw new ArgumentException($"Fan in and fan out can not be computed for a tensor with {sizes.Length} dimensions, at least 2 are needed");
                var field = sizes.Skip(2).Aggregate(1L, (product, n) => product * n);
                return (sizes[1] * field, sizes[0] * field);
            }

            public static Tensor ones_(Tensor tensor) => Quietly(tensor, static t => t.fill_(1));

            public static Tensor zeros_(Tensor tensor) => Quietly(tensor, static t => t.zero_());

            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.normal_(mean, std, generator));

            /// <summary>A normal distribution cut off at a and b, by the inverse of its distribution function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator? generator = null)
            {
                double low = NormalCdf((a - mean) / std), high = NormalCdf((b - mean) / std);
                return Quietly(tensor, t => t.uniform_((2 * low) - 1, (2 * high) - 1, generator).erfinv_().mul_(std * Math.Sqrt(2)).add_(mean).clamp_((Scalar)a, (Scalar)b));
            }

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var bound = Math.Sqrt(3) * XavierDeviation(tensor, gain);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, XavierDeviation(tensor, gain));

            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            public static Tensor glorot_normal_(Tensor tensor, double gain = 1.0) => xavier_normal_(tensor, gain);

            public static Tensor eye_(Tensor tensor) => tensor.dim() == 2
                ? Quietly(tensor, static t =>
                {
                    using var identity = eye(t.shape[0], t.shape[1], t.dtype, t.device);
                    t.copy_(identity);
                })
                : throw new ArgumentException($"Only tensors with 2 dimensions are supported, not {tensor.dim()}");

            /// <summary>A convolution weight that passes its input through: a one in the middle of each diagonal kernel.</summary>
            public static Tensor dirac_(Tensor tensor)
            {
                var sizes = tensor.shape;
                if (sizes.Length is < 3 or > 5)
                    throw new ArgumentException($"Only tensors with 3, 4, or 5 dimensions are supported, not {sizes.Length}");
                return Quietly(tensor, t =>
                {
                    t.zero_();
                    for (long channel = 0; channel < Math.Min(sizes[0], sizes[1]); channel++)
                    {
                        TensorIndex[] middle = [channel, channel, .. sizes.Skip(2).Select(n => (TensorIndex)(n / 2))];
                        t.index_put_((Scalar)1, middle);
                    }
                });
            }

            /// <summary>Orthonormal rows or columns, whichever are fewer, times the gain (Saxe et al. 2013).</summary>
            /// <param name="tensor">Of at least 2 dimensions; those behind the first count as one.</param>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                var sizes = tensor.shape;
                if (sizes.Length < 2)
                    throw new ArgumentException($"Only tensors with 2 or more dimensions are supported, not {sizes.Length}");
                return Quietly(tensor, t =>
                {
                    if (t.numel() == 0)
                        return;
                    using var drawn = randn(sizes[0], t.numel() / sizes[0], t.dtype, t.device);
                    var wide = drawn.shape[0] < drawn.shape[1];
                    using var tall = wide ? drawn.t() : drawn.alias();
                    var (q, r) = Ops.linalg_qr.CallTwo(tall, "reduced");
                    using var orthonormal = q;
                    using var triangle = r;
                    // Signs that make the decomposition unique, and so the distribution uniform.
                    using var diagonal = triangle.diagonal();
                    using var signs = diagonal.sign();
                    orthonormal.mul_(signs);
                    using var turned = wide ? orthonormal.t() : orthonormal.alias();
                    using var shaped = turned.reshape(sizes);
                    t.copy_(shaped).mul_(gain);
                });
            }

            /// <summary>A matrix of normal numbers of which a share, in each column, is zero (Martens 2010).</summary>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                var sizes = tensor.shape;
                if (sizes.Length != 2)
                    throw new ArgumentException($"Only tensors with 2 dimensions are supported, not {sizes.Length}");
                var zeros = (long)Math.Ceiling(sparsity * sizes[0]);
                return Quietly(tensor, t =>
                {
                    t.normal_(0, std);
                    for (long column = 0; column < sizes[1]; column++)
                    {
                        using var order = Ops.randperm.Call(sizes[0], ScalarType.Int64, Argument.None, t.device);
                        using var rows = order.narrow(0, 0, zeros);
                        using var target = t.select(1, column);
                        target.index_fill_(0, rows, 0);
                    }
                });
            }

            private static double KaimingDeviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static double XavierDeviation(Tensor tensor, double gain)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
            }

            private static double NormalCdf(double x)
            {
                using var argument = tensor(x / Math.Sqrt(2), ScalarType.Float64);
                return (1 + argument.erf_().item<double>()) / 2;
            }

            private static Tensor Quietly(Tensor tensor, Action<Tensor> write)
            {
                using (no_grad())
                    write(tensor);
                return tensor;
            }
        }
    }
}
