#if ORLEANS
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Repro.Cluster.FakeSilo;

namespace Repro.Shared.Cluster;

/// <summary>A silo of the real cluster in a process of its own, with workers that train nothing.</summary>
internal sealed partial class FakeSiloProcess : IDisposable
{
    private const int KillSignal = 9, ContinueSignal = 18, StopSignal = 19, TerminateSignal = 15; // on Linux

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _said = new(false);
    private readonly Task _errors;
    private readonly Thread _reading;
    private readonly StringWriter _log = new();
    private volatile bool _silent;

    /// <param name="first">Port of the first silo, where the cluster is this machine's alone; null is this one's.</param>
    /// <param name="network">A network namespace that it lives in; null is this process's.</param>
    public FakeSiloProcess(string name, string store, string folder, int slots, bool workers, IPAddress? address = null, string? network = null, (int, int)? ports = null, int? first = null)
    {
        Name = name;
        Ports = ports ?? (FreePort(), FreePort());
        var command = FakeSiloProgram.Command.Concat([name, $"{address ?? IPAddress.Loopback}", $"{Ports.Item1}", $"{Ports.Item2}", store, $"{first ?? Ports.Item1}", folder, $"{slots}", workers ? "processes" : "none"]).ToList();
        if (network is not null) command.InsertRange(0, ["ip", "netns", "exec", network]);
        _process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _errors = Task.Run(ReadErrors);
        _reading = new Thread(Read) { IsBackground = true, Name = "lines of a silo" };
        _reading.Start();
    }

    public string Name { get; }

    /// <summary>For silos, and for clients.</summary>
    public (int, int) Ports { get; }

    /// <summary>Everything that it logged so far.</summary>
    public string Log
    {
        get
        {
            lock (_lock) return _log.ToString();
        }
    }

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>As the logs of sweeps name it now; null before it has joined.</summary>
    public string? Host => Lines.LastOrDefault(line => line.StartsWith("joined ", StringComparison.Ordinal))?["joined ".Length..];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock) return _lines.ToList();
        }
    }

    public void Kill() => Signal(KillSignal);

    public void Freeze() => Signal(StopSignal);

    public void Thaw() => Signal(ContinueSignal);

    public void Terminate() => Signal(TerminateSignal);

    /// <summary>Waits until it has joined for the <paramref name="times"/>th time.</summary>
    public void WaitForJoin(TimeSpan patience, int times = 1)
    {
        var began = Stopwatch.GetTimestamp();
        while (Lines.Count(line => line.StartsWith("joined ", StringComparison.Ordinal)) < times)
        {
            var left = patience - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || _silent) throw new InvalidOperationException($"Silo {Name} has not joined {times} times. It said: {string.Join(" | ", Lines)}\n{Log}");
            _said.WaitOne(left);
        }
    }

    /// <returns>Whether it has ended.</returns>
    public bool WaitForEnd(TimeSpan patience) => _process.WaitForExit(patience);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
            Thaw();
        }
        _process.WaitForExit();
        _reading.Join();
        _errors.Wait();
        _process.Dispose();
        _said.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Signal(int signal) => _ = Send(_process.Id, signal);

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lock (_lock) _lines.Add(line);
            _said.Set();
        }
        _silent = true;
        _said.Set();
    }

    private void ReadErrors()
    {
        while (_process.StandardError.ReadLine() is { } line)
        {
            lock (_lock) _log.WriteLine(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
#endif
