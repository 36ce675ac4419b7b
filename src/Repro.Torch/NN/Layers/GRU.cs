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
            /// <summary>Gated recurrent units (Cho et al. 2014) over (steps, batch, input), or (batch, steps, input) with batchFirst.</summary>
            /// <param name="dropout">Between layers, in training.</param>
            public static GRU GRU(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Gates in the order reset, update, new; parameters weight_ih_l0 (3 * hidden, input) and so on.</summary>
    public sealed class GRU : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
    {
        private readonly RecurrentParameters own;
        private readonly bool batchFirst;
        private readonly double dropout;

        internal GRU(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
            : base(nameof(GRU))
        {
            (this.batchFirst, this.dropout) = (batchFirst, dropout);
            own = new RecurrentParameters(nameof(GRU), 3, inputSize, hiddenSize, numLayers, bias, dropout, bidirectional, device, dtype, register_parameter);
        }

        /// <param name="h0">(layers * directions, batch, hidden); zeros where null.</param>
        /// <returns>The last layer's states at every step, and the last step's states of every layer.</returns>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0 = null)
        {
            own.Check(nameof(GRU), input, batchFirst, h0);
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
            own.CheckPacked(nameof(GRU), input, h0);
            using var hidden = h0 is not null ? RecurrentInput.Ordered(h0, input.sorted_indices) : own.Zeros(input.data, input.FirstBatchSize);
            var (output, last) = RecurPacked(input, hidden);
            return (input.With(output), RecurrentInput.Reordered(last, input.unsorted_indices));
        }

        public void flatten_parameters() => own.Flatten(3, batchFirst);

        private (Tensor, Tensor) ForwardOne(Tensor input, Tensor? state)
        {
            using var batch = RecurrentInput.Batched(input, batchFirst);
            using var hidden = state is not null ? state.unsqueeze(1) : own.Zeros(input, 1);
            var (output, last) = Recur(batch, hidden);
            return (RecurrentInput.Unbatched(output, batchFirst ? 0 : 1), RecurrentInput.Unbatched(last, 1));
        }

        private (Tensor, Tensor) Recur(Tensor input, Tensor hidden) => Ops.gru_input.CallTwo(
            input, hidden, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2, batchFirst);

        private (Tensor, Tensor) RecurPacked(PackedSequence input, Tensor hidden) => Ops.gru_data.CallTwo(
            input.data, input.batch_sizes, hidden, own.All, own.Bias, own.Layers, dropout, training, own.Directions == 2);
    }
}
