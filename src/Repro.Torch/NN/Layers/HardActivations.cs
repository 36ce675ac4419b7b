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
            public static Hardtanh Hardtanh(double min_val = -1.0, double max_val = 1.0, bool inplace = false) => new(min_val, max_val, inplace);

            public static Hardswish Hardswish(bool inplace = false) => new(inplace);

            public static Hardsigmoid Hardsigmoid(bool inplace = false) => new(inplace);

            /// <summary>Zero within +-lambda, the identity outside.</summary>
            public static Hardshrink Hardshrink(double lambda = 0.5) => new(lambda);

            /// <summary>Zero within +-lambda, outside nearer to zero by lambda.</summary>
            public static Softshrink Softshrink(double lambda = 0.5) => new(lambda);
            public static partial class functional
            {
                public static Tensor hardtanh(Tensor x, double min_val = -1.0, double max_val = 1.0, bool inplace = false) =>
                    inplace ? x.hardtanh_(min_val, max_val).alias() : x.hardtanh(min_val, max_val);

                public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? Ops.hardswish_.Call(input) : Ops.hardswish.Call(input);

                public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? Ops.hardsigmoid_.Call(input) : Ops.hardsigmoid.Call(input);

                public static Tensor hardshrink(Tensor x, double lambda = 0.5) => Ops.hardshrink.Call(x, lambda);

                public static Tensor softshrink(Tensor x, double lambda = 0.5) => Ops.softshrink.Call(x, lambda);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class Hardtanh : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardtanh(double min_val, double max_val, bool inplace) : base(nameof(Hardtanh)) =>
            (this.min_val, this.max_val, this.inplace) = (min_val, max_val, inplace);

        public double min_val { get; set; }

        public double max_val { get; set; }

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.hardtanh(tensor, min_val, max_val, inplace);
    }

    public sealed class Hardswish : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardswish(bool inplace) : base(nameof(Hardswish)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.hardswish(tensor, inplace);
    }

    public sealed class Hardsigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardsigmoid(bool inplace) : base(nameof(Hardsigmoid)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.hardsigmoid(tensor, inplace);
    }

    public sealed class Hardshrink : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardshrink(double lambda) : base(nameof(Hardshrink)) => this.lambda = lambda;

        public double lambda { get; set; }

        public override Tensor forward(Tensor tensor) => F.hardshrink(tensor, lambda);
    }

    public sealed class Softshrink : ParameterLessModule<Tensor, Tensor>
    {
        internal Softshrink(double lambda) : base(nameof(Softshrink)) => this.lambda = lambda;

        public double lambda { get; set; }

        public override Tensor forward(Tensor tensor) => F.softshrink(tensor, lambda);
    }
}
