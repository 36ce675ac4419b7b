using System.Diagnostics;
using Repro.Studies;

namespace Repro.Benchmarks;

/// <summary>Times whole processes.</summary>
public static class Processes
{
    /// <summary>Wall time from start to exit, in milliseconds; output is dropped.</summary>
    /// <exception cref="MissingComponentException">It does not start, or exits with a code other than 0.</exception>
    public static double Milliseconds(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new MissingComponentException($"{program} does not start.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var elapsed = clock.Elapsed.TotalMilliseconds;
        if (process.ExitCode != 0)
            throw new MissingComponentException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}");
        return elapsed;
    }

    /// <summary>What a process printed on stdout; its stderr is shown.</summary>
    /// <exception cref="MissingComponentException">It does not start, or exits with a code other than 0.</exception>
    public static string Output(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new MissingComponentException($"{program} does not start.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new MissingComponentException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
    }

    /// <summary>The middle value; of an even number the mean of the two middle ones.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
