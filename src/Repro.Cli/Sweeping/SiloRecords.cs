using System.CommandLine;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Sweeping;

/// <summary>Brings what a cluster's silos left of a sweep's runs to this machine, where the sweep's folder here lacks it.</summary>
/// <param name="given">As <c>--objects</c> was given; null takes REPRO_OBJECTS.</param>
/// <param name="complain">Told what cannot be had; whoever reads goes on without.</param>
internal sealed class SiloRecords(string? given, Action<string> complain)
{
    private readonly string? _place = given ?? (Environment.GetEnvironmentVariable("REPRO_OBJECTS") is { Length: > 0 } set ? set : null);

    public static Option<string?> Option() => new("--objects")
    {
        Description = "Of a sweep of a cluster: where its silos put what its runs left, a folder or s3://bucket/prefix (default: REPRO_OBJECTS)", HelpName = "PLACE",
    };

    /// <summary>What attempts ran under.</summary>
    public void BringConditions(StoredSweep sweep, Func<RunStarted, bool> wanted) => Bring(sweep, wanted, conditionsOnly: true);

    /// <summary>All that a run's attempts left but checkpoints.</summary>
    public void Bring(StoredSweep sweep, RunKey run) => Bring(sweep, started => started.Run == run, conditionsOnly: false);

    /// <summary>What an export keeps: what attempts ran under, and what the runs of a confirmation and of arms said of examples.</summary>
    public void BringForExport(StoredSweep sweep)
    {
        bool KeepsEvidence(RunStarted started) => SweepFolder.KeepsEvidence(sweep.State.Trials[started.Run.Trial]);
        Bring(sweep, started => !KeepsEvidence(started), conditionsOnly: true);
        Bring(sweep, KeepsEvidence, conditionsOnly: false);
    }

    /// <summary>The newest checkpoint of a run that can be had.</summary>
    public void BringCheckpoint(StoredSweep sweep, RunKey run)
    {
        if (_place is null || !IsOfCluster(sweep)) return;
        try
        {
            using var objects = ObjectStores.Open(_place);
            foreach (var checkpoint in sweep.State[run].Checkpoints.Reverse())
            {
                if (new CheckpointObjects(objects, FolderOf(sweep)).Fetch(checkpoint, Path.Combine(sweep.Folder, checkpoint.File)) is not { } fault) return;
                complain(fault);
            }
        }
        catch (StorageException e)
        {
            complain(e.Message);
        }
    }

    private void Bring(StoredSweep sweep, Func<RunStarted, bool> wanted, bool conditionsOnly)
    {
        if (!IsOfCluster(sweep)) return;
        var events = sweep.Store.Read(sweep.Name);
        var attempts = events.OfType<RunStarted>().Where(wanted).Select(started => (started.Run, started.Attempt)).Where(one => !conditionsOnly || !IsHere(one)).ToList();
        if (_place is not null && attempts.Count > 0)
        {
            try
            {
                using var objects = ObjectStores.Open(_place);
                new AttemptRecords(objects, FolderOf(sweep)).Fetch(attempts, sweep.Folder, conditionsOnly);
            }
            catch (StorageException e)
            {
                complain(e.Message);
            }
        }
        // Others ended before they had anything to leave.
        var trained = events.OfType<CheckpointRecorded>().Select(e => (e.Run, e.Attempt)).Concat(events.OfType<RunCompleted>().Select(e => (e.Run, e.Attempt))).ToHashSet();
        if (attempts.Count(one => trained.Contains(one) && !IsHere(one)) is var absent and > 0)
        {
            complain($"What {absent} of the attempts of {sweep.Name} ran under is not in {sweep.Folder}, "
                + (_place is null ? "because silos on other machines trained them. Name where the cluster keeps its objects: --objects PLACE, or REPRO_OBJECTS." : $"nor in {_place}: it stayed on the silos that trained them."));
        }

        bool IsHere((RunKey Run, int Attempt) one) => File.Exists(Path.Combine(AttemptRecords.FolderOf(sweep.Folder, one.Run, one.Attempt), AttemptEnvironment.FileName));
    }

    private static string FolderOf(StoredSweep sweep) => SweepTerms.Of(sweep.State.Tags).Folder ?? sweep.Name;

    // An export has what it has, and nothing is written to it.
    private static bool IsOfCluster(StoredSweep sweep) => !sweep.IsRun && sweep.Export is null && sweep.State.Tags.ContainsKey(SweepTags.Cluster + "submitted");
}
