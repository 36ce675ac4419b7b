using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>
/// A run of <c>repro run</c>, which lies in a folder of its own, as a sweep of one run: whatever shows or exports sweeps does so with runs too. Only read;
/// <c>repro run --resume</c> is what goes on with it.
/// </summary>
public sealed class RunStore : ISweepStore
{
    /// <summary>The one run of such a sweep.</summary>
    public static readonly RunKey Key = new(0, 0);

    private readonly RunRecord _run;
    private readonly List<SweepEvent> _events;

    /// <param name="objective">What its experiment is judged by on validation.</param>
    public RunStore(RunRecord run, Objective objective)
    {
        _run = run;
        _events = [.. Events(run, objective)];
    }

    /// <summary>Full path of the run's folder.</summary>
    public string Folder => _run.Folder;

    public string Description => $"the folder of the run, {_run.Folder}";

    public IReadOnlyList<string> Sweeps() => [_run.Id];

    public IReadOnlyList<SweepEvent> Read(string sweep, long after = 0) => sweep == _run.Id && after < _events.Count ? _events.GetRange((int)after, _events.Count - (int)after) : [];

    /// <exception cref="BadInputException">Always: nothing but the run itself writes its folder.</exception>
    public SweepWrite Decide(string sweep, long known, string? host, Func<IReadOnlyList<SweepEvent>, SweepWrite> decide) =>
        throw new BadInputException($"{_run.Id} is a run of its own, and only itself writes its folder: go on with it by ./repro run {_run.Experiment} --resume {_run.Id}. "
            + $"A copy in the store can be changed like any sweep: ./repro export {_run.Id} --output DIR, then ./repro import DIR --name NAME.");

    public void Renew(string sweep, string host, TimeSpan lease) => Decide(sweep, 0, host, _ => SweepWrite.Nothing);

    public void Leave(string sweep, string host)
    {
    }

    public IReadOnlySet<string> Alive(string sweep) => new HashSet<string>();

    public IReadOnlyList<MetricPoint> Metrics(string sweep, RunKey run) => run == Key ? _run.Metrics : [];

    public IEnumerable<(RunKey Run, MetricPoint Point)> Curves(string sweep, string metric) => _run.Metrics.Where(point => point.Name == metric).Select(point => (Key, point));

    public void Dispose()
    {
    }

    /// <summary>Writes under what conditions its attempts executed into an export of it, as <see cref="SweepFolder"/> has it of every sweep, and what the newest said of examples.</summary>
    public void ExportRecords(string folder)
    {
        foreach (var attempt in _run.Attempts)
        {
            var place = Path.Combine(folder, "runs", Key.ToString(), $"attempt-{attempt.Number}");
            Directory.CreateDirectory(place);
            var diff = Path.Combine(_run.Folder, $"attempt-{attempt.Number}", "dirty.diff");
            new AttemptEnvironment(attempt.ResumedFrom, attempt.Differences, attempt.Environment).Write(place, File.Exists(diff) ? File.ReadAllText(diff) : null);
            if (attempt != _run.Attempts[^1]) continue;
            foreach (var file in Directory.EnumerateFiles(_run.PredictionFolder).Where(EvidenceFile.Is)) File.Copy(file, Path.Combine(place, Path.GetFileName(file)), overwrite: true);
        }
    }

    private static IEnumerable<SweepEvent> Events(RunRecord run, Objective objective)
    {
        var study = new Study
        {
            Experiment = run.Experiment, Profile = run.Profile, Fixed = Configuration.Of(run.Options), Space = new SearchSpace([]), Objective = objective, Trials = 1,
            Notes = $"One run, made by: {run.Command}",
        };
        yield return new SweepCreated(study.Text, run.Seed, study.Trials) { At = run.Created };
        // A person chose the configuration, and the run reads test: nothing is searched in it, before or after.
        yield return new SweepExtended(0) { At = run.Created };
        yield return new TrialPlanned(Key.Trial, Configuration.Empty, [run.Seed], TrialOrigin.Confirmation) { At = run.Created };
        for (var i = 0; i < run.Attempts.Count; i++)
        {
            var attempt = run.Attempts[i];
            yield return new RunStarted(Key, attempt.Number, "", attempt.Environment.Device, attempt.ResumedFrom) { At = attempt.Started };
            foreach (var checkpoint in attempt.Checkpoints)
                yield return new CheckpointRecorded(Key, attempt.Number, checkpoint.Step, $"{Key}/{checkpoint.File}", checkpoint.Sha256, checkpoint.Bytes) { At = attempt.Started };
            if (i < run.Attempts.Count - 1)
                yield return new RunFailed(Key, attempt.Number, FailureClass.Lost, "It ended before it was done.", Again: true) { At = run.Attempts[i + 1].Started };
        }
        if (run.Attempts.Count == 0) yield break;
        var (last, step) = (run.Attempts[^1], run.Metrics.Count > 0 ? run.Metrics[^1].Step : 0);
        // Its log has no hour for its end.
        var ended = last.Started;
        if (run.State == RunState.Completed) yield return new RunCompleted(Key, last.Number, step, run.Scores) { At = ended };
        else if (run.State == RunState.Paused) yield return new RunPaused(Key, last.Number, step, PauseReason.HostStops) { At = ended };
        else if (run.State == RunState.Failed) yield return new RunFailed(Key, last.Number, run.FailureClass ?? FailureClass.Bug, run.Failure ?? "It was not said why.", run.Interrupted) { At = ended };
        else if (run.State != RunState.Running) yield return new TrialCancelled(Key.Trial) { At = ended };
    }
}
