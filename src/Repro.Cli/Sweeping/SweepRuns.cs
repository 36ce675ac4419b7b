using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Cli.Output;
using Repro.Cli.Verbs;
using Repro.Results;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Cli.Sweeping;

/// <summary>Runs of sweeps as run records, so that whatever works on a run works on them: <c>SWEEP/12-0</c>, or <c>SWEEP/12</c> for the first run of trial 12.</summary>
internal static partial class SweepRuns
{
    /// <summary>The record of the run that <paramref name="text"/> means, with nothing of test; null where it does not have the form, or a folder of that name has a run.</summary>
    /// <param name="store">As <c>--store</c> was given.</param>
    /// <param name="bring">Brings what other machines have of the run, before it is read.</param>
    /// <exception cref="BadInputException">There is no such sweep or run.</exception>
    public static RunRecord? Find(Surroundings surroundings, RunsFolder runs, string text, string? store, Action<StoredSweep, RunKey> bring)
    {
        if (Locate(runs, text, store) is not { } found) return null;
        var (sweep, key) = found;
        using var opened = sweep.Store;
        bring(sweep, key);
        return Record(surroundings, sweep, key, test: false);
    }

    /// <summary>The sweep, of a store or an export, and which of its runs <paramref name="text"/> means; null where it does not have the form, or a folder of that name has a run. The sweep's store is the caller's to dispose.</summary>
    /// <inheritdoc cref="Find" path="/param[@name='store']"/>
    /// <exception cref="BadInputException">There is no such sweep or run.</exception>
    public static (StoredSweep Sweep, RunKey Run)? Locate(RunsFolder runs, string text, string? store)
    {
        if (File.Exists(Path.Combine(text, "run.json")) || Form().Match(text) is not { Success: true } match) return null;
        var name = match.Groups["sweep"].Value;
        var export = SweepFolder.Find(name);
        // No sweep of a store has a slash in its name.
        if (export is null && name.Contains('/', StringComparison.Ordinal)) return null;
        var sweep = export is not null ? StoredSweep.OfExport(export) : Stored(runs, name, store);
        var key = new RunKey(int.Parse(match.Groups["trial"].Value, CultureInfo.InvariantCulture), match.Groups["index"].Success ? int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture) : 0);
        if (key.Trial < sweep.State.Trials.Count && key.Index < sweep.State.Trials[key.Trial].Runs.Count) return (sweep, key);
        sweep.Store.Dispose();
        throw new BadInputException($"The sweep {sweep.Name} has no run {key}; it has {sweep.State.Trials.Count} trials, numbered from 0.");
    }

    private static StoredSweep Stored(RunsFolder runs, string name, string? store)
    {
        var opened = SweepStores.Open(SweepStores.Address(store, runs));
        try
        {
            return StoredSweep.Find(opened, name, runs);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>A run of a sweep as a record.</summary>
    /// <param name="test">Keeps what it has of the test split, for somebody who asked and has had it counted with <see cref="StoredSweep.ReadTest"/>.</param>
    public static RunRecord Record(Surroundings surroundings, StoredSweep sweep, RunKey key, bool test) =>
        Record(ChosenExperiment.Find(surroundings, sweep.Study.Experiment), sweep, sweep.State.Trials[key.Trial], sweep.State[key], Starts(sweep), ArmsAreSealed(sweep), test);

    /// <summary>
    /// The records of all its runs, by trial; those of a search have no metrics, which would be most of what a large sweep has. Test scores are in them where they were shown before.
    /// </summary>
    public static IEnumerable<(TrialStatus Trial, RunStatus Run, RunRecord Record)> All(Surroundings surroundings, StoredSweep sweep)
    {
        var (experiment, starts, armsSealed, test) = (ChosenExperiment.Find(surroundings, sweep.Study.Experiment), Starts(sweep), ArmsAreSealed(sweep), TestSeal.WasOpened(sweep.State));
        foreach (var trial in sweep.State.Trials)
        {
            foreach (var run in trial.Runs)
            {
                var record = Record(experiment, sweep, trial, run, starts, armsSealed, test);
                yield return (trial, run, trial.IsSearched ? record with { Metrics = [] } : record);
            }
        }
    }

    private static ILookup<RunKey, RunStarted> Starts(StoredSweep sweep) => sweep.Store.Read(sweep.Name).OfType<RunStarted>().ToLookup(started => started.Run);

    // Goes over all of a sweep's arms: asked once a sweep, not once a run.
    private static bool ArmsAreSealed(StoredSweep sweep) => sweep.Study.ReadsTest && !TestSeal.ComparisonIsOver(sweep.State);

    private static RunRecord Record(Experiment experiment, StoredSweep sweep, TrialStatus trial, RunStatus run, ILookup<RunKey, RunStarted> starts, bool armsSealed, bool test)
    {
        var profile = ChosenExperiment.FindProfile(experiment, sweep.Study.Profile);
        var settings = sweep.Study.Fixed.Settings.Concat(trial.Configuration.Settings).ToList();
        var computed = run.Scores.Keys.Any(TestSeal.Covers);
        // The options of the study are the search's, which computes no test; the confirmation does, and a comparison that reads test: what they measured is what a run with these gives.
        if (computed && (trial.Origin == TrialOrigin.Confirmation ? test : test || !armsSealed)) settings = WithTest(experiment, profile.Options, settings);
        var options = OptionSchema.Values(OptionSchema.Apply(profile.Options, settings)).Select(option => KeyValuePair.Create(option.Key, OptionText.Write(option.Value))).ToList();
        var folder = Path.Combine(sweep.Folder, run.Key.ToString());
        var attempts = Attempts(sweep, run.Key, folder, starts);
        var metrics = sweep.Store.Metrics(sweep.Name, run.Key);
        var record = new RunRecord
        {
            Id = $"{sweep.Name}/{run.Key}", Experiment = sweep.Study.Experiment, Profile = sweep.Study.Profile, Options = options, Seed = run.Seed,
            Command = $"./repro run {sweep.Study.Experiment} --profile {sweep.Study.Profile}{string.Concat(settings.Select(s => $" --set {Words.Shell($"{s.Key}={s.Value}")}"))} --seed {run.Seed}"
                + (attempts.Count > 0 ? $" --threads {attempts[^1].Environment.Threads}" : ""),
            Created = attempts.Count > 0 ? attempts[0].Started : sweep.State.Created!.At, State = run.State, Attempts = attempts, Metrics = metrics, Scores = run.Scores,
            Failure = run.State is RunState.Failed or RunState.Pruned ? run.Message : null, FailureClass = run.State == RunState.Failed ? run.LastFailure : null, Trained = TimeSpan.FromSeconds(metrics.Select(point => point.Seconds).DefaultIfEmpty(0).Max()),
            Folder = folder, PredictionFolder = Path.Combine(folder, $"attempt-{run.Attempt}"),
        };
        // One that stopped while it evaluated may have samples of test, and no score yet.
        var sealedHere = trial.Origin == TrialOrigin.Confirmation || armsSealed;
        return test || !sealedHere || (run.State == RunState.Completed && !computed) ? record : record.Seal();
    }

    private static List<KeyValuePair<string, string>> WithTest(Experiment experiment, object profile, List<KeyValuePair<string, string>> settings)
    {
        var needed = experiment.ForTest(OptionSchema.Apply(profile, settings));
        return [.. settings.Where(setting => !needed.TryGet(setting.Key, out _)), .. needed.Settings];
    }

    // One whose folder is on another machine has left no environment here, and says nothing of its conditions.
    private static List<RunAttempt> Attempts(StoredSweep sweep, RunKey run, string folder, ILookup<RunKey, RunStarted> starts)
    {
        var checkpoints = sweep.State[run].Checkpoints.ToLookup(checkpoint => checkpoint.Attempt);
        var attempts = new List<RunAttempt>();
        foreach (var started in starts[run])
        {
            if (AttemptEnvironment.Read(Path.Combine(folder, $"attempt-{started.Attempt}")) is not { } known) continue;
            attempts.Add(new RunAttempt(
                started.Attempt, started.At, known.ResumedFrom, known.Differences.Count == 0, known.Environment,
                checkpoints[started.Attempt].Select(c => new RecordedCheckpoint(c.Step, Path.GetRelativePath(run.ToString(), c.File), c.Sha256, c.Bytes)).ToList())
            {
                Differences = known.Differences,
            });
        }
        return attempts;
    }

    [GeneratedRegex(@"^(?<sweep>.+)/(?<trial>[0-9]{1,9})(-(?<index>[0-9]{1,9}))?$")]
    private static partial Regex Form();
}
