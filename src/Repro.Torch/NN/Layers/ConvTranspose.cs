using Repro.Torch.Dispatch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The gradient of a convolution towards its input, as a layer of its own, over (N, C, L) or (C, L).</summary>
            /// <param name="output_padding">Added to one side of the output's size, which a stride above 1 leaves open.</param>
            public static ConvTranspose1d ConvTranspose1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size], [stride], [padding], [dilation], [output_padding], groups, bias, padding_mode, device, dtype);

            /// <summary>The gradient of a convolution towards its input, as a layer of its own, over (N, C, H, W) or (C, H, W).</summary>
            /// <param name="output_padding">Added to one side of the output's size, which a stride above 1 leaves open.</param>
            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding], [dilation, dilation], [output_padding, output_padding], groups, bias, padding_mode, device, dtype);

            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), Two(stride ?? (1, 1)), Two(padding ?? (0, 0)), Two(dilation ?? (1, 1)), Two(output_padding ?? (0, 0)), groups, bias, padding_mode, device, dtype);

            /// <summary>The gradient of a convolution towards its input, as a layer of its own, over (N, C, D, H, W) or (C, D, H, W).</summary>
            /// <param name="output_padding">Added to one side of the output's size, which a stride above 1 leaves open.</param>
            public static ConvTranspose3d ConvTranspose3d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], [padding, padding, padding], [dilation, dilation, dilation], [output_padding, output_padding, output_padding], groups, bias, padding_mode, device, dtype);

            public static ConvTranspose3d ConvTranspose3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? output_padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Three(kernel_size), Three(stride ?? (1, 1, 1)), Three(padding ?? (0, 0, 0)), Three(dilation ?? (1, 1, 1)), Three(output_padding ?? (0, 0, 0)), groups, bias, padding_mode, device, dtype);

            public static partial class functional
            {
                public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? output_padding = null, long? dilation = null, long groups = 1) =>
                    Ops.conv_transpose1d.Call(input, weight, bias, new[] { stride ?? 1 }, new[] { padding ?? 0 }, new[] { output_padding ?? 0 }, groups, new[] { dilation ?? 1 });

                public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                    Ops.conv_transpose2d_input.Call(input, weight, bias, strides ?? Ones, padding ?? Zeros, output_padding ?? Zeros, groups, dilation ?? Ones);

                public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                    Ops.conv_transpose3d_input.Call(input, weight, bias, strides ?? Ones, padding ?? Zeros, output_padding ?? Zeros, groups, dilation ?? Ones);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What transposed convolutions of all dimensions share. Weight (in, out / groups, kernel...), bias (out).</summary>
    public abstract class ConvolutionTranspose : Convolution
    {
        protected ConvolutionTranspose(
            string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation,
            bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, torch.Device? device = null, torch.ScalarType? dtype = null)
            : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias, padding_mode, device, dtype)
        {
            if (padding_mode != PaddingModes.Zeros)
                throw new ArgumentException($"Only \"zeros\" padding mode is supported for {name}, not {padding_mode}");
        }

        public override torch.Tensor forward(torch.Tensor input) => forward(input, null);

        /// <param name="output_size">Of the spatial dimensions, or of all of them; it decides the output padding. Null takes the layer's own.</param>
        public abstract torch.Tensor forward(torch.Tensor input, long[]? output_size);

        private protected long[] OutputPadding(torch.Tensor input, long[]? output_size) =>
            _output_padding(input, output_size, kernel_size, stride, padding!, dilation, kernel_size.Length);

        protected long[] _output_padding(torch.Tensor input, long[]? output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
        {
            if (output_size is null)
                return output_padding;
            var spatial = (int)num_spatial_dims;
            var sizes = input.shape;
            var before = sizes.Length - spatial;
            var wanted = output_size.Length == sizes.Length ? output_size[before..] : output_size;
            if (wanted.Length != spatial)
                throw new ArgumentException($"{GetName()}: for {sizes.Length}D input, output_size must have {spatial} or {sizes.Length} elements (got {output_size.Length})");
            var extra = new long[spatial];
            for (var i = 0; i < spatial; i++)
            {
                var least = ((sizes[before + i] - 1) * stride[i]) - (2 * padding[i]) + (dilation[i] * (kernel_size[i] - 1)) + 1;
                extra[i] = wanted[i] - least;
                if (extra[i] < 0 || extra[i] >= stride[i])
                    throw new ArgumentException($"{GetName()}: requested an output size of {wanted[i]} in dimension {i}, but valid sizes range from {least} to {least + stride[i] - 1}");
            }
            return extra;
        }
    }

    public sealed class ConvTranspose1d : ConvolutionTranspose
    {
        internal ConvTranspose1d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long[] output_padding, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(ConvTranspose1d), in_channels, out_channels, kernel_size, stride, padding, null, dilation, true, output_padding, groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, long[]? output_size) =>
            torch.nn.functional.conv_transpose1d(input, weight, bias, stride[0], padding![0], OutputPadding(input, output_size)[0], dilation[0], groups);
    }

    public sealed class ConvTranspose2d : ConvolutionTranspose
    {
        internal ConvTranspose2d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long[] output_padding, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(ConvTranspose2d), in_channels, out_channels, kernel_size, stride, padding, null, dilation, true, output_padding, groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, long[]? output_size) =>
            torch.nn.functional.conv_transpose2d(input, weight, bias, stride, padding, OutputPadding(input, output_size), dilation, groups);
    }

    public sealed class ConvTranspose3d : ConvolutionTranspose
    {
        internal ConvTranspose3d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long[] output_padding, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(ConvTranspose3d), in_channels, out_channels, kernel_size, stride, padding, null, dilation, true, output_padding, groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input, long[]? output_size) =>
            torch.nn.functional.conv_transpose3d(input, weight, bias, stride, padding, OutputPadding(input, output_size), dilation, groups);
    }
}
