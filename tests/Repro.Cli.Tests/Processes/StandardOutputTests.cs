using System.Diagnostics;
using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Studies.Runs;

namespace Repro.Cli.Tests.Processes;

public sealed class StandardOutputTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [SkippableTheory]
    [InlineData("")]
    [InlineData(" --json")]
    public void A_run_whose_output_goes_to_a_full_device_trains_to_its_end_and_says_so(string json)
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        var (code, error) = Shell($"run net --threads 1 --runs {_runs}{json} >/dev/full");
        Assert.Equal(1, code);
        Assert.Contains("Standard output could not be written (no space is left on the device)", error, StringComparison.Ordinal);
        Refute(error);
        Assert.Equal(RunState.Completed, RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs))).State);
    }

    [SkippableFact]
    public void A_run_whose_output_is_closed_trains_to_its_end_without_a_trace()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "it asks for a shell");
        var (code, error) = Shell($"run net --threads 1 --runs {_runs} 1>&-");
        Assert.Equal(1, code);
        Assert.Contains("Standard output", error, StringComparison.Ordinal);
        Refute(error);
        Assert.Equal(RunState.Completed, RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs))).State);
    }

    [SkippableFact]
    public void A_wrong_name_is_still_bad_input_where_neither_stream_can_be_written()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        Assert.Equal(2, Shell($"run nett --runs {_runs} --json >/dev/full 2>/dev/full").Code);
    }

    [Fact]
    public void A_disk_that_fills_while_training_costs_the_rest_of_the_output_and_not_the_run()
    {
        using var output = new FillingWriter(room: 3);
        using var error = new StringWriter();
        Assert.Equal(1, ReproProgram.Run(["run", "net", "--threads", "1", "--runs", _runs, "--json"], FakeSurroundings.Create(output, error)));
        Assert.Equal(3, output.Lines);
        Assert.Contains("Standard output could not be written", error.ToString(), StringComparison.Ordinal);
        Refute(error.ToString());
        Assert.Equal(RunState.Completed, RunFolderReader.Read(Assert.Single(Directory.GetDirectories(_runs))).State);
    }

    private static void Refute(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unexpected error", error, StringComparison.Ordinal);
        Assert.DoesNotContain("repro clean", error, StringComparison.Ordinal);
    }

    private static (int Code, string Error) Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec '{ReproProcess.Dotnet}' '{ReproProcess.Program}' {command}"]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    /// <summary>Takes so many lines and then refuses as a full disk does.</summary>
    private sealed class FillingWriter(int room) : StringWriter
    {
        public int Lines { get; private set; }

        public override void WriteLine(string? value)
        {
            if (Lines == room) throw new IOException("No space left on device", 28);
            Lines++;
            base.WriteLine(value);
        }
    }
}
