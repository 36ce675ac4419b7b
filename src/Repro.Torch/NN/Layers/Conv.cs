using Repro.Torch.Dispatch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A convolution over (N, C, L) or (C, L).</summary>
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size], [stride], [padding], null, [dilation], groups, bias, padding_mode, device, dtype);

            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size], [stride], null, padding, [dilation], groups, bias, padding_mode, device, dtype);

            /// <summary>A convolution over (N, C, H, W) or (C, H, W).</summary>
            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding], null, [dilation, dilation], groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), Two(stride ?? (1, 1)), Two(padding ?? (0, 0)), null, Two(dilation ?? (1, 1)), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], null, padding, [dilation, dilation], groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), Two(stride ?? (1, 1)), null, padding, Two(dilation ?? (1, 1)), groups, bias, padding_mode, device, dtype);

            /// <summary>A convolution over (N, C, D, H, W) or (C, D, H, W).</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], [padding, padding, padding], null, [dilation, dilation, dilation], groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Three(kernel_size), Three(stride ?? (1, 1, 1)), Three(padding ?? (0, 0, 0)), null, Three(dilation ?? (1, 1, 1)), groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, [kernel_size, kernel_size, kernel_size], [stride, stride, stride], null, padding, [dilation, dilation, dilation], groups, bias, padding_mode, device, dtype);

            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, Padding padding, (long, long, long)? stride = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Three(kernel_size), Three(stride ?? (1, 1, 1)), null, padding, Three(dilation ?? (1, 1, 1)), groups, bias, padding_mode, device, dtype);

            internal static long[] Two((long, long) pair) => [pair.Item1, pair.Item2];

            internal static long[] Three((long, long, long) triple) => [triple.Item1, triple.Item2, triple.Item3];

            public static partial class functional
            {
                // A list of one number stands for as many as there are dimensions.
                private static readonly long[] Ones = [1];
                private static readonly long[] Zeros = [0];

                public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                    Ops.conv1d.Call(input, weight, bias, new[] { stride ?? 1 }, new[] { padding ?? 0 }, new[] { dilation ?? 1 }, groups);

                public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1) =>
                    Ops.conv1d_padding.Call(input, weight, bias, new[] { stride ?? 1 }, Word(padding), new[] { dilation ?? 1 }, groups);

                public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                    Ops.conv2d.Call(input, weight, bias, strides ?? Ones, padding ?? Zeros, dilation ?? Ones, groups);

                public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                    Ops.conv2d_padding.Call(input, weight, bias, strides ?? Ones, Word(padding), dilation ?? Ones, groups);

                public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                    Ops.conv3d.Call(input, weight, bias, strides ?? Ones, padding ?? Zeros, dilation ?? Ones, groups);

                public static Tensor conv3d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                    Ops.conv3d_padding.Call(input, weight, bias, strides ?? Ones, Word(padding), dilation ?? Ones, groups);

                private static string Word(Padding padding) => padding == Padding.Same ? "same" : "valid";
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(Conv1d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, [0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            if (PadsWithZeros)
                return padding_type is { } type
                    ? torch.nn.functional.conv1d_padding(input, weight, bias, stride[0], type, dilation[0], groups)
                    : torch.nn.functional.conv1d(input, weight, bias, stride[0], padding![0], dilation[0], groups);
            using var padded = Padded(input);
            return torch.nn.functional.conv1d(padded, weight, bias, stride[0], 0, dilation[0], groups);
        }
    }

    public sealed class Conv2d : Convolution
    {
        internal Conv2d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(Conv2d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, [0, 0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            if (PadsWithZeros)
                return padding_type is { } type
                    ? torch.nn.functional.conv2d_padding(input, weight, bias, stride, type, dilation, groups)
                    : torch.nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
            using var padded = Padded(input);
            return torch.nn.functional.conv2d(padded, weight, bias, stride, null, dilation, groups);
        }
    }

    public sealed class Conv3d : Convolution
    {
        internal Conv3d(
            long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, long groups, bool bias,
            PaddingModes padding_mode, torch.Device? device, torch.ScalarType? dtype)
            : base(nameof(Conv3d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, false, [0, 0, 0], groups, bias, padding_mode, device, dtype)
        {
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            if (PadsWithZeros)
                return padding_type is { } type
                    ? torch.nn.functional.conv3d_padding(input, weight, bias, stride, type, dilation, groups)
                    : torch.nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups);
            using var padded = Padded(input);
            return torch.nn.functional.conv3d(padded, weight, bias, stride, null, dilation, groups);
        }
    }
}
