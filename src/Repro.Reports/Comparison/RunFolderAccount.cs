using Repro.Reports.Runs;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Comparison;

/// <summary>Why a run of <c>repro run</c> ended as it did, from its folder.</summary>
public static class RunFolderAccount
{
    /// <param name="name">What commands call it: its id, or its folder where it is not among the runs.</param>
    /// <param name="holder">The process that writes it now; null where none does.</param>
    /// <param name="options">What commands need beside the run's name to find it: <c> --runs DIR</c>; empty for nothing.</param>
    /// <param name="wholeCheckpoint">Whether one of the recorded checkpoints can be gone on from; where none can, they are damaged or gone.</param>
    public static Account Of(RunRecord run, IReadOnlyList<RunHappening> history, string name, string? holder, string options, bool wholeCheckpoint = true)
    {
        var failure = run.State == RunState.Failed ? run.FailureClass ?? FailureWords.From(run.Failure ?? "") : null;
        return new Account(run.Id, run.StateWord, Why(run, history, failure, holder))
        {
            History = [.. Lines(run, history)], Findings = [.. RunEvidence.Findings(run, failure, memoryMetric: "")], Next = [.. Next(run, failure, name, options, wholeCheckpoint)],
        };
    }

    private static string Why(RunRecord run, IReadOnlyList<RunHappening> history, FailureClass? failure, string? holder)
    {
        var end = history.LastOrDefault(happening => happening.Event is "completed" or "paused" or "failed" or "cancelled" or "pruned");
        if (run.Interrupted) return "Its process ended without a word: somebody or something killed it (kill -9, the kernel for want of memory), or the machine went down. No error ended the run.";
        return run.State switch
        {
            RunState.Planned => "It never started: its folder was made, and no attempt began.",
            RunState.Running => $"It has not ended: {holder ?? "another process"} works on it.",
            RunState.Completed when RunEvidence.Steps(run) is { } asked && asked == end?.Step => $"It took all of the {RunEvidence.Whole(asked)} steps that it was asked for, and was evaluated.",
            RunState.Completed => $"It trained to its end{(end?.Step is { } step ? $", step {RunEvidence.Whole(step)}" : "")}, and was evaluated.",
            RunState.Paused => $"It was stopped on request (Ctrl-C, or a signal) at step {RunEvidence.Whole(end?.Step ?? 0)}, and left a checkpoint to go on from.",
            RunState.Cancelled => "It was cancelled on request.",
            RunState.Pruned => "A pruner ended it.",
            _ => $"{FailureWords.Of(failure)}: {run.Failure ?? "it was not said why."}",
        };
    }

    private static IEnumerable<AccountLine> Lines(RunRecord run, IReadOnlyList<RunHappening> history)
    {
        yield return new AccountLine(run.Created, null, "created", $"Asked for by: {run.Command}");
        for (var i = 0; i < history.Count; i++)
        {
            var (happening, first) = (history[i], i);
            // Many of one kind are one line.
            if (happening.Event is "checkpoint" or "check")
            {
                while (i + 1 < history.Count && history[i + 1].Event == happening.Event) i++;
                yield return Line(history[i], Together([.. history.Skip(first).Take(i - first + 1)]));
                continue;
            }
            if (happening.Event == "started" && i > 0 && !IsEnd(history[i - 1]))
                yield return Line(history[i - 1], $"Attempt {history[i - 1].Attempt} ended without a word after this: its process was killed, or the machine went down.") with { Event = "lost" };
            yield return Line(happening, Words(run, happening));
        }
        if (run.Interrupted && history.Count > 0) yield return Line(history[^1], $"The last that was heard of attempt {history[^1].Attempt}.") with { Event = "lost" };

        static AccountLine Line(RunHappening happening, string words) => new(happening.At, happening.Attempt, happening.Event, words);
    }

    private static bool IsEnd(RunHappening happening) => happening.Event is "completed" or "paused" or "failed" or "cancelled" or "pruned";

    private static string Words(RunRecord run, RunHappening happening) => happening.Event switch
    {
        "started" => $"Attempt {happening.Attempt} started{(happening.Where.Length > 0 ? $", {happening.Where}" : "")}, {(happening.Step is { } from ? $"from the checkpoint of step {RunEvidence.Whole(from)}" : happening.Attempt > 1 ? "anew: there was no whole checkpoint" : "from the beginning")}",
        "data" => $"Read {happening.Text}",
        "completed" => $"Completed at step {Step(happening)}: {string.Join(", ", run.Scores.Select(score => $"{score.Key} {Numbers.WithUnit(score.Value, MetricWords.Of(score.Key).Unit)}"))}",
        "paused" => $"Stopped on request at step {Step(happening)}, with a checkpoint",
        "failed" => $"Failed at step {Step(happening)}: {happening.Text}",
        "message" => happening.Text,
        _ => happening.Text.Length > 0 ? $"{happening.Event}: {happening.Text}" : happening.Event,
    };

    private static string Together(List<RunHappening> alike) => alike[0].Event == "checkpoint"
        ? alike.Count == 1 ? $"Checkpoint of step {Step(alike[0])}" : $"{alike.Count} checkpoints, the last of step {Step(alike[^1])}"
        : $"{alike.Count} checks of the recipe: {string.Join(", ", alike.GroupBy(check => check.Text).Select(group => $"{group.Count()} {group.Key.Replace('_', ' ')}"))}";

    private static string Step(RunHappening happening) => RunEvidence.Whole(happening.Step ?? 0);

    private static IEnumerable<NextStep> Next(RunRecord run, FailureClass? failure, string name, string options, bool wholeCheckpoint)
    {
        var recorded = run.Attempts.Any(attempt => attempt.Checkpoints.Count > 0);
        var resume = new NextStep(!recorded ? "to begin again in the same folder, since there is no checkpoint" : wholeCheckpoint ? "to go on from its newest whole checkpoint" : "to begin again in the same folder, since every checkpoint of it is damaged or gone", $"./repro run {run.Experiment} --resume {name}{options}");
        switch (run.State)
        {
            case RunState.Completed:
                yield return new NextStep("to see what it measured", $"./repro report {name}{options}");
                break;
            case RunState.Paused or RunState.Planned:
                yield return resume;
                break;
            case RunState.Failed:
                foreach (var step in Remedies.For(failure, run, options)) yield return step;
                // The same again diverges again, and fails again for the same bug.
                if (failure != FailureClass.NotFinite) yield return failure == FailureClass.Bug ? resume with { When = $"{resume.When}, once the cause is mended" } : resume;
                break;
        }
    }
}
