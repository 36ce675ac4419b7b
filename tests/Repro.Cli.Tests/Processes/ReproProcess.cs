using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Repro.Cli.Tests.Processes;

/// <summary>The program in a process of its own: with fake experiments, or as it is shipped.</summary>
internal sealed partial class ReproProcess : IDisposable
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15, HangUp = 1;

    private readonly Process _process;
    private readonly Task<string> _error;

    private ReproProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public JsonObject Last { get; private set; } = [];

    /// <summary>Everything on standard error; waits for the end of the process.</summary>
    public string Error => _error.GetAwaiter().GetResult();

    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public static string Program { get; } = typeof(ReproProcess).Assembly.Location;

    public static ReproProcess Start(params string[] arguments) => Start(Program, arguments);

    /// <summary>The program as it is shipped, with the engine and the experiments.</summary>
    public static ReproProcess StartShipped(params string[] arguments) => Start(typeof(ReproProgram).Assembly.Location, arguments);

    /// <summary>The program as it is shipped, from its own folder of the build: the one that a cluster sends to its silos.</summary>
    public static ReproProcess StartBuilt(params string[] arguments) => Start(Built, arguments);

    /// <summary>The same with a variable of its own in its environment.</summary>
    public static ReproProcess StartBuilt((string Name, string Value) variable, params string[] arguments) => Start(Built, arguments, variable);

    private static string Built
    {
        get
        {
            var (framework, configuration) = (Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), Path.GetFileName(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, ".."))));
            return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../..", "src/Repro.Cli/bin", configuration, framework, "repro.dll"));
        }
    }

    private static ReproProcess Start(string program, string[] arguments, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(Dotnet, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (variable is var (name, value)) start.Environment[name] = value;
        return new ReproProcess(Process.Start(start)!);
    }

    /// <summary>Reads JSON lines until one is as wanted.</summary>
    public JsonObject WaitFor(Func<JsonObject, bool> wanted)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            Last = JsonNode.Parse(line)!.AsObject();
            if (wanted(Last)) return Last;
        }
        throw new InvalidOperationException($"The process ended before that. It said: {Error}");
    }

    public JsonObject WaitForStep(long step) => WaitFor(e => (string?)e["event"] == "metric" && (long)e["step"]! == step);

    public void Send(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    /// <summary>Sends SIGKILL and waits for the end; a process that has just ended by itself is fine too.</summary>
    public void KillNow()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Reads the rest of the JSON lines and gives the exit code; 128 and the signal where one ended the process.</summary>
    public int End()
    {
        while (_process.StandardOutput.ReadLine() is { } line) Last = JsonNode.Parse(line)!.AsObject();
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
