using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Reports.Comparison;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Training;
using Repro.Training.Checkpoints;

namespace Repro.Cli.Running;

/// <summary>A stored run with its newest whole checkpoint, to be asked something.</summary>
/// <param name="Step">Of the checkpoint.</param>
internal sealed record TrainedRun(RunRecord Run, ChosenExperiment Chosen, Checkpoint Checkpoint, long Step)
{
    private const int MostTries = 5;

    /// <summary>The record of a run, here or in a sweep's store, with its checkpoint brought along where others keep it.</summary>
    /// <param name="experiment">Whose last run <c>last</c> means; null: the last of all.</param>
    public static RunRecord Find(Surroundings surroundings, RunsFolder runs, string run, string? store, SiloRecords records, string? experiment = null) =>
        SweepRuns.Find(surroundings, runs, run, store, (sweep, key) =>
        {
            records.Bring(sweep, key);
            records.BringCheckpoint(sweep, key);
        }) ?? RunFolderReader.Read(runs.Find(run, experiment));

    /// <summary>Loads it; says so where the run is not finished.</summary>
    /// <param name="purpose">Continues "no whole checkpoint to": <c>predict with</c>.</param>
    /// <param name="named">The run as a command names it, with the options that find it.</param>
    /// <param name="again">Reads the record once more, of a run of a sweep.</param>
    /// <exception cref="BadInputException">There is no whole checkpoint.</exception>
    public static TrainedRun Load(Surroundings surroundings, CommandOutput output, RunRecord run, string purpose, Func<RunRecord> again, string named)
    {
        var chosen = RunVerb.AsRecorded(ChosenExperiment.Find(surroundings, run.Experiment), run);
        var recorded = RunFolderReader.Checkpoints(run);
        var damages = new List<string>();
        var whole = RecordedCheckpoints.FirstWhole(recorded, damages.Add);
        // One that is being trained removes checkpoints that newer ones follow, perhaps just now: then others are there than were listed.
        for (var tries = 1; whole is null && tries < MostTries; tries++)
        {
            run = RunFolderReader.IsRun(run.Folder) ? RunFolderReader.Read(run.Folder) : again();
            var now = RunFolderReader.Checkpoints(run);
            if (now.SequenceEqual(recorded)) break;
            recorded = now;
            damages.Clear();
            whole = RecordedCheckpoints.FirstWhole(recorded, damages.Add);
        }
        damages.ForEach(output.Complain);
        // The same again diverges again.
        if (whole is null && run.State == RunState.Failed && (run.FailureClass ?? FailureWords.From(run.Failure ?? "")) == FailureClass.NotFinite)
            throw new BadInputException($"The run {run.Id} diverged, and has no whole checkpoint to {purpose}. What happened, and what may help: ./repro why {named}");
        var (checkpoint, newest) = whole ?? throw new BadInputException(run.State == RunState.Running
            ? $"The run {run.Id} is running and has no whole checkpoint to {purpose} yet. Ask again when it has written one."
            : $"The run {run.Id} has no whole checkpoint to {purpose}. Train it again: {run.Command}");
        var step = recorded[newest].Step;
        if (run.State != RunState.Completed) output.Complain($"The run {run.Id} is {run.StateWord}: this is its checkpoint of step {step}, not a finished model.");
        return new TrainedRun(run, chosen, checkpoint, step);
    }

    /// <summary>
    /// The same context for whoever asks it: reading a data set of another identity than the run was trained on throws <see cref="OtherDataException"/>. Words
    /// are numbered as they stand in the data, so with others each parameter would be taken for another word's.
    /// </summary>
    public RunContext On(RunContext context) => context with
    {
        Data = context.Data with
        {
            Loaded = dataset =>
            {
                if (Identity(dataset.Name) is { } before && before != dataset.Identity)
                {
                    throw new OtherDataException(
                        $"The run {Run.Id} was trained on other data: the records of {dataset.Name} had the identity {before}; those in '{dataset.Folder}' have {dataset.Identity}. " +
                        "Name the folder of the run's data with --data-dir.");
                }
                context.Data.Loaded?.Invoke(dataset);
            },
        },
    };

    // As the checkpoint states it, and where it states none, as an attempt recorded it: one that was killed early has read nothing.
    private string? Identity(string dataset) => Checkpoint.Metadata.GetValueOrDefault("data." + dataset)
        ?? Run.Attempts.Reverse().SelectMany(attempt => attempt.Environment.DataSets).FirstOrDefault(used => used.Name == dataset)?.Identity;
}
