using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Repro.Workers.Protocol;

namespace Repro.Cli.Workers;

/// <summary>
/// The pipe on which a worker speaks with its host: taken off descriptor 1, so that whatever a library prints to standard output goes to standard error,
/// and nothing but messages ever stands on the pipe.
/// </summary>
internal sealed partial class ProtocolPipe : IDisposable
{
    private const int Output = 1, Error = 2;
    private const int DuplicateNotInherited = 1030; // F_DUPFD_CLOEXEC on Linux: programs that the worker starts must not keep the pipe open
    private readonly FileStream _pipe;
    private readonly Lock _lock = new();

    private ProtocolPipe(FileStream pipe) => _pipe = pipe;

    /// <summary>To be called before anything else that may print.</summary>
    public static ProtocolPipe TakeStandardOutput()
    {
        var own = Control(Output, DuplicateNotInherited, 3);
        if (own < 0 || Duplicate(Error, Output) < 0)
            throw new IOException($"A worker's standard output could not be moved (error {Marshal.GetLastPInvokeError()}).");
        // The console's writer has a descriptor of its own, from before.
        Console.SetOut(Console.Error);
        return new ProtocolPipe(new FileStream(new SafeFileHandle(own, ownsHandle: true), FileAccess.Write, bufferSize: 0));
    }

    /// <summary>Returns when the whole message is in the pipe. Where nobody reads it any more, the end of standard input ends the worker.</summary>
    public void Say(WorkerMessage message)
    {
        var line = Encoding.UTF8.GetBytes(ProtocolText.Write(message) + "\n");
        lock (_lock)
        {
            try
            {
                _pipe.Write(line);
            }
            catch (IOException)
            {
                // The host is gone; see above.
            }
        }
    }

    public void Dispose() => _pipe.Dispose();

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int from, int to);
}
