using System.Diagnostics;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Workers;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers;
using Repro.Workers.Hosts;

namespace Repro.Cli.Sweeping;

/// <summary>Works on a sweep with this machine's slots, shows it, and says at the end how it stands.</summary>
internal sealed class SweepHosting(Surroundings surroundings, CommandOutput output, HostChoices choices, RunsFolder runs, string address)
{
    private const string HostLog = "host.log";

    /// <summary>Says that this machine may work on a sweep.</summary>
    /// <exception cref="BadInputException">A cluster works on it.</exception>
    public static void RequireNoCluster(StoredSweep sweep)
    {
        if (sweep.Cluster is not null)
            throw new BadInputException($"The sweep {sweep.Name} was given to a cluster, which goes on with it: ./repro resume {sweep.Name} --cluster follows it. To work on it here, take it back first: ./repro cluster withdraw {sweep.Name}");
    }

    /// <summary>After a person asked for something: where a host works on the sweep, it goes on with that too.</summary>
    /// <param name="sweep">As it stood before that.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int WorkUnlessHosted(StoredSweep sweep)
    {
        if (!sweep.IsHosted || choices.Cluster is not null) return Work(sweep.Store, sweep.Name);
        var now = StoredSweep.Open(sweep.Store, sweep.Name, runs);
        var summary = SweepSummary.Of(now.Name, now.State, now.Study, hosted: true);
        var told = ClusterWord.Tell(surroundings, sweep, now, address);
        output.Say($"{now.Name}: {(told is null ? "its host" : "the cluster")} goes on with it; {summary.Counts}.");
        var json = summary.ToJson(now.Study);
        if (told is { } heard) json["cluster_told"] = heard;
        output.Result(json);
        return ExitCode.Done;
    }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Work(ISweepStore store, string sweep)
    {
        var stored = StoredSweep.Open(store, sweep, runs);
        var study = stored.Study;
        if (choices.Cluster is not null) return OnCluster(stored);
        RequireNoCluster(stored);
        SayOtherPrograms(stored);
        if (choices.Detach) return Detach(stored);
        var slots = Slots.OfThisMachine(choices.Slots ?? SlotsBefore(stored), choices.Device);
        using var stop = new StopSignals(output, "Stopping: the runs write checkpoints. Ctrl-C again stops now.", () => Result(store, sweep, "cancelled"));
        using var display = new SweepDisplay(output, surroundings.Time, stored, slots.Count);
        var settings = new HostSettings
        {
            Folder = stored.Folder, Slots = slots, StartWorker = (slot, log) => choices.InProcess ? WorkerLoop.InProcess(surroundings) : WorkerProcess.Start(surroundings.WorkerCommand(), slot.Environment, log),
            StoreLock = (store as SqliteStore)?.LockFolderOf(sweep), Lease = choices.Lease, Patience = choices.Patience, CheckpointEvery = choices.CheckpointEvery,
            DataFolder = choices.Data, WallTime = study.WallTime,
        };
        var host = new LocalHost(store, sweep, study, settings, display.Saw, surroundings.Time);
        output.Say($"Sweep {sweep} on {slots.Count} {(slots.Count == 1 ? "slot" : "slots")} of {slots[0].Threads} {(slots[0].Threads == 1 ? "thread" : "threads")}; {store.Description}");
        output.Event("started", new JsonObject { ["sweep"] = sweep, ["folder"] = stored.Folder, ["store"] = store.Description, ["slots"] = slots.Count });
        var outcome = display.During(() => host.Slots, () => host.Run(stop.Token).GetAwaiter().GetResult());
        // What whoever opens the store from now on will find.
        using var again = SweepStores.Open(address);
        return Conclude(StoredSweep.Find(again, sweep, runs), outcome);
    }

    // Before anything goes on: whoever has edited a model since may not want that.
    private void SayOtherPrograms(StoredSweep sweep)
    {
        if (sweep.State.Trials.All(trial => trial.Runs.All(run => run.Attempt == 0))) return;
        var programs = SweepPrograms.Of(sweep.Folder, sweep.State);
        if (programs.Warning(sweep.Name, EnvironmentProbe.Program.Value, GitState.Of(ProgramRoot.Path)) is { } warning) output.Complain(warning);
        if (programs.Unknown > 0 && sweep.State.Tags.GetValueOrDefault(SweepTags.Cluster + "code") is { } code)
        {
            output.Complain($"A cluster trained {sweep.Name} before, as the program {Words.Hash(code)}, and what {programs.Unknown} {(programs.Unknown == 1 ? "attempt" : "attempts")} ran under is not in {sweep.Folder}: "
                + $"whether this is the same program is not known here. ./repro report {sweep.Name} --objects PLACE brings it, and says which trained which.");
        }
    }

#if ORLEANS
    private int OnCluster(StoredSweep sweep) => new Repro.Cli.Cluster.ClusterSubmission(surroundings, output, choices, runs, Conclude).Run(sweep);
#else
    private static int OnCluster(StoredSweep sweep) => throw new InvalidOperationException($"{sweep.Name} was given to a cluster that this build does not have.");
#endif

