using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // What a module holds, under dotted names, each tensor once.
        public partial class Module
        {
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, parameter) in _internal_params)
                    if (seen.Add(parameter.handle))
                        yield return (name, parameter);
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _internal_submodules)
                    foreach (var (name, parameter) in module.named_parameters())
                        if (seen.Add(parameter.handle))
                            yield return ($"{child}.{name}", parameter);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(named => named.parameter);

            /// <summary>Every parameter here and below, without names: made at each step of a training. One that is shared stands in it as often as it is held.</summary>
            private Parameter[] ParametersHeld()
            {
                var held = new Parameter[CountParameters()];
                var count = FillParameters(held, 0);
                return count == held.Length ? held : held[..count];
            }

            private int CountParameters()
            {
                var count = _internal_params.Count;
                for (var i = 0; i < _internal_submodules.Count; i++)
                    count += _internal_submodules[i].Item2.CountParameters();
                return count;
            }

            private int FillParameters(Parameter[] held, int at)
            {
                for (var i = 0; i < _internal_params.Count; i++)
                    if (_internal_params[i].Item2 is { IsInvalid: false } parameter)
                        held[at++] = parameter;
                for (var i = 0; i < _internal_submodules.Count; i++)
                    at = _internal_submodules[i].Item2.FillParameters(held, at);
                return at;
            }

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, (buffer, persistent)) in _internal_buffers)
                    if ((persistent || include_nonpersistent) && seen.Add(buffer.handle))
                        yield return (name, buffer);
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _internal_submodules)
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent))
                        if (seen.Add(buffer.handle))
                            yield return ($"{child}.{name}", buffer);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(named => named.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(named => named.module);

            /// <summary>All submodules at any depth; this module itself is not among them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in named_children())
                    yield return child;
                foreach (var (child, module) in named_children())
                    foreach (var (name, inner) in module.named_modules())
                        yield return ($"{child}.{name}", inner);
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(named => named.name == target).parameter;

            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(named => named.name == target).buffer;

            /// <summary>The tensors themselves (not copies) of all parameters and persistent buffers, by dotted name.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var before = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters())
                    destination.TryAdd(before + name, parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                    destination.TryAdd(before + name, buffer);
                foreach (var (name, module) in _internal_submodules)
                    module.state_dict(destination, before + name);
                return destination;
            }

            /// <summary>Copies values in by name.</summary>
            /// <param name="strict">Both sides must have the same names.</param>
            /// <exception cref="InvalidOperationException">
            /// They have not, or a value has another shape than its target; the message names up to five of each, and nothing is loaded.
            /// </exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= [];
                var destination = state_dict();
                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException(
                        $"The loaded state_dict is not identical to the target dictionary. Missing: {Some(missing)}. Unexpected: {Some(unexpected)}.");
                var pairs = source.Where(entry => !skip.Contains(entry.Key) && destination.ContainsKey(entry.Key)).Select(entry => (Key: entry.Key, Value: entry.Value, Target: destination[entry.Key])).ToList();
                var unlike = pairs.Where(pair => !pair.Value.shape.AsSpan().SequenceEqual(pair.Target.shape)).Select(pair => $"{pair.Key} is [{string.Join(", ", pair.Value.shape)}] there and [{string.Join(", ", pair.Target.shape)}] here").ToList();
                if (unlike.Count > 0)
                    throw new InvalidOperationException($"The loaded state_dict has tensors of other shapes, and nothing was loaded: {Some(unlike)}.");
                using var grad = no_grad();
                foreach (var (_, value, target) in pairs)
                    target.copy_(value);
                return (missing, unexpected);
            }

            private static string Some(List<string> names) =>
                names.Count == 0 ? "none" : string.Join(", ", names.Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
        }
    }
}
