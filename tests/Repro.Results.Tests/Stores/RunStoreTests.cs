using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;

namespace Repro.Results.Tests.Stores;

public sealed class RunStoreTests : IDisposable
{
    private static readonly Objective Objective = new("validation_error", ObjectiveDirection.Minimize);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_resumed_run_reads_as_a_sweep_of_one_run_with_both_attempts()
    {
        using var store = new RunStore(Resumed(), Objective);
        var state = Fold(store);
        var run = Assert.Single(Assert.Single(state.Trials).Runs);
        Assert.Equal((RunState.Completed, 2, ulong.MaxValue), (run.State, run.Attempt, run.Seed));
        Assert.Equal(21.5, run.Scores["validation_error"]);
        Assert.Equal([5L], run.Checkpoints.Select(checkpoint => checkpoint.Step));
        Assert.Equal([40.0, 21.5], store.Curves(store.Sweeps()[0], "validation_error").Select(point => point.Point.Value));
        var study = StudyFile.Read(state.Created!.Study, "the run", subjects: null);
        Assert.Equal(("net", "smoke", "20"), (study.Experiment, study.Profile, study.Fixed["depth"]));
    }

    [Fact]
    public void What_has_read_test_is_not_searched_in()
    {
        using var store = new RunStore(Resumed(), Objective);
        var state = Fold(store);
        Assert.Equal((0, 0, TrialOrigin.Confirmation), (state.Budget, state.Searched, state.Trials[0].Origin));
    }

    [Fact]
    public void A_run_goes_out_as_a_sweep_and_comes_into_a_store_with_every_value()
    {
        var record = Resumed();
        File.WriteAllText(Path.Combine(record.Folder, "predictions-test.safetensors"), "what it said");
        using var store = new RunStore(record, Objective);
        var copy = _folder.File("copy");
        SweepFolder.Export(store, record.Id, record.Folder, copy);
        using var other = new MemoryStore();
        var name = SweepFolder.Import(other, copy, "again", _ => _folder.File("records"));
        Assert.Equal(store.Read(record.Id).Select(SweepLog.Write), other.Read(name).Select(SweepLog.Write));
        Assert.Equal(record.Metrics, other.Metrics(name, RunStore.Key));
        var known = Results.Provenance.AttemptEnvironment.Read(_folder.File("records/0-0/attempt-2"));
        Assert.Equal((5L, "engine 1.0"), (known!.ResumedFrom, known.Environment.Engine));
        Assert.Equal("what it said", File.ReadAllText(_folder.File("records/0-0/attempt-2/predictions-test.safetensors")));
    }

    [Theory]
    [InlineData(RunState.Paused, RunState.Paused)]
    [InlineData(RunState.Failed, RunState.Failed)]
    public void A_run_that_is_not_done_stands_as_it_stands(RunState ended, RunState shown)
    {
        using var folder = RunFolder.Create(_folder.Path, Samples.Request());
        folder.StartAttempt(Samples.Environment(), null, "");
        folder.End(new RunEnding(ended, 3, new Dictionary<string, double>(), ended == RunState.Failed ? "loss is NaN" : null, null, 1));
        using var store = new RunStore(folder.Read(), Objective);
        Assert.Equal(shown, Fold(store).Trials[0].State);
    }

    [Fact]
    public void A_killed_run_can_be_tried_again()
    {
        string path;
        using (var folder = RunFolder.Create(_folder.Path, Samples.Request()))
        {
            folder.StartAttempt(Samples.Environment(), null, "");
            path = folder.Path;
        }
        using var store = new RunStore(RunFolderReader.Read(path), Objective);
        var run = Fold(store).Trials[0].Runs[0];
        Assert.Equal((true, FailureClass.Lost), (run.Ready, run.LastFailure));
    }

    [Fact]
    public void Nobody_decides_about_a_run_but_itself()
    {
        using var store = new RunStore(Resumed(), Objective);
        var refusal = Assert.Throws<BadInputException>(() => store.Decide(store.Sweeps()[0], 0, null, _ => SweepWrite.Nothing));
        Assert.Contains("./repro run net --resume net-smoke-", refusal.Message, StringComparison.Ordinal);
    }

    private static SweepState Fold(RunStore store)
    {
        var state = new SweepState();
        foreach (var happened in store.Read(store.Sweeps()[0])) state.Apply(happened);
        return state;
    }

    private RunRecord Resumed()
    {
        using var folder = RunFolder.Create(_folder.Path, Samples.Request());
        folder.StartAttempt(Samples.Environment(), null, "");
        folder.Metric(Samples.Point(5, 40, "validation_error"));
        Samples.Checkpoint(folder, 5);
        folder.StartAttempt(Samples.Environment(), 5, "");
        folder.Metric(Samples.Point(10, 21.5, "validation_error"));
        folder.Metric(Samples.Point(10, 0.7));
        folder.End(Samples.Completed(10, ("validation_error", 21.5), ("test_error", 22)));
        return folder.Read();
    }
}
