using Repro.Torch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

            public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                var dictionary = new ModuleDict<T>();
                foreach (var entry in modules)
                    dictionary.Add(entry);
                return dictionary;
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Modules by name, in the order in which they came; it computes nothing itself.</summary>
    public class ModuleDict<T> : NamedEntries<T> where T : torch.nn.Module
    {
        public ModuleDict() : base(nameof(ModuleDict<T>))
        {
        }

        private protected override void Register(string name, T value) => register_module(name, value);

        private protected override void Unregister() => ClearModules();
    }
}
