namespace TorchSharp;

/// <summary>Owns what was created on its thread while it was the innermost one, and disposes of it when it is closed.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly Lock gate = new();
    private readonly DisposeScopeManager manager;
    private readonly List<torch.Tensor> tensors = [];
    private readonly List<IDisposable> others = [];
    private bool closed;

    internal DisposeScope(DisposeScopeManager manager, DisposeScope? outer)
    {
        this.manager = manager;
        OuterScope = outer;
    }

    internal DisposeScope? OuterScope { get; set; }

    /// <summary>What the scope owns now.</summary>
    /// <exception cref="ObjectDisposedException">The scope is closed; so from all members below but <see cref="Contains"/> and <see cref="Dispose"/>.</exception>
    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            RefuseClosed();
            lock (gate)
                return [.. tensors, .. others];
        }
    }

    public int DisposablesCount
    {
        get
        {
            RefuseClosed();
            lock (gate)
                return tensors.Count + others.Count;
        }
    }

    public bool Contains(IDisposable disposable)
    {
        lock (gate)
            return disposable is torch.Tensor tensor ? tensor.OwningDisposeScope == this : others.Contains(disposable);
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(OuterScope, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        RefuseClosed();
        if (Remove(disposable))
        {
            if (scope is not null)
                scope.Add(disposable);
            else if (manager.StatisticsInstance.Of(disposable) is { } statistics)
                statistics.DetachedFromScopeCount++;
        }
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            MoveToOther<IDisposable>(scope, disposable);
    }

    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (Detach(first), Detach(second));

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, (IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    /// <summary>Takes the disposable over from whatever scope has it.</summary>
    public void Attach(IDisposable disposable)
    {
        RefuseClosed();
        var owner = OwnerOf(disposable);
        if (owner == this)
            return;
        if (manager.StatisticsInstance.Of(disposable) is { } statistics)
            statistics.AttachedToScopeCount++;
        owner?.Remove(disposable);
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var all = disposables.ToList();
        foreach (var disposable in all)
            Attach(disposable);
        return all;
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        RefuseClosed();
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in DisposablesView)
        {
            if (keep.Contains(disposable))
                continue;
            disposable.Dispose();
            Remove(disposable);
        }
    }

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut([first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut([first, second, third]);
        return (first, second, third);
    }

    /// <summary>Tells the scope that something it owned was disposed of elsewhere.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        RefuseClosed();
        Remove(disposable);
    }

    public void Dispose()
    {
        if (closed)
            return;
        DisposeEverything();
        manager.Remove(this);
        closed = true;
    }

    private void RefuseClosed() => ObjectDisposedException.ThrowIf(closed, this);

    internal void Add(IDisposable disposable)
    {
        lock (gate)
        {
            if (disposable is not torch.Tensor tensor)
            {
                others.Add(disposable);
                if (disposable is torch.nn.utils.rnn.PackedSequence sequence)
                    sequence.OwningDisposeScope = this;
                return;
            }
            tensor.OwningDisposeScope = this;
            tensor.ScopeSlot = tensors.Count;
            tensors.Add(tensor);
        }
    }

    internal void Forget(IDisposable disposable) => Remove(disposable);

    /// <summary>Puts one tensor in another's place, as when a parameter takes over a tensor's memory.</summary>
    internal void Replace(torch.Tensor old, torch.Tensor replacement)
    {
        if (Remove(old))
            Add(replacement);
    }

    private static DisposeScope? OwnerOf(IDisposable disposable) => disposable switch
    {
        torch.Tensor tensor => tensor.OwningDisposeScope,
        torch.nn.utils.rnn.PackedSequence sequence => sequence.OwningDisposeScope,
        _ => null,
    };

    private bool Remove(IDisposable disposable)
    {
        lock (gate)
        {
            if (disposable is torch.nn.utils.rnn.PackedSequence sequence && sequence.OwningDisposeScope == this)
                sequence.OwningDisposeScope = null;
            if (disposable is not torch.Tensor tensor)
                return others.Remove(disposable);
            if (tensor.OwningDisposeScope != this)
                return false;
            var last = tensors[^1];
            tensors[tensor.ScopeSlot] = last;
            last.ScopeSlot = tensor.ScopeSlot;
            tensors.RemoveAt(tensors.Count - 1);
            tensor.OwningDisposeScope = null;
            return true;
        }
    }
}
