namespace TorchSharp.Modules;

public interface IParameterLessModule
{
}

/// <summary>A module without parameters and buffers; its submodules, if any, have none either.</summary>
public abstract class ParameterLessModule<T1, TResult>(string name) : torch.nn.Module<T1, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

public abstract class ParameterLessModule<T1, T2, TResult>(string name) : torch.nn.Module<T1, T2, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

public abstract class ParameterLessModule<T1, T2, T3, TResult>(string name) : torch.nn.Module<T1, T2, T3, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

public abstract class ParameterLessModule<T1, T2, T3, T4, TResult>(string name) : torch.nn.Module<T1, T2, T3, T4, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

public abstract class ParameterLessModule<T1, T2, T3, T4, T5, TResult>(string name) : torch.nn.Module<T1, T2, T3, T4, T5, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

public abstract class ParameterLessModule<T1, T2, T3, T4, T5, T6, TResult>(string name) : torch.nn.Module<T1, T2, T3, T4, T5, T6, TResult>(name), IParameterLessModule
{
    public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) => throw Refused.Buffer(this, name);

    public override void register_parameter(string name, Parameter param) => throw Refused.Parameter(this, name);

    public override void register_module(string name, torch.nn.Module submodule) =>
        base.register_module(name, Refused.UnlessParameterLess(this, name, submodule));
}

internal static class Refused
{
    public static InvalidOperationException Buffer(torch.nn.Module module, string name) => Because(module, "buffer", name);

    public static InvalidOperationException Parameter(torch.nn.Module module, string name) => Because(module, "parameter", name);

    public static torch.nn.Module UnlessParameterLess(torch.nn.Module module, string name, torch.nn.Module submodule) =>
        submodule is IParameterLessModule ? submodule : throw Because(module, "module with parameters", name);

    private static InvalidOperationException Because(torch.nn.Module module, string what, string name) =>
        new($"Cannot register a {what} ('{name}') on {module.GetName()}: it has no parameters.");
}
