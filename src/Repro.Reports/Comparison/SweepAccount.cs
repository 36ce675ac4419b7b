using System.Text.RegularExpressions;
using Repro.Reports.Runs;
using Repro.Studies.Runs;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>Why a sweep ended, or does not go on, and what its failures have in common, from its log.</summary>
/// <param name="status">As <c>repro status</c> says it: running, completed, held, cancelled, failed, stopped.</param>
/// <param name="events">All of its log.</param>
/// <param name="options">What commands need beside the sweep's name to find it; empty for nothing.</param>
public sealed partial class SweepAccount(string sweep, string status, Study study, SweepState state, IReadOnlyList<SweepEvent> events, string options)
{
    private readonly List<RunFailed> _failed = [.. events.OfType<RunFailed>()];

    public Account Tell()
    {
        var failures = Failures();
        return new Account(sweep, status, Why()) { History = [.. Lines()], Findings = [.. Findings()], Failures = failures, Next = [.. Next(failures)] };
    }

    private string Why()
    {
        var done = state.Trials.Count(trial => trial.Done);
        switch (status)
        {
            case "completed":
                return (study.Arms.Count > 0 ? $"The baseline and {Numbers.Count(study.Arms.Count, "arm")} have all of their runs." : state.Searched < state.Budget ? $"There is no configuration left to try: {Numbers.Count(state.Searched, "trial")} of a budget of {state.Budget}." : $"All {state.Budget} trials of its budget are done.")
                    + (study.Arms.Count > 0 ? "" : state.Confirmation is { } confirmation ? $" Its choice, trial {state.Trials[confirmation.Number].Tags.GetValueOrDefault(SweepTags.Confirms, "?")}, was confirmed on {Numbers.Count(confirmation.Runs.Count, "fresh seed")}." : " Its choice was not confirmed.");
            case "failed":
                return $"No trial completed: {Numbers.Count(done, "trial")} ended, {state.Trials.Count(trial => trial.State == RunState.Failed)} of them by a failure.";
            case "cancelled":
                return $"A person cancelled it at {Numbers.Time(events.OfType<SweepHeld>().Last(held => held.Cancelled).At)}, with {done} of {Numbers.Count(state.Trials.Count, "trial")} done by then or ended by that.";
            case "held":
                return $"A person held it at {Numbers.Time(events.OfType<SweepHeld>().Last().At)} (./repro cancel {sweep} --pause): no run is given out until it is resumed.";
            case "running":
                return $"It has not ended: {Numbers.Count(state.Running.Count, "run")} {(state.Running.Count == 1 ? "trains" : "train")} on {(state.Hosts.Count == 1 ? state.Hosts.First() : Numbers.Count(state.Hosts.Count, "host"))}, and {Left()}.";
            default:
                return $"{Stopped()} Nobody works on it now, and {Left()}.";
        }
    }

    private string Stopped()
    {
        if (study.GpuHours is { } limit && state.GpuHours(events[^1].At) >= limit) return $"Its budget of {Numbers.Write(limit)} GPU hours is used up.";
        // A host that stops says so of each run that it trained; one that dies says nothing.
        if (state.Running.Count > 0) return $"Its host {string.Join(", ", state.Hosts.Order(StringComparer.Ordinal))} ended without a word while it trained {Runs([.. state.Running])}: it was killed, or the machine went down.";
        var paused = events.OfType<RunPaused>().LastOrDefault(paused => paused.Why == PauseReason.HostStops);
        var wall = study.WallTime is { } time ? $", or its wall time of {DurationText.Write(time)} was over" : "";
        return paused is not null && state[paused.Run].State == RunState.Paused ? $"Its host was stopped at {Numbers.Time(paused.At)} (Ctrl-C, or a signal{wall}); {Numbers.Count(state.Trials.SelectMany(trial => trial.Runs).Count(run => run.State == RunState.Paused), "run")} left checkpoints."
            : $"The last that happened was at {Numbers.Time(events[^1].At)}; its host has ended since.";
    }

    private string Left()
    {
        var waiting = state.Ready.Count;
        var unplanned = study.Arms.Count > 0 ? 0 : Math.Max(0, state.Budget - state.Searched);
        return $"{Numbers.Count(waiting, "run")} {(waiting == 1 ? "waits" : "wait")} for a slot{(unplanned > 0 ? $", {Numbers.Count(unplanned, "trial")} of the budget {(unplanned == 1 ? "is" : "are")} still to be planned" : "")}";
    }

