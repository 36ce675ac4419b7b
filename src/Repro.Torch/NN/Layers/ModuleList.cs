using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Modules under the names "0", "1", ...; it computes nothing itself.</summary>
    public class ModuleList<T> : torch.nn.Module, IList<T> where T : torch.nn.Module
    {
        private readonly List<T> items = [];

        public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => extend(modules);

        public int Count => items.Count;

        public bool IsReadOnly => false;

        public T this[int index]
        {
            get => items[index];
            set
            {
                items[index] = value;
                Rename();
            }
        }

        public void Add(T item)
        {
            register_module(items.Count.ToString(), item);
            items.Add(item);
        }

        public void append(params T[] parameters) => extend(parameters);

        public void extend(IEnumerable<T> modules)
        {
            foreach (var module in modules)
                Add(module);
        }

        public void Insert(int index, T item)
        {
            items.Insert(index, item);
            Rename();
        }

        public bool Remove(T item)
        {
            var removed = items.Remove(item);
            Rename();
            return removed;
        }

        public void RemoveAt(int index)
        {
            items.RemoveAt(index);
            Rename();
        }

        public void Clear()
        {
            items.Clear();
            ClearModules();
        }

        public bool Contains(T item) => items.Contains(item);

        public int IndexOf(T item) => items.IndexOf(item);

        public void CopyTo(T[] array, int arrayIndex) => items.CopyTo(array, arrayIndex);

        public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        protected override void RegisterComponents()
        {
        }

        private void Rename()
        {
            ClearModules();
            for (var i = 0; i < items.Count; i++)
                register_module(i.ToString(), items[i]);
        }
    }
}
