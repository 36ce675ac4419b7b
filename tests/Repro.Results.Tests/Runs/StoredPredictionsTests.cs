using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Tests.Runs;

public sealed class StoredPredictionsTests : IDisposable
{
    private readonly TemporaryFolder _runs = new();
    private readonly RunFolder _folder;

    public StoredPredictionsTests() => _folder = RunFolder.Create(_runs.Path, Samples.Request());

    public void Dispose()
    {
        _folder.Dispose();
        _runs.Dispose();
    }

    [Fact]
    public void Predictions_are_read_back_to_half_precision()
    {
        var written = new StoredPredictions("test", 640, [5, 3, 70_000], [0, 1, 2], ["cat", "dog", "a \"ship\""], [-0.1f, -2.5f, -7.25f, -1e-4f, -9.3f, -12, 0, float.NegativeInfinity, -30]);
        StoredPredictions.Write(_folder, written);
        var read = StoredPredictions.Read(_folder.Path, "test");
        Assert.Equal((written.Split, written.Step), (read.Split, read.Step));
        Assert.Equal(written.Examples, read.Examples);
        Assert.Equal(written.Labels, read.Labels);
        Assert.Equal(written.Classes, read.Classes);
        for (var i = 0; i < written.LogProbabilities.Length; i++)
            Assert.Equal(written.LogProbabilities[i], read.LogProbabilities[i], Math.Abs(written.LogProbabilities[i]) / 2048 is var t && float.IsFinite(t) ? t + 1e-7 : 0);
    }

    [Fact]
    public void Ten_thousand_examples_of_ten_classes_take_less_than_300_kilobytes()
    {
        StoredPredictions.Write(_folder, new StoredPredictions("test", 1, new int[10_000], new int[10_000], Enumerable.Range(0, 10).Select(c => $"class {c}").ToList(), new float[100_000]));
        Assert.InRange(new FileInfo(StoredPredictions.FileOf(_folder.Path, "test")).Length, 200_000, 300_000);
    }

    [Fact]
    public void A_split_without_predictions_lists_those_that_have_some()
    {
        StoredPredictions.Write(_folder, new StoredPredictions("validation", 1, [0], [0], ["a"], [0]));
        Assert.Contains("It has: validation", Assert.Throws<BadInputException>(() => StoredPredictions.Read(_folder.Path, "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        StoredPredictions.Write(_folder, new StoredPredictions("test", 1, [0], [0], ["a"], [0]));
        var file = StoredPredictions.FileOf(_folder.Path, "test");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^3]);
        Assert.Throws<BadInputException>(() => StoredPredictions.Read(_folder.Path, "test"));
    }

    [Fact]
    public void Lengths_that_do_not_go_together_are_refused() =>
        Assert.Throws<ArgumentException>(() => StoredPredictions.Write(_folder, new StoredPredictions("test", 1, [0, 1], [0, 1], ["a", "b"], [0, 0, 0])));

    [Fact]
    public void The_error_counts_wrong_first_places_and_leaves_ties_open()
    {
        // Right; wrong; equal to another class in half precision.
        StoredPredictions.Write(_folder, new StoredPredictions("test", 1, [0, 1, 2, 3], [0, 0, 0, 1], ["a", "b"], [-0.1f, -3, -3, -0.1f, -0.7f, -0.70001f, -3, -0.1f]));
        Assert.Equal((25.0, 50.0), StoredPredictions.Read(_folder.Path, "test").Error());
    }

    [Theory]
    [InlineData(2, 0f, "a label is outside its 2 classes")]
    [InlineData(-1, 0f, "a label is outside its 2 classes")]
    [InlineData(1, float.NaN, "is not a number")]
    public void Predictions_that_contradict_themselves_are_refused(int label, float value, string complaint)
    {
        StoredPredictions.Write(_folder, new StoredPredictions("test", 1, [0], [label], ["a", "b"], [value, -1]));
        Assert.Contains(complaint, Assert.Throws<BadInputException>(() => StoredPredictions.Read(_folder.Path, "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predictions_of_one_split_are_not_taken_for_those_of_another()
    {
        StoredPredictions.Write(_folder, new StoredPredictions("validation", 1, [0], [0], ["a"], [0]));
        File.Move(StoredPredictions.FileOf(_folder.Path, "validation"), StoredPredictions.FileOf(_folder.Path, "test"));
        Assert.Contains("holds predictions of the split 'validation'", Assert.Throws<BadInputException>(() => StoredPredictions.Read(_folder.Path, "test")).Message, StringComparison.Ordinal);
    }
}
