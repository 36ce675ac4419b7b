namespace Repro.Cli.Tests.Verbs;

public sealed class DataVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Data_sets_are_listed_with_what_is_missing()
    {
        Directory.CreateDirectory(At("fashion-mnist"));
        File.WriteAllText(At("fashion-mnist/train-images-idx3-ubyte"), "short");
        var sets = _cli.Bare("data", "list", "--data-dir", _cli.Runs, "--json").Last["data_sets"]!.AsArray().ToDictionary(s => (string)s!["name"]!);
        Assert.Null(sets["cifar-10"]!["folder"]);
        Assert.Equal(At("fashion-mnist"), (string)sets["fashion-mnist"]!["folder"]!);
        Assert.Equal(3, sets["fashion-mnist"]!["missing_files"]!.AsArray().Count);
    }

    [Fact]
    public void Where_no_data_set_is_here_verifying_ends_with_3()
    {
        var result = _cli.Bare("data", "verify", "--data-dir", _cli.Runs, "--json");
        Assert.Equal((3, "missing"), (result.Code, (string)result.Last["status"]!));
        Assert.Contains(_cli.Runs, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_that_is_asked_for_and_not_here_ends_with_3_and_how_to_get_it()
    {
        foreach (var verb in (string[])["verify", "inspect"])
        {
            var result = _cli.Bare("data", verb, "cifar-10", "--data-dir", _cli.Runs);
            Assert.Equal(3, result.Code);
            Assert.Contains("repro data fetch cifar-10", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_short_file_ends_with_2_and_its_name()
    {
        Directory.CreateDirectory(At("cifar-10-batches-bin"));
        foreach (var batch in (string[])["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"])
            File.WriteAllText(At($"cifar-10-batches-bin/{batch}.bin"), "short");
        var result = _cli.Bare("data", "verify", "cifar-10", "--data-dir", _cli.Runs);
        Assert.Equal(2, result.Code);
        Assert.Contains("data_batch_1.bin", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistyped_name_is_suggested()
    {
        var result = _cli.Bare("data", "fetch", "cifar10");
        Assert.Equal(2, result.Code);
        Assert.Contains("nearest first: cifar-10", result.Error, StringComparison.Ordinal);
    }

    private string At(string path) => Path.Combine(_cli.Runs, path);
}
