using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training.Checkpoints;

namespace Repro.Cli.Running;

/// <summary>A stored run with its newest whole checkpoint, to be asked something.</summary>
/// <param name="Step">Of the checkpoint.</param>
internal sealed record TrainedRun(RunRecord Run, ChosenExperiment Chosen, Checkpoint Checkpoint, long Step)
{
    /// <summary>The record of a run, here or in a sweep's store, with its checkpoint brought along where others keep it.</summary>
    public static RunRecord Find(Surroundings surroundings, RunsFolder runs, string run, string? store, SiloRecords records) =>
        SweepRuns.Find(surroundings, runs, run, store, reader: null, (sweep, key) =>
        {
            records.Bring(sweep, key);
            records.BringCheckpoint(sweep, key);
        }) ?? RunFolderReader.Read(runs.Find(run));

    /// <summary>Loads it; says so where the run is not finished.</summary>
    /// <param name="purpose">Continues "no whole checkpoint to": <c>predict with</c>.</param>
    /// <exception cref="BadInputException">There is no whole checkpoint.</exception>
    public static TrainedRun Load(Surroundings surroundings, CommandOutput output, RunRecord run, string purpose)
    {
        var chosen = RunVerb.AsRecorded(ChosenExperiment.Find(surroundings, run.Experiment), run);
        var recorded = RunFolderReader.Checkpoints(run);
        var (checkpoint, newest) = RecordedCheckpoints.FirstWhole(recorded, output.Complain)
            ?? throw new BadInputException($"The run {run.Id} has no whole checkpoint to {purpose}. Train it again: {run.Command}");
        var step = recorded[newest].Step;
        if (run.State != RunState.Completed) output.Complain($"The run {run.Id} is {run.StateWord}: this is its checkpoint of step {step}, not a finished model.");
        return new TrainedRun(run, chosen, checkpoint, step);
    }
}
