using System.Diagnostics;

namespace Repro.Benchmarks;

/// <summary>Peers in Python: scripts under <c>tests/peers</c>, run by Debian's own interpreter, which is where Debian's python3-torch lives.</summary>
public static class PythonPeer
{
    public const string Python = "/usr/bin/python3";

    /// <summary>Does the interpreter have the module? Without importing it.</summary>
    public static bool Find(string module)
    {
        if (!File.Exists(Python)) return false;
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"]));
        process!.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>The path of <c>tests/peers/<paramref name="name"/></c>.</summary>
    public static string Script(string name) => Path.Combine(Environment.GetEnvironmentVariable("REPRO_ROOT") ?? ".", "tests", "peers", name);

    /// <summary>Runs <c>tests/peers/<paramref name="script"/></c> and gives its stdout; its stderr is shown.</summary>
    /// <exception cref="Repro.Studies.MissingComponentException">The script failed.</exception>
    public static string Output(string script, params IReadOnlyList<string> arguments) =>
        Processes.Output(Python, [Script(script), .. arguments]);
}
