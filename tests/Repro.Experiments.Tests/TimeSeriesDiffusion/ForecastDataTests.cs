using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies;
using Repro.Training;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

public sealed class ForecastDataTests
{
    private static readonly ForecastOptions Small = new() { History = 4, Horizon = 3 };

    /// <summary>The window counts that the authors' loader gives on ETT, exchange rates and illness: all of them, and those that do not overlap.</summary>
    [Theory]
    [InlineData(0, 192, 8281, 2689, 8)]
    [InlineData(7588, 192, 4952, 1326, 4)]
    [InlineData(966, 36, 473, 158, 1)]
    public void Windows_are_as_many_as_in_the_released_evaluation(int rows, int horizon, int train, int sliding, int apart)
    {
        var division = rows == 0 ? SeriesDivision.Months(24) : SeriesDivision.Tenths(rows);
        using var data = Open(Series(rows == 0 ? 14_400 : rows, division), new ForecastOptions { History = 168, Horizon = horizon });
        Assert.Equal(train, data.Windows(Splits.Train, WindowSet.All).Length);
        Assert.Equal(sliding, data.Windows(Splits.Test, WindowSet.All).Length);
        var far = data.Windows(Splits.Test, WindowSet.NonOverlapping);
        Assert.Equal(apart, far.Length);
        Assert.Equal(division.Train + division.Validation, far[0]);
        for (var i = 1; i < far.Length; i++) Assert.Equal(168 + horizon, far[i] - far[i - 1]);
    }

    [Fact]
    public void Every_row_that_is_forecast_belongs_to_its_split()
    {
        using var data = Open(Series(60, new SeriesDivision(40, 10, 10)), Small);
        Assert.Equal(Enumerable.Range(4, 34), data.Windows(Splits.Train, WindowSet.All));
        Assert.Equal(Enumerable.Range(40, 8), data.Windows(Splits.Validation, WindowSet.All));
        Assert.Equal(Enumerable.Range(50, 8), data.Windows(Splits.Test, WindowSet.All));
    }

