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
            /// <summary>Puts values back where a max pool took them (its indices); zero elsewhere.</summary>
            public static MaxUnpool1d MaxUnpool1d(long kernel_size, long? stride = null, long? padding = null) => new(kernel_size, stride, padding);

            public static MaxUnpool2d MaxUnpool2d(long kernel_size, long? stride = null, long? padding = null) =>
                new([kernel_size, kernel_size], Twice(stride), Twice(padding));

            public static MaxUnpool2d MaxUnpool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null) =>
                new(Two(kernel_size), Maybe(stride), Maybe(padding));

            public static MaxUnpool2d MaxUnpool2d(long[] kernel_size, long[]? stride = null, long[]? padding = null) => new(kernel_size, stride, padding);

            public static MaxUnpool3d MaxUnpool3d(long kernel_size, long? stride = null, long? padding = null) =>
                new([kernel_size, kernel_size, kernel_size], Thrice(stride), Thrice(padding));

            public static MaxUnpool3d MaxUnpool3d((long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null) =>
                new(Three(kernel_size), Maybe(stride), Maybe(padding));

            public static MaxUnpool3d MaxUnpool3d(long[] kernel_size, long[]? stride = null, long[]? padding = null) => new(kernel_size, stride, padding);

            public static partial class functional
            {
                public static Tensor max_unpool1d(Tensor input, Tensor indices, long kernel_size, long? stride = null, long? padding = null, long[]? output_size = null)
                {
                    var size = UnpooledSize(input, [kernel_size], [stride ?? kernel_size], [padding ?? 0], output_size);
                    using var wide = input.unsqueeze(-1);
                    using var at = indices.unsqueeze(-1);
                    using var unpooled = Ops.max_unpool2d.Call(wide, at, new[] { size[0], 1 });
                    return unpooled.squeeze(-1);
                }

                public static Tensor max_unpool2d(Tensor input, Tensor indices, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? output_size = null) =>
                    Ops.max_unpool2d.Call(input, indices, UnpooledSize(input, kernel_size, stride ?? kernel_size, padding ?? [0, 0], output_size));

                public static Tensor max_unpool3d(Tensor input, Tensor indices, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? output_size = null) =>
                    Ops.max_unpool3d.Call(
                        input, indices, UnpooledSize(input, kernel_size, stride ?? kernel_size, padding ?? [0, 0, 0], output_size), stride ?? kernel_size, padding ?? [0, 0, 0]);

                /// <summary>The spatial sizes before the pool, which several may have led to: a given one must be one of them.</summary>
                private static long[] UnpooledSize(Tensor input, long[] kernel, long[] stride, long[] padding, long[]? wanted)
                {
                    var sizes = input.shape;
                    var before = sizes.Length - kernel.Length;
                    var size = new long[kernel.Length];
                    for (var i = 0; i < size.Length; i++)
                        size[i] = ((sizes[before + i] - 1) * stride[i]) + kernel[i] - (2 * padding[i]);
                    if (wanted is null)
                        return size;
                    if (wanted.Length > size.Length)
                        wanted = wanted[^size.Length..];
                    for (var i = 0; i < size.Length; i++)
                        if (wanted.Length != size.Length || wanted[i] <= size[i] - stride[i] || wanted[i] >= size[i] + stride[i])
                            throw new ArgumentException(
                                $"invalid output_size [{string.Join(", ", wanted)}] (dim {i} must be between {size[i] - stride[i]} and {size[i] + stride[i]})");
                    return wanted;
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class MaxUnpool1d : ParameterLessModule<Tensor, Tensor, long[]?, Tensor>
    {
        internal MaxUnpool1d(long kernel_size, long? stride, long? padding) : base(nameof(MaxUnpool1d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
        }

        public long kernel_size { get; set; }

        public long? stride { get; set; }

        public long? padding { get; set; }

        public override Tensor forward(Tensor tensor, Tensor indices, long[]? output_size = null) =>
            F.max_unpool1d(tensor, indices, kernel_size, stride, padding, output_size);

        public new Tensor call(Tensor tensor, Tensor indices, long[]? output_size = null) => base.call(tensor, indices, output_size);
    }

    public sealed class MaxUnpool2d : ParameterLessModule<Tensor, Tensor, long[]?, Tensor>
    {
        internal MaxUnpool2d(long[] kernel_size, long[]? stride, long[]? padding) : base(nameof(MaxUnpool2d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride ?? kernel_size;
            this.padding = padding ?? [0, 0];
        }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] padding { get; set; }

        public override Tensor forward(Tensor tensor, Tensor indices, long[]? output_size = null) =>
            F.max_unpool2d(tensor, indices, kernel_size, stride, padding, output_size);

        public new Tensor call(Tensor tensor, Tensor indices, long[]? output_size = null) => base.call(tensor, indices, output_size);
    }

    public sealed class MaxUnpool3d : ParameterLessModule<Tensor, Tensor, long[]?, Tensor>
    {
        internal MaxUnpool3d(long[] kernel_size, long[]? stride, long[]? padding) : base(nameof(MaxUnpool3d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride ?? kernel_size;
            this.padding = padding ?? [0, 0, 0];
        }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] padding { get; set; }

        public override Tensor forward(Tensor tensor, Tensor indices, long[]? output_size = null) =>
            F.max_unpool3d(tensor, indices, kernel_size, stride, padding, output_size);

        public new Tensor call(Tensor tensor, Tensor indices, long[]? output_size = null) => base.call(tensor, indices, output_size);
    }
}
