using System.Diagnostics;
using System.Text;

namespace Repro.Setup.Tests;

/// <summary>What a finished process left.</summary>
public sealed record ShellResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Both streams, for messages of failed assertions.</summary>
    public string Everything => $"exit code {ExitCode}\n{Output}\n{Errors}";

    public string LastLine => Output.TrimEnd().Split('\n')[^1];
}

/// <summary>A real process, started and watched.</summary>
public sealed class Shell : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private Shell(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    public int Id => _process.Id;

    /// <summary>Starts a program; a variable set to null is removed.</summary>
    public static Shell Start(string folder, IReadOnlyDictionary<string, string?> variables, string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // What ./test set for this very process must not reach a tree of its own.
        foreach (var name in new[] { "REPRO_ROOT", "REPRO_TORCH_SHIM", "REPRO_DATA", "MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "DOTNET_HOST_PATH" }) start.Environment.Remove(name);
        foreach (var (name, value) in variables)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        return new Shell(Process.Start(start)!);
    }

    /// <summary>Starts a program and waits for its end.</summary>
    public static ShellResult Run(string folder, IReadOnlyDictionary<string, string?> variables, string program, params IReadOnlyList<string> arguments)
    {
        using var shell = Start(folder, variables, program, arguments);
        return shell.Result();
    }

    /// <summary>Waits until a stream has the text, or the process ends.</summary>
    /// <returns>Whether the text was seen.</returns>
    public bool Saw(string text)
    {
        lock (_output)
        {
            while (!Seen(text))
            {
                if (_process.HasExited) break;
                Monitor.Wait(_output, TimeSpan.FromMilliseconds(200));
            }

            return Seen(text);
        }
    }

    public ShellResult Result()
    {
        if (!_process.WaitForExit(TimeSpan.FromMinutes(8)))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"Still running after eight minutes. So far:\n{_output}\n{_errors}");
        }

        _process.WaitForExit();
        lock (_output) return new ShellResult(_process.ExitCode, _output.ToString(), _errors.ToString());
    }

    /// <summary>SIGKILL for the process alone, as the kernel would.</summary>
    public void Kill() => _process.Kill();

    public void Signal(string name)
    {
        // Bash's own: not every machine has the program.
        using var kill = Process.Start("bash", ["-c", $"kill -{name} {Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private bool Seen(string text) => _output.ToString().Contains(text, StringComparison.Ordinal) || _errors.ToString().Contains(text, StringComparison.Ordinal);

    private void Append(StringBuilder stream, string? line)
    {
        if (line is null) return;
        lock (_output)
        {
            stream.Append(line).Append('\n');
            Monitor.PulseAll(_output);
        }
    }
}
