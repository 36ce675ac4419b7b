using System.Globalization;
using System.Runtime.InteropServices;

namespace Repro.Cli.Workers;

/// <summary>
/// A worker stands back behind its host: on busy cores the host stays responsive, and when memory runs out the kernel takes the worker. What the system
/// does not allow is left as it is.
/// </summary>
internal static partial class WorkerPriority
{
    private const int OfThread = 0; // PRIO_PROCESS: on Linux of one thread
    private const int Nice = 5;
    private const string OomScore = "500"; // of -1000 to 1000

    public static void Lower()
    {
        if (!OperatingSystem.IsLinux()) return;
        // Threads that are started later have it from the one that starts them.
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task")) _ = SetPriority(OfThread, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Nice);
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", OomScore);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The worker's out-of-memory score could not be raised: {e.Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
