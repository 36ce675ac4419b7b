using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Repro.Shared;

/// <summary>A JSON line of a host.</summary>
/// <param name="At">When it was read, in ticks of <see cref="Stopwatch"/>.</param>
internal sealed record SweepLine(JsonObject Json, long At)
{
    /// <summary>Its kind; empty of the last one, the result.</summary>
    public string Event => (string?)Json["event"] ?? "";

    public string Slot => (string?)Json["slot"] ?? "";

    /// <summary>A step was taken: the run trains.</summary>
    public bool Trains => Event == "progress" && (string?)Json["phase"] == "training";
}

/// <summary>A host of a sweep in a process of its own, <c>repro sweep</c> or <c>repro resume</c> with <c>--json</c>, and the workers that it started.</summary>
internal sealed partial class SweepProcess : IDisposable
{
    private const string Mark = "REPRO_CHAOS";
    private const int Kill = 9, Continue = 18, Stop = 19; // on Linux

    private readonly Process _process;
    private readonly List<SweepLine> _lines = [];
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _said = new(false);
    private readonly Task<string> _errors;
    private readonly Thread _reading;
    private volatile bool _silent;

    /// <param name="mark">Stands in the environment of the host and of whatever it starts: <see cref="Marked"/> finds them, whoever of them has died.</param>
    public SweepProcess(IReadOnlyList<string> command, string mark)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Mark] = mark;
        Began = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = new Thread(Read) { IsBackground = true, Name = "lines of a host" };
        _reading.Start();
    }

    /// <summary>When it was started, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Began { get; }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything on standard error; waits for the end of the process.</summary>
    public string Errors => _errors.GetAwaiter().GetResult();

    /// <summary>What it has said so far.</summary>
    public IReadOnlyList<SweepLine> Lines
    {
        get
        {
            lock (_lock) return _lines.ToList();
        }
    }

    /// <summary>Processes of this mark that live, by id, with their command lines.</summary>
    public static IReadOnlyDictionary<int, string> Marked(string mark)
    {
        var found = new Dictionary<int, string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                if (!File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains($"{Mark}={mark}")) continue;
                found[int.Parse(Path.GetFileName(folder))] = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').TrimEnd();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is another user's.
            }
        }
        return found;
    }

    /// <summary>Ends a process as the kernel would; one that has just ended by itself is fine too.</summary>
    public static void KillNow(int process) => _ = SendSignal(process, Kill);

    /// <summary>Ids of the workers that this host has now.</summary>
    public IReadOnlyList<int> Workers(string mark) =>
        Marked(mark).Where(pair => pair.Value.EndsWith(" worker", StringComparison.Ordinal) && ParentOf(pair.Key) == Id).Select(pair => pair.Key).Order().ToList();

    public void KillNow() => KillNow(Id);

    /// <summary>Stands still, as when its machine is suspended.</summary>
    public void Freeze() => _ = SendSignal(Id, Stop);

    public void Thaw() => _ = SendSignal(Id, Continue);

    /// <returns>Whether it has ended; false when the time was over first.</returns>
    public bool WaitForEnd(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>The first line that is wanted, from the line number <paramref name="from"/> on; null where the process ends or the patience does first.</summary>
    public SweepLine? WaitFor(Func<SweepLine, bool> wanted, int from, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            // Before it is looked at: a line that comes after that look ends the wait.
            var silent = _silent;
            lock (_lock)
            {
                for (; from < _lines.Count; from++)
                {
                    if (wanted(_lines[from])) return _lines[from];
                }
            }
            var left = patience - Stopwatch.GetElapsedTime(began);
            if (silent || left <= TimeSpan.Zero) return null;
            _said.WaitOne(left);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) KillNow();
        _process.WaitForExit();
        _reading.Join();
        _process.Dispose();
        _said.Dispose();
    }

    /// <summary>Seconds that a process has computed so far, its own and the kernel's for it.</summary>
    public static double CpuSeconds(int process)
    {
        using var other = Process.GetProcessById(process);
        return other.TotalProcessorTime.TotalSeconds;
    }

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            var said = new SweepLine(JsonNode.Parse(line)!.AsObject(), Stopwatch.GetTimestamp());
            lock (_lock) _lines.Add(said);
            _said.Set();
        }
        _silent = true;
        _said.Set();
    }

    // The second field after the name in parentheses, which may hold anything.
    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return -1;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
