using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster.Clients;
using Repro.Cluster.Silos;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>A cluster for people: who is there, who trains what, what waits and why.</summary>
internal sealed class ClusterStatus(AskedCluster asked)
{
    // Whoever trains is asked how far it is; more than these nobody reads.
    private const int MostAsked = 64;

    private readonly CommandOutput _output = asked.Output;

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Show()
    {
        QueueSnapshot? snapshot = null;
        Dictionary<(string, string), Training> training = [];
        var isInDatabase = Meeting.Folder(asked.Choices) is null;
        // Where there is nothing to wait for, nobody waits.
        if (isInDatabase) StoredMember.Read(asked.Choices.Store, asked.Choices.Id);
        try
        {
            ClusterRequests.With(asked, async (client, stop) =>
            {
                snapshot = await client.Status(stop);
                training = await Trainings(client, snapshot, stop);
            });
        }
        catch (Exception nobody) when (isInDatabase && nobody is (BadInputException or StorageException))
        {
            return new UnansweredStatus(asked).Show(nobody.Message);
        }
        Silos(snapshot!, training);
        Queue(snapshot!);
        Dead(snapshot!);
        _output.Result(ToJson(snapshot!, training));
        return ExitCode.Done;
    }

    private async Task<Dictionary<(string, string), Training>> Trainings(ClusterClient client, QueueSnapshot snapshot, CancellationToken stop)
    {
        using var store = SweepStores.Open(asked.Choices.Store);
        var found = new Dictionary<(string, string), Training>();
        foreach (var sweep in snapshot.Silos.SelectMany(silo => silo.Slots).Select(slot => slot.Serves).OfType<string>().Distinct())
        {
            try
            {
                var state = StoredSweep.Open(store, sweep, asked.Runs).State;
                foreach (var run in state.Running.Select(key => state[key])) found[(run.Host, run.Slot)] = new Training(sweep, run, null);
            }
            catch (StorageException damaged)
            {
                // One that cannot be read hides none of the others.
                _output.Complain($"What {sweep} trains cannot be shown: {damaged.Message}");
            }
        }
        var standings = await Task.WhenAll(found.Take(MostAsked).Select(async pair =>
            (pair.Key, Standing: await client.Standing(pair.Value.Sweep, new RunAttempt(pair.Value.Run.Key, pair.Value.Run.Attempt), stop))));
        foreach (var (key, standing) in standings) found[key] = found[key] with { Standing = standing };
        return found;
    }

    private void Silos(QueueSnapshot snapshot, Dictionary<(string, string), Training> training)
    {
        var table = new TextTable("silo", "slot", "memory", "trains", "for") { Right = new HashSet<int> { 2 } };
        foreach (var silo in snapshot.Silos)
        {
            var rows = silo.Slots.Select(slot => Row(silo, slot, training.GetValueOrDefault((silo.Name, slot.Name)))).DefaultIfEmpty([HostName.ShortOf(silo.Name), "none", "", "", ""]).ToList();
            foreach (var row in rows.SkipLast(1)) table.Row(row);
            table.RowWithNote(string.Join(" ", Notes(silo)), rows[^1]);
        }
        if (snapshot.Silos.Count == 0) _output.Say("No silo has joined.");
        else table.Write(_output);
    }

    private string[] Row(SiloStanding silo, SlotStatus slot, Training? now) =>
    [
        HostName.ShortOf(silo.Name), slot.Name, slot.Offer.MemoryBytes == 0 ? "?" : $"{Words.Bytes(slot.Offer.MemoryBytes)} {(slot.Offer.Gpus > 0 ? "GPU" : "RAM")}",
        now is not null ? $"{now.Sweep} {now.Run.Key}{Progress(now)}" : slot.GivenUp is not null ? "given up" : slot.Serves is { } serves ? $"next of {serves}" : silo.Drained || silo.Leaves ? "" : "free",
        now is null ? "" : Words.Duration(asked.Surroundings.Time.GetUtcNow() - now.Run.Started),
    ];

