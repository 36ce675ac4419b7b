using Repro.Training.Datasets;

namespace Repro.Cli.Doctor;

/// <summary>Room and resources: disk, memory, cores, data sets.</summary>
internal static class MachineFindings
{
    private const long GiB = 1L << 30;

    public static IEnumerable<Finding> Of(Machine machine, string runsFolder, DataFolders data)
    {
        yield return Disk(runsFolder);
        yield return Memory(machine);
        yield return new Finding("cores", Environment.ProcessorCount.ToString(), "", FindingState.Ok, "threads inside one operator, unless a run says otherwise");
        yield return Data(data);
    }

    /// <summary>Where the runs go, or would: the nearest folder that exists.</summary>
    private static Finding Disk(string runsFolder)
    {
        var existing = Path.GetFullPath(runsFolder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        var free = new DriveInfo(existing).AvailableFreeSpace;
        var text = $"{free / (double)GiB:F1} GiB free";
        return free < GiB
            ? new Finding("runs folder", runsFolder, text, FindingState.Degraded, "checkpoints and reports of a long run may not fit", "repro clean")
            : new Finding("runs folder", runsFolder, text, FindingState.Ok, "checkpoints, metrics and reports go here");
    }

    private static Finding Memory(Machine machine)
    {
        var info = machine.Lines("/proc/meminfo");
        long Bytes(string name) => info.FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal)) is { } line && long.TryParse(line[(name.Length + 1)..].Replace("kB", "").Trim(), out var kib) ? kib << 10 : 0;
        var (total, free) = (Bytes("MemTotal"), Bytes("MemAvailable"));
        var low = free < 2 * GiB;
        return new Finding("memory", $"{total / (double)GiB:F1} GiB", $"{free / (double)GiB:F1} GiB free", low ? FindingState.Degraded : FindingState.Ok,
            "a quick run wants about 2 GiB", low ? "end other programs, or run with a smaller batch_size" : "");
    }

    private static Finding Data(DataFolders data)
    {
        var found = data.Candidates.Where(Directory.Exists).SelectMany(Directory.GetDirectories).Select(folder => Path.GetFileName(folder)!).Distinct().Order(StringComparer.Ordinal).ToList();
        return found.Count == 0
            ? new Finding("data", "none", "", FindingState.Degraded, $"only generated data: no data set in {string.Join(", ", data.Candidates)}", "./repro data fetch cifar-10")
            : new Finding("data", string.Join(", ", found), "", FindingState.Ok, $"in {string.Join(", ", data.Candidates.Where(Directory.Exists))}");
    }
}
