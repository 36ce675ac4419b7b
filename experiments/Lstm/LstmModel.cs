using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Lstm;

/// <summary>
/// The word-level language model of Zaremba, Sutskever, Vinyals 2014, "Recurrent Neural Network Regularization" (arXiv:1409.2329), section 3.
/// Input: words by number, steps x streams, and the states to begin with. Output: logits of each next word, and the states to go on with.
/// </summary>
/// <remarks>
/// Parameters, with two biases a layer as PyTorch and the authors' code have them: 4,653,200 (small), 19,780,400 (medium), 66,034,000 (large) with 10,000 words.
/// All of them begin uniform in the same range, the forget gate's biases too.
/// </remarks>
public sealed class LstmModel : Module<Tensor, LstmState, (Tensor Logits, LstmState State)>
{
    private readonly Embedding embedding;
    private readonly ModuleList<LSTM> layers;
    private readonly Dropout dropout;
    private readonly Linear decoder;
    private readonly double _recurrentDropout;

    /// <param name="words">Size of the vocabulary.</param>
    /// <param name="hidden">Units a layer, and of a word's vector.</param>
    /// <param name="dropout">Share dropped of what enters each layer and the softmax, in training.</param>
    /// <param name="recurrentDropout">Share dropped of what a layer tells itself from one word to the next, in training; none in the paper.</param>
    /// <param name="range">Parameters are uniform in [-range, range).</param>
    public LstmModel(int words, int layerCount, int hidden, double dropout, double recurrentDropout, double range, InitialValues values)
        : base(nameof(LstmModel))
    {
        (Hidden, _recurrentDropout) = (hidden, recurrentDropout);
        embedding = Embedding(words, hidden);
        layers = ModuleList([.. Enumerable.Range(0, layerCount).Select(_ => LSTM(hidden, hidden))]);
        this.dropout = Dropout(dropout);
        decoder = Linear(hidden, words);
        RegisterComponents();
        foreach (var (_, parameter) in named_parameters()) values.Uniform(parameter, range);
    }

    /// <summary>Units a layer.</summary>
    public int Hidden { get; }

    /// <summary>States before the first word of a text: zeros.</summary>
    /// <param name="streams">Texts read side by side.</param>
    public LstmState Begin(long streams) => LstmState.Zeros(layers.Count, streams, Hidden, embedding.weight!.device);

    public override (Tensor Logits, LstmState State) forward(Tensor words, LstmState state)
    {
        using var vectors = Embed(words);
        return FromVectors(vectors, state);
    }

    /// <summary>Words to vectors: h^0 of section 3.</summary>
    public Tensor Embed(Tensor words) => embedding.call(words);

    // Shapes are for the small network: T = 20 steps, B = 20 streams.
    /// <summary>The rest of the network, from the words' vectors on.</summary>
    public (Tensor Logits, LstmState State) FromVectors(Tensor vectors, LstmState state)    // [20, 20, 200]
    {
        var ends = new (Tensor, Tensor)[layers.Count];
        var h = vectors.alias();
        for (var l = 0; l < layers.Count; l++)
        {
            using var below = h;
            using var dropped = dropout.call(below);                    // D(h^{l-1}_t): the dashed arrows of Fig. 2 alone (section 3.2)
            (h, var hidden, var cell) = Layer(layers[l], dropped, state.Layers[l]);     // [20, 20, 200]; [1, 20, 200] twice
            ends[l] = (hidden, cell);
        }
        using (h)
        {
            using var top = dropout.call(h);                            // D(h^L_t)
            return (decoder.call(top), new LstmState(ends));            // [20, 20, 10000]; the softmax is part of the loss
        }
    }

    // The equations at the end of section 3.1: i, f, o = sigm, g = tanh of T_{2n,4n}(D(h^{l-1}_t), h^l_{t-1}); c_t = f * c_{t-1} + i * g; h_t = o * tanh(c_t).
    private (Tensor, Tensor, Tensor) Layer(LSTM layer, Tensor below, (Tensor Hidden, Tensor Cell) state) =>
        training && _recurrentDropout > 0 ? WithRecurrentDropout(layer, below, state) : layer.call(below, state);

    /// <summary>How far the gates of each layer are open while a text is read, 0 (shut) to 1, without dropout.</summary>
    /// <param name="words">Steps x streams.</param>
    /// <param name="state">Before the first word.</param>
    /// <returns>For each layer i, f and o of the equations at the end of section 3.1: steps x streams x units.</returns>
    public IReadOnlyList<(Tensor Input, Tensor Forget, Tensor Output)> Gates(Tensor words, LstmState state)
    {
        using var scope = NewDisposeScope();
        var (gates, h) = (new List<(Tensor, Tensor, Tensor)>(), Embed(words));
        for (var l = 0; l < layers.Count; l++)
        {
            var layer = layers[l];
            var (above, _, _) = layer.call(h, state.Layers[l]);
            var before = cat([state.Layers[l].Hidden, above.narrow(0, 0, above.size(0) - 1)], 0);   // h^l_{t-1}
            var sums = functional.linear(h, layer.get_parameter("weight_ih_l0")!, layer.get_parameter("bias_ih_l0")!)
                + functional.linear(before, layer.get_parameter("weight_hh_l0")!, layer.get_parameter("bias_hh_l0")!);
            var rows = sums.chunk(4, -1);                               // PyTorch's order: i, f, g, o
            Tensor Open(int gate) => rows[gate].sigmoid().MoveToOuterDisposeScope();
            gates.Add((Open(0), Open(1), Open(3)));
            h = above;
        }
        return gates;
    }

    // Departure: what the paper advises against. D is applied to h^l_{t-1} too, with a new mask at every word, so that memories pass through it again and again.
    private (Tensor, Tensor, Tensor) WithRecurrentDropout(LSTM layer, Tensor below, (Tensor Hidden, Tensor Cell) state)
    {
        var (hidden, cell) = (state.Hidden.alias(), state.Cell.alias());
        var outputs = new List<Tensor>();
        for (var t = 0L; t < below.size(0); t++)
        {
            using Tensor before = hidden, beforeCell = cell;
            using var dropped = functional.dropout(before, _recurrentDropout, training: true);
            using var now = below.narrow(0, t, 1);
            (var output, hidden, cell) = layer.call(now, (dropped, beforeCell));
            outputs.Add(output);
        }
        var all = cat(outputs, 0);
        outputs.ForEach(output => output.Dispose());
        return (all, hidden, cell);
    }
}

/// <summary>What the layers remember between two pieces of text.</summary>
/// <param name="layers">Hidden state and cell of each, 1 x streams x units.</param>
public sealed class LstmState(IReadOnlyList<(Tensor Hidden, Tensor Cell)> layers) : IDisposable
{
    public IReadOnlyList<(Tensor Hidden, Tensor Cell)> Layers => layers;

    public static LstmState Zeros(int layerCount, long streams, long units, Device device) =>
        new([.. Enumerable.Range(0, layerCount).Select(_ => (zeros([1, streams, units], device: device), zeros([1, streams, units], device: device)))]);

    /// <summary>The same values without the graph that made them, outside every dispose scope: a gradient ends here.</summary>
    public LstmState Detached() =>
        new([.. layers.Select(layer => (layer.Hidden.detach().DetachFromDisposeScope(), layer.Cell.detach().DetachFromDisposeScope()))]);

    public void Dispose()
    {
        foreach (var (hidden, cell) in layers)
        {
            hidden.Dispose();
            cell.Dispose();
        }
    }
}
