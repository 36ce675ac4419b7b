namespace TorchSharp.Modules;

/// <summary>A module without parameters, buffers or submodules.</summary>
public abstract class ParameterLessModule<T1, TResult> : torch.nn.Module<T1, TResult>
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refusal("buffer", name);

    public override void register_parameter(string name, Parameter param) => throw Refusal("parameter", name);

    public override void register_module(string name, torch.nn.Module submodule) => throw Refusal("module", name);

    private InvalidOperationException Refusal(string what, string name) =>
        new($"Cannot register a {what} ('{name}') on {GetName()}: it holds none.");
}
