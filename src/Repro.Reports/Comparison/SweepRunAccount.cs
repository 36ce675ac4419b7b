using Repro.Reports.Runs;
using Repro.Results;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>Why a run of a sweep ended as it did, or does not go on, from the sweep's log.</summary>
/// <param name="run">With the values that it measured, and under what its attempts executed as far as that is known.</param>
/// <param name="events">The sweep's, all of them.</param>
/// <param name="memoryMetric">The metric with the worker's resident memory, bytes.</param>
/// <param name="options">What commands need beside the sweep's name to find it; empty for nothing.</param>
public sealed class SweepRunAccount(string sweep, Study study, SweepState state, RunKey key, RunRecord run, IReadOnlyList<SweepEvent> events, string memoryMetric, string options)
{
    /// <summary>What commands need to find the folder of runs: <c> --runs DIR</c>; empty for nothing.</summary>
    public string Runs { get; init; } = "";

    private TrialStatus Trial => state.Trials[key.Trial];

    private RunStatus Status => state[key];

    public Account Tell() => new(run.Id, Words(Status.State), Why())
    {
        History = [.. Lines()], Findings = [.. RunEvidence.Findings(run, Status.State is RunState.Failed or RunState.Planned ? Status.LastFailure : null, memoryMetric)], Next = [.. Next()],
    };

    private string Why()
    {
        switch (Status.State)
        {
            case RunState.Completed:
                var end = events.OfType<RunCompleted>().Last(completed => completed.Run == key);
                return RunEvidence.Steps(run) is { } asked && asked == end.Step ? $"It took all of the {RunEvidence.Whole(asked)} steps that it was asked for, and was evaluated." : $"It trained to its end, step {RunEvidence.Whole(end.Step)}, and was evaluated.";
            case RunState.Pruned:
                var pruned = events.OfType<TrialPruned>().Last(pruned => pruned.Trial == key.Trial);
                return $"The pruner ended its trial at step {RunEvidence.Whole(pruned.Step)}. {pruned.Why}.{Standing(pruned)}";
            case RunState.Failed:
                return $"{FailureWords.Of(Status.LastFailure)}: {Status.Message?.TrimEnd('.')}. {Sentence(FailureWords.Again(events.OfType<RunFailed>().Last(failed => failed.Run == key), study.Retries))}";
            case RunState.Cancelled:
                return Cancelled();
            case RunState.Paused when Status.Pause == PauseReason.Rung:
                return $"It waits at a rung with a checkpoint until the pruner {study.Pruner} knows whether its trial is among those that go on.";
            case RunState.Paused:
                return "Its host was stopped, and it left a checkpoint; it goes on as soon as a host has a slot for it.";
            case RunState.Planned when Status.Attempt > 0:
                return $"{FailureWords.Of(Status.LastFailure)}: {Status.Message?.TrimEnd('.')}. It waits for a slot, to be tried again.";
            case RunState.Planned:
                return "It has not started: no slot has taken it yet.";
            default:
                return $"It has not ended: attempt {Status.Attempt} is on {Place(Status.Host, Status.Slot)}, as far as the log tells.";
        }
    }

    /// <summary>Where it stood among the trials that had reached the same step by then.</summary>
    private string Standing(TrialPruned pruned)
    {
        var values = new Dictionary<RunKey, double>();
        foreach (var happened in events)
        {
            if (happened == (SweepEvent)pruned) break;
            if (happened is RungReached rung && rung.Step == pruned.Step) values[rung.Run] = rung.Value;
        }
        var trials = values.GroupBy(value => value.Key.Trial).Select(group => (Trial: group.Key, Mean: group.Average(value => value.Value))).ToList();
        var sign = study.Objective.Direction == Studies.Samplers.ObjectiveDirection.Minimize ? 1 : -1;
        var ranked = trials.OrderBy(trial => double.IsFinite(trial.Mean) ? sign * trial.Mean : double.PositiveInfinity).ToList();
        var rank = ranked.FindIndex(trial => trial.Trial == key.Trial) + 1;
        return rank == 0 || ranked.Count < 2 ? "" : $" Of {ranked.Count} trials that the pruner had seen at that step it was number {rank}; the best of them had {Numbers.Write(ranked[0].Mean)}, the median was {Numbers.Write(ranked[ranked.Count / 2].Mean)}.";
    }

