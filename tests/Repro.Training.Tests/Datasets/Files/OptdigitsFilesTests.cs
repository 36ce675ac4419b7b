using System.Text;
using Repro.Studies;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Files;

namespace Repro.Training.Tests.Datasets.Files;

public sealed class OptdigitsFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_record_is_an_image_of_17_levels_and_its_digit()
    {
        var dataset = Read(Record(3, 16) + Record(7, 0), Record(1, 5));
        Assert.Equal([(16, 3), (0, 7)], Ordered(dataset.Train));
        Assert.Equal(17, dataset.Shape.Levels);
        var white = Enumerable.Range(0, 2).Single(i => dataset.Train.Labels[i] == 3);
        Assert.Equal(255, dataset.Train.ToRgb(white).Pixels[2]);
    }

    [Fact]
    public void Comments_and_records_beyond_the_first_ones_make_no_difference() => Assert.Equal(
        Read(Record(3, 16) + Record(7, 0), Record(1, 5)).Identity,
        Read("# the last digit is the class code\n" + Record(3, 16) + "\r\n" + Record(7, 0) + Record(9, 9), "# here too\n" + Record(1, 5)).Identity);

    [Theory]
    [InlineData("1,2,3", "line 2 is '1,2,3'")]
    [InlineData("17", "must hold 64 counts from 0 to 16 and a digit")]
    [InlineData("", "must hold at least 2 records; it has 1")]
    public void A_line_that_is_no_record_is_named(string second, string complaint)
    {
        var line = second == "17" ? Record(3, 17) : second.Length > 0 ? second + "\n" : "";
        var error = Assert.Throws<BadInputException>(() => Read(Record(3, 16) + line, Record(1, 5)));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.Contains("optdigits.tra", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_real_test_digits_are_as_many_of_each_class_as_is_published()
    {
        var dataset = Assert.IsType<ImageDataset>(TinyData.RealData("optdigits"));
        Assert.NotEqual(DataVerdict.Different, DatasetVerification.Of(DatasetRegistry.Find("optdigits"), dataset).Verdict);
        // optdigits.names, "class distribution" of the test set.
        Assert.Equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180], dataset.Test.Labels.GroupBy(label => label).OrderBy(group => group.Key).Select(group => group.Count()));
    }

    private static IEnumerable<(int FirstPixel, int Label)> Ordered(ImageSplit split) =>
        Enumerable.Range(0, split.Count).Select(i => ((int)split.Image(i)[0], (int)split.Labels[i])).OrderBy(pair => pair.Item2);

    private static string Record(int digit, int level) => string.Join(',', Enumerable.Repeat(level, 64)) + $",{digit}\n";

    private ImageDataset Read(string train, string test)
    {
        TinyData.Write(_folder.Path, new Dictionary<string, byte[]> { ["optdigits.tra"] = Encoding.ASCII.GetBytes(train), ["optdigits.tes"] = Encoding.ASCII.GetBytes(test) });
        return OptdigitsFiles.Read(new DatasetFolder("optdigits", _folder.Path), train: 2, test: 1);
    }
}
