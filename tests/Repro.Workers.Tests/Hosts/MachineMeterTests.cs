using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Workers.Tests.Hosts;

/// <summary>
/// What a host records of its GPUs, with a tool on the PATH that answers in the place of NVIDIA's. The PATH is the whole process's, so nothing else runs
/// meanwhile.
/// </summary>
[Collection(Alone)]
public sealed class MachineMeterTests : IDisposable
{
    public const string Alone = "alone in the process";

    private const double Mebibyte = 1048576;

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableTheory]
    [InlineData("0", 35, 1024, 70.5)]
    [InlineData("1", 99, 40960, 312.25)]
    [InlineData("GPU-abc-1", 35, 1024, 70.5)]
    [InlineData("GPU-def-2", 99, 40960, 312.25)]
    [InlineData("GPU-def", 99, 40960, 312.25)]
    [InlineData("10", 1, 2, 3)]
    public async Task A_run_has_the_values_of_its_own_GPU_in_percent_bytes_and_watts(string gpu, double percent, double mebibytes, double watts)
    {
        Answer("0, GPU-abc-1, 35, 1024, 70.5", "10, GPU-fff-3, 1, 2, 3", "1, GPU-def-2, 99, 40960, 312.25");
        var points = await Train(gpu, steps: 1);
        Assert.Equal(
            [
                new MetricPoint("gpu_memory", 1, mebibytes * Mebibyte, 0), new MetricPoint("gpu_power", 1, watts, 0), new MetricPoint("gpu_utilization", 1, percent, 0),
                new MetricPoint("worker_memory", 1, 5_000_000, 0),
            ],
            points);
    }

    [SkippableFact]
    public async Task What_the_driver_does_not_tell_is_left_out_and_the_rest_is_kept()
    {
        Answer("0, GPU-abc, [N/A], 1024, [Not Supported]");
        Assert.Equal([("gpu_memory", 1024 * Mebibyte), ("worker_memory", 5_000_000)], (await Train("0", steps: 1)).Select(point => (point.Name, point.Value)));
    }

    [SkippableTheory]
    [InlineData("echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'; exit 9")]
    [InlineData("echo '0, GPU-abc, 35, 1024, 70.5'; exit 1")]
    [InlineData("echo 'No devices were found'")]
    [InlineData("echo '0, GPU-abc, 35'")]
    [InlineData("echo '1, GPU-abc, 35, 1024, 70.5'")]
    [InlineData("exit 0")]
    [InlineData("kill -9 $$")]
    [InlineData(null)]
    public async Task Where_the_tool_knows_nothing_of_the_GPU_a_run_has_none_of_its_values_and_completes(string? script)
    {
        Install(script);
        Assert.Equal(["worker_memory"], (await Train("0", steps: 1)).Select(point => point.Name));
    }

    [SkippableFact]
    public async Task Values_are_asked_for_anew_every_time_and_old_ones_are_never_recorded_again()
    {
        Answer("0, GPU-abc, 35, 1024, 70.5");
        var points = await Train("0", steps: 4, step =>
        {
            if (step == 2) Answer("0, GPU-abc, 36, 1024, 70.5");
            if (step == 3) Install("exit 1");
            if (step == 4) Answer("0, GPU-abc, 37, 1024, 70.5");
        });
        Assert.Equal([(1L, 35.0), (2, 36), (4, 37)], points.Where(point => point.Name == "gpu_utilization").Select(point => (point.Step, point.Value)));
        Assert.Equal([1L, 2, 3, 4], points.Where(point => point.Name == "worker_memory").Select(point => point.Step));
    }

    [SkippableFact]
    public async Task Nothing_is_asked_where_no_slot_is_on_a_GPU()
    {
        Install($"touch {Path.Combine(_folder, "asked")}");
        Assert.Equal(["worker_memory"], (await Train(null, steps: 1)).Select(point => point.Name));
        Assert.False(File.Exists(Path.Combine(_folder, "asked")));
        await Train("0", steps: 1);
        Assert.True(File.Exists(Path.Combine(_folder, "asked")));
    }

    [Fact]
    public void Names_of_what_a_host_records_are_known() =>
        Assert.Equal(["gpu_memory", "gpu_power", "gpu_utilization", "worker_memory"], MachineMeter.Names.Order(StringComparer.Ordinal));

    /// <summary>What the machine said of itself in a run that reports every step, a measuring time after the one before.</summary>
    /// <param name="before">Called before each step, from 1.</param>
    private static async Task<IReadOnlyList<MetricPoint>> Train(string? gpu, int steps, Action<int>? before = null)
    {
        var time = new ManualTime();
        using var sweep = new HostFixture(FakeHost.Study(trials: 1), time);
        var every = sweep.Settings.MeasureEvery;
        sweep.Settings = sweep.Settings with
        {
            Slots = [new Slot("a", gpu is null ? "cpu" : "cuda", gpu, 1)],
            StartWorker = (_, _) => new InProcessWorker((orders, say) =>
            {
                while (orders.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                {
                    while (orders.TryRead(out var order))
                    {
                        if (order is TrainMessage) Work(say);
                    }
                }
            }),
        };
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.Equal(RunState.Completed, sweep.Run(0).State);
        return sweep.Store.Metrics(HostFixture.Sweep, new RunKey(0, 0)).Where(point => point.Name != "loss").ToList();

        // Whoever moves the clock asks the tool: when it has moved, the answer is there.
        void Work(Action<WorkerMessage> say)
        {
            say(new StartedMessage(null));
            for (var step = 1; step <= steps; step++)
            {
                before?.Invoke(step);
                time.Advance(every);
                say(new ProgressMessage("training", step, steps, 100, 5_000_000));
                // The host looks at its meter when it hears this, and before the next step changes what it says.
                sweep.WaitFor<RunProgressed>().GetAwaiter().GetResult();
            }
            say(new CompletedMessage(steps, new Dictionary<string, double> { ["loss"] = 0.5 }));
        }
    }

    /// <summary>A tool that knows GPUs by these lines: index, UUID, percent, MiB, watts, in the order in which it is asked for them.</summary>
    private void Answer(params string[] gpus) => Install(
        $$"""
        if [ "$*" != '--query-gpu=index,uuid,utilization.gpu,memory.used,power.draw --format=csv,noheader,nounits' ]; then echo "was asked $*" >&2; exit 2; fi
        cat <<'END'
        {{string.Join('\n', gpus)}}
        END
        """);

    /// <param name="script">Null is no such tool at all.</param>
    private void Install(string? script)
    {
        Skip.If(OperatingSystem.IsWindows(), "the tool is a shell script");
        var (tools, file) = (Directory.CreateDirectory(Path.Combine(_folder, "tools")).FullName, Path.Combine(_folder, "tools", "nvidia-smi"));
        if (script is not null)
        {
            // A new file each time: one that is open for writing cannot be run.
            File.WriteAllText(file + ".new", $"#!/bin/sh\n{script}\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(file + ".new", file, overwrite: true);
        }
        // Where there is a driver the machine's own tool must not answer either.
        Environment.SetEnvironmentVariable("PATH", script is null ? tools : $"{tools}:{_path}");
    }
}

[CollectionDefinition(MachineMeterTests.Alone, DisableParallelization = true)]
public sealed class AloneInTheProcess;
