namespace TorchSharp.Modules;

// Modules in a row for programs that say themselves how one's results go into the next: a subclass gives forward.

public abstract class Sequential<T, TResult> : torch.nn.Module<T, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}

public abstract class Sequential<T1, T2, TResult> : torch.nn.Module<T1, T2, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T1, T2, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T1, T2, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T1, T2, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T1, T2, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T1, T2, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}

public abstract class Sequential<T1, T2, T3, TResult> : torch.nn.Module<T1, T2, T3, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T1, T2, T3, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T1, T2, T3, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T1, T2, T3, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T1, T2, T3, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T1, T2, T3, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}

public abstract class Sequential<T1, T2, T3, T4, TResult> : torch.nn.Module<T1, T2, T3, T4, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T1, T2, T3, T4, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T1, T2, T3, T4, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T1, T2, T3, T4, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T1, T2, T3, T4, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T1, T2, T3, T4, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}

public abstract class Sequential<T1, T2, T3, T4, T5, TResult> : torch.nn.Module<T1, T2, T3, T4, T5, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T1, T2, T3, T4, T5, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T1, T2, T3, T4, T5, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T1, T2, T3, T4, T5, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T1, T2, T3, T4, T5, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T1, T2, T3, T4, T5, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}

public abstract class Sequential<T1, T2, T3, T4, T5, T6, TResult> : torch.nn.Module<T1, T2, T3, T4, T5, T6, TResult>
{
    protected Sequential(params (string name, torch.nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
            append(name, module);
    }

    protected Sequential(params torch.nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
            append(module);
    }

    public int Count => _internal_submodules.Count;

    public torch.nn.Module this[int index] => _internal_submodules[index].Item2;

    /// <summary>The modules from start to before end, as a subclass's <see cref="Slice"/> makes it.</summary>
    public Sequential<T1, T2, T3, T4, T5, T6, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    public Sequential<T1, T2, T3, T4, T5, T6, TResult> this[Range index] => index.GetOffsetAndLength(Count) is var (start, count) ? Slice(start, start + count) : this;

    public Sequential<T1, T2, T3, T4, T5, T6, TResult> append(string name, torch.nn.Module module)
    {
        register_module(name, module);
        return this;
    }

    public Sequential<T1, T2, T3, T4, T5, T6, TResult> append(torch.nn.Module module) => append(Count.ToString(), module);

    protected virtual Sequential<T1, T2, T3, T4, T5, T6, TResult> Slice(int start, int end) =>
        throw new NotImplementedException($"{GetName()} does not say how to make a part of it: override Slice.");

    protected override void RegisterComponents()
    {
    }
}
