using System.Diagnostics;
using Repro.Results.Runs;
using Repro.Studies.Runs;

namespace Repro.Cli.Tests.Processes;

public sealed class FullDiskTests
{
    [SkippableFact]
    public void A_run_on_a_full_disk_says_so_and_goes_on_when_there_is_room()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root on Linux");
        var runs = Directory.CreateTempSubdirectory("repro-test-").FullName;
        Skip.If(Command("mount", "-t", "tmpfs", "-o", "size=256k", "none", runs) != 0, "this system lets not even root mount a tmpfs");
        try
        {
            using (var process = ReproProcess.Start("run", "net", "--set", "fault=flood", "--threads", "1", "--runs", runs, "--json"))
            {
                Assert.Equal(1, process.End());
                Assert.Equal("failed", (string)process.Last["status"]!);
                Assert.Contains("no space is left on the device", (string)process.Last["failure"]!, StringComparison.Ordinal);
                Assert.Contains("Kept: the run folder with its checkpoint of step 2.", (string)process.Last["failure"]!, StringComparison.Ordinal);
                Assert.Contains("./repro clean", process.Error, StringComparison.Ordinal);
                Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
            }
            var folder = Assert.Single(Directory.GetDirectories(runs));
            Assert.Equal(RunState.Failed, RunFolderReader.Read(folder).State);

            Assert.Equal(0, Command("mount", "-o", "remount,size=8m", runs));
            var file = Path.Combine(folder, "run.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace("\"flood\"", "\"none\"", StringComparison.Ordinal));
            using var again = ReproProcess.Start("run", "net", "--resume", "--threads", "1", "--runs", runs, "--json");
            Assert.Equal(0, again.End());
            Assert.Equal([1, 2, 3, 4, 5, 6], RunFolderReader.Read(folder).Metrics.Select(m => m.Step));
        }
        finally
        {
            Command("umount", "--lazy", runs);
            Directory.Delete(runs);
        }
    }

    private static int Command(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
