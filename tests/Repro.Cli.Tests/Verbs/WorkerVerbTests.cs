namespace Repro.Cli.Tests.Verbs;

public sealed class WorkerVerbTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_machine_names_the_file_of_a_damaged_data_set_and_how_it_is_mended_and_says_where_one_is_not()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_cli.Runs, "data", "cifar-10-batches-bin")).FullName;
        foreach (var name in (string[])["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"]) File.WriteAllText(Path.Combine(folder, name), "cut off");
        var result = _cli.Bare("worker", "--describe", "cifar-10", "fashion-mnist", "--data-dir", Path.Combine(_cli.Runs, "data"));
        Assert.Equal(0, result.Code);
        var machine = result.Last;
        Assert.Equal("build 1", (string)machine["engine"]!);
        Assert.Empty(machine["data"]!.AsObject());
        Assert.Equal(folder, (string)machine["data_folders"]!["cifar-10"]!);
        var damaged = (string)machine["data_faults"]!["cifar-10"]!;
        Assert.Contains("of the data set cifar-10 must hold", damaged, StringComparison.Ordinal);
        Assert.Contains(folder, damaged, StringComparison.Ordinal);
        Assert.Contains("repro data fetch cifar-10", damaged, StringComparison.Ordinal);
        Assert.Contains("The data set fashion-mnist is not on this machine", (string)machine["data_faults"]!["fashion-mnist"]!, StringComparison.Ordinal);
    }
}
