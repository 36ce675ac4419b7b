using System.Diagnostics;
using Repro.Studies.Formats;
using Repro.Studies.Randomness;
using Repro.Training.Checkpoints;
using Xunit.Abstractions;

namespace Repro.Training.Tests;

/// <summary>Real processes, killed with SIGKILL at random points and started again until the run is done.</summary>
[Collection(EngineTests.Name)]
public sealed class KilledRunTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(1, "optimizer=sgd", "ema_decay=0.9", "keep_best=true")]
    [InlineData(2, "optimizer=adam", "clip=0.5", "parts=2")]
    public void A_run_killed_at_random_events_and_mid_checkpoint_gives_the_same_bits(ulong seed, params string[] settings)
    {
        // Ballast makes a checkpoint take long enough to be hit in the middle.
        settings = [.. settings, "steps=14", "log_every=3", "evaluate_every=4", "ballast=8"];
        var whole = RunOnce(_temporary.File("whole"), settings, [], (_, _) => false);
        Assert.Contains("outcome Completed 14 ", whole);

        output.WriteLine($"kill points from seed {seed}");
        var numbers = new Philox(seed, RandomPurpose.Checks);
        var lines = new List<string>();
        var (attempt, cutOff) = (0, 0);
        while (!lines.Any(line => line.StartsWith("outcome", StringComparison.Ordinal)))
        {
            var folder = _temporary.File($"attempt-{++attempt}");
            var recorded = Checkpoints(lines);
            // Every other kill comes at an event, every other one at so many bytes of the first checkpoint that is begun after it.
            var (events, bytes) = (2 + numbers.NextInt32(16), 1 + numbers.NextInt32(4 << 20));
            var midCheckpoint = attempt % 2 == 0;
            lines.AddRange(RunOnce(folder, settings, recorded, (line, process) =>
                --events <= 0 && (!midCheckpoint || (line.StartsWith("saving ", StringComparison.Ordinal) && HasPartial(folder, bytes, long.Parse(line.Split(' ')[1]), process)))));
            if (PartialBytes(folder) > 0) cutOff++;
            Assert.True(attempt < 200, "the run makes no progress");
        }
        output.WriteLine($"{attempt} attempts, {cutOff} cut off in the middle of a checkpoint");

        Assert.True(attempt > 2);
        Assert.True(cutOff > 0, "no kill hit a checkpoint in the middle");
        Assert.Equal(Sorted(whole, "metric "), Sorted(lines, "metric "));
        Assert.Equal(Sorted(whole, "score "), Sorted(lines, "score "));
        Assert.Equal(Sorted(whole, "predictions "), Sorted(lines, "predictions "));
        Assert.Equal(TinyRuns.Content(Checkpoints(whole)[0]), TinyRuns.Content(Checkpoints(lines)[0]));
    }

    [SkippableFact]
    public void A_full_disk_fails_the_run_and_leaves_the_checkpoint_before_it_whole()
    {
        // A disk of 2 MiB in a mount namespace of its own; a checkpoint has more than 1 MiB, so the second one does not fit beside the first.
        const string Mount = "mount -t tmpfs -o size=2m none \"$0\"";
        var (disk, left) = (Directory.CreateDirectory(_temporary.File("disk")), Directory.CreateDirectory(_temporary.File("disk.out")));
        SkipUnlessItRuns("no file system can be mounted here", "/usr/bin/unshare", "-rm", "/bin/bash", "-c", Mount, disk.FullName);
        var (printed, exitCode) = RunUnder(
            "/usr/bin/unshare", ["-rm", "/bin/bash", "-c", $"{Mount} && \"$@\" && cp \"$0\"/* \"$0\".out/", disk.FullName], Start(disk.FullName, ["steps=4", "ballast=1"], []));
        Assert.Equal(0, exitCode);
        Assert.Contains("outcome Failed 2 The checkpoint at step 2 could not be written", printed);
        Assert.Contains("The checkpoint at step 1 is whole; free space", printed);
        Assert.Equal(1, Checkpoint.Read(Assert.Single(left.GetFiles()).FullName).Step);
    }

    [SkippableFact]
    public void A_checkpoint_beyond_the_largest_file_allowed_fails_the_run_and_leaves_nothing()
    {
        // A limit of 0.5 MiB. The runtime's own memory files would meet it too, so it is told to do without them.
        const string Limit = "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 512";
        var folder = _temporary.File("limited");
        SkipUnlessItRuns("no limit can be set here", "/bin/bash", "-c", Limit);
        var (printed, exitCode) = RunUnder("/bin/bash", ["-c", $"{Limit} && exec \"$@\"", "limited"], Start(folder, ["steps=4", "ballast=1"], []));
        Assert.Equal(0, exitCode);
        Assert.Contains("outcome Failed 1 The checkpoint at step 1 could not be written", printed);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [SkippableFact]
    public void The_kernel_sees_every_checkpoint_synced_before_its_rename_and_its_folder_after()
    {
        var log = _temporary.File("trace");
        string[] trace = ["-f", "-y", "-e", "trace=fsync,rename,renameat,renameat2", "-o", log];
        SkipUnlessItRuns("strace is not installed, or may not trace processes here", "/usr/bin/strace", [.. trace, "/bin/true"]);
        var (_, exitCode) = RunUnder("/usr/bin/strace", trace, Start(_temporary.File("traced"), ["steps=3"], []));
        Assert.Equal(0, exitCode);
        var calls = File.ReadLines(log).Where(line => line.Contains(".safetensors", StringComparison.Ordinal) || line.Contains("traced>)", StringComparison.Ordinal))
            .Where(line => line.Contains("= 0", StringComparison.Ordinal))
            .Select(line => line.Contains("rename", StringComparison.Ordinal) ? "rename" : line.Contains(".partial", StringComparison.Ordinal) ? "fsync file" : "fsync folder");
        Assert.Equal(Enumerable.Repeat(new[] { "fsync file", "rename", "fsync folder" }, 3).SelectMany(call => call), calls);
    }

    /// <summary>Lines that the process printed until it ended, or was killed at one of them.</summary>
    private static List<string> RunOnce(string folder, string[] settings, IReadOnlyList<string> resumeFrom, Func<string, Process, bool> killAt)
    {
        using var process = Process.Start(Start(folder, settings, resumeFrom))!;
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            // Process.Kill sends SIGKILL; a process that has just ended by itself is fine too.
            if (killAt(line, process)) process.Kill();
        }
        process.WaitForExit();
        return lines;
    }

    /// <summary>Looks while the process writes one checkpoint, and no longer: whether the unfinished file was seen with so many bytes.</summary>
    private static bool HasPartial(string folder, int bytes, long step, Process process)
    {
        var whole = Path.Combine(folder, CheckpointFile.NameOf(step));
        while (!process.HasExited && !File.Exists(whole))
        {
            if (PartialBytes(folder) >= bytes) return true;
        }
        return false;
    }

    // What a test needs of the machine is asked with the same command around nothing: with the program in it, a failure is the program's.
    private static void SkipUnlessItRuns(string otherwise, string command, params string[] arguments) =>
        Skip.IfNot(File.Exists(command) && RunUnder(command, [], new ProcessStartInfo(arguments[0], arguments[1..])).ExitCode == 0, otherwise);

    private static (string Printed, int ExitCode) RunUnder(string command, string[] arguments, ProcessStartInfo start)
    {
        using var process = Process.Start(new ProcessStartInfo(command, [.. arguments, start.FileName, .. start.ArgumentList]) { RedirectStandardOutput = true })!;
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (printed, process.ExitCode);
    }

    private static ProcessStartInfo Start(string folder, string[] settings, IReadOnlyList<string> resumeFrom) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Repro.Training.Killable.dll"), folder, "1", "0", .. settings, "--resume", .. resumeFrom]) { RedirectStandardOutput = true };

    private static List<string> Checkpoints(IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith("checkpoint ", StringComparison.Ordinal)).Select(line => line.Split(' ', 3)[2]).Reverse().ToList();

    private static IEnumerable<string> Sorted(IEnumerable<string> lines, string kind) =>
        lines.Where(line => line.StartsWith(kind, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);

    private static long PartialBytes(string folder)
    {
        if (!Directory.Exists(folder)) return 0;
        long bytes = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.partial"))
        {
            // Between the listing and the look the file may have got its final name.
            if (file is { Exists: true } present) bytes = Math.Max(bytes, present.Length);
        }
        return bytes;
    }
}
