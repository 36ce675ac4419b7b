#if ORLEANS
using System.Text.Json.Nodes;
using Repro.Results.Stores;
using Repro.Shared.Cluster;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;

namespace Repro.Cli.Tests.Cluster;

/// <summary>What the verbs of a cluster say, beside what is known of it: real silos whose workers do as a test tells them, SQLite.</summary>
public sealed class ClusterTruthTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CommandLine _cli = new();
    private readonly LiveCluster _cluster = new(server: null, silos: 2, slots: 2, workers: true);
    private readonly MachineMeeting _meeting;

    public ClusterTruthTests() => _meeting = MachineMeeting.Begin(MachineMeeting.FolderOf(_cluster.Address), new MeetingPorts(_cluster.FirstPort, _cluster.GatewayPort))!;

    public void Dispose()
    {
        _meeting.Dispose();
        _cluster.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task The_status_says_who_trains_what_how_far_it_is_what_waits_and_who_is_dead()
    {
        // Three runs stand still at step 3 on four slots.
        _cluster.Submit("held", FakeHost.Study("steps=10,fault=hold,fault_at=3", trials: 3));
        _cluster.Submit("picky", FakeHost.Study(trials: 2), Demand.Parse("gpu=h200"));
        await AllStandAt(3);

        var status = Status();
        Assert.Equal(_cluster.Silos.Select(silo => (silo.Name, silo.Host!)).Order(), Nodes(status["silos"]).Select(silo => ((string)silo["name"]!, (string)silo["host"]!)).Order());
        var slots = Nodes(status["silos"]).SelectMany(silo => Nodes(silo["slots"]).Select(slot => (Host: (string)silo["host"]!, Slot: slot))).ToList();
        Assert.Equal(4, slots.Count);
        Assert.Equal(
            Started().Select(started => (started.Host, started.Slot, Run: $"held/{started.Run}", started.Attempt)).Order(),
            slots.Where(slot => slot.Slot["run"] is not null).Select(slot => (slot.Host, (string)slot.Slot["name"]!, Run: (string)slot.Slot["run"]!, (int)slot.Slot["attempt"]!)).Order());
        Assert.All(slots.Where(slot => slot.Slot["run"] is not null), slot => Assert.Equal(("training", 3, 10, "held"), ((string)slot.Slot["phase"]!, (int)slot.Slot["step"]!, (int)slot.Slot["steps"]!, (string)slot.Slot["serves"]!)));
        Assert.Null(Assert.Single(slots, slot => slot.Slot["run"] is null).Slot["phase"]);
        var (held, picky) = (Place(status, "held"), Place(status, "picky"));
        Assert.Equal((3, null), ((int)held["slots"]!, (string?)held["waits"]));
        Assert.Equal((0, "gpu=h200", "No silo has gpu=h200; none has a label gpu."), ((int)picky["slots"]!, (string)picky["needs"]!, (string)picky["waits"]!));
        Assert.Empty(Nodes(status["dead"]));

        var killed = _cluster.Silos.Last();
        var host = killed.Host!;
        killed.Kill();
        _cluster.WaitForStatus(now => now is { Dead.Count: > 0, Silos.Count: 1 });
        status = Status();
        Assert.Equal(host, (string)Assert.Single(Nodes(status["dead"]))["host"]!);
        // Where the queue was on that silo too, its successor knows less.
        Assert.Matches("declared (it )?dead", (string)Nodes(status["dead"])[0]["why"]!);
        Assert.Equal(_cluster.Silos.First().Host, (string)Assert.Single(Nodes(status["silos"]))["host"]!);
    }

    [Fact]
    public async Task Whoever_follows_hears_what_the_log_says_also_of_a_silo_that_dies_and_how_it_ends()
    {
        _cluster.Submit("followed", FakeHost.Study("steps=20,step_ms=50,checkpoint_every=5", trials: 16));
        var following = Task.Run(() => Run("resume", "followed", "--cluster", "--json"));
        var killed = _cluster.Silos.Last();
        _cluster.WaitForCompleted("followed", 6, Patience);
        _cluster.WaitForCheckpoint("followed", killed.Host!, latest: 10, Patience);
        killed.Kill();
        var result = await following;
        Assert.True(result.Code == 0, result.Error);

        var log = _cluster.Events("followed");
        var heard = result.Lines.Select(Heard).OfType<string>().ToList();
        var written = log.Select(Written).OfType<string>().ToList();
        // It came when the sweep had begun already.
        Assert.Contains(heard, word => word.EndsWith("lost", StringComparison.Ordinal));
        Assert.Equal(written.TakeLast(heard.Count), heard);
        Assert.Equal(
            Losses(log).Where(lost => heard.Contains($"{lost.Run} {lost.Attempt} ends lost")).Select(lost => (lost.Run, lost.Attempt, killed.Name, lost.From)),
            result.Lines.Where(line => (string?)line["event"] == "run_lost").Select(line => ((string)line["run"]!, (int)line["attempt"]!, (string)line["silo"]!, (long?)line["from"])));
        Assert.Matches(@"
run \d+-0 +lost  with silo \S+, and goes on from step \d+", result.Error);
        Assert.Equal(("completed", 16), ((string)result.Last["status"]!, (int)result.Last["trials"]!["completed"]!));
        var best = log.OfType<RunCompleted>().MinBy(completed => completed.Scores["loss"])!;
        Assert.Equal((best.Run.Trial, best.Scores["loss"]), ((int)result.Last["best"]!["trial"]!, (double)result.Last["best"]!["value"]!));
    }

    // Whatever attempt recorded it: the newest checkpoint that the log has of the run before.
    private static IEnumerable<(string Run, int Attempt, long? From)> Losses(IReadOnlyList<SweepEvent> log) => log
        .Select((happened, at) => (Lost: happened as RunFailed, At: at)).Where(entry => entry.Lost is { Class: FailureClass.Lost })
        .Select(entry => ($"{entry.Lost!.Run}", entry.Lost.Attempt, log.Take(entry.At).OfType<CheckpointRecorded>().LastOrDefault(saved => saved.Run == entry.Lost.Run)?.Step));

    private static string? Heard(JsonObject line) => (string?)line["event"] switch
    {
        "run_started" => $"{line["run"]} {line["attempt"]} starts on {line["slot"]}",
        "checkpoint" => $"{line["run"]} {line["attempt"]} saves {line["step"]}",
        "run_ended" => $"{line["run"]} {line["attempt"]} ends {line["failure"]}",
        _ => null,
    };

    private static string? Written(SweepEvent happened) => happened switch
    {
        RunStarted e => $"{e.Run} {e.Attempt} starts on {e.Host.Split('@')[0]}/{e.Slot}",
        CheckpointRecorded e => $"{e.Run} {e.Attempt} saves {e.Step}",
        RunCompleted e => $"{e.Run} {e.Attempt} ends ",
        RunFailed e => $"{e.Run} {e.Attempt} ends {e.Class.ToString().ToLowerInvariant()}",
        _ => null,
    };

    private static List<JsonObject> Nodes(JsonNode? array) => array!.AsArray().Select(node => node!.AsObject()).ToList();

    private static JsonObject Place(JsonObject status, string sweep) => Nodes(status["queue"]).Single(place => (string)place["sweep"]! == sweep);

    private List<RunStarted> Started() => _cluster.Events("held").OfType<RunStarted>().ToList();

    // Until the silos have said where each run's grain is, and its worker how far it is.
    private async Task AllStandAt(int step)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var standings = await Task.WhenAll(Started().Select(started => _cluster.Client.Standing("held", new RunAttempt(started.Run, 1), patience.Token)));
            if (standings.Count(standing => standing?.Progress?.Step == step) == 3) return;
            await pace.WaitForNextTickAsync(patience.Token);
        }
    }

    private JsonObject Status()
    {
        var result = Run("cluster", "status", "--json");
        Assert.True(result.Code == 0, result.Error);
        return result.Last;
    }

    private CommandResult Run(params string[] arguments) => _cli.Run([.. arguments, "--store", $"sqlite:{_cluster.Address}", "--cluster-id", "test"]);
}
#endif
