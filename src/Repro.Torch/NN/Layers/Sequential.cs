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

            public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) => Sequential((IEnumerable<Tuple<string, Module<Tensor, Tensor>>>)modules);

            public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) => Sequential(modules.Select(module => (module.Item1, module.Item2)));
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

        protected Sequential(params (string name, torch.nn.Module<torch.Tensor, torch.Tensor> submodule)[] modules) : this()
        {
            foreach (var (name, module) in modules)
                append(name, module);
        }

        protected Sequential(params torch.nn.Module<torch.Tensor, torch.Tensor>[] modules) : this()
        {
            foreach (var module in modules)
                append(module);
        }

        public int Count => modulesInOrder.Count;

        public torch.nn.IModule<torch.Tensor, torch.Tensor> this[int index] => modulesInOrder[index];

        /// <summary>The modules from start to before end under their names; they belong to both.</summary>
        public Sequential this[Range index]
        {
            get
            {
                var (start, count) = index.GetOffsetAndLength(Count);
                var part = new Sequential();
                foreach (var (name, module) in named_children().Skip(start).Take(count))
                    part.append(name, (torch.nn.IModule<torch.Tensor, torch.Tensor>)module);
                return part;
            }
        }

        public Sequential this[(int? start, int? end) index] => this[(index.start ?? 0)..(index.end ?? Count)];

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
}
