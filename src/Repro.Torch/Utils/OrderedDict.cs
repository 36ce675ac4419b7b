using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

/// <summary>A dictionary that enumerates in the order of insertion; a replaced entry keeps its place.</summary>
public class OrderedDict<TKey, TValue> : IEnumerable<(TKey, TValue)> where TKey : notnull
{
    private readonly OrderedDictionary<TKey, TValue> entries = [];

    public int Count => entries.Count;

    public ICollection<TKey> Keys => entries.Keys;

    public ICollection<TValue> Values => entries.Values;

    public (TKey, TValue) this[int index] => entries.GetAt(index) is var pair ? (pair.Key, pair.Value) : default;

    public TValue this[TKey key]
    {
        get => entries[key];
        set => entries[key] = value;
    }

    public void Add(TKey key, TValue value) => entries.Add(key, value);

    public bool TryAdd(TKey key, TValue value) => entries.TryAdd(key, value);

    public bool Remove(TKey key) => entries.Remove(key);

    public void RemoveAt(int index) => entries.RemoveAt(index);

    public void clear() => entries.Clear();

    public void Clear() => entries.Clear();

    public bool ContainsKey(TKey key) => entries.ContainsKey(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => entries.TryGetValue(key, out value);

    public IEnumerable<TKey> keys() => entries.Keys;

    public IEnumerable<TValue> values() => entries.Values;

    public IEnumerator<(TKey, TValue)> GetEnumerator()
    {
        foreach (var (key, value) in entries)
            yield return (key, value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
