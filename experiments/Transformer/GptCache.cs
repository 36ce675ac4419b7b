using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>Keys and values of the characters so far, so that the next one needs no other computed again.</summary>
public sealed class GptCache : IDisposable
{
    private readonly GptLayerCache[] _layers;

    /// <param name="batch">Texts side by side.</param>
    public GptCache(GptOptions options, int batch, Device device) =>
        _layers = [.. Enumerable.Range(0, options.Layers).Select(_ => new GptLayerCache(batch, options.Heads, options.Context, options.Width / options.Heads, device))];

    /// <summary>Characters in it; no more than the context.</summary>
    public int Length => _layers[0].Length;

    internal GptLayerCache this[int layer] => _layers[layer];

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        foreach (var layer in _layers) layer.Length = 0;
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
    }
}

/// <summary>Keys and values of one block.</summary>
internal sealed class GptLayerCache(int batch, int heads, int context, int size, Device device) : IDisposable
{
    private readonly Tensor _keys = zeros([batch, heads, context, size], device: device).DetachFromDisposeScope();
    private readonly Tensor _values = zeros([batch, heads, context, size], device: device).DetachFromDisposeScope();

    public int Length { get; set; }

    /// <summary>Adds what comes next: [batch, heads, T, size] each.</summary>
    public void Append(Tensor keys, Tensor values)
    {
        var count = keys.size(2);
        using var placeOfKeys = _keys.narrow(2, Length, count);
        using var placeOfValues = _values.narrow(2, Length, count);
        placeOfKeys.copy_(keys);
        placeOfValues.copy_(values);
        Length += (int)count;
    }

    /// <summary>Attention of one character a text to itself and all before it, which need no mask: [batch, heads, 1, size].</summary>
    public Tensor Attend(Tensor query, Tensor key, Tensor value)
    {
        if (query.size(2) != 1) throw new ArgumentException($"After the first characters they are given one at a time; there were {query.size(2)}.", nameof(query));
        Append(key, value);
        using var keys = _keys.narrow(2, 0, Length);
        using var values = _values.narrow(2, 0, Length);
        using var turned = keys.transpose(2, 3);
        using var scaled = query / Math.Sqrt(size);
        using var scores = scaled.matmul(turned);                           // [batch, heads, 1, Length]
        using var weights = scores.softmax(3);
        return weights.matmul(values);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
