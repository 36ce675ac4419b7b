using System.Diagnostics;
using System.Text.Json;
using Repro.Studies;

namespace Repro.Benchmarks.Engine;

/// <summary>A process that takes steps of one workload when it is told to, and says how long each took. Ours and the peer's speak alike.</summary>
internal sealed class WorkloadServer : IDisposable
{
    private readonly Process _process;

    public WorkloadServer(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new MissingComponentException($"{program} does not start.");
    }

    /// <summary>Of a training process, in MiB, after the newest <see cref="Take"/>.</summary>
    public double PeakMemory { get; private set; }

    public string Version { get; private set; } = "";

    /// <summary>Of its model; 0 where it does not say.</summary>
    public long Parameters { get; private set; }

    /// <summary>Seconds of each of so many steps.</summary>
    /// <exception cref="MissingComponentException">The process ended.</exception>
    public double[] Take(int steps)
    {
        _process.StandardInput.WriteLine(steps);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new MissingComponentException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} ended in the middle.");
        var answer = JsonSerializer.Deserialize<Answer>(line)!;
        (PeakMemory, Version, Parameters) = (answer.peak_mib, answer.version, answer.parameters);
        return answer.seconds;
    }

    /// <summary>Answers the lines of stdin until it closes: the other side of <see cref="Take"/>.</summary>
    public static void Serve(IWorkload workload, string version)
    {
        using (workload)
        {
            while (Console.ReadLine() is { } line)
            {
                var seconds = new double[int.Parse(line)];
                for (var i = 0; i < seconds.Length; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    workload.Step();
                    seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
                using var self = Process.GetCurrentProcess();
                Console.WriteLine(JsonSerializer.Serialize(new Answer(version, seconds, self.PeakWorkingSet64 / (1024.0 * 1024), workload.Parameters)));
            }
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>A line of stdout; the names are the peer's.</summary>
    private sealed record Answer(string version, double[] seconds, double peak_mib, long parameters);
}
