namespace TorchSharp;

/// <summary>The stack of dispose scopes of a thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? ofThread;

    internal static DisposeScopeManager ThreadSingleton => ofThread ??= new DisposeScopeManager();

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    /// <summary>Counts of this thread.</summary>
    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal static DisposeScope NewDisposeScope()
    {
        var manager = ThreadSingleton;
        return manager.CurrentDisposeScope = new DisposeScope(manager, manager.CurrentDisposeScope);
    }

    internal static void Register(torch.Tensor tensor)
    {
        var manager = ThreadSingleton;
        if (manager.CurrentDisposeScope is { } scope)
        {
            manager.StatisticsInstance.TensorStatistics.CreatedInScopeCount++;
            scope.Add(tensor);
        }
        else
        {
            manager.StatisticsInstance.TensorStatistics.CreatedOutsideScopeCount++;
        }
    }

    internal static void Register(torch.nn.utils.rnn.PackedSequence sequence)
    {
        var manager = ThreadSingleton;
        var statistics = manager.StatisticsInstance.PackedSequenceStatistics;
        if (manager.CurrentDisposeScope is { } scope)
        {
            statistics.CreatedInScopeCount++;
            scope.Add(sequence);
        }
        else
        {
            statistics.CreatedOutsideScopeCount++;
        }
    }

    internal static void Disposing(torch.Tensor tensor)
    {
        var statistics = ThreadSingleton.StatisticsInstance.TensorStatistics;
        if (tensor.OwningDisposeScope is null)
            statistics.DisposedOutsideScopeCount++;
        else
            statistics.DisposedInScopeCount++;
    }

    internal static void Disposing(torch.nn.utils.rnn.PackedSequence sequence)
    {
        var statistics = ThreadSingleton.StatisticsInstance.PackedSequenceStatistics;
        if (sequence.OwningDisposeScope is null)
            statistics.DisposedOutsideScopeCount++;
        else
            statistics.DisposedInScopeCount++;
    }

    /// <summary>Takes a closed scope out of the stack, wherever in it it stands.</summary>
    internal void Remove(DisposeScope closed)
    {
        if (CurrentDisposeScope == closed)
        {
            CurrentDisposeScope = closed.OuterScope;
            return;
        }
        for (var scope = CurrentDisposeScope; scope is not null; scope = scope.OuterScope)
            if (scope.OuterScope == closed)
                scope.OuterScope = closed.OuterScope;
    }
}

/// <summary>What a thread created and disposed of, inside and outside dispose scopes.</summary>
public class ThreadDisposeScopeStatistics
{
    public LifetimeStatistics TensorStatistics { get; } = new();

    /// <summary>Of packed sequences; the tensors that one holds count as tensors too.</summary>
    public LifetimeStatistics PackedSequenceStatistics { get; } = new();

    public long CreatedOutsideScopeCount => TensorStatistics.CreatedOutsideScopeCount + PackedSequenceStatistics.CreatedOutsideScopeCount;

    public long DisposedOutsideScopeCount => TensorStatistics.DisposedOutsideScopeCount + PackedSequenceStatistics.DisposedOutsideScopeCount;

    public long CreatedInScopeCount => TensorStatistics.CreatedInScopeCount + PackedSequenceStatistics.CreatedInScopeCount;

    public long DisposedInScopeCount => TensorStatistics.DisposedInScopeCount + PackedSequenceStatistics.DisposedInScopeCount;

    public long AttachedToScopeCount => TensorStatistics.AttachedToScopeCount + PackedSequenceStatistics.AttachedToScopeCount;

    public long DetachedFromScopeCount => TensorStatistics.DetachedFromScopeCount + PackedSequenceStatistics.DetachedFromScopeCount;

    public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount + PackedSequenceStatistics.ThreadTotalLiveCount;

    public void Reset()
    {
        TensorStatistics.Reset();
        PackedSequenceStatistics.Reset();
    }

    public override string ToString() => LifetimeStatistics.Text(
        ThreadTotalLiveCount, CreatedOutsideScopeCount, DisposedOutsideScopeCount, CreatedInScopeCount, DisposedInScopeCount, AttachedToScopeCount, DetachedFromScopeCount);

    internal LifetimeStatistics? Of(IDisposable disposable) => disposable switch
    {
        torch.Tensor => TensorStatistics,
        torch.nn.utils.rnn.PackedSequence => PackedSequenceStatistics,
        _ => null,
    };
}

/// <summary>Counts of one kind of object on one thread.</summary>
public class LifetimeStatistics
{
    public long CreatedOutsideScopeCount { get; internal set; }

    public long DisposedOutsideScopeCount { get; internal set; }

    public long CreatedInScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    public long AttachedToScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long ThreadTotalLiveCount =>
        CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

    public void Reset()
    {
        CreatedOutsideScopeCount = DisposedOutsideScopeCount = CreatedInScopeCount = DisposedInScopeCount = 0;
        AttachedToScopeCount = DetachedFromScopeCount = 0;
    }

    public override string ToString() => Text(
        ThreadTotalLiveCount, CreatedOutsideScopeCount, DisposedOutsideScopeCount, CreatedInScopeCount, DisposedInScopeCount, AttachedToScopeCount, DetachedFromScopeCount);

    internal static string Text(long live, long createdOutside, long disposedOutside, long createdIn, long disposedIn, long attached, long detached) =>
        $"{nameof(ThreadTotalLiveCount)}: {live}; {nameof(CreatedOutsideScopeCount)}: {createdOutside}; {nameof(DisposedOutsideScopeCount)}: {disposedOutside}; {nameof(CreatedInScopeCount)}: {createdIn}; {nameof(DisposedInScopeCount)}: {disposedIn}; {nameof(AttachedToScopeCount)}: {attached}; {nameof(DetachedFromScopeCount)}: {detached}";
}

public static partial class torch
{
    /// <summary>Opens a scope on this thread: every tensor made until it is disposed belongs to it and is freed with it.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.NewDisposeScope();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;

    /// <summary>Runs an expression in a scope of its own; only the result survives.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
