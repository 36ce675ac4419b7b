using System.Threading.Channels;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers;

/// <summary>
/// A worker that is a thread of the host's own process, for a debugger: breakpoints in an experiment are hit. A native crash takes the host with it, and
/// a run that hangs cannot be ended but with the host.
/// </summary>
public sealed class InProcessWorker : IWorker
{
    private readonly Channel<WorkerMessage> _messages = Channel.CreateUnbounded<WorkerMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<HostMessage> _orders = Channel.CreateUnbounded<HostMessage>();
    private readonly TaskCompletionSource<FailedMessage> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="work">Does what a worker process does, until its messages end; called on a thread of its own.</param>
    public InProcessWorker(Action<ChannelReader<HostMessage>, Action<WorkerMessage>> work)
    {
        new Thread(() => Work(work)) { IsBackground = true, Name = "worker" }.Start();
    }

    public ChannelReader<WorkerMessage> Messages => _messages.Reader;

    public int? ProcessId => null;

    public void Send(HostMessage message) => _orders.Writer.TryWrite(message);

    /// <summary>Takes nothing from it any more. The thread itself ends with its run, or with the process.</summary>
    public void Kill()
    {
        _orders.Writer.TryComplete();
        _messages.Writer.TryComplete();
        _ending.TrySetResult(new FailedMessage(FailureClass.Cancelled, "The run was left behind in the host's own process."));
    }

    public Task<FailedMessage> Ending() => _ending.Task;

    public ValueTask DisposeAsync()
    {
        _orders.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private void Work(Action<ChannelReader<HostMessage>, Action<WorkerMessage>> work)
    {
        try
        {
            work(_orders.Reader, message => _messages.Writer.TryWrite(message));
            _ending.TrySetResult(new FailedMessage(FailureClass.Crash, "The worker's thread ended in the middle of a run."));
        }
        catch (Exception error)
        {
            _ending.TrySetResult(new FailedMessage(FailureClass.Bug, $"The worker's thread ended: {error}"));
        }
        _messages.Writer.TryComplete();
    }
}
