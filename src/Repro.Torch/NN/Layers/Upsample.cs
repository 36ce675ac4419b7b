using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public enum UpsampleMode
        {
            Nearest = 0,
            Linear = 1,
            Bilinear = 2,
            Bicubic = 3,
            Trilinear = 4,
        }

        public enum InterpolationMode
        {
            Nearest = 0,
            Linear = 1,
            Bilinear = 2,
            Bicubic = 3,
            Trilinear = 4,
            Area = 5,
            NearestExact = 6,
        }

        public static partial class nn
        {
            /// <param name="size">Of the output's spatial dimensions; or null, with factors.</param>
            /// <param name="align_corners">The outer pixels of input and output coincide; not for the mode Nearest.</param>
            public static Upsample Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null) =>
                new(size, scale_factor, mode, align_corners, recompute_scale_factor);

            public static partial class functional
            {
                /// <param name="size">Of the output's spatial dimensions; or null, with factors.</param>
                /// <param name="align_corners">The outer pixels of input and output coincide; only for the linear modes and Bicubic.</param>
                /// <param name="recompute_scale_factor">The factors only give the size; positions follow from the rounded sizes.</param>
                /// <param name="antialias">For Bilinear and Bicubic of images.</param>
                public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
                {
                    var sizes = x.shape;
                    var spatial = sizes.Length - 2;
                    if ((size is null) == (scale_factor is null))
                        throw new ArgumentException("interpolate: exactly one of size and scale_factor should be defined");
                    if (align_corners is not null && mode is InterpolationMode.Nearest or InterpolationMode.Area or InterpolationMode.NearestExact)
                        throw new ArgumentException($"interpolate: align_corners can only be set with the linear and cubic modes, not {mode}");
                    if (antialias && (mode is not (InterpolationMode.Bilinear or InterpolationMode.Bicubic) || spatial != 2))
                        throw new ArgumentException("interpolate: anti-alias is only supported for Bilinear and Bicubic of 4-D inputs");
                    var wanted = Spread(size, spatial);
                    var factors = Spread(scale_factor, spatial);
                    if (factors is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                    {
                        wanted = [.. factors.Select((factor, i) => (long)Math.Floor(sizes[i + 2] * factor))];
                        factors = null;
                    }
                    var corners = align_corners ?? false;
                    return (mode, spatial) switch
                    {
                        (InterpolationMode.Nearest, 1) => Ops.upsample_nearest1d_vec.Call(x, wanted, factors),
                        (InterpolationMode.Nearest, 2) => Ops.upsample_nearest2d_vec.Call(x, wanted, factors),
                        (InterpolationMode.Nearest, 3) => Ops.upsample_nearest3d_vec.Call(x, wanted, factors),
                        (InterpolationMode.NearestExact, 1) => Ops._upsample_nearest_exact1d_vec.Call(x, wanted, factors),
                        (InterpolationMode.NearestExact, 2) => Ops._upsample_nearest_exact2d_vec.Call(x, wanted, factors),
                        (InterpolationMode.NearestExact, 3) => Ops._upsample_nearest_exact3d_vec.Call(x, wanted, factors),
                        (InterpolationMode.Linear, 1) => Ops.upsample_linear1d_vec.Call(x, wanted, corners, factors),
                        (InterpolationMode.Bilinear, 2) => (antialias ? Ops._upsample_bilinear2d_aa_vec : Ops.upsample_bilinear2d_vec).Call(x, wanted, corners, factors),
                        (InterpolationMode.Bicubic, 2) => (antialias ? Ops._upsample_bicubic2d_aa_vec : Ops.upsample_bicubic2d_vec).Call(x, wanted, corners, factors),
                        (InterpolationMode.Trilinear, 3) => Ops.upsample_trilinear3d_vec.Call(x, wanted, corners, factors),
                        (InterpolationMode.Area, 1) => adaptive_avg_pool1d(x, wanted![0]),
                        (InterpolationMode.Area, 2) => adaptive_avg_pool2d(x, wanted!),
                        (InterpolationMode.Area, 3) => adaptive_avg_pool3d(x, wanted!),
                        _ => throw new ArgumentException($"interpolate: mode {mode} does not take an input of {sizes.Length} dimensions"),
                    };
                }

                public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                    interpolate(input, size, scale_factor, (InterpolationMode)mode, mode == UpsampleMode.Nearest ? null : align_corners);

                public static Tensor upsample_bilinear(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                    upsample(x, size, scale_factor, UpsampleMode.Bilinear, align_corners);

                public static Tensor upsample_nearest(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                    upsample(x, size, scale_factor);

                public static Tensor upsample_nearest1d(Tensor input, long? outputSize, double? scaleFactor) =>
                    Ops.upsample_nearest1d_vec.Call(input, Once(outputSize), scaleFactor is { } factor ? new[] { factor } : null);

                public static Tensor upsample_nearest2d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null) =>
                    Ops.upsample_nearest2d_vec.Call(input, outputSizes, scaleFactors);

                public static Tensor upsample_nearest3d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null) =>
                    Ops.upsample_nearest3d_vec.Call(input, outputSizes, scaleFactors);

                /// <param name="inputSize">The length that was upsampled.</param>
                public static Tensor upsample_nearest1d_backward(Tensor grad_output, long? outputSize, long inputSize, double? scaleFactor)
                {
                    var sizes = grad_output.shape;
                    return Ops.upsample_nearest1d_backward.Call(grad_output, new[] { outputSize ?? sizes[2] }, new[] { sizes[0], sizes[1], inputSize }, scaleFactor);
                }

                /// <param name="inputSizes">Of the tensor that was upsampled, all of them.</param>
                public static Tensor upsample_nearest2d_backward(Tensor grad_output, long[] inputSizes, long[]? outputSizes = null, double[]? scaleFactors = null) =>
                    Ops.upsample_nearest2d_backward.Call(grad_output, outputSizes ?? grad_output.shape[2..], inputSizes, scaleFactors?[0], scaleFactors?[1]);

                public static Tensor upsample_nearest3d_backward(Tensor grad_output, long[] inputSizes, long[]? outputSizes = null, double[]? scaleFactors = null) =>
                    Ops.upsample_nearest3d_backward.Call(grad_output, outputSizes ?? grad_output.shape[2..], inputSizes, scaleFactors?[0], scaleFactors?[1], scaleFactors?[2]);

                // One number stands for all spatial dimensions.
                private static T[]? Spread<T>(T[]? values, int count) => values is { Length: 1 } && count > 1 ? [.. Enumerable.Repeat(values[0], count)] : values;
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
    {
        private readonly long[]? sizes;
        private readonly double[]? factors;

        internal Upsample(long[]? size, double[]? scale_factor, UpsampleMode mode, bool? align_corners, bool? recompute_scale_factor) : base(nameof(Upsample)) =>
            (sizes, factors, this.mode, this.align_corners, this.recompute_scale_factor) = (size, scale_factor, mode, align_corners, recompute_scale_factor);

        public UpsampleMode mode { get; private set; }

        public bool? align_corners { get; private set; }

        public bool? recompute_scale_factor { get; set; }

        public ReadOnlySpan<long> size => sizes;

        public ReadOnlySpan<double> scale_factor => factors;

        public override Tensor forward(Tensor input) =>
            nn.functional.interpolate(input, sizes, factors, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
    }
}
