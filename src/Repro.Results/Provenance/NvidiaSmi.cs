using System.ComponentModel;
using System.Diagnostics;

namespace Repro.Results.Provenance;

/// <summary>NVIDIA's own tool.</summary>
public static class NvidiaSmi
{
    /// <summary>One row a GPU with the fields asked for; empty where there is no such tool, or it does not answer within ten seconds.</summary>
    public static IReadOnlyList<string[]> Ask(params string[] fields)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", [$"--query-gpu={string.Join(',', fields)}", "--format=csv,noheader,nounits"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill();
                return [];
            }
            if (process.ExitCode != 0) return [];
            return output.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(',', StringSplitOptions.TrimEntries)).Where(row => row.Length == fields.Length).ToList();
        }
        catch (Win32Exception)
        {
            return [];
        }
    }
}