    [Theory]
    [InlineData(45, 1e300, "is 1e+300 at ")]
    [InlineData(95, -1e39, "is -1e+39 at ")]
    [InlineData(10, 1e200, "has training rows so large that their squares are no numbers")]
    public void What_cannot_be_computed_with_is_refused_before_anything_is_trained_wherever_it_stands(int row, double value, string said)
    {
        var refused = Assert.Throws<BadInputException>(() => Open(Series(100, new SeriesDivision(40, 30, 30), value: at => at == row * 2 ? value : Value(at)), Small).Dispose());
        Assert.Contains($"The column 'a' {said}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_small_the_unit_is_makes_no_column_a_constant()
    {
        using var data = Open(Series(100, new SeriesDivision(40, 30, 30), value: at => 1e-100 * Value(at)), Small);
        Assert.True(data.Deviations[0] > 0);
    }

    [Fact]
    public void A_subset_is_the_same_whatever_the_run_and_has_each_window_once_in_the_order_of_time()
    {
        var options = Small with { Subset = 5 };
        using var data = Open(Series(100, SeriesDivision.Tenths(100)), options);
        using var other = Open(Series(100, SeriesDivision.Tenths(100), value: i => i * i), options with { Model = ForecastModel.SeasonalNaive });
        var subset = data.Windows(Splits.Test, WindowSet.Subset);
        Assert.Equal(5, subset.Length);
        Assert.Equal(subset.Distinct().Order(), subset);
        Assert.Subset(data.Windows(Splits.Test, WindowSet.All).ToHashSet(), subset.ToHashSet());
        Assert.Equal(subset, other.Windows(Splits.Test, WindowSet.Subset));
        // No larger than there are windows.
        using var all = Open(Series(100, SeriesDivision.Tenths(100)), Small with { Subset = 1000 });
        Assert.Equal(all.Windows(Splits.Test, WindowSet.All), all.Windows(Splits.Test, WindowSet.Subset));
    }

    [Fact]
    public void A_window_has_the_rows_before_its_first_forecast_row_and_the_times_marks()
    {
        using var scope = NewDisposeScope();
        using var data = Open(Series(60, new SeriesDivision(40, 10, 10)), Small);
        var (input, future) = data.Take([4, 45]);
        Assert.Equal([2, 4, 2], input.History.shape);
        Assert.Equal([2, 3, 2], future.shape);
        Assert.Equal([2, 4, 4], input.HistoryMarks.shape);
        Assert.Equal([2, 3, 4], input.FutureMarks.shape);
        for (var row = 0; row < 7; row++)
        {
            for (var channel = 0; channel < 2; channel++)
            {
                var expected = (Value(((41 + row) * 2) + channel) - data.Means[channel]) / data.Deviations[channel];
                Assert.Equal(expected, (row < 4 ? input.History[1, row, channel] : future[1, row - 4, channel]).item<float>(), 1e-5);
            }
            var (marks, _) = TimeMarks.Of([Day(41 + row), Day(42 + row)]);
            for (var mark = 0; mark < 4; mark++) Assert.Equal(marks[mark], (row < 4 ? input.HistoryMarks[1, row, mark] : input.FutureMarks[1, row - 4, mark]).item<float>());
        }
    }

    [Fact]
    public void Training_rows_have_mean_0_and_variance_1_and_what_comes_later_changes_none_of_them()
    {
        using var scope = NewDisposeScope();
        var division = new SeriesDivision(40, 10, 10);
        using var data = Open(Series(60, division), Small);
        using var changed = Open(Series(60, division, value: i => i < 80 ? Value(i) : 1e6 + i), Small);
        Assert.Equal(data.Means, changed.Means);
        Assert.Equal(data.Deviations, changed.Deviations);
        int[] every = [4, 11, 18, 25, 32, 37];
        var (a, ahead) = data.Take(every);
        var (b, sameAhead) = changed.Take(every);
        Assert.True(a.History.equal(b.History).all().item<bool>() && ahead.equal(sameAhead).all().item<bool>());
        // The validation rows themselves do change, by the training rows' scale.
        Assert.False(data.Take([45]).Future.equal(changed.Take([45]).Future).any().item<bool>());
        double[] values = [.. Enumerable.Range(0, 40).Select(row => (Value(row * 2) - data.Means[0]) / data.Deviations[0])];
        Assert.Equal(0, values.Average(), 1e-12);
        Assert.Equal(1, values.Average(value => value * value), 1e-12);
    }

    [Fact]
    public void A_column_that_does_not_change_while_training_is_refused_by_name()
    {
        var refused = Assert.Throws<BadInputException>(() => Open(Series(60, new SeriesDivision(40, 10, 10), value: i => i % 2 == 1 && i < 80 ? 7.1 : i), Small));
        Assert.Contains("The column 'b' hardly differs from 7.1 in all 40 training rows", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 10, 10, "The train part of small has 6 rows, and a window takes 7 of it (history=4, horizon=3). Lower history or horizon, or")]
    [InlineData(40, 2, 10, "The validation part of small has 2 rows, and a window takes 3 of it (history=4, horizon=3). Lower horizon, or")]
    [InlineData(40, 10, 2, "The test part of small has 2 rows, and a window takes 3 of it")]
    public void A_series_too_short_for_a_window_is_refused_with_the_part_and_the_options(int train, int validation, int test, string said)
    {
        var division = new SeriesDivision(train, validation, test);
        var refused = Assert.Throws<BadInputException>(() => Open(Series(train + validation + test, division), Small));
        Assert.StartsWith(said, refused.Message, StringComparison.Ordinal);
        // A row more of that part is enough.
        using var enough = Open(Series(60, new SeriesDivision(Math.Max(7, train), Math.Max(3, validation), Math.Max(3, test))), Small);
        Assert.NotEmpty(enough.Windows(Splits.Test, WindowSet.NonOverlapping));
    }

    [Fact]
    public void Sealed_test_rows_are_in_no_window_that_can_be_taken()
    {
        using var scope = NewDisposeScope();
        using var data = new ForecastData(Series(60, new SeriesDivision(40, 10, 10)) with { TestIsSealed = true }, Small, CPU);
        Assert.Equal([2, 3, 2], data.Take([4, 47]).Future.shape);
        // The first two of these three rows are validation's, the last one is test's.
        Assert.Throws<SealedTestException>(() => data.Take([48]));
        Assert.Throws<SealedTestException>(() => data.Take([4, 57]));
    }

    [Fact]
    public void Test_rows_are_standardized_when_they_are_first_asked_for_and_the_others_stay_what_they_were()
    {
        using var scope = NewDisposeScope();
        using var data = Open(Series(60, new SeriesDivision(40, 10, 10)), Small);
        var before = data.Take([44]).Future;
        var test = data.Take([57]).Future;
        Assert.Equal((Value(119) - data.Means[1]) / data.Deviations[1], test[0, 2, 1].item<float>(), 1e-5);
        Assert.True(before.equal(data.Take([44]).Future).all().item<bool>());
    }

    private static ForecastData Open(SeriesDataset series, ForecastOptions options) => new(series, options, CPU);

    private static double Value(int i) => (3 * Math.Sin(0.7 * i)) + (0.01 * i);

    private static DateTime Day(int row) => new DateTime(2020, 1, 1).AddDays(row);

    /// <summary>Two channels of daily values.</summary>
    private static SeriesDataset Series(int rows, SeriesDivision division, Func<int, double>? value = null) => new(
        "small", "", new SeriesTable(["a", "b"], [.. Enumerable.Range(0, rows).Select(Day)], [.. Enumerable.Range(0, rows * 2).Select(value ?? Value)]), division, []);
}
