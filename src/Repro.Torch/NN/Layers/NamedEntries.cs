using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Repro.Torch;

/// <summary>What <see cref="TorchSharp.Modules.ModuleDict{T}"/> and <see cref="TorchSharp.Modules.ParameterDict"/> share: entries by name, in the order in which they came.</summary>
public abstract class NamedEntries<T> : torch.nn.Module, IDictionary<string, T>, IList<(string, T)> where T : class
{
    private readonly List<(string Name, T Value)> entries = [];

    private protected NamedEntries(string name) : base(name)
    {
    }

    public int Count => entries.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => [.. entries.Select(entry => entry.Name)];

    public ICollection<T> Values => [.. entries.Select(entry => entry.Value)];

    public IEnumerable<string> keys() => Keys;

    public IEnumerable<T> values() => Values;

    public IEnumerator<(string, T)> items() => GetEnumerator();

    public (string, T) this[int index]
    {
        get => entries[index];
        set
        {
            entries[index] = value;
            Renew();
        }
    }

    /// <summary>Setting a name that is there replaces its entry, in its place; another is added at the end.</summary>
    public T this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"{GetName()} has no entry '{key}'.");
        set
        {
            if (Find(key) is var at and >= 0)
                this[at] = (key, value);
            else
                Add(key, value);
        }
    }

    public void Add(string key, T value)
    {
        Register(key, value);
        entries.Add((key, value));
    }

    public void Add((string, T) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

    public void Insert(int index, (string, T) item)
    {
        if (ContainsKey(item.Item1))
            throw new ArgumentException($"{GetName()} has an entry '{item.Item1}' already.");
        entries.Insert(index, item);
        Renew();
    }

    public void RemoveAt(int index)
    {
        entries.RemoveAt(index);
        Renew();
    }

    public bool Remove(string key)
    {
        var at = Find(key);
        if (at >= 0)
            RemoveAt(at);
        return at >= 0;
    }

    public bool Remove((string, T) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<string, T> item) => Contains(item) && Remove(item.Key);

    public void Clear()
    {
        entries.Clear();
        Renew();
    }

    public void clear() => Clear();

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool Contains((string, T) item) => IndexOf(item) >= 0;

    public bool Contains(KeyValuePair<string, T> item) => Contains((item.Key, item.Value));

    public int IndexOf((string, T) item) => entries.FindIndex(entry => entry.Name == item.Item1 && ReferenceEquals(entry.Value, item.Item2));

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        var at = Find(key);
        value = at < 0 ? null : entries[at].Value;
        return at >= 0;
    }

    public void CopyTo((string, T)[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex)
    {
        foreach (var (name, value) in entries)
            array[arrayIndex++] = KeyValuePair.Create(name, value);
    }

    public IEnumerator<(string, T)> GetEnumerator() => entries.GetEnumerator();

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
        entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
    }

    private int Find(string key) => entries.FindIndex(entry => entry.Name == key);

    private void Renew()
    {
        Unregister();
        foreach (var (name, value) in entries)
            Register(name, value);
    }

    private protected abstract void Register(string name, T value);

    private protected abstract void Unregister();
}
