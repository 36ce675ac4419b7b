using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Repro.Figures.Gnuplot;

/// <summary>Runs gnuplot on a script: the script goes in on standard input, the picture comes out on standard output, no file is left behind.</summary>
internal static class GnuplotProcess
{
    // The largest figures take seconds; a program that hangs must not hang a run's report.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <exception cref="FigureException">The program does not start, refuses the script, or takes too long.</exception>
    public static byte[] Run(string program, IReadOnlyList<string> arguments, string script, string what)
    {
        // Without a BOM, which gnuplot would take for a command.
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        // A person's own gnuplot settings must not change a figure.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GNUPLOT_", StringComparison.Ordinal) || name.StartsWith("GNUTERM", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C.UTF-8";

        using var process = Start(start, program);
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        var complaining = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(script);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It stopped reading at an error, which it has written to standard error.
        }
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new FigureException($"{program} did not finish {what} within {Patience.TotalMinutes} minutes and was ended.");
        }
        Task.WaitAll(reading, complaining);
        if (process.ExitCode != 0 || output.Length == 0)
            throw new FigureException($"{program} refused {what} (exit code {process.ExitCode}): {Complaint(complaining.Result)}");
        return output.ToArray();
    }

    private static Process Start(ProcessStartInfo start, string program)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FigureException($"The program '{program}', which draws figures, cannot be started ({e.Message}). Install it with: apt-get install gnuplot-nox", e);
        }
    }

    private static string Complaint(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line != "^");
        var complaint = string.Join(" | ", lines);
        return complaint.Length == 0 ? "it gave no reason and no picture." : complaint.Length > 600 ? complaint[^600..] : complaint;
    }
}
