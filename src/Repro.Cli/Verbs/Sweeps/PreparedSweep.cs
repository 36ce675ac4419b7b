using Repro.Cli.Sweeping;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary>A study that is ready to be swept: everything that can be known to be wrong with it has been looked at.</summary>
/// <param name="Seed">Of the sweep: suggestions and the runs' seeds derive from it.</param>
/// <param name="Slots">Runs at a time.</param>
/// <param name="Paper">What trial 0 sets; null in an ablation, which begins with its baseline.</param>
/// <param name="Speed">What the plan's time is estimated from; null where nothing was measured.</param>
internal sealed record PreparedSweep(FoundStudy Found, ulong Seed, int Slots, Configuration? Paper, MeasuredSpeed? Speed, SweepPlan Plan)
{
    private const int Looked = 20;

    public Study Study => Found.Study;

    /// <summary>What a person should know before starting; empty where nothing is doubtful.</summary>
    public IReadOnlyList<string> Warnings() => Found.LeftOut == 0 || Study.ReadsTest ? Plan.Warnings()
        : [.. Plan.Warnings(), $"Holm's correction counts the {Study.Arms.Count} chosen {(Study.Arms.Count == 1 ? "arm" : "arms")} alone: parts of one ablation, tested one after another, find a difference that is none more often than the whole."];

    /// <exception cref="BadInputException">The sampler, the pruner or a configuration cannot be.</exception>
    public static PreparedSweep Of(FoundStudy found, ulong seed, int slots, MeasuredSpeed? speed)
    {
        var (experiment, study) = (found.Experiment, found.Study);
        var paper = study.Arms.Count > 0 ? null : experiment.Subject.PaperIn(study.Space);
        var profile = ChosenExperiment.FindProfile(experiment, study.Profile).Options;
        var plan = new SweepPlan(study, seed, paper, StudyChange.StepsOf(experiment, study), speed?.SecondsPerStep, slots, StepsOf);
        foreach (var trial in plan.First(Looked))
        {
            var options = OptionSchema.Apply(profile, study.Fixed.Settings.Concat(trial.Configuration.Settings));
            var name = $"Trial {trial.Number} ({(trial.Configuration.Count == 0 ? trial.Arm ?? "the profile's own setting" : trial.Configuration)})";
            if (experiment.ForSearch(options) is { Count: > 0 } needed)
                throw new BadInputException($"{name} would compute test metrics or have nothing to validate on. What is chosen by test could not be judged by it any more: leave these options alone, or set {needed}.");
            if (experiment.Complaint(options) is not { } complaint) continue;
            throw new BadInputException($"{name} contradicts itself: {complaint}"
                + (study.Space.Constraints.Count > 0 || trial.Origin != TrialOrigin.Sampler ? "" : " A study's file may rule that out under its key 'constraints'."));
        }
        return new PreparedSweep(found, seed, slots, paper, speed, plan);

        long? StepsOf(Configuration trial) => experiment.Steps(OptionSchema.Apply(profile, study.Fixed.Settings.Concat(trial.Settings)));
    }
}

/// <summary>How fast a run of the same setting was on this machine.</summary>
/// <param name="Run">Its id.</param>
internal sealed record MeasuredSpeed(string Run, double SecondsPerStep)
{
    /// <summary>
    /// Of the newest completed run whose options are the study's, whatever it had for those that the study varies: one of a sweep, which had a slot as these will
    /// have, or else a single run; null where there is none.
    /// </summary>
    /// <param name="store">The sweeps' address; see <see cref="SweepStores.Address"/>.</param>
    public static MeasuredSpeed? Of(RunsFolder runs, string store, FoundStudy found)
    {
        var (study, profile) = (found.Study, ChosenExperiment.FindProfile(found.Experiment, found.Study.Profile).Options);
        var free = study.Space.Parameters.Select(p => p.Name).Concat(study.Arms.SelectMany(arm => arm.Changes.Settings).Select(s => s.Key)).ToHashSet();
        var wanted = OptionSchema.Values(OptionSchema.Apply(profile, study.Fixed.Settings)).Where(o => !free.Contains(o.Key)).Select(o => (o.Key, OptionText.Write(o.Value))).ToHashSet();
        if (OfSweeps(runs, store, found, wanted) is { } known) return known;
        var run = runs.Newest(
            study.Experiment,
            run => run.State == RunState.Completed && Steps(run) > 0 && run.Trained > TimeSpan.Zero && wanted.IsSubsetOf(run.Options.Select(o => (o.Key, o.Value))),
            // A run that cannot be read has measured nothing.
            _ => { });
        return run is null ? null : new MeasuredSpeed(run.Id, run.Trained.TotalSeconds / Steps(run));
    }

    private static MeasuredSpeed? OfSweeps(RunsFolder runs, string store, FoundStudy found, HashSet<(string, string)> wanted)
    {
        if (!SweepStores.IsThere(store)) return null;
        try
        {
            using var opened = SweepStores.Open(store);
            return StoredSweep.All(opened, runs, (_, _) => { }, newestFirst: true).Select(sweep => OfSweep(sweep, found, wanted)).FirstOrDefault(speed => speed is not null);
        }
        catch (Exception e) when (e is StorageException or BadInputException)
        {
            // A store that cannot be read, and a sweep of another version, have measured nothing; whoever works on them hears of it.
            return null;
        }
    }

    private static MeasuredSpeed? OfSweep(StoredSweep sweep, FoundStudy found, HashSet<(string, string)> wanted)
    {
        if (sweep.Study.Experiment != found.Study.Experiment || found.Experiment.Profiles.FirstOrDefault(p => p.Name == sweep.Study.Profile) is not { } profile) return null;
        foreach (var trial in sweep.State.Trials.Reverse().Where(trial => trial.State == RunState.Completed))
        {
            var options = OptionSchema.Values(OptionSchema.Apply(profile.Options, sweep.Study.Fixed.Settings.Concat(trial.Configuration.Settings)));
            if (!wanted.IsSubsetOf(options.Select(o => (o.Key, OptionText.Write(o.Value))))) continue;
            var run = trial.Runs[^1].Key;
            if (sweep.Store.Metrics(sweep.Name, run) is { Count: > 0 } metrics && metrics[^1] is { Step: > 0, Seconds: > 0 } last) return new MeasuredSpeed($"{sweep.Name}/{run}", last.Seconds / last.Step);
        }
        return null;
    }

    private static long Steps(RunRecord run) => run.Metrics.Count > 0 ? run.Metrics[^1].Step : 0;
}
