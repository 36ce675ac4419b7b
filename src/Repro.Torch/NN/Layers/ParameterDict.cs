using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ParameterDict ParameterDict(params (string, Parameter)[] parameters)
            {
                var dictionary = new ParameterDict();
                foreach (var entry in parameters)
                    dictionary.Add(entry);
                return dictionary;
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Parameters by name, in the order in which they came.</summary>
    public class ParameterDict : torch.nn.Module, IDictionary<string, Parameter>, IList<(string, Parameter)>
    {
        private readonly List<(string Name, Parameter Value)> entries = [];

        public ParameterDict() : base(nameof(ParameterDict))
        {
        }

        public int Count => entries.Count;

        public bool IsReadOnly => false;

        public ICollection<string> Keys => [.. entries.Select(entry => entry.Name)];

        public ICollection<Parameter> Values => [.. entries.Select(entry => entry.Value)];

        public IEnumerable<string> keys() => Keys;

        public IEnumerable<Parameter> values() => Values;

        public IEnumerator<(string, Parameter)> items() => GetEnumerator();

        public (string, Parameter) this[int index]
        {
            get => entries[index];
            set
            {
                entries[index] = value;
                Renew();
            }
        }

        /// <summary>Setting a name that is there replaces its entry, in its place; another is added at the end.</summary>
        public Parameter this[string key]
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

        public void Add(string key, Parameter value)
        {
            register_parameter(key, value);
            entries.Add((key, value));
        }

        public void Add((string, Parameter) item) => Add(item.Item1, item.Item2);

        public void Add(KeyValuePair<string, Parameter> item) => Add(item.Key, item.Value);

        public void Insert(int index, (string, Parameter) item)
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

        public bool Remove((string, Parameter) item) => Contains(item) && Remove(item.Item1);

        public bool Remove(KeyValuePair<string, Parameter> item) => Contains(item) && Remove(item.Key);

        public void Clear()
        {
            entries.Clear();
            Renew();
        }

        public void clear() => Clear();

        public bool ContainsKey(string key) => Find(key) >= 0;

        public bool Contains((string, Parameter) item) => IndexOf(item) >= 0;

        public bool Contains(KeyValuePair<string, Parameter> item) => Contains((item.Key, item.Value));

        public int IndexOf((string, Parameter) item) => entries.FindIndex(entry => entry.Name == item.Item1 && ReferenceEquals(entry.Value, item.Item2));

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value)
        {
            var at = Find(key);
            value = at < 0 ? null : entries[at].Value;
            return at >= 0;
        }

        public void CopyTo((string, Parameter)[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

        public void CopyTo(KeyValuePair<string, Parameter>[] array, int arrayIndex)
        {
            foreach (var (name, value) in entries)
                array[arrayIndex++] = KeyValuePair.Create(name, value);
        }

        public IEnumerator<(string, Parameter)> GetEnumerator() => entries.GetEnumerator();

        IEnumerator<KeyValuePair<string, Parameter>> IEnumerable<KeyValuePair<string, Parameter>>.GetEnumerator() =>
            entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <param name="recurse">Of no effect; to be named, as in TorchSharp.</param>
        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse) => base.named_parameters(recurse: true);

        protected override void RegisterComponents()
        {
        }

        private int Find(string key) => entries.FindIndex(entry => entry.Name == key);

        private void Renew()
        {
            _internal_params.Clear();
            foreach (var (name, parameter) in entries)
                register_parameter(name, parameter);
        }
    }
}
