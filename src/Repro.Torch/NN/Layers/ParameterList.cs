using System.Collections;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ParameterList ParameterList(params Parameter[] parameters) => new(parameters);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Parameters under the names "0", "1", ...</summary>
    public class ParameterList : torch.nn.Module, IList<Parameter>
    {
        private readonly List<Parameter> items = [];

        public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList)) => extend(parameters);

        public int Count => items.Count;

        public bool IsReadOnly => false;

        public Parameter this[int index]
        {
            get => items[index];
            set
            {
                items[index] = value;
                Renew();
            }
        }

        public void Add(Parameter item)
        {
            register_parameter(items.Count.ToString(), item);
            items.Add(item);
        }

        public void append(params Parameter[] parameters) => extend(parameters);

        public void extend(IEnumerable<Parameter> parameters)
        {
            foreach (var parameter in parameters)
                Add(parameter);
        }

        public void Insert(int index, Parameter item)
        {
            items.Insert(index, item);
            Renew();
        }

        public bool Remove(Parameter item)
        {
            var at = IndexOf(item);
            if (at >= 0)
                RemoveAt(at);
            return at >= 0;
        }

        public void RemoveAt(int index)
        {
            items.RemoveAt(index);
            Renew();
        }

        public void Clear()
        {
            items.Clear();
            Renew();
        }

        public bool Contains(Parameter item) => IndexOf(item) >= 0;

        /// <summary>The place of this very parameter; one of equal values is another.</summary>
        public int IndexOf(Parameter item) => items.FindIndex(other => ReferenceEquals(other, item));

        public void CopyTo(Parameter[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);

        public IEnumerator<Parameter> GetEnumerator() => items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        protected override void RegisterComponents()
        {
        }

        private void Renew()
        {
            _internal_params.Clear();
            for (var i = 0; i < items.Count; i++)
                register_parameter(i.ToString(), items[i]);
        }
    }
}
