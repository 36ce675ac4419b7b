using System.Text;
using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Files;

namespace Repro.Training.Tests.Datasets.Files;

public sealed class SeriesFilesTests : IDisposable
{
    private const string Text = "date,a\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-04,4\n2020-01-05,5\n2020-01-06,6\n2020-01-07,7\n2020-01-08,8\n2020-01-09,9\n2020-01-10,10\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void A_registered_series_is_divided_as_it_is_registered(string extension)
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["a.csv"] = Encoding.UTF8.GetBytes(Text) }, extension);
        var series = SeriesFiles.Read(new DatasetFolder("weather", _folder.Path), "a.csv", Text.Length, new SeriesDivision(5, 2, 1));
        Assert.Equal([("train", 5), ("validation", 2), ("test", 1)], series.Parts.Select(part => (part.Name, part.Records)));
        Assert.Equal(["a.csv"], series.Files.Select(file => file.Name));
    }

    [Theory]
    [InlineData("2020-01-10,10", "2020-01-10,1o", "row 11: 'a' is '1o', which is no finite number")]
    [InlineData("2020-01-10,10\n", "              ", "it has 9 rows of 10")]
    public void A_registered_file_that_is_another_one_is_refused_with_its_place_and_the_next_step(string before, string after, string said)
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["a.csv"] = Encoding.UTF8.GetBytes(Text.Replace(before, after, StringComparison.Ordinal)) });
        var refused = Assert.Throws<BadInputException>(() => SeriesFiles.Read(new DatasetFolder("weather", _folder.Path), "a.csv", Text.Length, new SeriesDivision(5, 2, 3)));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.At("a.csv"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("repro data fetch weather", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_whose_records_nobody_knows_is_known_by_its_checksum_alone()
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["a.csv"] = Encoding.UTF8.GetBytes(Text) });
        var folder = new DatasetFolder("weather", _folder.Path);
        SeriesDataset Read(string md5) => SeriesFiles.Read(folder, "a.csv", Text.Length, new SeriesDivision(5, 2, 1), md5);
        // md5sum's.
        const string Known = "f677397cf26dc32847b7d966bab64975";
        var series = Read(Known);
        Assert.Equal(Known, series.Files.Single().Md5);
        var refused = Assert.Throws<BadInputException>(() => Read(new string('0', 32)));
        Assert.Contains($"must have the published MD5 {new string('0', 32)}; it has {Known}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("repro data fetch weather", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_own_file_is_divided_in_tenths_and_the_run_is_told_of_it()
    {
        File.WriteAllText(_folder.At("my.csv"), Text);
        Dataset? told = null;
        var folders = new DataFolders([]) { Loaded = dataset => told = dataset, TestIsSealed = true };
        var series = SeriesFiles.ReadOwn(_folder.At("my.csv"), folders);
        Assert.Equal(new SeriesDivision(7, 1, 2), series.Division);
        Assert.Equal(("my.csv", _folder.Path), (series.Name, series.Folder));
        Assert.Equal(series.Identity, told!.Identity);
        Assert.Throws<SealedTestException>(() => { _ = series.Until(Splits.Test).Length; });
    }

    [Fact]
    public void An_own_file_that_is_not_there_or_no_text_is_refused_with_its_path()
    {
        var missing = Assert.Throws<BadInputException>(() => SeriesFiles.ReadOwn(_folder.At("none.csv"), new DataFolders([])));
        Assert.Contains(_folder.At("none.csv"), missing.Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.At("odd.csv"), [100, 0xff, 10]);
        var odd = Assert.Throws<BadInputException>(() => SeriesFiles.ReadOwn(_folder.At("odd.csv"), new DataFolders([])));
        Assert.Contains("no UTF-8 text. Save the table", odd.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_pipe_or_a_folder_is_no_series_and_nobody_waits_for_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only on Linux is a pipe told from a file.");
        Directory.CreateDirectory(_folder.At("a.csv"));
        Assert.Contains("is a folder, and no regular file", Assert.Throws<BadInputException>(() => SeriesFiles.ReadOwn(_folder.At("a.csv"), new DataFolders([]))).Message, StringComparison.Ordinal);
        using (var made = System.Diagnostics.Process.Start("mkfifo", _folder.At("b.csv"))) made.WaitForExit();
        Assert.Contains("is a pipe, and no regular file", Assert.Throws<BadInputException>(() => SeriesFiles.ReadOwn(_folder.At("b.csv"), new DataFolders([]))).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("etth1", 8640, "HUFL HULL MUFL MULL LUFL LULL OT")]
    [InlineData("exchange-rate", 5311, "0 1 2 3 4 5 6 OT")]
    [InlineData("illness", 676, null)]
    public void The_registered_series_of_this_machine_are_the_official_ones(string name, int train, string? channels)
    {
        var entry = DatasetRegistry.Find(name);
        var folders = DataFolders.FromEnvironment(null);
        Skip.If(entry.Find(folders) is null, $"{name} is in no data folder.");
        var series = entry.LoadSeries(folders);
        Assert.Equal(DataVerdict.SameData, DatasetVerification.Of(entry, series).Verdict);
        Assert.Equal(train, series.Division.Train);
        if (channels is not null) Assert.Equal(channels.Split(' '), series.Table.Channels);
        Assert.Contains("holds no texts", Assert.Throws<BadInputException>(() => entry.LoadTexts(folders)).Message, StringComparison.Ordinal);
    }
}
