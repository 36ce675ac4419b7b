using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Repro.Cli.Output;

namespace Repro.Cli.Running;

/// <summary>
/// The first Ctrl-C, SIGTERM or SIGHUP asks the work to stop cleanly; a second Ctrl-C ends the process at once, with what is on disk already
/// kept. While it is there, a file that reaches the limit on its size is an error and no sudden death.
/// </summary>
internal sealed partial class StopSignals : IDisposable
{
    private const int FileSizeLimit = 25; // SIGXFSZ on Linux
    private readonly CancellationTokenSource _stop = new();
    private readonly CommandOutput _output;
    private volatile string _asked;
    private readonly Func<JsonObject> _interrupted;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _interrupts;

    /// <param name="asked">What is said when the first one arrives.</param>
    /// <param name="interrupted">The result of work that a second Ctrl-C ended; null for the one of any command that was stopped.</param>
    public StopSignals(CommandOutput output, string asked, Func<JsonObject>? interrupted = null)
    {
        _output = output;
        _asked = asked;
        _interrupted = interrupted ?? (() => new JsonObject { ["status"] = "cancelled", ["error"] = "Stopped on request.", ["exit_code"] = ExitCode.Cancelled });
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            _registrations.Add(PosixSignalRegistration.Create(signal, Receive));
        if (OperatingSystem.IsLinux()) _registrations.Add(PosixSignalRegistration.Create((PosixSignal)FileSizeLimit, context => context.Cancel = true));
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>What is said from now on when the first one arrives.</summary>
    public string Asked
    {
        set => _asked = value;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGINT && Interlocked.Increment(ref _interrupts) > 1)
        {
            // A reader that takes nothing any more must not keep the process alive.
            var told = new Thread(() => _output.End(_interrupted())) { IsBackground = true };
            told.Start();
            told.Join(TimeSpan.FromSeconds(1));
            // A live display hides the cursor; the process ends before it can show it again.
            if (_output.Interactive) _output.People.Write("\u001b[?25h\n");
            _output.People.Flush();
            ExitNow(ExitCode.Cancelled);
        }
        if (_stop.IsCancellationRequested) return;
        _output.Complain(_asked);
        _output.Event("stopping", new JsonObject { ["signal"] = context.Signal.ToString() });
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work has ended by itself just now: there is nothing left to stop.
        }
    }

    // Environment.Exit waits for threads that compute in native code; _exit does not.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
