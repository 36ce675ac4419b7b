using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Cli.Workers;
using Repro.Cluster.Clients;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies.Options;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Training.Datasets;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>Gives a sweep to the cluster, with the program that trains it, and follows it. Who stops following stops nothing else.</summary>
/// <param name="conclude">Says how the sweep stands at the end, and how the command ends.</param>
internal sealed class ClusterSubmission(Surroundings surroundings, CommandOutput output, HostChoices choices, RunsFolder runs, Func<StoredSweep, HostOutcome, int> conclude)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SubmissionChoices _submission = choices.Cluster!;

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Run(StoredSweep sweep)
    {
        // Given to a cluster it would stay there until a slot had found that it has nothing to give.
        var summary = SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, hosted: false);
        if (sweep.State.Running.Count == 0 && summary.IsOver)
        {
            output.Say($"{sweep.Name} is {summary.Status}: the cluster has nothing to do for it.");
            return conclude(sweep, new HostOutcome(sweep.State.Cancelled ? HostEnd.Cancelled : HostEnd.Finished, []));
        }
        using var stop = new StopSignals(output, $"No longer waiting for the cluster. {sweep.Name} stays in the store; to give it to the cluster: ./repro resume {sweep.Name} --cluster");
        return Run(sweep, stop).GetAwaiter().GetResult();
    }

    private async Task<int> Run(StoredSweep sweep, StopSignals signals)
    {
        var stop = signals.Token;
        var waiting = new Waiting(output, surroundings.Time);
        var client = await Meeting.Enter(_submission.Cluster, Patience, waits: true, waiting, surroundings.Time, stop);
        await using var closing = client;
        if (sweep.Cluster is { } other && other != _submission.Cluster.Id)
            throw new Studies.BadInputException($"The sweep {sweep.Name} was given to the cluster '{other}'. Name that one (--cluster-id {other}), or take the sweep back from it: ./repro cluster withdraw {sweep.Name} --cluster-id {other}");
        if (sweep.Cluster is null)
        {
            if (sweep.IsHosted) throw new Studies.BadInputException($"A host of its own works on the sweep {sweep.Name}. Stop it cleanly (Ctrl-C there), then give the sweep to the cluster.");
            var terms = Terms(sweep, stop);
            sweep.Coordinator.Decide([terms.WriteTo]);
            await waiting.For(client.Submit(sweep.Name, stop), Patience, stop);
            output.Say($"Gave {sweep.Name} to the cluster; {sweep.Store.Description}");
        }
        else
        {
            // Before the silos look again: an object that was deleted is there then.
            SendAgain(sweep, stop);
            // What a person has just asked for is looked at now. The program that trains it stays: following again must not change it.
            sweep.Coordinator.Decide([decision => Asked(SweepTerms.Of(decision.State.Tags)).WriteTo(decision)]);
            await waiting.For(client.Submit(sweep.Name, stop), Patience, stop);
            output.Say($"{sweep.Name} is with the cluster; {sweep.Store.Description}");
        }
        signals.Asked = $"No longer following; the cluster goes on. Follow it again: ./repro resume {sweep.Name} --cluster. End it: ./repro cancel {sweep.Name}";
        output.Event("submitted", new JsonObject { ["sweep"] = sweep.Name, ["store"] = sweep.Store.Description });
        if (choices.Detach)
        {
            output.Say($"Follow it: ./repro resume {sweep.Name} --cluster. How it stands: ./repro status {sweep.Name}");
            output.Result(SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, hosted: true).ToJson(sweep.Study));
            return ExitCode.Done;
        }
        var following = new ClusterFollowing(surroundings, output, client, StoredSweep.Open(sweep.Store, sweep.Name, runs));
        var end = following.Run(stop);
        var now = StoredSweep.Open(sweep.Store, sweep.Name, runs);
        return end == HostEnd.Stopped ? NoLongerFollowed(now) : conclude(now, new HostOutcome(end, []));
    }

    // Nothing has ended but the following: how the sweep stands is another thing.
    private int NoLongerFollowed(StoredSweep sweep)
    {
        var summary = SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, hosted: sweep.Cluster is not null);
        output.Say($"{sweep.Name}: {summary.Status}; {summary.Counts}.");
        var json = summary.ToJson(sweep.Study);
        (json["following"], json["resume"]) = ("ended", $"./repro resume {sweep.Name} --cluster");
        output.Result(json);
        return ExitCode.Cancelled;
    }

    // Following again must not change what trains; but whoever has built something new should know that it does not.
    private void SendAgain(StoredSweep sweep, CancellationToken stop)
    {
        var terms = SweepTerms.Of(sweep.State.Tags);
        if (terms.Code is not { } trains) return;
        using var objects = _submission.Cluster.OpenObjects();
        if (terms.Misplaced(objects, stop) is { } misplaced)
            throw new Studies.BadInputException($"{misplaced} Mount the same share as when it was submitted, or name with --objects the place that was named then.");
        var own = CodeBundle.Pack(AppContext.BaseDirectory, objects, GitState.Of(ProgramRoot.Path), stop);
        if (own.Id != trains) output.Complain($"{sweep.Name} goes on with the program that it was submitted with ({Words.Hash(trains)}), not with this one ({Words.Hash(own.Id)}). To try this one: the same study under another --name.");
    }

    // It was with a cluster before, or on this machine's own slots.
    private void SayOtherPrograms(StoredSweep sweep, string? before, CodeBundle build)
    {
        if (sweep.State.Trials.All(trial => trial.Runs.All(run => run.Attempt == 0))) return;
        if (before is not null && before != build.Id)
            output.Complain($"{sweep.Name} was with a cluster as the program {Words.Hash(before)}, and goes on as this one, {Words.Hash(build.Id)}: its trials then come from two. To keep them apart: the same study under another --name. What trained which: ./repro report {sweep.Name}");
        if (SweepPrograms.Of(sweep.Folder, sweep.State).Warning(sweep.Name, EnvironmentProbe.Program.Value, GitState.Of(ProgramRoot.Path)) is { } warning) output.Complain(warning);
    }

    private SweepTerms Asked(SweepTerms before) => before with
    {
        Priority = _submission.Priority ?? before.Priority, Needs = _submission.Needs ?? before.Needs, Engine = _submission.AnyEngine ? null : before.Engine,
        CheckpointEvery = _submission.CheckpointEvery ?? before.CheckpointEvery, Patience = _submission.Patience ?? before.Patience,
    };

    private SweepTerms Terms(StoredSweep sweep, CancellationToken stop)
    {
        var experiment = ChosenExperiment.Find(surroundings, sweep.Study.Experiment);
        var options = OptionSchema.Apply(ChosenExperiment.FindProfile(experiment, sweep.Study.Profile).Options, sweep.Study.Fixed.Settings);
        var folders = DataFolders.FromEnvironment(choices.Data);
        // What it asked for when it was with a cluster before, it still asks for, unless told otherwise.
        var again = sweep.State.Tags.ContainsKey(SweepTags.Cluster + "submitted");
        var before = again ? SweepTerms.Of(sweep.State.Tags) : new SweepTerms { Submitted = default };
        var machine = MachineDescription.Here(surroundings, experiment.DataSets(options), folders);
        // One that is not here cannot be asked of others; one that is damaged would be asked of nobody.
        if (machine.Faults.Keys.FirstOrDefault(machine.Folders.ContainsKey) is { } damaged) throw new Studies.BadInputException(machine.Faults[damaged]);
        var data = DataOf(sweep.Name, before.Data, machine);
        using var objects = _submission.Cluster.OpenObjects();
        // The place of which this machine says so to the silos.
        var place = objects.Id(makes: true, stop);
        var build = CodeBundle.Pack(AppContext.BaseDirectory, objects, GitState.Of(ProgramRoot.Path), stop);
        output.Say($"The program travels as {Words.Hash(build.Id)}: {build.Files} files, {Words.Bytes(build.Bytes)}, {(build.Sent == 0 ? "all there already" : $"{Words.Bytes(build.Sent)} of it sent now")}; {objects.Description}.");
        SayOtherPrograms(sweep, before.Code, build);
        // One that was given to a cluster before there were such folders keeps the one that has its checkpoints.
        var folder = again && before.Folder is null ? null : sweep.State.Created!.FolderOf(sweep.Name);
        return Asked(before) with { Folder = folder, Objects = place, Submitted = surroundings.Time.GetUtcNow(), Code = build.Id, Engine = _submission.AnyEngine ? null : machine.Engine, Data = data };
    }

    // Of a set that is not on this machine the runs keep to what they had.
    private static SortedDictionary<string, string> DataOf(string sweep, IReadOnlyDictionary<string, string> before, MachineDescription machine)
    {
        foreach (var (set, identity) in machine.Data)
        {
            if (before.GetValueOrDefault(set) is { } was && was != identity)
            {
                throw new Studies.BadInputException($"The data set {set} is not what {sweep} was given to a cluster with before: that was {Words.Hash(was)}, and this machine has {Words.Hash(identity)}"
                    + $"{(machine.Folders.TryGetValue(set, out var folder) ? $" in {folder}" : "")}. Runs of one sweep would not be comparable. Name the folder with the same data (--data-dir), or start another sweep (--name).");
            }
        }
        return new SortedDictionary<string, string>(before.Concat(machine.Data.Where(own => !before.ContainsKey(own.Key))).ToDictionary(), StringComparer.Ordinal);
    }
}
