using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Verbs;
using Repro.Cli.Workers;
using Repro.Results;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using Repro.Training.Datasets;

namespace Repro.Cli.Running;

/// <summary>Executes one attempt at a run: trains under the run's lock, ends its log with a word whatever happens, and draws its report.</summary>
internal sealed class RunExecution(Surroundings surroundings, CommandOutput output, RunPlaces places)
{
    /// <param name="folder">Of the run, held by us; disposed of here.</param>
    /// <param name="checkpoints">Recorded checkpoints that the attempt may go on from, newest first; empty begins anew.</param>
    /// <param name="isNew">The folder was made for this attempt, and goes again where the attempt cannot begin at all.</param>
    /// <param name="checks">What the recipe's checks found before; kept with the run.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Execute(
        RunFolder folder, ChosenExperiment chosen, RunContext context, IReadOnlyList<RecordedCheckpoint> checkpoints, bool isNew, bool report, IReadOnlyList<CheckResult>? checks = null)
    {
        RunFolderSink? sink = null;
        try
        {
            using var stop = new StopSignals(
                output, "Stopping after the step or batch that is under way. Ctrl-C again stops now.",
                () => Result(folder, "interrupted", null, new Dictionary<string, double>(), "Stopped at once by a second Ctrl-C.", ResumeCommand(folder, chosen)));
            var damaged = new List<string>();
            var first = RecordedCheckpoints.FirstWhole(checkpoints, damaged.Add);
            var resumeFrom = checkpoints.Skip(first?.Index ?? checkpoints.Count).ToList();
            var git = GitState.Of(ProgramRoot.Path);
            var environment = EnvironmentProbe.Capture(surroundings.Engine(), context.Device, context.Threads, git);
            var differences = folder.StartAttempt(environment, resumeFrom.Count > 0 ? resumeFrom[0].Step : null, git.Diff);
            context = new UsedData(folder.Data).Of(context with { Folder = folder.AttemptFolder });
            Announce(folder, chosen, resumeFrom, differences);
            if (context.Threads > Environment.ProcessorCount)
                output.Complain($"{context.Threads} threads share {Environment.ProcessorCount} processors: that is slower than as many threads as processors, often by far. --threads {Environment.ProcessorCount} would do.");
            Keep(folder, checks ?? []);

            IRunDisplay display = output.Interactive
                ? new LiveDisplay(output, surroundings.Time, $"{chosen.Experiment.Name} {chosen.Profile.Name}")
                : new PlainDisplay(output, surroundings.Time);
            sink = new RunFolderSink(folder, display, output, surroundings.Time);
            foreach (var message in damaged) sink.Message(message);
            if (first is { } whole) RecordedCheckpoints.Restore(whole.Checkpoint, folder, sink.Message);
            if (checkpoints.Count > 0 && resumeFrom.Count == 0) sink.Message("No recorded checkpoint is whole: the run begins anew.");
            var outcome = display.During(() =>
                surroundings.Train(chosen.Experiment, chosen.Options, context, sink, resumeFrom.Select(c => c.File).ToList(), stop.Token));
            End(folder, new RunEnding(outcome.State, outcome.Step, outcome.Scores, outcome.Failure, outcome.WaitingShare, EnvironmentProbe.PeakMemoryBytes()) { Class = outcome.State == RunState.Failed ? WorkerFailures.Describe(outcome).Class : null });
            return Conclude(folder, chosen, context, outcome, report);
        }
        catch (Exception error) when (error is BadInputException or MissingComponentException && isNew && !IsGone(folder) && sink is not { HasRecords: true })
        {
            // It never began: there is nothing to go on with, and the same command is asked again once the cause is mended.
            var path = folder.Path;
            folder.Dispose();
            Directory.Delete(path, recursive: true);
            throw;
        }
        catch (Exception error)
        {
            return Fail(folder, chosen, sink, error);
        }
        finally
        {
            folder.Dispose();
        }
    }

    private void Keep(RunFolder folder, IReadOnlyList<CheckResult> checks)
    {
        foreach (var check in checks)
            folder.Check(new RecordedCheck(check.Name, check.Question, check.Value, check.Expected, OptionText.Write(check.Verdict), check.Detail));
        if (checks.Count > 0) new RecipeChecking(surroundings, output).Draw(checks.SelectMany(check => check.Figures), folder.CheckFolder);
    }

    private void Announce(RunFolder folder, ChosenExperiment chosen, List<RecordedCheckpoint> resumeFrom, IReadOnlyList<string> differences)
    {
        output.Say($"Run {folder.Id}");
        output.Say($"  {chosen.Profile.Description}");
        output.Say($"  folder {folder.Path}");
        if (resumeFrom.Count > 0) output.Say($"  attempt {folder.Attempt} goes on from the checkpoint of step {resumeFrom[0].Step}");
        else if (folder.Attempt > 1) output.Say($"  attempt {folder.Attempt} begins anew: there is no whole checkpoint yet");
        if (differences.Count > 0) output.Say($"  under other conditions than the attempt that wrote it ({string.Join(", ", differences)}): the same bits as without interruption are not promised");
        output.Event("started", new JsonObject
        {
            ["run"] = folder.Id,
            ["folder"] = folder.Path,
            ["attempt"] = folder.Attempt,
            ["resumed_from"] = resumeFrom.Count > 0 ? resumeFrom[0].Step : null,
            ["differences"] = new JsonArray(differences.Select(d => (JsonNode)d).ToArray()),
        });
    }

    /// <summary>Writes the last word into the log. A run that failed because the disk is full says why on the screen, even where the disk refuses this line too.</summary>
    private static void End(RunFolder folder, RunEnding ending)
    {
        try
        {
            folder.End(ending);
        }
        catch (StorageException) when (ending.State == RunState.Failed)
        {
            // A log that ends without a word reads as a run that was killed: it can be resumed all the same.
        }
    }

    private int Conclude(RunFolder folder, ChosenExperiment chosen, RunContext context, RunOutcome outcome, bool report)
    {
        var resume = ResumeCommand(folder, chosen);
        var run = folder.Read();
        var reporting = new RunReporting(surroundings, output, places.Options);
        var (written, unwritten) = outcome.State != RunState.Paused && outcome.Why != RunFailure.Storage && report ? reporting.TryWrite(run, chosen, context) : (null, null);
        switch (outcome.State)
        {
            case RunState.Completed:
                foreach (var line in reporting.Summary(run, chosen)) output.Say(line);
                break;
            case RunState.Paused:
                output.Say($"Stopped at step {outcome.Step}, with a checkpoint. To go on: {resume}");
                break;
            default:
                output.Complain($"The run failed at step {outcome.Step}: {outcome.Failure}");
                break;
        }
        if (written is not null) output.Say($"Report:    {written.Html}");
        if (outcome.State == RunState.Completed)
        {
            // Nobody has images, or texts, of the generated kind; and a series is forecast by a run on it.
            if (chosen.Experiment.DataSets(chosen.Options) is [var data, ..] && !DatasetRegistry.Series.Contains(data))
                output.Say($"Predict:   ./repro predict {folder.Id} {(DatasetRegistry.Find(data).Shape.Size > 0 ? "IMAGE..." : "--text \"...\"")}{places.Options}");
            if (chosen.Experiment.SampleOptions(chosen.Options) is not null) output.Say($"Sample:    ./repro sample {folder.Id}{Example(chosen)}{places.Options}   (--help: what to sample, how, and how many)");
            output.Say($"Export it: ./repro report {folder.Id} --output DIR{places.Options}");
        }
        var result = Result(folder, Words.State(outcome.State), written?.Markdown, outcome.Scores, outcome.Failure, resume);
        if (unwritten is not null) result["report_failure"] = unwritten;
        output.Result(result);
        return outcome.State switch { RunState.Completed => ExitCode.Done, RunState.Paused => ExitCode.Cancelled, _ => ExitCode.Failed };
    }

    private int Fail(RunFolder folder, ChosenExperiment chosen, RunFolderSink? sink, Exception error)
    {
        if (IsGone(folder)) return FailWithoutFolder(folder, chosen);
        var sentence = Failures.Sentence(error);
        var kept = sink?.LastCheckpoint is { } last ? $"Kept: the run folder with its checkpoint of step {last.Step}." : "Kept: the run folder; there is no checkpoint of this attempt.";
        if (StorageException.IsNoRoom(error)) kept += $" Free space, for example with {CleanCommand(folder)}, then go on.";
        var failure = $"{sentence} {kept}";
        if (sink is not null)
            End(folder, new RunEnding(RunState.Failed, sink.LastCheckpoint?.Step ?? 0, new Dictionary<string, double>(), failure, null, EnvironmentProbe.PeakMemoryBytes()) { Class = WorkerFailures.Describe(error).Class });
        // What asked for more memory than there is does so again; what read other data than the run's does not go on with them.
        var resume = OutOfMemory.Sentence(error) is null ? ResumeCommand(folder, chosen, error is OtherDataException ? places with { Data = null } : places) : null;
        output.Complain(failure);
        if (resume is not null) output.Complain($"To go on: {resume}");
        if (Environment.GetEnvironmentVariable("REPRO_DEBUG") is { Length: > 0 } and not "0") output.Complain(error.ToString());
        output.Result(Result(folder, "failed", null, new Dictionary<string, double>(), failure, resume));
        return error is MissingComponentException ? ExitCode.Missing : error is BadInputException ? ExitCode.BadInput : ExitCode.Failed;
    }

    private static string CleanCommand(RunFolder folder)
    {
        var runs = Path.GetDirectoryName(folder.Path)!;
        return "./repro clean" + (runs == RunsFolder.FromEnvironment(null).Path ? "" : $" --runs {Words.Shell(runs)}");
    }

    /// <summary>Whether the run's folder was taken away beneath it. What is written into its open files then lies nowhere, or where we do not know.</summary>
    private static bool IsGone(RunFolder folder) => !File.Exists(Path.Combine(folder.Path, "run.json"));

    private int FailWithoutFolder(RunFolder folder, ChosenExperiment chosen)
    {
        var failure = $"The run folder {folder.Path} was moved or deleted while the run wrote into it: the run was ended.";
        output.Complain(failure);
        output.Complain($"If it was moved, put it back and go on: {ResumeCommand(folder, chosen)}");
        output.Result(Result(folder, "failed", null, new Dictionary<string, double>(), failure, resume: null));
        return ExitCode.Failed;
    }

    private static string Example(ChosenExperiment chosen) => chosen.Experiment.SampleExample(chosen.Options) is { Length: > 0 } arguments ? " " + arguments : "";

    private string ResumeCommand(RunFolder folder, ChosenExperiment chosen) => ResumeCommand(folder, chosen, places);

    private static string ResumeCommand(RunFolder folder, ChosenExperiment chosen, RunPlaces places) => $"./repro run {chosen.Experiment.Name} --resume {folder.Id}{places.Options}";

    private static JsonObject Result(RunFolder folder, string status, string? report, IReadOnlyDictionary<string, double> scores, string? failure, string? resume)
    {
        var metrics = new JsonObject();
        foreach (var (name, value) in scores) CommandOutput.Number(metrics, name, value);
        var json = new JsonObject { ["run"] = folder.Id, ["status"] = status, ["folder"] = folder.Path, ["report"] = report, ["metrics"] = metrics };
        if (failure is not null) json["failure"] = failure;
        if (status != "completed" && resume is not null) json["resume"] = resume;
        return json;
    }
}
