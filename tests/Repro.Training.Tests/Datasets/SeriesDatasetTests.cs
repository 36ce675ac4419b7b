using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets;

public sealed class SeriesDatasetTests
{
    [Fact]
    public void Hourly_ETT_is_divided_into_months_of_thirty_days()
    {
        var division = SeriesDivision.Months(24);
        Assert.Equal((0, 8640), division[Splits.Train]);
        Assert.Equal((8640, 2880), division[Splits.Validation]);
        Assert.Equal((11_520, 2880), division[Splits.Test]);
    }

    [Theory]
    [InlineData(7588, 5311, 760, 1517)]
    [InlineData(966, 676, 97, 193)]
    [InlineData(10, 7, 1, 2)]
    public void Other_series_are_divided_into_seven_tenths_one_and_two(int rows, int train, int validation, int test)
    {
        var division = SeriesDivision.Tenths(rows);
        Assert.Equal(new SeriesDivision(train, validation, test), division);
        Assert.Equal(rows, division[Splits.Test].First + division[Splits.Test].Count);
    }

    [Fact]
    public void There_is_no_other_split() => Assert.Throws<ArgumentOutOfRangeException>(() => SeriesDivision.Tenths(10)["later"]);

    [Fact]
    public void Rows_up_to_the_end_of_a_split_are_those_of_the_splits_before_it_too()
    {
        var series = Series();
        Assert.Equal([0, 1, 2, 3, 4, 5], series.Until(Splits.Train).ToArray());
        Assert.Equal(8, series.Until(Splits.Validation).Length);
        // What the division leaves over is not used.
        Assert.Equal(12, series.Until(Splits.Test).Length);
    }

    [Fact]
    public void Sealed_test_rows_cannot_be_had_and_their_identity_is_known_all_the_same()
    {
        var shut = Series() with { TestIsSealed = true };
        Assert.Throws<SealedTestException>(() => { _ = shut.Until(Splits.Test).Length; });
        Assert.Equal(8, shut.Until(Splits.Validation).Length);
        Assert.Equal(Series().Identity, shut.Identity);
        Assert.Equal([(Splits.Train, 3), (Splits.Validation, 1), (Splits.Test, 2)], shut.Parts.Select(part => (part.Name, part.Records)));
    }

    [Fact]
    public void The_identity_is_that_of_the_rows_that_are_used()
    {
        Assert.NotEqual(Series().Identity, Series(changed: 11).Identity);
        Assert.Equal(Series().Identity, Series(changed: 12).Identity);
        Assert.NotEqual(Series().Identity, (Series() with { Division = new(3, 2, 1) }).Identity);
    }

    /// <summary>Seven rows of two channels, of which six are divided.</summary>
    /// <param name="changed">Which of the values is another one.</param>
    private static SeriesDataset Series(int changed = -1)
    {
        double[] values = [.. Enumerable.Range(0, 14).Select(i => i == changed ? -1.0 : i)];
        return new SeriesDataset("small", "", new SeriesTable(["a", "b"], [.. Enumerable.Range(1, 7).Select(day => new DateTime(2020, 1, day))], values), new SeriesDivision(3, 1, 2), []);
    }
}
