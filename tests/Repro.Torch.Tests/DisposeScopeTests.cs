using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>Dispose scopes as TorchSharp documents them: docfx/articles/memory.md of its source, and its tests' public behaviour.</summary>
public class DisposeScopeTests
{
    private static ThreadDisposeScopeStatistics Counts => DisposeScopeManager.Statistics;

    public DisposeScopeTests() => Counts.Reset();

    // Created outside, disposed outside, created inside, disposed inside, attached, detached, alive.
    private static void Expect(params long[] counts) => Assert.Equal(counts, new[] {
        Counts.CreatedOutsideScopeCount, Counts.DisposedOutsideScopeCount, Counts.CreatedInScopeCount, Counts.DisposedInScopeCount, Counts.AttachedToScopeCount,
        Counts.DetachedFromScopeCount, Counts.ThreadTotalLiveCount });

    [Fact]
    public void Without_a_scope_tensors_count_as_made_and_disposed_of_outside_and_twice_is_once()
    {
        Assert.Null(CurrentDisposeScope);
        var t = tensor(3);
        Expect(1, 0, 0, 0, 0, 0, 1);
        t.Dispose();
        t.Dispose();
        Expect(1, 1, 0, 0, 0, 0, 0);
        Assert.Equal(1, Counts.TensorStatistics.DisposedOutsideScopeCount);
        Assert.Contains("DisposedOutsideScopeCount: 1", Counts.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_scope_they_count_as_made_inside_and_closing_it_disposes_of_them_once()
    {
        using (var scope = NewDisposeScope())
        {
            Assert.Same(scope, CurrentDisposeScope);
            var (a, b) = (tensor(3), tensor(4));
            Assert.Equal(new IDisposable[] { a, b }, scope.DisposablesView);
            a.Dispose();
            Assert.Equal(1, scope.DisposablesCount);
            Assert.False(scope.Contains(a));
            Expect(0, 0, 2, 1, 0, 0, 1);
        }
        Expect(0, 0, 2, 2, 0, 0, 0);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Attaching_detaching_and_what_they_count()
    {
        using var outside = tensor(1);
        using var scope = NewDisposeScope();
        scope.Detach(outside); // is in none
        Expect(1, 0, 0, 0, 0, 0, 1);
        scope.Attach(outside);
        scope.Attach(outside);
        Expect(1, 0, 0, 0, 1, 0, 1);
        var inside = tensor(2);
        scope.Attach(inside); // is here already
        scope.Detach(inside);
        Expect(1, 0, 1, 0, 1, 1, 2);
        using (var other = NewDisposeScope())
        {
            other.Attach(outside); // from the scope around
            Expect(1, 0, 1, 0, 2, 1, 2);
        }
        Assert.True(outside.IsInvalid);
        Expect(1, 0, 1, 1, 2, 1, 1);
        Assert.False(inside.IsInvalid);
        inside.Dispose();
        Expect(1, 1, 1, 1, 2, 1, 0);
    }

    [Fact]
    public void Two_and_three_are_moved_and_detached_together_and_keep_their_types()
    {
        using var outer = NewDisposeScope();
        using var inner = NewDisposeScope();
        var (a, b) = inner.MoveToOuter(ones(1), new Parameter(ones(2)));
        var (c, d, e) = inner.MoveToOuter(ones(1), ones(2), ones(3));
        Assert.True(outer.Contains(a) && outer.Contains(b) && outer.Contains(c) && outer.Contains(d) && outer.Contains(e));
        var (f, g) = inner.MoveToOther(outer, ones(1), ones(2));
        Assert.True(outer.Contains(f) && outer.Contains(g));
        Assert.Equal(2, inner.Detach(ones(2), ones(1)).Item1.numel());
        inner.MoveToOuter(ones(1), ones(1), ones(1), ones(1));
        inner.Detach([ones(1), ones(1)]);
        Assert.IsType<Parameter>(b);
    }

    [Fact]
    public void Everything_but_what_is_kept_is_disposed_of_while_the_scope_stays_open()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (ones(1), ones(1), ones(1));
        Assert.Equal((a, b), scope.DisposeEverythingBut(a, b));
        Assert.True(c.IsInvalid);
        Assert.Same(a, scope.DisposeEverythingBut(a));
        Assert.True(b.IsInvalid);
        scope.DisposeEverything();
        Assert.True(a.IsInvalid);
        Assert.True(scope.Contains(ones(1)));
    }

    [Fact]
    public void Moved_out_of_the_outermost_scope_a_tensor_belongs_to_none_and_counts_as_detached()
    {
        Tensor t;
        using (NewDisposeScope())
            t = ones(2).MoveToOuterDisposeScope();
        Assert.False(t.IsInvalid);
        Expect(0, 0, 1, 0, 0, 1, 1);
        t.MoveToOuterDisposeScope().DetachFromDisposeScope(); // in none: nothing happens
        Expect(0, 0, 1, 0, 0, 1, 1);
        t.Dispose();
    }

    [Fact]
    public void A_tensor_goes_where_another_one_is()
    {
        using var outer = NewDisposeScope();
        var anchor = ones(1);
        Tensor follower, loose;
        using (NewDisposeScope())
        {
            follower = ones(1).MoveToOtherDisposeScope(anchor);
            loose = ones(1).DetachFromDisposeScope();
            loose.MoveToOtherDisposeScope(outer);
        }
        Assert.True(outer.Contains(follower) && outer.Contains(loose));
    }

    [Fact]
    public void A_scope_that_wraps_an_expression_keeps_its_result_only()
    {
        using var scope = NewDisposeScope();
        var result = WrappedTensorDisposeScope(() => (ones(2) + 1) * 3);
        Assert.Same(result, Assert.Single(scope.DisposablesView));
        Assert.Equal(12f, result.sum().item<float>());
    }

    [Fact]
    public void An_exception_leaves_no_tensor_and_no_open_scope()
    {
        var before = Runtime.LiveTensors;
        Assert.Throws<ExternalException>(() =>
        {
            using var outer = NewDisposeScope();
            using var inner = NewDisposeScope();
            _ = ones(2, 3).matmul(ones(2, 3));
        });
        Assert.Null(CurrentDisposeScope);
        Assert.Equal(before, Runtime.LiveTensors);
        Expect(0, 0, 2, 2, 0, 0, 0);
    }

    [Fact]
    public void A_scope_closed_out_of_order_takes_its_own_tensors_only_and_leaves_the_stack()
    {
        var first = NewDisposeScope();
        var a = ones(1);
        var second = NewDisposeScope();
        var b = ones(1);
        var third = NewDisposeScope();
        var c = ones(1);
        second.Dispose();
        Assert.True(b.IsInvalid && !a.IsInvalid && !c.IsInvalid);
        Assert.Same(third, CurrentDisposeScope);
        Assert.True(third.Contains(ones(1)));
        c.MoveToOuterDisposeScope();
        Assert.True(first.Contains(c));
        third.Dispose();
        Assert.Same(first, CurrentDisposeScope);
        first.Dispose();
        Assert.True(c.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_closed_scope_is_closed_once_and_takes_nothing_more()
    {
        var scope = NewDisposeScope();
        using var t = ones(1).DetachFromDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.False(scope.Contains(t));
        foreach (var use in (Action[])[() => scope.Attach(t), () => scope.Detach(t), () => scope.MoveToOuter(t), scope.DisposeEverything, () => _ = scope.DisposablesCount,
            () => _ = scope.DisposablesView, () => scope.MarkAsDisposed(t)])
            Assert.Throws<ObjectDisposedException>(use);
        Assert.False(t.IsInvalid);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? elsewhere = null;
        DisposeScope? open = scope;
        var thread = new Thread(() =>
        {
            open = CurrentDisposeScope;
            elsewhere = ones(2);
        });
        thread.Start();
        thread.Join();
        Assert.Null(open);
        Assert.False(scope.Contains(elsewhere!));
        Expect(0, 0, 0, 0, 0, 0, 0); // the other thread's counts are its own
        scope.Attach(elsewhere!);
    }

    [Fact]
    public async Task After_an_await_on_another_thread_a_scope_is_closed_for_the_thread_that_opened_it()
    {
        var opened = new TaskCompletionSource<(DisposeScope Scope, Tensor Tensor)>();
        var closed = new TaskCompletionSource();
        DisposeScope? left = null;
        var owner = new Thread(() =>
        {
            opened.SetResult((NewDisposeScope(), ones(2)));
            closed.Task.Wait();
            left = CurrentDisposeScope;
        });
        owner.Start();
        var (scope, tensor) = await opened.Task;
        scope.Dispose();
        closed.SetResult();
        owner.Join();
        Assert.True(tensor.IsInvalid);
        Assert.Null(left);
    }

    [Fact]
    public void Tensors_of_one_scope_may_be_disposed_of_and_moved_by_many_threads_at_once()
    {
        using var outer = NewDisposeScope();
        var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, 4000).Select(_ => ones(1)).ToArray();
        Parallel.For(0, tensors.Length, i =>
        {
            if (i % 4 == 0)
                tensors[i].Dispose();
            else if (i % 4 == 1)
                scope.MoveToOther(outer, tensors[i]);
            else if (i % 4 == 2)
                scope.Detach(tensors[i]);
        });
        Assert.Equal(1000, scope.DisposablesCount);
        Assert.Equal(1000, outer.DisposablesCount);
        scope.Dispose();
        Assert.All(tensors.Select((t, i) => (t, i)), pair => Assert.Equal(pair.i % 4 is 0 or 3, pair.t.IsInvalid));
        for (var i = 2; i < tensors.Length; i += 4)
            tensors[i].Dispose();
    }

    [Fact]
    public void A_parameter_made_of_a_scoped_tensor_takes_its_place()
    {
        using (NewDisposeScope())
            using (new Parameter(ones(2)))
                Assert.Equal(1, CurrentDisposeScope!.DisposablesCount);
        Assert.Equal(0, Counts.ThreadTotalLiveCount);
    }
}
