using Repro.Torch.Dispatch;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What recurrent layers share: their parameters, and the order in which libtorch takes them.</summary>
/// <remarks>
/// Layer k has weight_ih_lk (gates * hidden, input), weight_hh_lk (gates * hidden, hidden) and, with bias, bias_ih_lk and bias_hh_lk;
/// the other direction's end in _reverse. All start uniform in +-1/sqrt(hidden).
/// </remarks>
internal sealed class RecurrentParameters
{
    private readonly Parameter[] parameters;
    private Tensor[]? asTensors;

    public RecurrentParameters(
        string kind, int gates, long inputSize, long hiddenSize, long numLayers, bool bias, double dropout, bool bidirectional, Device? device, ScalarType? dtype, Action<string, Parameter> register)
    {
        if (dropout is < 0 or > 1)
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, $"{kind}: dropout is a probability, in [0, 1]");
        if (hiddenSize <= 0 || numLayers <= 0)
            throw new ArgumentException($"{kind}: hiddenSize ({hiddenSize}) and numLayers ({numLayers}) must be greater than zero");
        (Bias, Layers, Hidden, Input, Directions) = (bias, numLayers, hiddenSize, inputSize, bidirectional ? 2 : 1);
        var bound = 1 / Math.Sqrt(hiddenSize);
        var made = new List<Parameter>();
        for (long layer = 0; layer < numLayers; layer++)
            for (var direction = 0; direction < Directions; direction++)
            {
                var suffix = $"l{layer}{(direction == 0 ? "" : "_reverse")}";
                var width = layer == 0 ? inputSize : hiddenSize * Directions;
                Add("weight_ih_" + suffix, [gates * hiddenSize, width]);
                Add("weight_hh_" + suffix, [gates * hiddenSize, hiddenSize]);
                if (!bias)
                    continue;
                Add("bias_ih_" + suffix, [gates * hiddenSize]);
                Add("bias_hh_" + suffix, [gates * hiddenSize]);
            }
        parameters = [.. made];

        void Add(string name, long[] sizes)
        {
            var parameter = new Parameter(empty(sizes, dtype, device));
            nn.init.uniform_(parameter, -bound, bound);
            register(name, parameter);
            made.Add(parameter);
        }
    }

    public bool Bias { get; }

    public long Layers { get; }

    public long Hidden { get; }

    public long Input { get; }

    public int Directions { get; }

    /// <summary>Layer by layer, direction by direction: weights of the input, weights of the state, then the biases.</summary>
    public Tensor[] All => asTensors ??= [.. parameters];

    /// <param name="index">Counts layers and directions, in the order of <see cref="All"/>.</param>
    /// <param name="place">0 and 1 for the weights, 2 and 3 for the biases.</param>
    public Parameter? At(long index, int place) => place > 1 && !Bias ? null : parameters[(index * (Bias ? 4 : 2)) + place];

    /// <summary>A state of zeros for a batch, of the input's type and on its device.</summary>
    public Tensor Zeros(Tensor like, long batch) => zeros([Layers * Directions, batch, Hidden], like.dtype, like.device);

    /// <summary>Refuses an input or states of other sizes: libtorch broadcasts states of another batch, and gives an output for them.</summary>
    public void Check(string kind, Tensor input, bool batchFirst, Tensor? hidden, Tensor? cell = null)
    {
        var sizes = input.shape;
        if (sizes.Length is not (2 or 3))
            throw new ArgumentException($"{kind}: expected an input of 2 dimensions (one example) or 3, but got {sizes.Length}");
        CheckWidth(kind, sizes);
        CheckStates(kind, sizes.Length == 2 ? null : sizes[batchFirst ? 0 : 1], hidden, cell);
    }

    public void CheckPacked(string kind, nn.utils.rnn.PackedSequence input, Tensor? hidden, Tensor? cell = null)
    {
        CheckWidth(kind, input.data.shape);
        if (hidden is not null)
            CheckStates(kind, input.FirstBatchSize, hidden, cell);
    }

    private void CheckWidth(string kind, long[] sizes)
    {
        if (sizes[^1] != Input)
            throw new ArgumentException($"{kind}: input.size(-1) must be equal to input_size. Expected {Input}, got {sizes[^1]}");
    }

    private void CheckStates(string kind, long? batch, Tensor? hidden, Tensor? cell)
    {
        long[] expected = batch is { } examples ? [Layers * Directions, examples, Hidden] : [Layers * Directions, Hidden];
        CheckState(hidden, cell is null ? "hidden" : "hidden[0]");
        CheckState(cell, "hidden[1]");

        void CheckState(Tensor? state, string name)
        {
            if (state is not null && state.shape is var sizes && !sizes.AsSpan().SequenceEqual(expected))
                throw new ArgumentException($"{kind}: Expected {name} size ({string.Join(", ", expected)}), got [{string.Join(", ", sizes)}]");
        }
    }

    /// <summary>Lays CUDA weights out as cuDNN wants them, in one piece. Nothing happens on a CPU.</summary>
    /// <param name="mode">cuDNN's number: 0 ReLU, 1 tanh, 2 LSTM, 3 GRU.</param>
    public void Flatten(long mode, bool batchFirst)
    {
        if (!parameters[0].is_cuda)
            return;
        using var grad = no_grad();
        using var flat = Ops._cudnn_rnn_flatten_weight.Call(All, Bias ? 4 : 2, Input, mode, Hidden, 0, Layers, batchFirst, Directions == 2);
    }
}

/// <summary>Passing sequences, one example without a batch, and packed sequences to a recurrent layer.</summary>
internal static class RecurrentInput
{
    /// <summary>States in the order in which a packed sequence has its examples, or the reverse; the same states where the order is theirs.</summary>
    public static Tensor Ordered(Tensor state, Tensor? order) => order is null or { IsInvalid: true } ? state.alias() : state.index_select(1, order);

    /// <summary>Like <see cref="Ordered"/>, and disposes of the states given.</summary>
    public static Tensor Reordered(Tensor state, Tensor? order)
    {
        if (order is null or { IsInvalid: true })
            return state;
        using (state)
            return state.index_select(1, order);
    }

    /// <summary>One example as a batch.</summary>
    public static Tensor Batched(Tensor input, bool batchFirst) => input.unsqueeze(batchFirst ? 0 : 1);

    /// <summary>A batch of one as one example; disposes of the batch.</summary>
    public static Tensor Unbatched(Tensor output, long dimension)
    {
        using (output)
            return output.squeeze(dimension);
    }
}
