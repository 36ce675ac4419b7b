using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>
/// What a decoder that gives one symbol after the other keeps, so that no place is computed twice: each layer's keys and values of the source, one set a sentence, and
/// of the symbols so far, one set a row. A sentence has several rows side by side, the hypotheses of its beam.
/// </summary>
internal sealed class DecoderCache : IDisposable
{
    private const int FirstPlaces = 32;

    private readonly Tensor[] _keys, _values;       // of the source, each layer's: [sentences h, e, S] and [sentences h, S, e]
    private Tensor? _past;                          // of the target: [2 layers, places, rows, d], keys and values of a layer one after the other
    private Tensor? _mask;

    public DecoderCache(IReadOnlyList<(Tensor Keys, Tensor Values)> source, Tensor? mask, long sentences)
    {
        (_keys, _values) = ([.. source.Select(layer => layer.Keys)], [.. source.Select(layer => layer.Values)]);
        (_mask, Sentences) = (mask, sentences);
    }

    /// <summary>Symbols so far.</summary>
    public long Length { get; set; }

    public long Sentences { get; private set; }

    /// <summary>Added to the scores of the source: [sentences h, 1, S]; null adds nothing.</summary>
    public Tensor? Mask => _mask;

    public Tensor Keys(int layer) => _keys[layer];

    public Tensor Values(int layer) => _values[layer];

    /// <summary>Takes a layer's keys and values of the newest place, and gives those of all places.</summary>
    public Func<Tensor, Tensor, (Tensor Keys, Tensor Values)> Append(int layer) => (key, value) =>
    {
        Reserve(key);
        return (Put(2 * layer, key), Put((2 * layer) + 1, value));
    };

    /// <summary>Goes on with these rows, in this order; a row may be taken more than once.</summary>
    /// <param name="rows">Places among the present rows, those of a sentence side by side.</param>
    public void TakeRows(IReadOnlyList<long> rows)
    {
        // Each its own successor, as always in a greedy search: nothing moves, and what is reserved is used.
        if (_past is null || (rows.Count == _past.shape[2] && rows.Select((row, i) => row == i).All(same => same))) return;
        using var old = _past;
        using var wanted = tensor(rows.ToArray(), device: old.device);
        using var filled = old.narrow(1, 0, Length);
        using var chosen = filled.index_select(2, wanted);
        _past = empty(old.shape[0], Places(Length + 1), rows.Count, old.shape[3], device: old.device).DetachFromDisposeScope();
        using var start = _past.narrow(1, 0, Length);
        start.copy_(chosen);
    }

    /// <summary>Goes on with these sentences alone.</summary>
    /// <param name="sentences">Places among the present sentences, ascending.</param>
    public void TakeSentences(IReadOnlyList<int> sentences)
    {
        var heads = _keys[0].shape[0] / Sentences;
        using var chosen = tensor(sentences.SelectMany(s => Enumerable.Range(0, (int)heads).Select(head => (s * heads) + head)).ToArray(), device: _keys[0].device);
        for (var i = 0; i < _keys.Length; i++)
        {
            Replace(ref _keys[i], chosen);
            Replace(ref _values[i], chosen);
        }
        if (_mask is { } mask)
        {
            Replace(ref mask, chosen);
            _mask = mask;
        }
        Sentences = sentences.Count;
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values)) tensor.Dispose();
        _past?.Dispose();
        _mask?.Dispose();
    }

    private static void Replace(ref Tensor tensor, Tensor chosen)
    {
        using var old = tensor;
        tensor = old.index_select(0, chosen).DetachFromDisposeScope();
    }

    private static long Places(long length) => Math.Max(FirstPlaces, 2 * length);

    private void Reserve(Tensor key)
    {
        if (_past is { } present && present.shape[1] > Length) return;
        using var old = _past;
        _past = empty(2 * _keys.Length, Places(Length + 1), key.shape[0], key.shape[1], device: key.device).DetachFromDisposeScope();
        if (old is null) return;
        using var start = _past.narrow(1, 0, Length);
        start.copy_(old);
    }

    private Tensor Put(int which, Tensor value)
    {
        using var own = _past![which];                              // [places, rows, d]
        using (var here = own[Length]) here.copy_(value);
        return own.narrow(0, 0, Length + 1);
    }
}
