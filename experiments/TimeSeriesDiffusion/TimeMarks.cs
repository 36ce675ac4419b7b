namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// Numbers that describe a time: its year, which hardly changes, and the parts of the calendar that the step between rows leaves open. The numbers are those of torch_timeseries 0.1.10, which the
/// code of NsDiff loads its series with (<c>time_features</c>, kind 3): within -0.5 .. 0.55.
/// </summary>
internal static class TimeMarks
{
    private static readonly (TimeSpan From, Func<DateTime, double>[] Parts)[] BySteps =
    [
        (TimeSpan.FromDays(27), [Year, Month]),
        (TimeSpan.FromDays(7), [Year, Month, Day]),
        (TimeSpan.FromDays(1), [Year, Month, Day, Weekday]),
        (TimeSpan.FromHours(1), [Year, Month, Day, Weekday, Hour]),
        (TimeSpan.FromMinutes(1), [Year, Month, Day, Weekday, Hour, Minute]),
        (TimeSpan.Zero, [Year, Month, Day, Weekday, Hour, Minute, Second]),
    ];

    /// <summary>Row by row, all marks of a time together, and how many these are.</summary>
    /// <param name="times">At least two, at equal steps.</param>
    public static (float[] Values, int Count) Of(IReadOnlyList<DateTime> times)
    {
        var parts = BySteps.First(kind => times[1] - times[0] >= kind.From).Parts;
        return ([.. times.SelectMany(time => parts.Select(part => (float)part(time)))], parts.Length);
    }

    /// <summary>Rows after which a season comes round: a day of rows that are shorter than that, a week of days, a year of weeks, months or quarters.</summary>
    public static int Season(IReadOnlyList<DateTime> times)
    {
        var days = (times[1] - times[0]).TotalDays;
        var rows = days >= 27 ? 12 / Math.Round(days / 30.44) : days >= 7 ? 364 / days : days >= 1 ? 7 / days : 1 / days;
        return Math.Max(1, (int)Math.Round(rows));
    }

    private static double Year(DateTime time) => (time.Year - 1012) / 2024.0;

    private static double Month(DateTime time) => (time.Month - 6) / 12.0;

    private static double Day(DateTime time) => (time.Day - 15) / 30.0;

    // Monday is 0.
    private static double Weekday(DateTime time) => ((((int)time.DayOfWeek + 6) % 7) - 3.5) / 7;

    private static double Hour(DateTime time) => (time.Hour - 12) / 24.0;

    private static double Minute(DateTime time) => (time.Minute - 30) / 60.0;

    private static double Second(DateTime time) => (time.Second - 30) / 60.0;
}