    private string Cancelled()
    {
        var at = events.OfType<TrialCancelled>().Last(cancelled => cancelled.Trial == key.Trial).At;
        return events.OfType<SweepHeld>().Any(held => held.Cancelled && held.At == at) ? $"The whole sweep was cancelled by a person (./repro cancel {sweep}), and with it all that was not done." : $"Its trial was cancelled by a person (./repro cancel {sweep} --trial {key.Trial}).";
    }

    private IEnumerable<AccountLine> Lines()
    {
        var told = events.Select(happened => (happened.At, Told: Tell(happened))).Where(line => line.Told is not null).Select(line => (line.At, Told: line.Told!.Value)).ToList();
        for (var i = 0; i < told.Count; i++)
        {
            var (first, (attempt, kind, words)) = (i, told[i].Told);
            while (kind is "checkpoint" or "rung" && i + 1 < told.Count && told[i + 1].Told.Event is "checkpoint" or "rung") i++;
            if (i > first) words = Together([.. told.Skip(first).Take(i - first + 1).Select(line => line.Told)]);
            yield return new AccountLine(told[i].At, attempt, kind, words);
        }
    }

    private (int? Attempt, string Event, string Words)? Tell(SweepEvent happened) => happened switch
    {
        TrialPlanned planned when planned.Trial == key.Trial => (null, "planned", $"Planned as trial {key.Trial} ({Origin(planned)}), seed {Status.Seed}: {(planned.Options.Count > 0 ? string.Join(", ", planned.Options.Settings.Select(setting => $"{setting.Key}={setting.Value}")) : "the study's own setting")}"),
        RunStarted started when started.Run == key => (started.Attempt, "started", $"Attempt {started.Attempt} started on {Place(started.Host, started.Slot)}, {From(started.From)}{Differences(started.Attempt)}"),
        WentBack back when back.Run == key => (back.Attempt, "went_back", $"Its checkpoint was damaged or gone: it went on {From(back.From)}"),
        CheckpointRecorded checkpoint when checkpoint.Run == key => (checkpoint.Attempt, "checkpoint", $"Checkpoint of step {RunEvidence.Whole(checkpoint.Step)}"),
        RungReached rung when rung.Run == key => (rung.Attempt, "rung", $"{Evaluated} at step {RunEvidence.Whole(rung.Step)}: {Value(rung.Value)}"),
        RunCompleted completed when completed.Run == key => (completed.Attempt, "completed", $"Completed at step {RunEvidence.Whole(completed.Step)}{(completed.Scores.TryGetValue(study.Objective.Metric, out var score) ? $": {Value(score)}" : "")}"),
        RunPaused paused when paused.Run == key => (paused.Attempt, "paused", $"Paused at step {RunEvidence.Whole(paused.Step)}: {(paused.Why == PauseReason.Rung ? "the pruner waits for others at this rung" : "its host was stopped")}"),
        RunFailed failed when failed.Run == key => (failed.Attempt, "failed", $"{(failed.Class == FailureClass.Lost ? "" : $"Failed ({FailureWords.Word(failed.Class)}): ")}{failed.Message.TrimEnd('.')}; {FailureWords.Again(failed, study.Retries)}"),
        TrialPromoted promoted when promoted.Trial == key.Trial => (null, "promoted", "Promoted: its trial is among those that go on from their rung"),
        TrialPruned pruned when pruned.Trial == key.Trial => (null, "pruned", $"Pruned at step {RunEvidence.Whole(pruned.Step)}: {pruned.Why}"),
        TrialCancelled cancelled when cancelled.Trial == key.Trial => (null, "cancelled", "Cancelled by a person"),
        TrialRetried retried when retried.Trial == key.Trial => (null, "retried", "A person asked for it again, with all of its retries anew"),
        _ => null,
    };

    private string Together(List<(int? Attempt, string Event, string Words)> alike)
    {
        var (checkpoints, rungs) = (alike.Count(line => line.Event == "checkpoint"), alike.Where(line => line.Event == "rung").ToList());
        var words = new List<string>();
        if (rungs.Count == 1) words.Add(rungs[0].Words);
        if (rungs.Count > 1) words.Add($"{Evaluated} {rungs.Count} times, last{rungs[^1].Words[Evaluated.Length..]}");
        if (checkpoints > 0) words.Add(checkpoints == 1 ? "c" + alike.Last(line => line.Event == "checkpoint").Words[1..] : $"{checkpoints} checkpoints, the last of{alike.Last(line => line.Event == "checkpoint").Words["Checkpoint of".Length..]}");
        return Sentence(string.Join("; ", words))[..^1];
    }

    private IEnumerable<NextStep> Next()
    {
        var trial = new NextStep("to see the end of its log", $"./repro status {sweep} --trial {key.Trial}{options}");
        var open = !state.Cancelled && (state.Confirmation is null || state.Confirmation.Number == key.Trial);
        switch (Status.State)
        {
            case RunState.Completed:
                yield return new NextStep("to see what it measured", $"./repro report {run.Id}{options}");
                break;
            case RunState.Pruned:
                if (open) yield return new NextStep("to train its configuration to the end all the same, unpruned", $"./repro sweep {sweep} --enqueue '{Trial.Configuration}'{options}");
                break;
            case RunState.Failed:
                yield return trial;
                foreach (var step in Remedies.For(Status.LastFailure, run, Runs)) yield return step;
                // It would be NaN again.
                if (open && Status.LastFailure != FailureClass.NotFinite) yield return new NextStep("to try it again, once the cause is mended", $"./repro resume {sweep} --trial {key.Trial}{options}");
                break;
            case RunState.Cancelled when open:
                yield return new NextStep("to take it up again", $"./repro resume {sweep} --trial {key.Trial}{options}");
                break;
            case RunState.Planned or RunState.Paused when !state.Cancelled:
                yield return new NextStep("to go on with the sweep, where no host works on it", $"./repro resume {sweep}{options}");
                break;
            case RunState.Running:
                yield return trial;
                break;
        }
    }

    private string Differences(int attempt) =>
        run.Attempts.FirstOrDefault(known => known.Number == attempt) is { Differences.Count: > 0 } known ? $", under other conditions ({string.Join(", ", known.Differences)})" : "";

    // Sweeps of earlier versions have these events without a pruner too.
    private string Evaluated => study.Pruner == "none" ? "Evaluated" : "Looked at by the pruner";

    private string Value(double value) => $"{study.Objective.Metric} {Numbers.WithUnit(value, MetricWords.Of(study.Objective.Metric).Unit)}";

    private static string From(long? step) => step is { } from ? $"from the checkpoint of step {RunEvidence.Whole(from)}" : "from the beginning";

    private static string Place(string host, string slot) => host.Length > 0 ? $"{host}, slot {slot}" : $"slot {slot}";

    private static string Origin(TrialPlanned planned) => planned.Origin switch
    {
        TrialOrigin.Paper => "the values of profile paper",
        TrialOrigin.Sampler => "by the sampler",
        TrialOrigin.Enqueued => "a person asked for it",
        TrialOrigin.Confirmation => "the choice again, on a fresh seed",
        TrialOrigin.Tuning => $"tunes the arm {planned.Arm}",
        _ => $"arm {planned.Arm}",
    };

    private static string Words(RunState state) => state.ToString().ToLowerInvariant();

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";
}
