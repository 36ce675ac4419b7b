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
            /// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997) over (steps, batch, input), or (batch, steps, input) with batchFirst.</summary>
            /// <param name="dropout">Between layers, in training.</param>
            public static LSTM LSTM(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Gates in the order input, forget, cell, output; parameters weight_ih_l0 (4 * hidden, input) and so on.</summary>
    public sealed class LSTM : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
    {
        private readonly RecurrentParameters own;
        private readonly bool batchFirst;
        private readonly double dropout;

        internal LSTM(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
            : base(nameof(LSTM))
        {
            (this.batchFirst, this.dropout) = (batchFirst, dropout);
            own = new RecurrentParameters(nameof(LSTM), 4, inputSize, hiddenSize, numLayers, bias, dropout, bidirectional, device, dtype, register_parameter);
        }

        /// <param name="h0_c0">Both (layers * directions, batch, hidden); zeros where null.</param>
        /// <returns>The last layer's states at every step, and the last step's states of every layer.</returns>
        public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
        {
            own.Check(nameof(LSTM), input, batchFirst, h0_c0?.Item1, h0_c0?.Item2);
            if (input.dim() == 2)
                return ForwardOne(input, h0_c0);
            if (h0_c0 is { } given)
                return Recur(input, given.Item1, given.Item2);
            using var hidden = own.Zeros(input, input.shape[batchFirst ? 0 : 1]);
            using var cell = own.Zeros(input, input.shape[batchFirst ? 0 : 1]);
            return Recur(input, hidden, cell);
        }

        public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

        /// <param name="h0_c0">In the order of the sequences before they were packed.</param>
        public (PackedSequence, Tensor, Tensor) call(PackedSequence input, (Tensor, Tensor)? h0_c0 = null)
        {
            own.CheckPacked(nameof(LSTM), input, h0_c0?.Item1, h0_c0?.Item2);
            var batch = input.FirstBatchSize;
            using var hidden = h0_c0 is { } given ? RecurrentInput.Ordered(given.Item1, input.sorted_indices) : own.Zeros(input.data, batch);
            using var cell = h0_c0 is { } both ? RecurrentInput.Ordered(both.Item2, input.sorted_indices) : own.Zeros(input.data, batch);
            var (output, lastHidden, lastCell) = RecurPacked(input, hidden, cell);
            return (input.With(output), RecurrentInput.Reordered(lastHidden, input.unsorted_indices), RecurrentInput.Reordered(lastCell, input.unsorted_indices));
        }

        public void flatten_parameters() => own.Flatten(2, batchFirst);

        private (Tensor, Tensor, Tensor) ForwardOne(Tensor input, (Tensor, Tensor)? state)
        {
            using var batch = RecurrentInput.Batched(input, batchFirst);
            using var hidden = state is { } given ? given.Item1.unsqueeze(1) : own.Zeros(input, 1);
            using var cell = state is { } both ? both.Item2.unsqueeze(1) : own.Zeros(input, 1);
            var (output, lastHidden, lastCell) = Recur(batch, hidden, cell);
            return (RecurrentInput.Unbatched(output, batchFirst ? 0 : 1), RecurrentInput.Unbatched(lastHidden, 1), RecurrentInput.Unbatched(lastCell, 1));
        }

        private (Tensor, Tensor, Tensor) Recur(Tensor input, Tensor hidden, Tensor cell) => FusedOps.lstm.CallThree(
            input, new[] { hidden, cell }, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2, batchFirst);

        private (Tensor, Tensor, Tensor) RecurPacked(PackedSequence input, Tensor hidden, Tensor cell) => Ops.lstm_data.CallThree(
            input.data, input.batch_sizes, new[] { hidden, cell }, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2);
    }
}
