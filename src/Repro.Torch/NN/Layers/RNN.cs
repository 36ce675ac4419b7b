using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public enum NonLinearities
            {
                ReLU = 0,
                Tanh = 1,
            }

            /// <summary>A plain recurrent network (Elman 1990) over (steps, batch, input), or (batch, steps, input) with batchFirst.</summary>
            /// <param name="dropout">Between layers, in training.</param>
            public static RNN RNN(long inputSize, long hiddenSize, long numLayers = 1, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, nonLinearity, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Parameters weight_ih_l0 (hidden, input), weight_hh_l0 (hidden, hidden), bias_ih_l0 and bias_hh_l0, and so on.</summary>
    public sealed class RNN : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
    {
        private readonly RecurrentParameters own;
        private readonly bool batchFirst;
        private readonly double dropout;
        private readonly nn.NonLinearities nonLinearity;

        internal RNN(long inputSize, long hiddenSize, long numLayers, nn.NonLinearities nonLinearity, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
            : base(nameof(RNN))
        {
            (this.nonLinearity, this.batchFirst, this.dropout) = (nonLinearity, batchFirst, dropout);
            own = new RecurrentParameters(nameof(RNN), 1, inputSize, hiddenSize, numLayers, bias, dropout, bidirectional, device, dtype, register_parameter);
        }

        /// <param name="h0">(layers * directions, batch, hidden); zeros where null.</param>
        /// <returns>The last layer's states at every step, and the last step's states of every layer.</returns>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0)
        {
            own.Check(nameof(RNN), input, batchFirst, h0);
            if (input.dim() == 2)
                return ForwardOne(input, h0);
            if (h0 is not null)
                return Recur(input, h0);
            using var hidden = own.Zeros(input, input.shape[batchFirst ? 0 : 1]);
            return Recur(input, hidden);
        }

        public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0);

        /// <param name="h0">In the order of the sequences before they were packed.</param>
        public (PackedSequence, Tensor) call(PackedSequence input, Tensor? h0 = null)
        {
            own.CheckPacked(nameof(RNN), input, h0);
            using var hidden = h0 is not null ? RecurrentInput.Ordered(h0, input.sorted_indices) : own.Zeros(input.data, input.FirstBatchSize);
            var (output, last) = RecurPacked(input, hidden);
            return (input.With(output), RecurrentInput.Reordered(last, input.unsorted_indices));
        }

        public void flatten_parameters() => own.Flatten(nonLinearity == nn.NonLinearities.ReLU ? 0 : 1, batchFirst);

        /// <param name="idx">Counts layers and, within one, directions.</param>
        public Parameter? get_weight_ih(long idx) => own.At(idx, 0);

        public Parameter? get_weight_hh(long idx) => own.At(idx, 1);

        public Parameter? get_bias_ih(long idx) => own.At(idx, 2);

        public Parameter? get_bias_hh(long idx) => own.At(idx, 3);

        private (Tensor, Tensor) ForwardOne(Tensor input, Tensor? state)
        {
            using var batch = RecurrentInput.Batched(input, batchFirst);
            using var hidden = state is not null ? state.unsqueeze(1) : own.Zeros(input, 1);
            var (output, last) = Recur(batch, hidden);
            return (RecurrentInput.Unbatched(output, batchFirst ? 0 : 1), RecurrentInput.Unbatched(last, 1));
        }

        private (Tensor, Tensor) Recur(Tensor input, Tensor hidden) => (nonLinearity == nn.NonLinearities.ReLU ? Ops.rnn_relu_input : Ops.rnn_tanh_input).CallTwo(
            input, hidden, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2, batchFirst);

        private (Tensor, Tensor) RecurPacked(PackedSequence input, Tensor hidden) => (nonLinearity == nn.NonLinearities.ReLU ? Ops.rnn_relu_data : Ops.rnn_tanh_data).CallTwo(
            input.data, input.batch_sizes, hidden, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2);
    }
}
