using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    /// <summary>What lies outside of an image: zeros, the image mirrored, or its nearest pixel.</summary>
    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }

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

            /// <summary>Reads images (N, C, H, W) at the places of a grid (N, H', W', 2) whose coordinates go from -1 to 1; or volumes, with three.</summary>
            /// <param name="align_corners">-1 and 1 are the centres of the outer pixels, not their edges; null is false.</param>
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null)
            {
                // libtorch's own numbers: bilinear 0, nearest 1; zeros 0, border 1, reflection 2.
                var padding = padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 };
                return Ops.grid_sampler.Call(input, grid, mode == GridSampleMode.Nearest ? 1 : 0, padding, align_corners ?? false);
            }

            /// <summary>The grid of an affine map of each image, for <see cref="grid_sample"/>.</summary>
            /// <param name="theta">(N, 2, 3), or (N, 3, 4) for volumes.</param>
            /// <param name="size">Of the output: (N, C, H, W) or (N, C, D, H, W).</param>
            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) => size is null
                ? throw new ArgumentNullException(nameof(size), "affine_grid needs the size of the output")
                : Ops.affine_grid_generator.Call(theta, size, align_corners);
        }
    }
}
