using Repro.Studies;
using Repro.Studies.Runs;
using Repro.Training.Checkpoints;
using Repro.Training.Checks;
using Repro.Training.Datasets;
using Repro.Training.Killable;
using Repro.Training.Tests.Datasets;

namespace Repro.Training.Tests;

[Collection(EngineTests.Name)]
public sealed class ResumeOnOtherDataTests : IDisposable
{
    private const string First = "data_batch_1.bin";

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_checkpoint_states_the_data_sets_that_its_run_read()
    {
        var sink = new RecordingSink();
        Run(Data("official", TinyData.CifarFiles()), sink);
        var stated = Checkpoint.Read(sink.CheckpointFiles[0]).Metadata;
        var dataset = TinyData.ReadCifar(_temporary.File("official"));
        Assert.Equal((dataset.Identity, dataset.FileOrderHash), (stated["data.cifar-10"], stated["data_order.cifar-10"]));
    }

    [Fact]
    public void A_run_on_records_that_are_not_the_official_ones_says_which_splits_differ()
    {
        var sink = new RecordingSink();
        Run(Data("swapped", TinyData.CifarFiles()), sink);
        var message = Assert.Single(sink.Messages);
        Assert.Contains(_temporary.File("swapped"), message);
        Assert.Contains("NOT the official data: the records of train and test differ", message);
    }

    [Fact]
    public void A_resume_on_other_records_is_refused_with_the_data_set_that_differs()
    {
        var sink = new RecordingSink();
        Run(Data("official", TinyData.CifarFiles()), sink);
        var files = TinyData.CifarFiles();
        files[First][1] ^= 1;
        var told = new List<Dataset>();
        var refused = Assert.Throws<OtherDataException>(() => Run(Data("other", files) with { Loaded = told.Add }, sink, sink.CheckpointFiles));
        Assert.Contains("the records of cifar-10 had the identity", refused.Message);
        Assert.Contains(_temporary.File("other"), refused.Message);
        Assert.Empty(told);
    }

    [Fact]
    public void A_resume_on_the_same_records_in_another_order_is_the_same_run()
    {
        var sink = new RecordingSink();
        Run(Data("official", TinyData.CifarFiles()), sink);
        var files = TinyData.CifarFiles();
        var record = files[First].Length / TinyData.RecordsPerFile;
        files[First] = [.. files[First][record..], .. files[First][..record]];
        var told = new List<Dataset>();
        Assert.Equal(RunState.Completed, Run(Data("other", files) with { Loaded = told.Add }, sink, sink.CheckpointFiles).State);
        Assert.All(sink.Messages, message => Assert.Contains("NOT the official data", message));
        Assert.Equal("cifar-10", Assert.Single(told).Name);
    }

    private DataFolders Data(string folder, Dictionary<string, byte[]> files)
    {
        TinyData.Write(_temporary.File(folder), files);
        return new DataFolders([_temporary.File(folder)]);
    }

    private RunOutcome Run(DataFolders data, RecordingSink sink, IReadOnlyList<string>? resumeFrom = null)
    {
        var context = new RunContext { Seed = 1, Folder = _temporary.File("run"), Threads = 1, Data = data };
        return Trainer.Run(new ReadingExperiment(), new TinyOptions { Steps = 4 }, context, sink, resumeFrom ?? [], default);
    }

    /// <summary>The tiny experiment, which reads a data set besides.</summary>
    private sealed class ReadingExperiment : Experiment
    {
        private readonly TinyExperiment _tiny = new();

        public override string Name => _tiny.Name;

        public override string Title => _tiny.Title;

        public override IReadOnlyList<Profile> Profiles => _tiny.Profiles;

        public override Type OptionsType => _tiny.OptionsType;

        public override string MainMetric => _tiny.MainMetric;

        public override IReadOnlyList<string> DataSets(object options) => ["cifar-10"];

        public override TrainingTask CreateTask(object options, RunContext context)
        {
            TinyData.CifarEntry().Load(context.Data);
            return _tiny.CreateTask(options, context);
        }

        public override Recipe CreateRecipe(object options, RunContext context) => _tiny.CreateRecipe(options, context);
    }
}
