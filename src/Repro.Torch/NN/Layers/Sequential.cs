using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Modules in a row; unnamed ones are called "0", "1", ...</summary>
            public static Sequential Sequential() => new();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var sequential = new Sequential();
                foreach (var (name, module) in modules)
                    sequential.append(name, module);
                return sequential;
            }

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var sequential = new Sequential();
                foreach (var module in modules)
                    sequential.append(module);
                return sequential;
            }

            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}

namespace TorchSharp.Modules
{
    public class Sequential : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly List<torch.nn.IModule<torch.Tensor, torch.Tensor>> modulesInOrder = [];

        protected internal Sequential() : base(nameof(Sequential))
        {
        }

        public int Count => modulesInOrder.Count;

        public torch.nn.IModule<torch.Tensor, torch.Tensor> this[int index] => modulesInOrder[index];

        public Sequential append(string name, torch.nn.IModule<torch.Tensor, torch.Tensor> module)
        {
            register_module(name, (torch.nn.Module)module);
            modulesInOrder.Add(module);
            return this;
        }

        public Sequential append(torch.nn.IModule<torch.Tensor, torch.Tensor> module) => append(Count.ToString(), module);

        protected override void RegisterComponents()
        {
        }

        public override torch.Tensor forward(torch.Tensor tensor)
        {
            if (Count == 0)
                return tensor.alias();
            var current = modulesInOrder[0].call(tensor);
            for (var i = 1; i < Count; i++)
            {
                var next = modulesInOrder[i].call(current);
                // Autograd holds what backward needs; the wrapper need not wait for a scope or the collector.
                if (!ReferenceEquals(next, current) && !ReferenceEquals(current, tensor))
                    current.Dispose();
                current = next;
            }
            return current;
        }
    }

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
