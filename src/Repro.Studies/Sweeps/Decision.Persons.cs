using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Sweeps;

/// <content>What persons ask of a sweep.</content>
public sealed partial class Decision
{
    /// <summary>Plans a configuration that a person asked for, beyond the budget.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="BadInputException">The sweep was cancelled, or a choice was confirmed: test has been read.</exception>
    public int Enqueue(Configuration configuration, TrialOrigin origin, int seeds)
    {
        RequireOpen();
        return Plan(configuration, origin, seeds);
    }

    /// <summary>
    /// Chooses a configuration and plans it again on fresh seeds: the only runs that read test. Ends the search, whatever is left of its budget.
    /// </summary>
    /// <param name="trial">What is chosen; null takes the best completed trial.</param>
    /// <returns>The number of the confirmation.</returns>
    /// <exception cref="BadInputException">Runs are still to be done, nothing has completed, or a choice was confirmed before: test is evaluated once.</exception>
    public int Confirm(int? trial, int seeds)
    {
        if (State.Confirmation is { } before)
            throw new BadInputException($"The choice of this sweep was confirmed as trial {before.Number}. Test is evaluated once: a second choice would be made by it.");
        if (_study.Arms.Count > 0) throw new BadInputException("An ablation compares its arms and chooses nothing, so there is nothing to confirm.");
        if (State.Running.Count > 0 || State.Ready.Count > 0)
            throw new BadInputException($"{State.Running.Count + State.Ready.Count} runs are not done yet. Confirm when they are (repro resume), or cancel them (repro cancel SWEEP --trial N).");
        EndPaused();
        var chosen = trial is { } number ? Trial(number) : State.Best(_study.Objective) is { } best ? State.Trials[best] : throw new BadInputException("No trial has completed with a finite objective: there is nothing to choose.");
        if (chosen.State != RunState.Completed) throw new BadInputException($"Trial {chosen.Number} is {chosen.State}; a completed one can be confirmed.");
        if (State.Searched < State.Budget) Happened(new SweepExtended(State.Searched) { At = _now });
        var confirmation = Plan(chosen.Configuration, TrialOrigin.Confirmation, seeds);
        Happened(new Tagged(confirmation, SweepTags.Confirms, $"{chosen.Number}") { At = _now });
        if (State.Held) Happened(new SweepReleased { At = _now });
        return confirmation;
    }

    /// <summary>Takes note that a person was shown test scores.</summary>
    public void ReadTest(string by) => Happened(new TestRead(by) { At = _now });

    /// <summary>Sets how many trials the search may take in all.</summary>
    public void Extend(int trials)
    {
        RequireOpen();
        if (trials <= State.Budget) throw new BadInputException($"The sweep has a budget of {State.Budget} trials; it is extended to more, not to {trials}.");
        Happened(new SweepExtended(trials) { At = _now });
    }

    /// <summary>Gives out no run from now on; those that train go on.</summary>
    /// <param name="cancel">For good, and trials that wait are cancelled.</param>
    public void Hold(bool cancel)
    {
        if (State.Held && (!cancel || State.Cancelled)) return;
        Happened(new SweepHeld(cancel) { At = _now });
        if (!cancel) return;
        foreach (var trial in State.Trials.Where(trial => !trial.Done).ToList()) Happened(new TrialCancelled(trial.Number) { At = _now });
    }

    public void Release()
    {
        RequireGoing();
        if (State.Held) Happened(new SweepReleased { At = _now });
    }

    /// <exception cref="BadInputException">There is no such trial.</exception>
    public void CancelTrial(int trial)
    {
        if (!Trial(trial).Done) Happened(new TrialCancelled(trial) { At = _now });
    }

    /// <summary>Plans a trial's failed and cancelled runs again.</summary>
    /// <exception cref="BadInputException">There is no such trial, none of its runs failed or was cancelled, or the sweep has ended for good.</exception>
    public void RetryTrial(int trial)
    {
        if (!Trial(trial).Runs.Any(run => run.State is RunState.Failed or RunState.Cancelled))
            throw new BadInputException($"No run of trial {trial} failed or was cancelled; it is {State.Trials[trial].State}.");
        // The confirmation's own runs may fail too, and are the choice already.
        if (State.Confirmation?.Number == trial) RequireGoing();
        else RequireOpen();
        // Its test scores stand open, and what runs now is chosen by who may have seen them.
        if (TestSeal.ComparisonIsOver(State)) ReadTest("repro resume");
        Happened(new TrialRetried(trial) { At = _now });
    }

    /// <param name="trial">Null is the sweep.</param>
    /// <param name="value">Null takes the tag away.</param>
    public void Tag(int? trial, string tag, string? value)
    {
        if (trial is { } number) _ = Trial(number);
        Happened(new Tagged(trial, tag, value) { At = _now });
    }

    private void RequireGoing()
    {
        if (State.Cancelled) throw new BadInputException("The sweep was cancelled for good. Start another one: the same study under another --name.");
    }

    private void RequireOpen()
    {
        RequireGoing();
        if (State.Confirmation is { } confirmation)
            throw new BadInputException($"The choice of this sweep was confirmed as trial {confirmation.Number}, which reads test; searching on would choose by test. Start another sweep.");
    }

    private TrialStatus Trial(int trial) => trial >= 0 && trial < State.Trials.Count ? State.Trials[trial]
        : throw new BadInputException($"The sweep has no trial {trial}; it has {State.Trials.Count}, numbered from 0.");
}
