using Repro.Cli.Running;
using Repro.Cli.Verbs;
using Repro.Results;
using Repro.Results.Provenance;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Workers.Protocol;

namespace Repro.Cli.Workers;

/// <summary>One attempt at a run of a sweep, in its worker: trains, and leaves in the attempt's folder under what conditions.</summary>
internal sealed class WorkerRun(Surroundings surroundings, TrainMessage order, ChosenExperiment chosen, Action<WorkerMessage> say)
{
    // The program is the same as long as the process lives.
    private static readonly Lazy<GitState> Sources = new(() => GitState.Of(ProgramRoot.Path));

    /// <returns>How it ended; everything before that has been said.</returns>
    public WorkerMessage Execute(CancellationToken stop)
    {
        var recorded = order.Checkpoints.Select(c => new RecordedCheckpoint(c.Step, c.File, c.Sha256, c.Bytes)).ToList();
        var first = RecordedCheckpoints.FirstWhole(recorded, text => say(new SentenceMessage(text)));
        var resumeFrom = recorded.Skip(first?.Index ?? recorded.Count).ToList();
        say(new StartedMessage(first?.Checkpoint.Step));
        if (recorded.Count > 0 && first is null) say(new SentenceMessage("No recorded checkpoint can be used: the run begins anew."));
        var environment = EnvironmentProbe.Capture(surroundings.Engine(), order.Device, order.Threads, Sources.Value);
        var conditions = new AttemptEnvironment(first?.Checkpoint.Step, Differences(environment, resumeFrom), environment);
        conditions.Write(order.Folder, Sources.Value.Diff);
        void Record(Func<RunEnvironment, RunEnvironment> known) => (conditions = conditions with { Environment = known(conditions.Environment) }).Write(order.Folder);
        if (conditions.Differences.Count > 0)
            say(new SentenceMessage($"Goes on under other conditions than the attempt that wrote its checkpoint ({string.Join(", ", conditions.Differences)}): the same bits as without interruption are not promised."));

        var sink = new WorkerSink(say, order.Folder, surroundings.Time);
        var context = new UsedData(data => Record(now => now with { DataSets = data })).Of(new RunContext
        {
            Seed = order.Seed,
            Device = order.Device,
            Threads = order.Threads,
            Folder = order.Folder,
            CheckpointEvery = TimeSpan.FromSeconds(order.CheckpointEvery),
            TestIsSealed = order.TestIsSealed,
            EvaluatesTest = !order.TestIsSealed,
            // The host removes them, when newer ones are recorded.
            KeepsEveryCheckpoint = true,
            Time = surroundings.Time,
            Data = DataFolders.FromEnvironment(order.DataFolder),
        });
        try
        {
            var outcome = surroundings.Train(chosen.Experiment, chosen.Options, context, sink, resumeFrom.ConvertAll(c => c.File), stop);
            Record(now => now with { PeakMemoryBytes = EnvironmentProbe.PeakMemoryBytes() });
            return outcome.State switch
            {
                RunState.Completed => new CompletedMessage(outcome.Step, outcome.Scores),
                RunState.Paused => new PausedMessage(outcome.Step),
                _ => WorkerFailures.Describe(outcome),
            };
        }
        finally
        {
            sink.Flush();
        }
    }

    // The checkpoint's own attempt, which may be several before this one, said under what conditions it was written.
    private static IReadOnlyList<string> Differences(RunEnvironment now, List<RecordedCheckpoint> resumeFrom) =>
        resumeFrom.Count > 0 && AttemptEnvironment.Read(Path.GetDirectoryName(resumeFrom[0].File)!) is { } before ? now.DifferencesFrom(before.Environment) : [];
}
