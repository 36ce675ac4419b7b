using Repro.Studies.Runs;
using Repro.Training.Datasets;
using Repro.Training.Killable;
using Repro.Training.Tests.Datasets;

namespace Repro.Training.Tests;

[Collection(EngineTests.Name)]
public sealed class SealedTestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sealed_run_is_scored_on_validation_alone_with_the_bits_of_an_open_one()
    {
        var (open, shut) = (new RecordingSink(), new RecordingSink());
        var whole = TinyRuns.Run(new TinyOptions(), open);
        var outcome = TinyRuns.Run(new TinyOptions(), shut, change: Seal);
        Assert.Equal(RunState.Completed, outcome.State);
        Assert.DoesNotContain(outcome.Scores.Keys, name => name.StartsWith("test", StringComparison.Ordinal));
        Assert.Equal(["validation"], shut.PredictionSets.Select(set => set.Split));
        Assert.Equal(["validation", "test"], open.PredictionSets.Select(set => set.Split));
        Assert.Equal(BitConverter.DoubleToInt64Bits(whole.Scores["validation_loss"]), BitConverter.DoubleToInt64Bits(outcome.Scores["validation_loss"]));
    }

    [Fact]
    public void A_curve_on_test_is_refused_before_the_first_step_while_test_is_sealed()
    {
        var sink = new RecordingSink();
        var error = Assert.Throws<SealedTestException>(() => TinyRuns.Run(new TinyOptions { TestCurve = true }, sink, change: Seal));
        Assert.Contains("while test is sealed", error.Message, StringComparison.Ordinal);
        Assert.Empty(sink.Metrics);
    }

    [Fact]
    public void The_images_of_a_sealed_test_split_cannot_be_read_and_the_data_keep_their_identity()
    {
        var entry = TinyData.CifarEntry();
        TinyData.Write(_folder.File("cifar-10-batches-bin"), TinyData.CifarFiles());
        var folders = new DataFolders([_folder.Path]);
        var (open, shut) = (entry with { Reader = at => TinyData.ReadCifar(at.Path) }, entry with { Reader = at => TinyData.ReadCifar(at.Path) });
        var dataset = shut.LoadImages(folders with { TestIsSealed = true });
        Assert.Contains("test split of cifar-10", Assert.Throws<SealedTestException>(() => dataset.Test).Message, StringComparison.Ordinal);
        Assert.True(dataset.Train.Count > 0);
        Assert.Equal(open.LoadImages(folders).Identity, dataset.Identity);
    }

    [Fact]
    public void A_run_that_keeps_every_checkpoint_removes_none()
    {
        var sink = new RecordingSink();
        TinyRuns.Run(new TinyOptions { Steps = 6 }, sink, _folder.Path, change: context => context with { KeepsEveryCheckpoint = true });
        Assert.Equal(6, sink.Checkpoints.Count);
        Assert.All(sink.CheckpointFiles, file => Assert.True(System.IO.File.Exists(file), file));
    }

    [Fact]
    public void Why_a_run_failed_is_told_apart()
    {
        Assert.Equal(RunFailure.NotFinite, TinyRuns.Run(new TinyOptions { NanInputAt = 3 }, new RecordingSink()).Why);
        var sink = new RecordingSink();
        // A folder in the place of the checkpoint's file.
        Directory.CreateDirectory(_folder.File("step-000000001.safetensors"));
        Assert.Equal(RunFailure.Storage, TinyRuns.Run(new TinyOptions(), sink, _folder.Path).Why);
    }

    private static RunContext Seal(RunContext context) => context with { TestIsSealed = true };
}
