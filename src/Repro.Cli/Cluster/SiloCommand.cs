using System.Net;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster.Silos;
using Repro.Results.Stores;
using Repro.Workers.Hosts;

namespace Repro.Cli.Cluster;

/// <summary>A silo from its joining to its end. One that was declared dead ends its workers and begins anew, as a new process image.</summary>
internal sealed class SiloCommand(Surroundings surroundings, CommandOutput output, SiloChoices choices)
{
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Run()
    {
        var folder = Meeting.Folder(choices.Cluster);
        if (folder is null) MembershipSchema.Apply(choices.Cluster.Store);
        SiloPorts.Require(choices);
        using var store = SweepStores.OpenOrMake(choices.Cluster.Store);
        using var objects = choices.Cluster.OpenObjects();
        var slots = Slots.OfThisMachine(choices.Count, choices.Device);
        using var stop = new StopSignals(output, "Leaving: the runs write checkpoints and go on elsewhere. Ctrl-C again stops now.");
        using var name = TakeName(folder, stop.Token);
        using var meeting = Meet(folder, stop.Token, out var firstPort);
        var preparation = new SweepPreparation(surroundings, choices, slots, objects);
        var settings = new SiloSettings
        {
            Name = choices.Name, Store = store, Cluster = Meeting.Of(choices.Cluster, firstPort), Slots = slots, Labels = choices.Labels, Address = choices.Address, Port = choices.Port,
            GatewayPort = choices.GatewayPort, Web = choices.Web, Dashboard = choices.Dashboard, Prepare = preparation.Prepare, DrainPatience = choices.DrainPatience, JsonLogs = output.Json,
        };
        output.Say($"Silo {choices.Name}: {slots.Count} {(slots.Count == 1 ? "slot" : "slots")} of {slots[0].Threads} {(slots[0].Threads == 1 ? "thread" : "threads")}; {store.Description}; objects in {objects.Description}");
        if (folder is null && choices.Cluster.Objects is null) output.Say($"Checkpoints stay in {choices.Runs.Path}: silos on other machines must see the same folder, or all take --objects.");
        var outcome = SiloHost.Run(settings, Joined, stop.Token).GetAwaiter().GetResult();
        if (outcome == SiloOutcome.Died) return BeginAnew();
        if (outcome == SiloOutcome.GivenUp)
        {
            output.Complain($"Silo {choices.Name} has left: every slot of it failed everything it was given, of more than one sweep. Its log says what failed; mend that, and start it again.");
            output.Result(new JsonObject { ["silo"] = choices.Name, ["status"] = "failed" });
            return ExitCode.Failed;
        }
        if (outcome == SiloOutcome.CutOff)
        {
            output.Complain($"Silo {choices.Name} has left, and cut off runs that did not write their checkpoints within {choices.DrainPatience.TotalSeconds:0} s: they go on elsewhere from older ones. Give them longer: --drain-patience SECONDS");
            output.Result(new JsonObject { ["silo"] = choices.Name, ["status"] = "cut_off" });
            return ExitCode.Failed;
        }
        output.Say($"Silo {choices.Name} has left.");
        output.Result(new JsonObject { ["silo"] = choices.Name, ["status"] = "left" });
        return ExitCode.Done;
    }

    // Two of one name would be one to whoever drains it, and to sweeps that need host=NAME.
    private IDisposable TakeName(string? folder, CancellationToken stop)
    {
        if (folder is not null) return MachineMeeting.TakeName(folder, choices.Name);
        return SiloNameLock.Take(choices.Cluster.Store, choices.Cluster.Id, choices.Name, new IPEndPoint(choices.Address, choices.Port), Waits, surroundings.Time, stop).GetAwaiter().GetResult();

        void Waits(string at) => output.Say($"A silo called {choices.Name} was in the cluster at {at}; whether it lives shows within 10 s.");
    }

    // The first silo of a one-machine cluster is where the others find it. Null for the others, and where they all meet in a database.
    private MachineMeeting? Meet(string? folder, CancellationToken stop, out int firstPort)
    {
        firstPort = choices.Port;
        while (folder is not null)
        {
            if (MachineMeeting.Begin(folder, new MeetingPorts(choices.Port, choices.GatewayPort)) is { } first) return first;
            if (MachineMeeting.Find(folder) is { } found)
            {
                firstPort = found.Silos;
                return null;
            }
            // Another has just begun, and will have noted its ports in a moment.
            if (stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(50))) throw new OperationCanceledException(stop);
        }
        return null;
    }

    private void Joined(string host)
    {
        output.Say($"Joined as {host}; health: http://{choices.Web}/health{(choices.Dashboard ? $", dashboard: http://{choices.Web}/dashboard" : "")}");
        output.Event("joined", new JsonObject { ["silo"] = choices.Name, ["host"] = host, ["health"] = $"http://{choices.Web}/health" });
    }

    // In its place, with nothing of it left: what the old silo still has in memory must not act.
    private int BeginAnew()
    {
        output.Complain($"The others took this silo for dead: its workers are ended, and their runs go on elsewhere from their checkpoints. It joins anew.");
        output.Event("died", new JsonObject { ["silo"] = choices.Name });
        output.Complain($"It could not be started anew: {ProcessImage.Replace()}. Start it again.");
        return ExitCode.Failed;
    }
}