    private IEnumerable<AccountLine> Lines()
    {
        var hosts = new HashSet<string>();
        foreach (var happened in events)
        {
            var words = happened switch
            {
                SweepCreated created => $"Created with {(study.Arms.Count > 0 ? $"a baseline and {Numbers.Count(study.Arms.Count, "arm")}, {Numbers.Count(study.Seeds, "pair")} each" : $"a budget of {Numbers.Count(created.Trials, "trial")}")}, seed {created.Seed}",
                RunStarted started when hosts.Add(started.Host) => $"{(started.Host.Length > 0 ? $"Host {started.Host}" : "A host")} took its first run, {started.Run}",
                RunFailed { Class: FailureClass.Lost } lost => $"{lost.Message.TrimEnd('.')} ({lost.Run})",
                SweepExtended extended => $"The budget was set to {Numbers.Count(extended.Trials, "trial")}",
                SweepHeld held => held.Cancelled ? "A person cancelled it" : "A person held it: no more runs are given out",
                SweepReleased => "It was released: runs are given out again",
                TrialPlanned { Origin: TrialOrigin.Confirmation } planned => $"Its choice was to be confirmed on {Numbers.Count(planned.Seeds.Count, "fresh seed")}, as trial {planned.Trial}",
                TrialCancelled cancelled => $"Trial {cancelled.Trial} was cancelled",
                TrialRetried retried => $"A person asked for the failed runs of trial {retried.Trial} again",
                TestRead read => $"Test scores were shown by {read.By}",
                _ => null,
            };
            if (words is not null) yield return new AccountLine(happened.At, null, Kind(happened), words);
        }
        yield return new AccountLine(events[^1].At, null, "last", $"The last event; {string.Join(", ", state.Trials.GroupBy(trial => trial.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"))}");
    }

    private IEnumerable<string> Findings()
    {
        if (state.Tags.GetValueOrDefault(SweepTags.Checks) == "skipped") yield return "The recipe's checks were skipped when it was started, so that a training that cannot work was not ruled out: ./repro check " + study.Experiment;
        foreach (var group in events.OfType<TrialPruned>().GroupBy(pruned => pruned.Step).OrderBy(group => group.Key))
            yield return $"The pruner {study.Pruner} ended {Numbers.Count(group.Count(), "trial")} at step {RunEvidence.Whole(group.Key)}.";
        if (_failed.Count == 0) yield return "No attempt failed.";
        if (state.Trials.SelectMany(trial => trial.Runs).Count(run => run.State == RunState.Completed && run.Attempt > 1) is var again and > 0)
            yield return $"{Numbers.Count(again, "completed run")} took more than one attempt.";
        // One machine that lacks something can eat the budget of all.
        var started = events.OfType<RunStarted>().ToDictionary(started => (started.Run, started.Attempt), started => started.Host);
        var own = _failed.Where(failed => failed.Class is not FailureClass.Lost).ToList();
        if (own.Count > 2 && started.Values.Distinct().Count() > 1 && own.Select(failed => started[(failed.Run, failed.Attempt)]).Distinct().ToList() is [var one]) yield return $"All of these failures were on one host, {one}.";
    }

    private List<FailureCause> Failures() => [.. _failed.GroupBy(failed => (failed.Class, Pattern: Digits().Replace(failed.Message, "#")))
        .Select(group => new FailureCause(group.Key.Class, group.First().Message, group.Count(), [.. group.Select(failed => failed.Run).Distinct().Order(RunKey.Order)], group.Count(failed => failed.Again)))
        .OrderByDescending(cause => cause.Attempts)];

    private IEnumerable<NextStep> Next(List<FailureCause> failures)
    {
        if (status is "stopped" or "held") yield return new NextStep("to go on with it", $"./repro resume {sweep}{options}");
        if (status == "cancelled") yield return new NextStep("to do the same again, for a cancelled one is over", $"./repro report {sweep}{options} writes its study.yaml; ./repro sweep study.yaml --name {sweep}-again{options}");
        foreach (var cause in failures.Where(cause => cause.Class != FailureClass.Lost && cause.Runs.Any(run => state[run].State == RunState.Failed)).Take(3))
        {
            var run = cause.Runs.First(run => state[run].State == RunState.Failed);
            yield return new NextStep($"to see one of the failures in full ({FailureWords.Word(cause.Class)})", $"./repro why {sweep}/{run}{options}");
            if (!state.Cancelled && cause.Class != FailureClass.NotFinite && state.Confirmation is null) yield return new NextStep("to try that trial again, once the cause is mended", $"./repro resume {sweep} --trial {run.Trial}{options}");
        }
        if (status is "completed" or "failed" && study.Arms.Count == 0 && state.Confirmation is null)
        {
            if (state.Best(study.Objective) is not null) yield return new NextStep("to confirm its choice on fresh seeds", $"./repro sweep {sweep} --confirm 5{options}");
            else yield return new NextStep("to try more configurations", $"./repro sweep {sweep} --extend {Math.Max(10, state.Budget / 2)}{options}");
        }
        if (status == "completed") yield return new NextStep("to see what it found", $"./repro report {sweep}{options}");
        if (status == "running") yield return new NextStep("to see its trials", $"./repro status {sweep}{options}");
    }

    private static string Runs(IReadOnlyList<RunKey> runs) => $"{string.Join(", ", runs.Take(4))}{(runs.Count > 4 ? $" and {runs.Count - 4} more" : "")}";

    private static string Kind(SweepEvent happened) => happened switch
    {
        SweepCreated => "created", RunStarted => "started", RunFailed => "failed", SweepExtended => "extended", SweepHeld => "held", SweepReleased => "released", TrialPlanned => "planned", TrialCancelled => "cancelled",
        TrialRetried => "retried", _ => "test_read",
    };

    // Steps, sizes and process ids are another's in every attempt.
    [GeneratedRegex(@"\d+([.,]\d+)*")]
    private static partial Regex Digits();
}
