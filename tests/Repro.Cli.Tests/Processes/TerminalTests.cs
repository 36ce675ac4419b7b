using System.Diagnostics;

namespace Repro.Cli.Tests.Processes;

public sealed class TerminalTests : IDisposable
{
    private const string Escape = "\u001b[", Bar = "━";

    private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [SkippableFact]
    public void On_a_terminal_progress_stays_in_place_in_colours_and_the_cursor_comes_back()
    {
        var output = OnTerminal(("TERM", "xterm-256color"), ("NO_COLOR", null));
        Assert.Contains(Bar, output, StringComparison.Ordinal);
        Assert.Contains(Escape + "38;5;", output, StringComparison.Ordinal);
        Assert.True(output.LastIndexOf(Escape + "?25h", StringComparison.Ordinal) > output.LastIndexOf(Escape + "?25l", StringComparison.Ordinal));
        Assert.Contains("Completed 6 steps in 0:06", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void NO_COLOR_takes_the_colours_and_leaves_the_display()
    {
        var output = OnTerminal(("TERM", "xterm-256color"), ("NO_COLOR", "1"));
        Assert.Contains(Bar, output, StringComparison.Ordinal);
        Assert.DoesNotContain(Escape + "38;5;", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_dumb_terminal_gets_plain_lines()
    {
        var output = OnTerminal(("TERM", "dumb"), ("NO_COLOR", null));
        Assert.DoesNotContain(Escape, output, StringComparison.Ordinal);
        Assert.Contains("step 1/6", output, StringComparison.Ordinal);
    }

    private string OnTerminal(params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo("script", ["-qec", $"'{ReproProcess.Dotnet}' '{ReproProcess.Program}' run net --runs '{_runs}'", "/dev/null"])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SkipException("script, which gives a program a terminal, is not installed (util-linux)");
        }
    }
}
