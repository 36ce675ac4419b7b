using Repro.Torch.Dispatch;

namespace TorchSharp;

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

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <param name="pad">Before and after the last dimension, then the one before it, and so on.</param>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => Ops.constant_pad_nd.Call(input, pad, (Scalar)value),
                PaddingModes.Reflect => Ops.pad.Call(input, pad, "reflect"),
                PaddingModes.Replicate => Ops.pad.Call(input, pad, "replicate"),
                _ => Ops.pad.Call(input, pad, "circular"),
            };

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, Two(pad), mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad, pad }, mode, value);

            /// <param name="size">Of the output's spatial dimensions; or null, with factors.</param>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (antialias)
                    throw new NotSupportedException("interpolate with antialias is not offered by this engine.");
                var factors = recompute_scale_factor ? null : scale_factor;
                var spatial = (int)x.dim() - 2;
                var sizes = size;
                if (sizes is null && (recompute_scale_factor || mode == InterpolationMode.Area))
                    sizes = [.. x.shape.Skip(2).Select((n, i) => (long)Math.Floor(n * scale_factor![Math.Min(i, scale_factor.Length - 1)]))];
                if (sizes is not null)
                    factors = null;
                else if (factors is { Length: 1 } && spatial > 1)
                    factors = [.. Enumerable.Repeat(factors[0], spatial)];
                var corners = align_corners ?? false;
                return (mode, spatial) switch
                {
                    (InterpolationMode.Nearest, 1) => Ops.upsample_nearest1d_vec.Call(x, sizes, factors),
                    (InterpolationMode.Nearest, 2) => Ops.upsample_nearest2d_vec.Call(x, sizes, factors),
                    (InterpolationMode.Linear, 1) => Ops.upsample_linear1d_vec.Call(x, sizes, corners, factors),
                    (InterpolationMode.Bilinear, 2) => Ops.upsample_bilinear2d_vec.Call(x, sizes, corners, factors),
                    (InterpolationMode.Bicubic, 2) => Ops.upsample_bicubic2d_vec.Call(x, sizes, corners, factors),
                    (InterpolationMode.Area, 2) => adaptive_avg_pool2d(x, sizes!),
                    _ => throw new NotSupportedException($"interpolate in mode {mode} is not offered for an input of {x.dim()} dimensions."),
                };
            }

            /// <summary>Patches of (N, C, H, W) as columns: (N, C * kernel, positions).</summary>
            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                Ops.im2col.Call(input, new[] { kernel_size, kernel_size }, new[] { dilation, dilation }, new[] { padding, padding }, new[] { stride, stride });

            public static Tensor unfold(Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                Ops.im2col.Call(input, Two(kernel_size), Two(dilation ?? (1, 1)), Two(padding ?? (0, 0)), Two(stride ?? (1, 1)));
        }
    }
}