    private static IEnumerable<string> Notes(SiloStanding silo)
    {
        yield return $"{silo.Name}; labels: {string.Join(", ", silo.Slots.Select(slot => slot.Offer.Labels.ToString()).DefaultIfEmpty(silo.Labels.ToString()).Distinct())}.";
        if (silo.Drained) yield return "It drains.";
        else if (silo.Leaves) yield return "It leaves.";
        if (silo.Suspected) yield return $"It has said nothing since {silo.LastBeat.LocalDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}.";
        foreach (var slot in silo.Slots.Where(slot => slot.GivenUp is not null)) yield return $"{slot.Name} takes no more work: {slot.GivenUp}";
        foreach (var (sweep, why) in silo.PassedOver) yield return $"It is passed over for {sweep}: {why}";
    }

    private static string Progress(Training now) => now.Standing?.Progress is { } progress ? $", {progress.Phase} {progress.Step}/{progress.Steps}" : "";

    private void Queue(QueueSnapshot snapshot)
    {
        if (snapshot.Sweeps.Count == 0)
        {
            _output.Say("No sweep is in the queue.");
            return;
        }
        var table = new TextTable("sweep", "priority", "needs", "slots") { Right = new HashSet<int> { 1, 3 } };
        foreach (var place in snapshot.Sweeps)
        {
            string[] row = [place.Sweep.Name, place.Sweep.Priority.ToString(CultureInfo.InvariantCulture), place.Sweep.Demand.ToString(), place.LentSlots.ToString(CultureInfo.InvariantCulture)];
            if (place.Waits is { } why) table.RowWithNote(why, row);
            else table.Row(row);
        }
        table.Write(_output);
    }

    private void Dead(QueueSnapshot snapshot)
    {
        foreach (var silo in snapshot.Dead.Take(10)) _output.Say($"{silo.Name} is gone (known at {silo.At.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}): {silo.Why}");
    }

    private static JsonObject ToJson(QueueSnapshot snapshot, Dictionary<(string, string), Training> training) => new()
    {
        ["silos"] = new JsonArray([.. snapshot.Silos.Select(silo => (JsonNode)new JsonObject
        {
            ["name"] = HostName.ShortOf(silo.Name), ["host"] = silo.Name, ["labels"] = silo.Labels.ToString(), ["drains"] = silo.Drained || silo.Leaves, ["suspected"] = silo.Suspected, ["last_beat"] = silo.LastBeat.ToString("O", CultureInfo.InvariantCulture),
            ["slots"] = new JsonArray([.. silo.Slots.Select(slot => (JsonNode)Slot(slot, training.GetValueOrDefault((silo.Name, slot.Name))))]),
            ["passed_over"] = new JsonObject(silo.PassedOver.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        })]),
        ["queue"] = new JsonArray([.. snapshot.Sweeps.Select(place => (JsonNode)new JsonObject
        {
            ["sweep"] = place.Sweep.Name, ["priority"] = place.Sweep.Priority, ["needs"] = place.Sweep.Demand.ToString(), ["slots"] = place.LentSlots, ["gpus"] = place.LentGpus, ["idle"] = place.Idle, ["waits"] = place.Waits,
        })]),
        ["dead"] = new JsonArray([.. snapshot.Dead.Select(silo => (JsonNode)new JsonObject { ["host"] = silo.Name, ["why"] = silo.Why, ["at"] = silo.At.ToString("O", CultureInfo.InvariantCulture), ["slots"] = silo.Slots, ["last_beat"] = silo.LastBeat?.ToString("O", CultureInfo.InvariantCulture) })]),
    };

    private static JsonObject Slot(SlotStatus slot, Training? now)
    {
        var json = new JsonObject { ["name"] = slot.Name, ["gpus"] = slot.Offer.Gpus, ["memory"] = slot.Offer.MemoryBytes, ["labels"] = slot.Offer.Labels.ToString(), ["serves"] = slot.Serves, ["given_up"] = slot.GivenUp };
        if (now is null) return json;
        (json["run"], json["attempt"], json["started"]) = ($"{now.Sweep}/{now.Run.Key}", now.Run.Attempt, now.Run.Started.ToString("O", CultureInfo.InvariantCulture));
        if (now.Standing?.Progress is { } progress) (json["phase"], json["step"], json["steps"]) = (progress.Phase, progress.Step, progress.Steps);
        return json;
    }

    /// <param name="Standing">Null where nobody said in time.</param>
    private sealed record Training(string Sweep, RunStatus Run, RunStanding? Standing);
}
