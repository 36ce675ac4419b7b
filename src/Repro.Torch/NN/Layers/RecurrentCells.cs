using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>One step of an RNN over (batch, input) or (input).</summary>
            public static RNNCell RNNCell(long inputSize, long hiddenSize, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, nonLinearity, bias, device, dtype);

            /// <summary>One step of an LSTM over (batch, input) or (input).</summary>
            public static LSTMCell LSTMCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, bias, device, dtype);

            /// <summary>One step of a GRU over (batch, input) or (input).</summary>
            public static GRUCell GRUCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, bias, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    internal static class CellParameters
    {
        /// <summary>Weights of input and state, biases of input and state, uniform in +-1/sqrt(hidden).</summary>
        public static Parameter?[] Make(int gates, long input, long hidden, bool bias, Device? device, ScalarType? dtype)
        {
            var bound = 1 / Math.Sqrt(hidden);
            return [New(input), New(hidden), bias ? New(null) : null, bias ? New(null) : null];

            Parameter New(long? width)
            {
                long[] sizes = width is { } columns ? [gates * hidden, columns] : [gates * hidden];
                var parameter = new Parameter(empty(sizes, dtype, device));
                nn.init.uniform_(parameter, -bound, bound);
                return parameter;
            }
        }

        /// <summary>What stands in for the given input: a batch of one for an example; null where it serves as it is.</summary>
        public static Tensor? Batch(Tensor input, bool one) => one ? input.unsqueeze(0) : null;

        /// <summary>What stands in for the given state: zeros, or a batch of one; null where it serves as it is.</summary>
        public static Tensor? State(Tensor? given, Tensor input, long hidden, bool one) => given is null
            ? zeros([one ? 1 : input.shape[0], hidden], input.dtype, input.device)
            : Batch(given, one);

        /// <summary>The state as it is, or of one example; then the batch is disposed of.</summary>
        public static Tensor Result(Tensor state, bool one)
        {
            if (!one)
                return state;
            using (state)
                return state.squeeze(0);
        }
    }

    public sealed class RNNCell : nn.Module<Tensor, Tensor?, Tensor>
    {
        private readonly long hiddenSize;
        private readonly nn.NonLinearities nonLinearity;
        private readonly Parameter?[] own;

        internal RNNCell(long inputSize, long hiddenSize, nn.NonLinearities nonLinearity, bool bias, Device? device, ScalarType? dtype) : base(nameof(RNNCell))
        {
            this.hiddenSize = hiddenSize;
            this.nonLinearity = nonLinearity;
            own = CellParameters.Make(1, inputSize, hiddenSize, bias, device, dtype);
            (weight_ih, weight_hh, bias_ih, bias_hh) = (own[0], own[1], own[2], own[3]);
        }

        public Parameter? weight_ih
        {
            get => own[0];
            set => ConditionallyRegisterParameter(nameof(weight_ih), own[0] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? weight_hh
        {
            get => own[1];
            set => ConditionallyRegisterParameter(nameof(weight_hh), own[1] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_ih
        {
            get => own[2];
            set => ConditionallyRegisterParameter(nameof(bias_ih), own[2] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_hh
        {
            get => own[3];
            set => ConditionallyRegisterParameter(nameof(bias_hh), own[3] = (Parameter?)value?.DetachFromDisposeScope());
        }

        /// <param name="h0">(batch, hidden); zeros where null.</param>
        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            var one = input.dim() == 1;
            using var batch = CellParameters.Batch(input, one);
            using var hidden = CellParameters.State(h0, input, hiddenSize, one);
            return CellParameters.Result((nonLinearity == nn.NonLinearities.ReLU ? Ops.rnn_relu_cell : Ops.rnn_tanh_cell).Call(batch ?? input, hidden ?? h0!, own[0], own[1], own[2], own[3]), one);
        }

        public new Tensor call(Tensor input, Tensor? h0 = null) => base.call(input, h0);
    }

    public sealed class GRUCell : nn.Module<Tensor, Tensor?, Tensor>
    {
        private readonly long hiddenSize;
        private readonly Parameter?[] own;

        internal GRUCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(GRUCell))
        {
            this.hiddenSize = hiddenSize;
            own = CellParameters.Make(3, inputSize, hiddenSize, bias, device, dtype);
            (weight_ih, weight_hh, bias_ih, bias_hh) = (own[0], own[1], own[2], own[3]);
        }

        public Parameter? weight_ih
        {
            get => own[0];
            set => ConditionallyRegisterParameter(nameof(weight_ih), own[0] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? weight_hh
        {
            get => own[1];
            set => ConditionallyRegisterParameter(nameof(weight_hh), own[1] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_ih
        {
            get => own[2];
            set => ConditionallyRegisterParameter(nameof(bias_ih), own[2] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_hh
        {
            get => own[3];
            set => ConditionallyRegisterParameter(nameof(bias_hh), own[3] = (Parameter?)value?.DetachFromDisposeScope());
        }

        /// <param name="h0">(batch, hidden); zeros where null.</param>
        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            var one = input.dim() == 1;
            using var batch = CellParameters.Batch(input, one);
            using var hidden = CellParameters.State(h0, input, hiddenSize, one);
            return CellParameters.Result(Ops.gru_cell.Call(batch ?? input, hidden ?? h0!, own[0], own[1], own[2], own[3]), one);
        }

        public new Tensor call(Tensor input, Tensor? h0 = null) => base.call(input, h0);
    }

    public sealed class LSTMCell : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
    {
        private readonly long hiddenSize;
        private readonly Parameter?[] own;

        internal LSTMCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(LSTMCell))
        {
            this.hiddenSize = hiddenSize;
            own = CellParameters.Make(4, inputSize, hiddenSize, bias, device, dtype);
            (weight_ih, weight_hh, bias_ih, bias_hh) = (own[0], own[1], own[2], own[3]);
        }

        public Parameter? weight_ih
        {
            get => own[0];
            set => ConditionallyRegisterParameter(nameof(weight_ih), own[0] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? weight_hh
        {
            get => own[1];
            set => ConditionallyRegisterParameter(nameof(weight_hh), own[1] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_ih
        {
            get => own[2];
            set => ConditionallyRegisterParameter(nameof(bias_ih), own[2] = (Parameter?)value?.DetachFromDisposeScope());
        }

        public Parameter? bias_hh
        {
            get => own[3];
            set => ConditionallyRegisterParameter(nameof(bias_hh), own[3] = (Parameter?)value?.DetachFromDisposeScope());
        }

        /// <param name="h0_c0">Both (batch, hidden); zeros where null.</param>
        public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            var one = input.dim() == 1;
            using var batch = CellParameters.Batch(input, one);
            using var hidden = CellParameters.State(h0_c0?.Item1, input, hiddenSize, one);
            using var cell = CellParameters.State(h0_c0?.Item2, input, hiddenSize, one);
            var (nextHidden, nextCell) = Ops.lstm_cell.CallTwo(batch ?? input, new[] { hidden ?? h0_c0!.Value.Item1, cell ?? h0_c0!.Value.Item2 }, own[0], own[1], own[2], own[3]);
            return (CellParameters.Result(nextHidden, one), CellParameters.Result(nextCell, one));
        }

        public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);
    }
}
