using Repro.Studies;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Workers.Tests.Hosts;

public sealed class SlotTests
{
    [Theory]
    [InlineData(null, null, "", 8, "cpu-0:8")]
    [InlineData(3, null, "", 8, "cpu-0:2 cpu-1:2 cpu-2:2")]
    [InlineData(null, null, "0 1", 8, "gpu-0:4 gpu-1:4")]
    [InlineData(4, null, "0 1", 8, "gpu-0:2 gpu-1:2 gpu-0b:2 gpu-1b:2")]
    [InlineData(1, "cuda", "0 1", 8, "gpu-0:8")]
    [InlineData(4, "cuda", "3", 2, "gpu-3:1 gpu-3b:1 gpu-3c:1 gpu-3d:1")]
    public void A_machine_is_divided_evenly(int? count, string? device, string gpus, int cores, string slots)
    {
        var made = Slots.Divide(count, device, gpus.Split(' ', StringSplitOptions.RemoveEmptyEntries), cores);
        Assert.Equal(slots, string.Join(' ', made.Select(slot => $"{slot.Name}:{slot.Threads}")));
        Assert.All(made, slot => Assert.Equal(slot.Gpu is null ? "cpu" : "cuda", slot.Device));
    }

    [Fact]
    public void A_slot_tells_its_worker_its_gpu_and_how_many_threads_every_library_may_take()
    {
        var environment = Slots.Divide(2, null, ["0", "5"], 8)[1].Environment;
        Assert.Equal("5", environment["CUDA_VISIBLE_DEVICES"]);
        Assert.All(["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"], name => Assert.Equal("4", environment[name]));
        Assert.DoesNotContain("CUDA_VISIBLE_DEVICES", Slots.Divide(null, "cpu", [], 8)[0].Environment.Keys);
    }

    [Fact]
    public void Slots_that_cannot_be_are_refused()
    {
        Assert.Contains("--slots was 0", Assert.Throws<BadInputException>(() => Slots.Divide(0, null, [], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("--slots 2 or fewer", Assert.Throws<BadInputException>(() => Slots.Divide(3, null, [], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("nvidia-smi", Assert.Throws<MissingComponentException>(() => Slots.Divide(null, "cuda", [], 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_in_the_hosts_own_process_is_trained_like_any_other()
    {
        using var sweep = new HostFixture(FakeWorker.FakeHost.Study(trials: 3));
        sweep.Settings = sweep.Settings with
        {
            StartWorker = (_, _) => new InProcessWorker((orders, say) =>
            {
                while (orders.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                {
                    while (orders.TryRead(out var order))
                    {
                        if (order is not TrainMessage) continue;
                        say(new StartedMessage(null));
                        say(new CompletedMessage(10, new Dictionary<string, double> { ["loss"] = 0.5 }));
                    }
                }
            }),
        };
        Assert.Equal(HostEnd.Finished, (await sweep.Work()).End);
        Assert.All(sweep.State.Trials, trial => Assert.Equal(0.5, trial.Mean("loss")));
        Assert.All(sweep.Seen.OfType<RunBegan>(), began => Assert.Null(began.Process));
    }

    [Fact]
    public async Task A_worker_that_cannot_be_started_costs_no_trial()
    {
        using var sweep = new HostFixture(FakeWorker.FakeHost.Study(trials: 3));
        sweep.Settings = sweep.Settings with { StartWorker = (slot, log) => WorkerProcess.Start(["/nowhere/repro"], slot.Environment, log) };
        var outcome = await sweep.Work();
        Assert.Equal(HostEnd.Failed, outcome.End);
        Assert.Contains("cannot be started", Assert.Single(outcome.Reasons), StringComparison.Ordinal);
        Assert.Equal(FailureClass.Machine, sweep.Run(0).LastFailure);
        Assert.Single(sweep.State.Trials);
    }
}
