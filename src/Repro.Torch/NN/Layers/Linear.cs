using Repro.Torch.Dispatch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>x W^T + b over the last dimension.</summary>
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => FusedOps.linear.Call(input, weights, bias);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Weight (out, in), bias (out).</summary>
    public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private Parameter? ownWeight;
        private Parameter? ownBias;

        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            in_features = weight.shape[1];
            out_features = weight.shape[0];
            this.weight = weight;
            this.bias = bias;
        }

        internal Linear(long inputSize, long outputSize, bool hasBias, torch.Device? device, torch.ScalarType? dtype) : base(nameof(Linear))
        {
            in_features = inputSize;
            out_features = outputSize;
            weight = new Parameter(torch.empty(outputSize, inputSize, dtype, device));
            torch.nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (!hasBias)
                return;
            bias = new Parameter(torch.empty(outputSize, dtype, device));
            var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
            torch.nn.init.uniform_(bias, -bound, bound);
        }

        public long in_features { get; set; }

        public long out_features { get; set; }

        public Parameter weight
        {
            get => ownWeight!;
            set => ConditionallyRegisterParameter(nameof(weight), ownWeight = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias
        {
            get => ownBias;
            set => ConditionallyRegisterParameter(nameof(bias), ownBias = (Parameter?)value?.DetachFromDisposeScope());
        }

        public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.linear(tensor, weight, bias);
    }
}
