using Repro.Cli.Tests.Fakes;
using Repro.Results.Runs;
using Repro.Training.Datasets;

namespace Repro.Cli.Tests.Running;

/// <summary>What every verb does that asks a trained run.</summary>
public sealed class TrainedRunTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Folder => new RunsFolder(_cli.Runs).Find("last");

    private string Log => Path.Combine(Folder, "events.jsonl");

    [Theory]
    [InlineData("predict", "last", "--text", "abc")]
    [InlineData("sample", "last", "--text", "Once")]
    public void Data_of_another_identity_than_a_run_was_trained_on_are_refused_with_their_place(params string[] arguments)
    {
        var (recorded, other) = (Texts("/data/a", "one two"), Texts("/data/b", "two one"));
        var there = recorded;
        _cli.Change = parts => parts with
        {
            Experiments = () => [new FakeExperiment("net") { Asked = context => context.Data.Loaded?.Invoke(there) }],
            Train = (experiment, options, context, sink, resumeFrom, stop) =>
            {
                context.Data.Loaded?.Invoke(recorded);
                return FakeTraining.Run(experiment, options, context, sink, resumeFrom, stop);
            },
        };
        _cli.Run("run", "net");
        Assert.Equal((0, ""), Said(_cli.Run(arguments)));
        there = other;
        var result = _cli.Run(arguments);
        Assert.Equal(2, result.Code);
        Assert.Contains(
            $"was trained on other data: the records of ptb had the identity {recorded.Identity}; those in '/data/b' have {other.Identity}. Name the folder of the run's data with --data-dir.",
            result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("predict", "last", "--text", "abc")]
    [InlineData("sample", "last", "--text", "Once")]
    public void Checkpoints_that_newer_ones_replace_while_they_are_looked_for_are_listed_again(params string[] arguments)
    {
        _cli.Run("run", "net");
        var now = File.ReadAllText(Log);
        var oldest = RunFolderReader.Checkpoints(RunFolderReader.Read(Folder))[^1];
        // As the log was when the first checkpoint was written, which is there no more when it is to be read.
        File.WriteAllLines(Log, Until(File.ReadAllLines(Log), "\"checkpoint\""));
        File.Delete(oldest.File);
        var read = Log;
        _cli.Change = parts => parts with
        {
            Experiments = () =>
            {
                File.WriteAllText(read, now);
                return parts.Experiments();
            },
        };
        Assert.Equal((0, ""), Said(_cli.Run(arguments)));
    }

    [Theory]
    [InlineData("predict with", "predict", "last", "--text", "abc")]
    [InlineData("sample from", "sample", "last", "--text", "Once")]
    public void A_run_that_is_being_trained_has_no_checkpoint_yet_and_is_not_to_be_trained_again(string purpose, params string[] arguments)
    {
        _cli.Run("run", "net");
        using var trained = RunFolder.Open(Folder);
        File.WriteAllLines(Log, Until(File.ReadAllLines(Log), "\"checkpoint\"").SkipLast(1));
        var result = _cli.Run(arguments);
        Assert.Equal(2, result.Code);
        Assert.Contains($"is running and has no whole checkpoint to {purpose} yet", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Train it again", result.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Until(IReadOnlyList<string> lines, string first) =>
        lines.Take(lines.Index().First(line => line.Item.Contains(first, StringComparison.Ordinal)).Index + 1);

    private static (int, string) Said(CommandResult result) => (result.Code, result.Error);

    private static TextDataset Texts(string folder, string text) => new("ptb", folder, [new TextSplit("train", [("ptb.train.txt", text)])], []);
}
