using Repro.Torch;
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
    public class ParameterDict : NamedEntries<Parameter>
    {
        public ParameterDict() : base(nameof(ParameterDict))
        {
        }

        private protected override void Register(string name, Parameter value) => register_parameter(name, value);

        private protected override void Unregister() => _internal_params.Clear();

        /// <param name="recurse">Of no effect; to be named, as in TorchSharp.</param>
        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse) => base.named_parameters(recurse: true);
    }
}
