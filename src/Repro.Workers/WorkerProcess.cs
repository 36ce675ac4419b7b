using System.Diagnostics;
using System.Threading.Channels;
using Repro.Studies.Sweeps;
using Repro.Workers.Protocol;

namespace Repro.Workers;

/// <summary>A worker's process as its host sees it: messages in both directions, and how it ended.</summary>
public sealed class WorkerProcess : IWorker
{
    private readonly Process _process;
    private readonly Channel<WorkerMessage> _messages = Channel.CreateUnbounded<WorkerMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Queue<string> _lastLines = new();
    private long _killedForMemory = KilledForMemory();
    private readonly Task _reading;
    private readonly Task _errors;
    private bool _closed, _disposed;

    private WorkerProcess(Process process, Action<string> log)
    {
        (_process, ProcessId) = (process, process.Id);
        _errors = Task.Run(() => ReadErrors(log));
        _reading = Task.Run(ReadMessages);
    }

    public ChannelReader<WorkerMessage> Messages => _messages.Reader;

    public int? ProcessId { get; }

    /// <param name="command">Program and arguments; those of <c>repro worker</c>.</param>
    /// <param name="environment">Added to the host's own, less its secrets: <c>CUDA_VISIBLE_DEVICES</c>.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    /// <param name="log">Takes each line of what the worker and its libraries print.</param>
    public static WorkerProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Action<string> log)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        HostSecrets.TakeFrom(start);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new WorkerProcess(Process.Start(start)!, log);
    }

    public void Send(HostMessage message)
    {
        lock (_lock)
        {
            if (_closed) return;
            // Those that were killed before it are no sign of why it ends.
            if (message is TrainMessage) _killedForMemory = KilledForMemory();
            try
            {
                _process.StandardInput.WriteLine(ProtocolText.Write(message));
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // The pipe broke: its reader is gone, which Messages' end and Ending tell.
            }
        }
    }

    public void Kill()
    {
        lock (_lock)
        {
            if (!_disposed) _process.Kill(entireProcessTree: true);
        }
    }

    public async Task<FailedMessage> Ending()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_errors, _reading);
        var said = string.Join(" | ", _lastLines.TakeLast(3));
        var words = said.Length > 0 ? $" Its last words: {said}" : "";
        // 128 and the signal's number.
        return _process.ExitCode switch
        {
            // Who sent signal 9 is nowhere written; but the kernel counts whom it killed for memory.
            137 when KilledForMemory() > _killedForMemory => new FailedMessage(FailureClass.OutOfMemory, $"The kernel killed the worker because memory ran out.{words}"),
            > 128 and < 160 and var code => new FailedMessage(FailureClass.Crash, $"The worker died of signal {code - 128}.{words}"),
            var code => new FailedMessage(FailureClass.Crash, $"The worker ended with exit code {code} in the middle of a run.{words}"),
        };
    }

    /// <summary>Closes its input, which ends it, and waits; kills it where it does not end within ten seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It is gone already.
            }
        }
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        await Task.WhenAll(_errors, _reading);
        lock (_lock)
        {
            _disposed = true;
            _process.Dispose();
        }
    }

    /// <summary>How many processes the kernel has killed for memory since it started; 0 where it does not tell.</summary>
    private static long KilledForMemory()
    {
        const string Name = "oom_kill ";
        if (!File.Exists("/proc/vmstat")) return 0;
        return File.ReadLines("/proc/vmstat").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line ? long.Parse(line.AsSpan(Name.Length)) : 0;
    }

    private async Task ReadMessages()
    {
        Exception? broken = null;
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line) _messages.Writer.TryWrite(ProtocolText.ReadWorker(line));
        }
        catch (FormatException error)
        {
            // The last thing that it said, cut off by its death. Otherwise nothing that it says from here on can be trusted.
            if (await _process.StandardOutput.ReadLineAsync() is not null) broken = error;
            Kill();
        }
        _messages.Writer.Complete(broken);
    }

    private async Task ReadErrors(Action<string> log)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            log(line);
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 20) _lastLines.Dequeue();
        }
    }
}
