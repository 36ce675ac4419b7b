using Orleans.Runtime;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Workers.Tests;

namespace Repro.Cluster.Tests;

public class PatienceTests
{
    private readonly ManualTime _time = new();

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new TimeoutException(), true },
        { new SiloUnavailableException(), true },
        { new OrleansException("x"), true },
        { new StorageException("x"), true },
        { new Npgsql.NpgsqlException("x"), true },
        { new ObjectDisposedException("x"), true },
        { new AggregateException(new TimeoutException(), new StorageException("x")), true },
        { new AggregateException(new TimeoutException(), new InvalidOperationException()), false },
        { new BadInputException("x"), false },
        { new InvalidOperationException(), false },
        { new FormatException(), false },
        { new OperationCanceledException(), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void What_passes_by_itself_is_told_from_what_does_not(Exception failure, bool passes) => Assert.Equal(passes, Patience.IsPassing(failure));

    [Fact]
    public async Task A_call_that_fails_for_a_while_is_made_again_after_pauses_that_double_up_to_a_second()
    {
        var calls = new List<DateTimeOffset>();
        var asked = Patience.Ask(() =>
        {
            calls.Add(_time.GetUtcNow());
            return calls.Count < 9 ? Task.FromException<int>(new TimeoutException()) : Task.FromResult(7);
        }, _time, CancellationToken.None);
        _time.AdvanceUntil(asked, TimeSpan.FromMilliseconds(10));
        Assert.Equal(7, await asked);
        Assert.Equal([50, 100, 200, 400, 800, 1000, 1000, 1000], calls.Zip(calls.Skip(1), (before, after) => (after - before).TotalMilliseconds));
    }

    [Fact]
    public async Task What_does_not_pass_is_thrown_at_once()
    {
        var calls = 0;
        await Assert.ThrowsAsync<BadInputException>(() => Patience.Ask<int>(() => throw new BadInputException($"{++calls}"), _time, CancellationToken.None));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task After_its_limit_the_last_failure_is_thrown()
    {
        var calls = 0;
        var began = _time.GetUtcNow();
        var asked = Patience.Ask<int>(() => throw new TimeoutException($"{++calls}"), _time, CancellationToken.None, TimeSpan.FromSeconds(3));
        _time.AdvanceUntil(asked.ContinueWith(_ => { }, TaskScheduler.Default), TimeSpan.FromMilliseconds(10));
        Assert.Equal($"{calls}", (await Assert.ThrowsAsync<TimeoutException>(() => asked)).Message);
        // 0, 50, 150, 350, 750, 1550, 2550, 3550 ms.
        Assert.Equal(8, calls);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(3.5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Whoever_wants_it_no_more_waits_for_no_answer_and_no_pause()
    {
        using var stop = new CancellationTokenSource();
        var unanswered = Patience.Ask(() => new TaskCompletionSource<int>().Task, _time, stop.Token);
        var pausing = Patience.Ask<int>(() => throw new TimeoutException(), _time, stop.Token);
        Assert.False(unanswered.IsCompleted || pausing.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unanswered);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pausing);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Ask<int>(() => throw new InvalidOperationException("It is not to be called."), _time, stop.Token));
    }
}
