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
            /// <summary>Max pooling over regions of random sizes (Graham 2014), to a given size or a ratio of the input's. Exactly one of the two must be given.</summary>
            public static FractionalMaxPool2d FractionalMaxPool2d(long kernel_size, long? output_size = null, double? output_ratio = null) =>
                new([kernel_size, kernel_size], Twice(output_size), output_ratio is { } ratio ? [ratio, ratio] : null);

            public static FractionalMaxPool2d FractionalMaxPool2d((long, long) kernel_size, (long, long)? output_size = null, (double, double)? output_ratio = null) =>
                new(Two(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2] : null);

            public static FractionalMaxPool2d FractionalMaxPool2d(long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null) =>
                new(kernel_size, output_size, output_ratio);

            public static FractionalMaxPool3d FractionalMaxPool3d(long kernel_size, long? output_size = null, double? output_ratio = null) =>
                new([kernel_size, kernel_size, kernel_size], Thrice(output_size), output_ratio is { } ratio ? [ratio, ratio, ratio] : null);

            public static FractionalMaxPool3d FractionalMaxPool3d((long, long, long) kernel_size, (long, long, long)? output_size = null, (double, double, double)? output_ratio = null) =>
                new(Three(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2, ratio.Item3] : null);

            public static FractionalMaxPool3d FractionalMaxPool3d(long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null) =>
                new(kernel_size, output_size, output_ratio);

            public static partial class functional
            {
                public static Tensor fractional_max_pool2d(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                    fractional_max_pool2d(input, [kernel_size, kernel_size], Twice(output_size), output_ratio is { } ratio ? [ratio, ratio] : null);

                public static Tensor fractional_max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? output_size = null, (double, double)? output_ratio = null) =>
                    fractional_max_pool2d(input, Two(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2] : null);

                public static Tensor fractional_max_pool2d(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
                {
                    var (output, indices) = fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio);
                    indices.Dispose();
                    return output;
                }

                public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                    fractional_max_pool2d_with_indices(input, [kernel_size, kernel_size], Twice(output_size), output_ratio is { } ratio ? [ratio, ratio] : null);

                public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(Tensor input, (long, long) kernel_size, (long, long)? output_size = null, (double, double)? output_ratio = null) =>
                    fractional_max_pool2d_with_indices(input, Two(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2] : null);

                public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
                {
                    var size = FractionalSize(input, 2, output_size, output_ratio);
                    using var samples = FractionalSamples(input, 2);
                    return Ops.fractional_max_pool2d.CallTwo(input, kernel_size, size, samples);
                }

                public static Tensor fractional_max_pool3d(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                    fractional_max_pool3d(input, [kernel_size, kernel_size, kernel_size], Thrice(output_size), output_ratio is { } ratio ? [ratio, ratio, ratio] : null);

                public static Tensor fractional_max_pool3d(Tensor input, (long, long, long) kernel_size, (long, long, long)? output_size = null, (double, double, double)? output_ratio = null) =>
                    fractional_max_pool3d(input, Three(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2, ratio.Item3] : null);

                public static Tensor fractional_max_pool3d(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
                {
                    var (output, indices) = fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio);
                    indices.Dispose();
                    return output;
                }

                public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                    fractional_max_pool3d_with_indices(input, [kernel_size, kernel_size, kernel_size], Thrice(output_size), output_ratio is { } ratio ? [ratio, ratio, ratio] : null);

                public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(Tensor input, (long, long, long) kernel_size, (long, long, long)? output_size = null, (double, double, double)? output_ratio = null) =>
                    fractional_max_pool3d_with_indices(input, Three(kernel_size), Maybe(output_size), output_ratio is { } ratio ? [ratio.Item1, ratio.Item2, ratio.Item3] : null);

                public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
                {
                    var size = FractionalSize(input, 3, output_size, output_ratio);
                    using var samples = FractionalSamples(input, 3);
                    return Ops.fractional_max_pool3d.CallTwo(input, kernel_size, size, samples);
                }

                private static long[] FractionalSize(Tensor input, int spatial, long[]? size, double[]? ratio)
                {
                    if (size is not null)
                        return size;
                    if (ratio is null)
                        throw new ArgumentException("fractional max pooling requires specifying either an output_size or an output_ratio");
                    var before = (int)input.dim() - spatial;
                    var sizes = input.shape;
                    return [.. ratio.Select((part, i) => (long)(sizes[before + i] * part))];
                }

                // Where the regions lie: one number for each image, channel and dimension.
                private static Tensor FractionalSamples(Tensor input, int spatial)
                {
                    var sizes = input.shape;
                    var images = sizes.Length == spatial + 1 ? 1 : sizes[0];
                    return rand(images, sizes[^(spatial + 1)], spatial, input.dtype, input.device);
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class FractionalMaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal FractionalMaxPool2d(long[] kernel_size, long[]? output_size, double[]? output_ratio) : base(nameof(FractionalMaxPool2d))
        {
            this.kernel_size = kernel_size;
            this.output_size = (output_size is null) != (output_ratio is null) ? output_size : throw new ArgumentException($"{GetName()} needs either an output_size or an output_ratio");
            this.output_ratio = output_ratio;
        }

        public long[] kernel_size { get; set; }

        public long[]? output_size { get; set; }

        public double[]? output_ratio { get; set; }

        public override Tensor forward(Tensor input) => F.fractional_max_pool2d(input, kernel_size, output_size, output_ratio);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) =>
            F.fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio);
    }

    public sealed class FractionalMaxPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal FractionalMaxPool3d(long[] kernel_size, long[]? output_size, double[]? output_ratio) : base(nameof(FractionalMaxPool3d))
        {
            this.kernel_size = kernel_size;
            this.output_size = (output_size is null) != (output_ratio is null) ? output_size : throw new ArgumentException($"{GetName()} needs either an output_size or an output_ratio");
            this.output_ratio = output_ratio;
        }

        public long[] kernel_size { get; set; }

        public long[]? output_size { get; set; }

        public double[]? output_ratio { get; set; }

        public override Tensor forward(Tensor input) => F.fractional_max_pool3d(input, kernel_size, output_size, output_ratio);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) =>
            F.fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio);
    }
}
