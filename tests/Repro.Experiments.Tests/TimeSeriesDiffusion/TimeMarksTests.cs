using Repro.Experiments.TimeSeriesDiffusion;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

public sealed class TimeMarksTests
{
    [Fact]
    public void An_hour_is_described_by_year_month_day_weekday_and_hour()
    {
        // Friday, 1 July 2016, 23:00, and the hour after it.
        var (marks, count) = TimeMarks.Of([new(2016, 7, 1, 23, 0, 0), new(2016, 7, 2, 0, 0, 0)]);
        Assert.Equal(5, count);
        AssertClose([1004 / 2024.0, 1 / 12.0, -14 / 30.0, 0.5 / 7, 11 / 24.0, 1004 / 2024.0, 1 / 12.0, -13 / 30.0, 1.5 / 7, -0.5], marks);
    }

    [Fact]
    public void A_quarter_of_an_hour_has_its_minute_besides_and_a_second_its_second()
    {
        // A Monday.
        var (minutes, count) = TimeMarks.Of([new(2018, 1, 1, 0, 45, 0), new(2018, 1, 1, 1, 0, 0)]);
        Assert.Equal(6, count);
        AssertClose([-5 / 12.0, -14 / 30.0, -0.5, -0.5, 0.25], minutes.AsSpan(1, 5));
        var (seconds, more) = TimeMarks.Of([new(2018, 1, 1, 0, 45, 59), new(2018, 1, 1, 0, 46, 0)]);
        Assert.Equal(7, more);
        Assert.Equal(29 / 60f, seconds[6], 1e-6);
    }

    [Fact]
    public void A_day_has_no_hour_a_week_no_weekday_and_a_month_no_day()
    {
        // A Sunday.
        var (days, dayCount) = TimeMarks.Of([new(1990, 12, 30), new(1990, 12, 31)]);
        Assert.Equal(4, dayCount);
        AssertClose([978 / 2024.0, 0.5, 0.5, 2.5 / 7], days.AsSpan(0, 4));
        var (weeks, weekCount) = TimeMarks.Of([new(2021, 1, 1), new(2021, 1, 8)]);
        Assert.Equal(3, weekCount);
        AssertClose([1009 / 2024.0, -5 / 12.0, -7 / 30.0], weeks.AsSpan(3, 3));
        var (months, monthCount) = TimeMarks.Of([new(2021, 2, 1), new(2021, 3, 1)]);
        Assert.Equal(2, monthCount);
        AssertClose([-4 / 12.0, -3 / 12.0], [months[1], months[3]]);
    }

    [Theory]
    [InlineData("0:15:00", 96)]
    [InlineData("1:00:00", 24)]
    [InlineData("1.0:00:00", 7)]
    [InlineData("7.0:00:00", 52)]
    [InlineData("31.0:00:00", 12)]
    [InlineData("90.0:00:00", 4)]
    [InlineData("365.0:00:00", 1)]
    public void A_season_is_a_day_of_hours_a_week_of_days_and_a_year_of_weeks_and_months(string step, int rows)
    {
        var first = new DateTime(2021, 1, 1);
        Assert.Equal(rows, TimeMarks.Season([first, first + TimeSpan.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]));
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6);
    }
}
