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
            public static Softmax Softmax(long dim) => new(dim);

            /// <summary>Over the channels of (N, C, H, W) or (C, H, W), at each place.</summary>
            public static Softmax2d Softmax2d() => new();

            /// <summary>The softmax of -x.</summary>
            public static Softmin Softmin(long dim) => new(dim);

            public static LogSoftmax LogSoftmax(long dim) => new(dim);

            /// <summary>The first half along a dimension times the sigmoid of the second.</summary>
            public static GLU GLU(long dim = -1) => new(dim);
            public static partial class functional
            {
                public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

                public static Tensor softmax2d(Tensor x) => x.softmax(-3);

                public static Tensor softmin(Tensor x, long dim)
                {
                    using var negative = Ops.neg.Call(x);
                    return negative.softmax(dim);
                }

                public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

                public static Tensor glu(Tensor input, long dim = -1) => Ops.glu.Call(input, dim);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class Softmax : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax(long dim) : base(nameof(Softmax)) => this.dim = dim;

        public long dim { get; set; }

        public override Tensor forward(Tensor tensor) => F.softmax(tensor, dim);
    }

    public sealed class Softmax2d : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax2d() : base(nameof(Softmax2d))
        {
        }

        public override Tensor forward(Tensor tensor) => F.softmax2d(tensor);
    }

    public sealed class Softmin : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmin(long dim) : base(nameof(Softmin)) => this.dim = dim;

        public long dim { get; set; }

        public override Tensor forward(Tensor tensor) => F.softmin(tensor, dim);
    }

    public sealed class LogSoftmax : ParameterLessModule<Tensor, Tensor>
    {
        internal LogSoftmax(long dim) : base(nameof(LogSoftmax)) => this.dim = dim;

        public long dim { get; set; }

        public override Tensor forward(Tensor tensor) => F.log_softmax(tensor, dim);
    }

    public sealed class GLU : ParameterLessModule<Tensor, Tensor>
    {
        internal GLU(long dim) : base(nameof(GLU)) => this.dim = dim;

        public long dim { get; set; }

        public override Tensor forward(Tensor tensor) => F.glu(tensor, dim);
    }
}
