using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Reports.Comparison;
using Repro.Results;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;

namespace Repro.Cli.Comparing;

/// <summary>Reads what <c>repro compare</c> holds side by side, of runs and of sweeps.</summary>
internal sealed class ComparedSides(Surroundings surroundings, SiloRecords records)
{
    /// <param name="test">Keeps the test scores of a sweep's run; those of a run of its own are never sealed.</param>
    public ComparedRun Run(Subject subject, bool test)
    {
        var record = subject is { Sweep: { } sweep, Key: { } key } ? OfSweep(sweep, key, test) : RunFolderReader.Read(subject.RunFolder!);
        var conditions = record.Attempts.Select(attempt => Conditions(Path.Combine(record.Folder, $"attempt-{attempt.Number}"), attempt.Environment)).ToList();
        return new ComparedRun(record with { Metrics = [.. record.Metrics.Where(point => !MachineMeter.Names.Contains(point.Name))] }, conditions);

        RunRecord OfSweep(StoredSweep parent, Studies.Sweeps.RunKey run, bool shown)
        {
            records.Bring(parent, run);
            return SweepRuns.Record(surroundings, parent, run, shown);
        }
    }

    /// <param name="test">Keeps the test scores of its confirmation.</param>
    public ComparedSweep Sweep(StoredSweep sweep, bool test)
    {
        records.BringConditions(sweep, _ => true);
        return new ComparedSweep(sweep.Name, SweepSummary.Of(sweep.Name, sweep.State, sweep.Study, sweep.IsHosted).Status, sweep.Study, sweep.State)
        {
            Conditions = [.. Conditions(sweep)], ShowTest = test, ProfileOptions = ProfileOptions(sweep.Study.Experiment, sweep.Study.Profile),
            Metrics = run => [.. sweep.Store.Metrics(sweep.Name, run).Where(point => !MachineMeter.Names.Contains(point.Name) && (test || !TestSeal.Covers(point.Name)))],
        };
    }

    private static IEnumerable<AttemptConditions> Conditions(StoredSweep sweep)
    {
        foreach (var run in sweep.State.Trials.SelectMany(trial => trial.Runs))
        {
            for (var attempt = 1; attempt <= run.Attempt; attempt++)
            {
                var folder = AttemptRecords.FolderOf(sweep.Folder, run.Key, attempt);
                if (AttemptEnvironment.Read(folder) is { } known) yield return Conditions(folder, known.Environment);
            }
        }
    }

    private static AttemptConditions Conditions(string attemptFolder, RunEnvironment environment)
    {
        var diff = Path.Combine(attemptFolder, AttemptEnvironment.DiffName);
        return new AttemptConditions(environment, File.Exists(diff) ? File.ReadAllText(diff) : "");
    }

    // A sweep of an experiment or a profile that this build has not can be compared all the same.
    private Dictionary<string, string> ProfileOptions(string experiment, string profile)
    {
        try
        {
            return OptionSchema.Values(ChosenExperiment.FindProfile(ChosenExperiment.Find(surroundings, experiment), profile).Options).ToDictionary(option => option.Key, option => OptionText.Write(option.Value));
        }
        catch (BadInputException)
        {
            return [];
        }
    }
}
