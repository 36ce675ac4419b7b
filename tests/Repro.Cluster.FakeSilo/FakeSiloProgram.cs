#if ORLEANS
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Repro.Cluster.Silos;
using Repro.Workers;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Protocol;

namespace Repro.Cluster.FakeSilo;

/// <summary>A silo whose workers train nothing. Says its name in the logs of sweeps when it has joined, and how it ended.</summary>
public static class FakeSiloProgram
{
    // Milliseconds from the end of a run on a slot, as its worker says it, to the order for the next one.
    private static readonly ConcurrentQueue<(bool Paced, double Milliseconds)> Turnarounds = [];

    /// <summary>What starts it.</summary>
    public static IReadOnlyList<string> Command { get; } = [FakeHost.Dotnet, typeof(FakeSiloProgram).Assembly.Location];

    public static async Task<int> Run(string name, string ip, int port, int gateway, FakeMeeting meeting, string folder, int slots, bool processes)
    {
        using var opened = meeting.Open();
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        var places = Enumerable.Range(0, slots).Select(i => new Slot($"cpu-{i}", "cpu", null, 1)).ToList();
        var settings = new SiloSettings
        {
            Name = name, Store = opened, Cluster = meeting.Address, Slots = places, Address = IPAddress.Parse(ip), Port = port, GatewayPort = gateway,
            Prepare = (loan, _) => Task.FromResult(new HostSettings { Folder = Path.Combine(folder, loan.Sweep), Slots = places, StartWorker = processes ? FakeHost.StartWorker : StartNone }),
        };
        var outcome = await SiloHost.Run(settings, host => Console.Out.WriteLine($"joined {host}"), stop.Token);
        foreach (var turnaround in Turnarounds) Console.Out.WriteLine(FormattableString.Invariant($"turnaround {(turnaround.Paced ? "paced" : "empty")} {turnaround.Milliseconds:R}"));
        Console.Out.WriteLine(outcome);
        if (outcome == SiloOutcome.Died) throw new InvalidOperationException(ProcessImage.Replace());
        return 0;
    }

    private static InProcessWorker StartNone(Slot slot, Action<string> log) => new((orders, say) =>
    {
        var (ended, length) = (0L, new ManualResetEvent(false));
        say(new ReadyMessage(Environment.ProcessId));
        while (orders.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (orders.TryRead(out var order))
            {
                if (order is not TrainMessage train) continue;
                var milliseconds = FakeOptions.Of(train.Options).StepMilliseconds;
                if (ended > 0) Turnarounds.Enqueue((milliseconds > 0, Stopwatch.GetElapsedTime(ended).TotalMilliseconds));
                say(new StartedMessage(null));
                length.WaitOne(milliseconds);
                say(new CompletedMessage(1, new Dictionary<string, double> { ["loss"] = 0.5 }));
                ended = Stopwatch.GetTimestamp();
            }
        }
    });
}
#endif
