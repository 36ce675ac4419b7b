using System.Threading.Channels;
using Repro.Workers.Protocol;

namespace Repro.Workers;

/// <summary>What trains one run at a time for a slot: a process of its own, or a thread of the host's for a debugger.</summary>
public interface IWorker : IAsyncDisposable
{
    /// <summary>In order; ends when the worker has ended and everything was read, with a <see cref="FormatException"/> where it broke the protocol.</summary>
    ChannelReader<WorkerMessage> Messages { get; }

    /// <summary>Of the process that trains; null where that is the host's own.</summary>
    int? ProcessId { get; }

    /// <summary>Sends a message. One that can no longer be delivered is dropped: the end of the worker says what happened.</summary>
    void Send(HostMessage message);

    /// <summary>Ends it at once; nothing is written any more.</summary>
    void Kill();

    /// <summary>How it ended, for a run that it left unfinished. Waits for the end.</summary>
    Task<FailedMessage> Ending();
}