    // As many as the host had that began most of its runs, so that a run goes on with as many threads, and to the same bits. Null where none has begun.
    private static int? SlotsBefore(StoredSweep sweep)
    {
        if (sweep.Store is not SqliteStore) return null;
        var host = sweep.State.Trials.SelectMany(trial => trial.Runs).Where(run => run.Host.Length > 0).GroupBy(run => run.Host).MaxBy(runs => runs.Count());
        var slots = host?.Select(run => run.Slot).Distinct().Count();
        return slots <= Environment.ProcessorCount ? slots : null;
    }

    private int Conclude(StoredSweep sweep, HostOutcome outcome)
    {
        foreach (var reason in outcome.Reasons) output.Complain(reason);
        var summary = SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, hosted: false);
        // What a cluster works on it goes on with; resume follows it there.
        var (options, again) = (Options(), choices.Cluster is null ? "" : " --cluster");
        output.Say($"{sweep.Name}: {(outcome.End == HostEnd.Stopped ? "stopped" : summary.Status)}; {summary.Counts}.");
        if (summary.Best is { } best && sweep.Study.Arms.Count == 0)
        {
            output.Say($"  best {sweep.Study.Objective.Metric} {ScoreText.WithUnit(sweep.Study.Objective.Metric, best.Mean(sweep.Study.Objective.Metric)!.Value)} by {summary.BestName}: {best.Configuration}");
        }
        if (sweep.Study.Arms.Count > 0) new ArmComparison(sweep.Study, sweep.State).Write(output);
        output.Say(outcome.End switch
        {
            HostEnd.Finished when sweep.Study.GpuHours is { } limit && sweep.State.GpuHours(surroundings.Time.GetUtcNow()) >= limit =>
                $"The budget of {limit} GPU hours is used up. All trials: ./repro status {sweep.Name}{options}",
            HostEnd.Finished when sweep.State.Confirmation is { State: RunState.Completed } confirmed => confirmed.Runs.SelectMany(run => run.Scores.Keys).Any(TestSeal.Covers)
                ? $"The choice was confirmed on fresh seeds. Its test scores, once: ./repro status {sweep.Name} --test{options}"
                : $"The choice was confirmed on fresh seeds; its data have no test split. Its scores: ./repro status {sweep.Name} --trial {confirmed.Number}{options}",
            HostEnd.Finished when sweep.State.Confirmation is { } unfinished => $"The confirmation is not complete: ./repro status {sweep.Name} --trial {unfinished.Number}{options}, then ./repro resume {sweep.Name} --trial {unfinished.Number}{again}{options}",
            HostEnd.Finished when sweep.Study.Arms.Count == 0 && summary.Best is not null => $"Test was not computed. Confirm the choice on fresh seeds: ./repro sweep {sweep.Name} --confirm 5{again}{options}",
            HostEnd.Finished => $"All trials: ./repro status {sweep.Name}{options}",
            HostEnd.Held => $"The sweep is held. To go on: ./repro resume {sweep.Name}{again}{options}",
            HostEnd.Cancelled => $"The sweep was cancelled. Its trials: ./repro status {sweep.Name}{options}",
            HostEnd.OutOfTime => $"The budget's wall time is used up. To go on for as long again: ./repro resume {sweep.Name}{again}{options}",
            _ => $"To go on: ./repro resume {sweep.Name}{again}{options}",
        });
        output.Result(Result(sweep.Store, sweep.Name, outcome.End == HostEnd.Stopped ? "cancelled" : outcome.End == HostEnd.Failed ? "failed" : summary.Status));
        return outcome.End switch
        {
            HostEnd.Stopped => ExitCode.Cancelled,
            HostEnd.Failed => ExitCode.Failed,
            _ => summary.Status == "failed" ? ExitCode.Failed : ExitCode.Done,
        };
    }

    private JsonObject Result(ISweepStore store, string sweep, string status)
    {
        var stored = StoredSweep.Open(store, sweep, runs);
        var json = (SweepSummary.Of(sweep, stored.State, stored.Study, hosted: false) with { Status = status }).ToJson(stored.Study);
        json["folder"] = stored.Folder;
        if (status is "cancelled" or "stopped") json["resume"] = $"./repro resume {sweep}{(choices.Cluster is null ? "" : " --cluster")}{Options()}";
        return json;
    }

    private string Options() =>
        (choices.Store is { } store && !SweepStores.IsPostgres(store) ? $" --store {Words.Shell(store)}" : choices.Store is not null ? " --store postgres://..." : "")
        + (choices.Runs is { } given ? $" --runs {Words.Shell(given)}" : "");

    // A process of its own session: closing the terminal does not reach it.
    private int Detach(StoredSweep sweep)
    {
        Directory.CreateDirectory(sweep.Folder);
        var log = Path.Combine(sweep.Folder, HostLog);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec setsid \"$@\" >>\"$REPRO_HOST_LOG\" 2>&1 </dev/null &", "sh", .. surroundings.WorkerCommand().SkipLast(1), "resume", sweep.Name, $"--runs={runs.Path}", .. choices.Words()]);
        start.Environment["REPRO_HOST_LOG"] = log;
        // An address may hold a password, which a command line shows to everybody on the machine.
        start.Environment["REPRO_STORE"] = address;
        using (var shell = Process.Start(start)!) shell.WaitForExit();
        output.Say($"Works in the background. How it stands: ./repro status {sweep.Name}{Options()}; its own words: {log}");
        output.Result(Result(sweep.Store, sweep.Name, "running"));
        return ExitCode.Done;
    }
}
