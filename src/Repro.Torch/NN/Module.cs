using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A node of a network: parameters, buffers and submodules under names.</summary>
        public partial class Module : IDisposable
        {
            private bool componentsRegistered;
            private bool isTraining = true;
            private bool disposed;

#pragma warning disable CA1051 // TorchSharp has protected fields here.
            protected OrderedDict<string, Module> _internal_submodules = new();
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();
            protected OrderedDict<string, Parameter> _internal_params = new();
            protected string? name;
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;
#pragma warning restore CA1051

            protected Module(string name) => this.name = name;

            public virtual bool training => isTraining;

            public virtual void train(bool train = true)
            {
                isTraining = train;
                foreach (var (_, child) in named_children())
                    child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Calls a function with every submodule, innermost first, and with this one last.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _internal_submodules)
                    child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true) => optim.ZeroGradients(ParametersHeld(), set_to_none);

            public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

            /// <summary>Gives every field that is a module, a parameter or a tensor (a buffer) its place, under the field's name.</summary>
            /// <remarks>Call it at the end of a constructor, when the fields are assigned. Again, it does nothing.</remarks>
            protected virtual void RegisterComponents()
            {
                if (componentsRegistered)
                    return;
                foreach (var field in FieldsOf(GetType()))
                {
                    var component = field.ComponentName();
                    if (_internal_submodules.ContainsKey(component) || _internal_params.ContainsKey(component) || _internal_buffers.ContainsKey(component))
                        continue;
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(component, module);
                            break;
                        case Parameter parameter:
                            register_parameter(component, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(component, tensor);
                            break;
                    }
                }
                componentsRegistered = true;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                if (!_internal_buffers.TryAdd(name, (tensor.DetachFromDisposeScope(), persistent)))
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                param.DetachFromDisposeScope();
                if (!_internal_params.TryAdd(name, param))
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    _internal_submodules.Remove(name);
                    return;
                }
                if (name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"module name can't contain \".\", got: {name}");
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentException("module name can't be empty string \"\"");
                if (_internal_submodules.ContainsKey(name))
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            protected void ConditionallyRegisterParameter(string name, Tensor value) => ConditionallyRegisterParameter(name, value as Parameter);

            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                    _internal_params.Remove(name);
                else
                    _internal_params[name] = value;
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                    _internal_buffers.Remove(name);
                else
                    _internal_buffers[name] = (value, persistent);
            }

            protected void ClearModules() => _internal_submodules.clear();

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null) =>
                (InitializeDevice(device), dtype ?? get_default_dtype());

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Frees the parameters and buffers of this module and its submodules.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || disposed)
                    return;
                disposed = true;
                foreach (var (_, (buffer, _)) in _internal_buffers)
                    buffer.Dispose();
                foreach (var (_, parameter) in _internal_params)
                    parameter.Dispose();
                foreach (var (_, child) in _internal_submodules)
                    child.Dispose();
            }

            private static IEnumerable<FieldInfo> FieldsOf(Type type)
            {
                var seen = new HashSet<string>();
                // The engine's own modules have registered theirs, some under other names than their fields.
                for (var level = type; level is not null && level.Assembly != typeof(Module).Assembly; level = level.BaseType)
                    foreach (var field in level.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                        if (seen.Add(field.Name))
                            yield return field;
            }
        }
    }
}

public static class FieldInfoExtensionMethods
{
    /// <summary>The name that a module's field has in its state_dict.</summary>
    public static string ComponentName(this FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}
