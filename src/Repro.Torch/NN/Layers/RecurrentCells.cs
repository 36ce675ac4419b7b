using Repro.Torch;
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
    public sealed class RNNCell : RecurrentCell<Tensor?, Tensor>
    {
        private readonly nn.NonLinearities nonLinearity;

        internal RNNCell(long inputSize, long hiddenSize, nn.NonLinearities nonLinearity, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(RNNCell), gates: 1, inputSize, hiddenSize, bias, device, dtype) => this.nonLinearity = nonLinearity;

        /// <param name="h0">(batch, hidden); zeros where null.</param>
        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            var one = input.dim() == 1;
            using var batch = Batch(input, one);
            using var hidden = State(h0, input, one);
            return Result((nonLinearity == nn.NonLinearities.ReLU ? Ops.rnn_relu_cell : Ops.rnn_tanh_cell).Call(batch ?? input, hidden ?? h0!, weight_ih, weight_hh, bias_ih, bias_hh), one);
        }

        public new Tensor call(Tensor input, Tensor? h0 = null) => base.call(input, h0);
    }

    public sealed class GRUCell : RecurrentCell<Tensor?, Tensor>
    {
        internal GRUCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(GRUCell), gates: 3, inputSize, hiddenSize, bias, device, dtype)
        {
        }

        /// <param name="h0">(batch, hidden); zeros where null.</param>
        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            var one = input.dim() == 1;
            using var batch = Batch(input, one);
            using var hidden = State(h0, input, one);
            return Result(Ops.gru_cell.Call(batch ?? input, hidden ?? h0!, weight_ih, weight_hh, bias_ih, bias_hh), one);
        }

        public new Tensor call(Tensor input, Tensor? h0 = null) => base.call(input, h0);
    }

    public sealed class LSTMCell : RecurrentCell<(Tensor, Tensor)?, (Tensor, Tensor)>
    {
        internal LSTMCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(LSTMCell), gates: 4, inputSize, hiddenSize, bias, device, dtype)
        {
        }

        /// <param name="h0_c0">Both (batch, hidden); zeros where null.</param>
        public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            var one = input.dim() == 1;
            using var batch = Batch(input, one);
            using var hidden = State(h0_c0?.Item1, input, one);
            using var cell = State(h0_c0?.Item2, input, one);
            var (nextHidden, nextCell) = Ops.lstm_cell.CallTwo(batch ?? input, new[] { hidden ?? h0_c0!.Value.Item1, cell ?? h0_c0!.Value.Item2 }, weight_ih, weight_hh, bias_ih, bias_hh);
            return (Result(nextHidden, one), Result(nextCell, one));
        }

        public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);
    }
}

namespace Repro.Torch
{
    /// <summary>What the cells share: weights of input and state, biases of input and state, uniform in +-1/sqrt(hidden).</summary>
    public abstract class RecurrentCell<TState, TResult> : nn.Module<Tensor, TState, TResult>
    {
        private readonly long hiddenSize;
        private readonly Parameter?[] own = new Parameter?[4];

        private protected RecurrentCell(string name, int gates, long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(name)
        {
            this.hiddenSize = hiddenSize;
            var bound = 1 / Math.Sqrt(hiddenSize);
            (weight_ih, weight_hh, bias_ih, bias_hh) = (New(inputSize), New(hiddenSize), bias ? New(null) : null, bias ? New(null) : null);

            Parameter New(long? width)
            {
                long[] sizes = width is { } columns ? [gates * hiddenSize, columns] : [gates * hiddenSize];
                var parameter = new Parameter(empty(sizes, dtype, device));
                nn.init.uniform_(parameter, -bound, bound);
                return parameter;
            }
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

        /// <summary>What stands in for the given input: a batch of one for an example; null where it serves as it is.</summary>
        private protected static Tensor? Batch(Tensor input, bool one) => one ? input.unsqueeze(0) : null;

        /// <summary>What stands in for the given state: zeros, or a batch of one; null where it serves as it is.</summary>
        private protected Tensor? State(Tensor? given, Tensor input, bool one) => given is null
            ? zeros([one ? 1 : input.shape[0], hiddenSize], input.dtype, input.device)
            : Batch(given, one);

        /// <summary>The state as it is, or of one example; then the batch is disposed of.</summary>
        private protected static Tensor Result(Tensor state, bool one)
        {
            if (!one)
                return state;
            using (state)
                return state.squeeze(0);
        }
    }
}
