using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Workers;

/// <summary>
/// Gathers what the slots of a host ask for and has it decided together: whatever waits while one transaction is being written goes into the next. An
/// answer is given only when what it rests on is durable. While the store is away everything waits, and is tried again.
/// </summary>
public sealed class GroupCommit : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(5);

    private readonly Coordinator _coordinator;
    private readonly TimeProvider _time;
    private readonly Action _renew;
    private readonly Action<string?> _storeIsAway;
    private readonly object _lock = new();
    private readonly Thread _thread;
    private List<Request> _waiting = [];
    private Exception? _ended;
    private volatile bool _isAway;

    /// <param name="coordinator">From now on this queue's alone.</param>
    /// <param name="renew">Renews the host's lease, before anything is tried again: it may have ended while the store was away. Fencing is by attempts.</param>
    /// <param name="storeIsAway">Called once with the reason when the store cannot be written to, and once with null when it can again; on the queue's thread.</param>
    public GroupCommit(Coordinator coordinator, TimeProvider time, Action renew, Action<string?> storeIsAway)
    {
        (_coordinator, _time, _renew, _storeIsAway) = (coordinator, time, renew, storeIsAway);
        _thread = new Thread(Work) { IsBackground = true, Name = "decisions" };
        _thread.Start();
    }

    /// <summary>Whether the store cannot be written to now, and requests wait.</summary>
    public bool StoreIsAway => _isAway;

    /// <summary>Asks for a decision.</summary>
    /// <param name="request">
    /// May be executed more than once, each time on the state as it then is: it writes nothing but by the decision. What it answers must not refer to that state.
    /// </param>
    /// <returns>
    /// Completed when the decision is durable. Fails with what <paramref name="request"/> threw, which fails no other request; with
    /// <see cref="LeaseEndedException"/>; with <see cref="OperationCanceledException"/> where the queue was ended before it could be written.
    /// </returns>
    public Task<T> Decide<T>(Func<Decision, T> request)
    {
        var asked = new Request<T>(request);
        lock (_lock)
        {
            if (_ended is not null) asked.Fail(_ended);
            else _waiting.Add(asked);
            Monitor.Pulse(_lock);
        }
        return asked.Answer;
    }

    /// <summary>Fails whatever waits now and is asked for later. A decision that is being written is still written.</summary>
    public void End(Exception why)
    {
        List<Request> left;
        lock (_lock)
        {
            _ended ??= why;
            (left, _waiting) = (_waiting, []);
            Monitor.Pulse(_lock);
        }
        foreach (var request in left) request.Fail(why);
    }

    /// <summary>Ends the queue, and waits for the decision that is being written.</summary>
    public void Dispose()
    {
        End(new OperationCanceledException("The host has stopped."));
        _thread.Join();
    }

    private void Work()
    {
        while (Take() is { } batch)
        {
            try
            {
                Write(batch);
            }
            catch (Exception error)
            {
                // The lease has ended, or the log is damaged: nothing more can be decided.
                End(error);
                foreach (var request in batch) request.Fail(error);
            }
        }
    }

    private List<Request>? Take()
    {
        lock (_lock)
        {
            while (_waiting.Count == 0)
            {
                if (_ended is not null) return null;
                Monitor.Wait(_lock);
            }
            var batch = _waiting;
            _waiting = [];
            return batch;
        }
    }

    private void Write(List<Request> batch)
    {
        var pause = FirstPause;
        while (batch.Count > 0)
        {
            Request? refused = null;
            try
            {
                if (_isAway) _renew();
                _coordinator.Decide(batch.ConvertAll<Action<Decision>>(request => decision =>
                {
                    refused = request;
                    request.Execute(decision);
                    refused = null;
                }));
                Back();
                foreach (var request in batch) request.Complete();
                return;
            }
            catch (Exception error) when (refused is not null)
            {
                // Nothing was written of its neighbours either; they are asked again without it.
                batch.Remove(refused);
                refused.Fail(error);
            }
            catch (StorageException error)
            {
                Away(error.Message);
                Pause(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void Away(string reason)
    {
        if (_isAway) return;
        _isAway = true;
        _storeIsAway(reason);
    }

    private void Back()
    {
        if (!_isAway) return;
        _isAway = false;
        _storeIsAway(null);
    }

    /// <exception cref="Exception">What ended the queue meanwhile.</exception>
    private void Pause(TimeSpan pause)
    {
        var over = false;
        using var timer = _time.CreateTimer(
            _ =>
            {
                lock (_lock)
                {
                    over = true;
                    Monitor.Pulse(_lock);
                }
            },
            null, pause, Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            while (!over && _ended is null) Monitor.Wait(_lock);
            if (_ended is { } ended) throw new OperationCanceledException(ended.Message, ended);
        }
    }

    private abstract class Request
    {
        public abstract void Execute(Decision decision);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Request<T>(Func<Decision, T> request) : Request
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _answer;

        public Task<T> Answer => _completion.Task;

        public override void Execute(Decision decision) => _answer = request(decision);

        public override void Complete() => _completion.TrySetResult(_answer!);

        public override void Fail(Exception error)
        {
            if (error is OperationCanceledException) _completion.TrySetCanceled();
            else _completion.TrySetException(error);
        }
    }
}
