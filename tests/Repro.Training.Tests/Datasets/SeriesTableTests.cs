using Repro.Studies;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Datasets;

public sealed class SeriesTableTests
{
    [Fact]
    public void A_table_has_its_channels_times_and_values_as_they_stand_in_the_file()
    {
        var table = SeriesTable.Parse("\ufeffdate,\"load, high\",OT\n2016-07-01 00:00:00,1,-2.5\r\n2016-07-01 01:00:00, 3 ,4e-3\n\n2016-07-01 02:00:00,5,6\n", "my.csv");
        Assert.Equal(["load, high", "OT"], table.Channels);
        Assert.Equal([new(2016, 7, 1, 0, 0, 0), new(2016, 7, 1, 1, 0, 0), new(2016, 7, 1, 2, 0, 0)], table.Times);
        Assert.Equal([1, -2.5, 3, 0.004, 5, 6], table.Values);
        Assert.Equal(3, table.Rows);
        Assert.Equal(0.004, table[1, 1]);
    }

    [Theory]
    [InlineData("1990-02-28", "1990-03-31", "1990-04-30", "1990-05-31")]
    [InlineData("1990-04-30", "1990-05-31", "1990-06-30", "1990-07-31")]
    [InlineData("1990-06-30", "1990-09-30", "1990-12-31", "1991-03-31")]
    [InlineData("2019-11-30", "2019-12-31", "2020-01-31", "2020-02-29")]
    [InlineData("2020-01-15", "2020-02-15", "2020-03-15", "2020-04-15")]
    public void Months_and_quarters_are_equal_steps_whichever_day_they_are_told_by(params string[] days) =>
        Assert.Equal(4, SeriesTable.Parse($"date,a\n{string.Join("\n", days.Select(day => $"{day},1"))}\n", "my.csv").Rows);

    [Theory]
    [InlineData("", "my.csv is empty")]
    [InlineData("date\n2020-01-01\n", "line 1: a series has a column of dates and at least one of numbers")]
    [InlineData("date,a,b,a\n2020-01-01,1,2,3\n", "line 1: two columns are called 'a'")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,\n2020-01-03,3\n", "row 3: 'a' has no value. Nothing is filled in here")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,NaN\n2020-01-03,3\n", "row 3: 'a' has no value")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,?\n2020-01-03,3\n", "row 3: 'a' has no value")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,two\n2020-01-03,3\n", "row 3: 'a' is 'two', which is no finite number")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,Infinity\n2020-01-03,3\n", "row 3: 'a' is 'Infinity', which is no finite number")]
    [InlineData("date,a\nMonday,1\n", "row 2: 'Monday' is no date; the first column has dates such as 2016-07-01 00:00:00")]
    // These would be times of the day or the year in which the file is read.
    [InlineData("date,a\n12:30,1\n", "row 2: '12:30' is no date")]
    [InlineData("x,a\n1.5,1\n", "row 2: '1.5' is no date")]
    [InlineData("date,a\n2020-01-01,1,5\n", "row 2: it has 3 fields where the header has 2")]
    [InlineData("date,a,b\n2020-01-01,1,5\n2020-01-02,1\n", "row 3: it has 2 fields where the header has 3")]
    [InlineData("date,a\n2020-01-01,\"1\n2020-01-02,2\n2020-01-03,3\n", "the quotation marks do not close")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,2\n", "my.csv has 2 rows below its header")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,2\n2020-01-04,3\n", "row 4: 2020-01-04 00:00:00 comes 2 days after the row before, where the first two rows are a day apart")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-02,2\n2020-01-02,3\n", "row 4: 2020-01-02 00:00:00 does not come after 2020-01-02 00:00:00")]
    [InlineData("date,a\n2020-01-01,1\n2020-01-01,2\n2020-01-01,3\n", "row 3: 2020-01-01 00:00:00 does not come after")]
    [InlineData("date,a\n2020-01-03,1\n2020-01-02,2\n2020-01-01,3\n", "row 3: 2020-01-02 00:00:00 does not come after 2020-01-03 00:00:00")]
    [InlineData("date,a\n2020-01-31,1\n2020-02-29,2\n2020-03-31,3\n2020-05-31,4\n", "row 5: 2020-05-31 00:00:00 comes")]
    public void What_is_no_table_of_series_is_refused_with_file_place_and_value(string text, string said)
    {
        var refused = Assert.Throws<BadInputException>(() => SeriesTable.Parse(text, "my.csv"));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("my.csv", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    // Months of 31, 28, 31 and 30 days; their ends; quarters; years with a leap year; and weeks across a month's end, which are equal in days.
    [InlineData("2021-01-01", "2021-02-01", "2021-03-01", "2021-04-01", "2021-05-01")]
    [InlineData("2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30", "2020-05-31")]
    [InlineData("2020-02-29", "2020-03-31", "2020-04-30", "2020-05-31")]
    [InlineData("2019-10-01", "2020-01-01", "2020-04-01", "2020-07-01")]
    [InlineData("2019-03-01", "2020-03-01", "2021-03-01", "2022-03-01")]
    [InlineData("2021-01-18", "2021-01-25", "2021-02-01", "2021-02-08")]
    [InlineData("2021/1/18 0:00", "2021/1/18 0:15", "2021/1/18 0:30")]
    public void Steps_of_the_calendar_count_as_equal(params string[] dates)
    {
        var table = SeriesTable.Parse("date,a\n" + string.Concat(dates.Select((date, i) => $"{date},{i}\n")), "my.csv");
        Assert.Equal(dates.Length, table.Rows);
        // From those before it follows what comes.
        if (dates.Length > 3) Assert.Equal([table.Times[^1]], (table with { Times = [.. table.Times.SkipLast(1)] }).Ahead(1));
    }

    [Fact]
    public void No_time_comes_after_the_end_of_the_calendar()
    {
        var table = SeriesTable.Parse("date,a\n9999-12-29,1\n9999-12-30,2\n9999-12-31,3\n", "my.csv");
        Assert.Empty(table.Ahead(1));
        Assert.Equal([new DateTime(9999, 12, 31)], (table with { Times = [.. table.Times.Take(2)] }).Ahead(1));
    }

    [Fact]
    public void Times_with_an_offset_are_those_of_UTC_on_every_machine()
    {
        var table = SeriesTable.Parse("date,a\n2021-01-01T00:00:00+02:00,1\n2021-01-01T01:00:00+02:00,2\n2021-01-01T02:00:00+02:00,3\n", "my.csv");
        Assert.Equal(new DateTime(2020, 12, 31, 22, 0, 0), table.Times[0]);
    }

    [Fact]
    public void The_identity_of_rows_changes_with_a_name_a_time_a_value_and_with_which_rows_they_are()
    {
        SeriesTable Table(string name, int day, double value) => new([name], [new(2020, 1, day), new(2020, 1, day + 1), new(2020, 1, day + 2)], [1, value, 3]);
        var plain = Table("a", 1, 2);
        string[] identities = [plain.Identity(0, 2), plain.Identity(1, 2), plain.Identity(0, 3), Table("b", 1, 2).Identity(0, 2), Table("a", 2, 2).Identity(0, 2), Table("a", 1, 2.0000001).Identity(0, 2)];
        Assert.Equal(identities.Length, identities.Distinct().Count());
        Assert.Equal(identities[0], Table("a", 1, 2).Identity(0, 2));
    }
}
