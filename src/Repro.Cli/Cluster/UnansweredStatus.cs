using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>What the database knows of a cluster of which no silo answers: the silos that were there, and the sweeps that wait for one.</summary>
internal sealed class UnansweredStatus(AskedCluster asked)
{
    private const int MostDead = 10;

    private readonly CommandOutput _output = asked.Output;

    /// <param name="why">What asking the silos came to.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    /// <exception cref="StorageException">The database does not answer either.</exception>
    public int Show(string why)
    {
        var members = StoredMember.Read(asked.Choices.Store, asked.Choices.Id);
        using var store = SweepStores.Open(asked.Choices.Store);
        var sweeps = Sweeps(store).ToList();
        _output.Complain(why);
        var shown = members.Where(member => member.State != "dead").Concat(members.Where(member => member.State == "dead").Take(MostDead)).ToList();
        if (shown.Count == 0)
        {
            _output.Say("No silo has been in this cluster.");
        }
        else
        {
            var table = new TextTable("silo", "address", "by the database", "last said that it lives");
            foreach (var member in shown) table.Row(member.Name, member.Address, member.State, member.Said.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            table.Write(_output);
        }
        foreach (var (name, summary) in sweeps) _output.Say($"{name} waits for a silo{(summary is null ? "" : $"; {summary.Counts}")}.");
        if (sweeps.Count == 0) _output.Say("No sweep is with this cluster.");
        _output.Result(new JsonObject
        {
            ["status"] = "unanswered",
            ["members"] = new JsonArray([.. members.Select(member => (JsonNode)new JsonObject { ["name"] = member.Name, ["address"] = member.Address, ["state"] = member.State, ["last_beat"] = member.Said.ToString("O", CultureInfo.InvariantCulture) })]),
            ["sweeps"] = new JsonArray([.. sweeps.Select(sweep => (JsonNode)sweep.Name)]),
        });
        return ExitCode.Failed;
    }

    private IEnumerable<(string Name, SweepSummary? Summary)> Sweeps(ISweepStore store)
    {
        foreach (var name in ClusterSweep.Of(store, asked.Choices.Id))
        {
            SweepSummary? summary = null;
            try
            {
                var sweep = StoredSweep.Open(store, name, asked.Runs);
                summary = SweepSummary.Of(name, sweep.State, sweep.Study, hosted: true);
            }
            catch (StorageException damaged)
            {
                // One that cannot be read hides none of the others.
                _output.Complain($"How {name} stands cannot be shown: {damaged.Message}");
            }
            yield return (name, summary);
        }
    }
}
