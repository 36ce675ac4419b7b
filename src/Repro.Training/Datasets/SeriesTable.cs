using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.VisualBasic.FileIO;
using Repro.Studies;

namespace Repro.Training.Datasets;

/// <summary>Series side by side at equal steps of time: a column a channel, a row a time.</summary>
/// <param name="Channels">Their names, in the order of the columns.</param>
/// <param name="Times">Of each row, ascending, equally far apart.</param>
/// <param name="Values">Row by row: the channels of the first time, then those of the next one.</param>
public sealed partial record SeriesTable(IReadOnlyList<string> Channels, IReadOnlyList<DateTime> Times, double[] Values)
{
    private static readonly string[] MissingWords = ["", "na", "nan", "null", "none", "-", "?"];

    public int Rows => Times.Count;

    /// <summary>The value of a channel at a row.</summary>
    public double this[int row, int channel] => Values[(row * Channels.Count) + channel];

    /// <summary>The times that come after the last one, at the same steps; empty where the calendar ends before.</summary>
    public IReadOnlyList<DateTime> Ahead(int count)
    {
        var (step, months, last) = (Times[1] - Times[0], Months(Times[0], Times[1]), Rows - 1);
        Func<int, DateTime> at = Times[0] + (step * last) == Times[last] ? row => Times[0] + (step * row)
            : Times[0].AddMonths(months * last) == Times[last] ? row => Times[0].AddMonths(months * row)
            : row => Times[0].AddDays(1).AddMonths(months * row).AddDays(-1);
        try
        {
            return [.. Enumerable.Range(Rows, count).Select(at)];
        }
        catch (Exception end) when (end is ArgumentOutOfRangeException or OverflowException)
        {
            return [];
        }
    }

    /// <summary>SHA-256, lower-case hex, of the channels' names, the times and the values of some rows.</summary>
    public string Identity(int first, int count)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"repro-series-1\n{string.Join('\n', Channels)}\n{count}\n"));
        for (var row = first; row < first + count; row++)
        {
            hash.AppendData(BitConverter.GetBytes(Times[row].Ticks));
            for (var channel = 0; channel < Channels.Count; channel++) hash.AppendData(BitConverter.GetBytes(this[row, channel]));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads comma-separated values: a header, a first column of dates, and a number in every other one.</summary>
    /// <param name="source">The file's name, for complaints.</param>
    /// <exception cref="BadInputException">The text is no such table: says line, column and what stands there.</exception>
    public static SeriesTable Parse(string text, string source)
    {
        using var parser = new TextFieldParser(new StringReader(text.TrimStart((char)0xfeff))) { TextFieldType = FieldType.Delimited, Delimiters = [","], HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = true };
        var header = Next(parser, source) ?? throw new BadInputException($"{source} is empty; a series has a header, and a line a time below it.");
        if (header.Length < 2) throw new BadInputException($"{source}, line 1: a series has a column of dates and at least one of numbers, separated by commas; the header is '{string.Join(',', header)}'.");
        if (header.Skip(1).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice) throw new BadInputException($"{source}, line 1: two columns are called '{twice}'.");
        var (times, values) = (new List<DateTime>(), new List<double>());
        for (var line = 2L; Next(parser, source) is { } fields; line++)
        {
            if (fields.Length != header.Length) throw new BadInputException($"{source}, row {line}: it has {fields.Length} fields where the header has {header.Length}.");
            times.Add(Date(fields[0], line, source));
            for (var column = 1; column < fields.Length; column++) values.Add(Number(fields[column], header[column], line, source));
        }
        if (times.Count < 3) throw new BadInputException($"{source} has {times.Count} rows below its header; a series has more.");
        RequireEqualSteps(times, source);
        return new SeriesTable([.. header.Skip(1)], times, [.. values]);
    }

    private static string[]? Next(TextFieldParser parser, string source)
    {
        try
        {
            return parser.ReadFields();
        }
        catch (MalformedLineException broken)
        {
            throw new BadInputException($"{source}, line {parser.ErrorLineNumber}: the quotation marks do not close.", broken);
        }
    }

    // A date has its year in four figures: '1.5' would be a day of the present year, and '12:30' a time of today. With an offset it is brought to UTC, whatever this machine's zone is.
    private static DateTime Date(string field, long line, string source) =>
        Years().IsMatch(field) && DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new BadInputException($"{source}, row {line}: '{field}' is no date; the first column has dates such as 2016-07-01 00:00:00.");

    [GeneratedRegex("[0-9]{4}")]
    private static partial Regex Years();

    private static double Number(string field, string column, long line, string source)
    {
        if (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number;
        throw new BadInputException(MissingWords.Contains(field.ToLowerInvariant())
            ? $"{source}, row {line}: '{column}' has no value. Nothing is filled in here: fill it in, or leave the column out."
            : $"{source}, row {line}: '{column}' is '{field}', which is no finite number.");
    }

    // Months and years are of unequal length, and count as equal steps all the same.
    private static void RequireEqualSteps(List<DateTime> times, string source)
    {
        var step = times[1] - times[0];
        var months = Months(times[0], times[1]);
        for (var row = 1; row < times.Count; row++)
        {
            if ((step > TimeSpan.Zero && times[row] - times[row - 1] == step) || (months > 0 && IsMonths(times[0], months * row, times[row]))) continue;
            throw new BadInputException(times[row] <= times[row - 1]
                ? $"{source}, row {row + 2}: {times[row]:yyyy-MM-dd HH:mm:ss} does not come after {times[row - 1]:yyyy-MM-dd HH:mm:ss}; rows are in the order of time, each time once."
                : $"{source}, row {row + 2}: {times[row]:yyyy-MM-dd HH:mm:ss} comes {Span(times[row] - times[row - 1])} after the row before, where the first two rows are {Span(step)} apart. Times are equally far apart: fill the gap, or take every value at one step.");
        }
    }

    private static string Span(TimeSpan span) => span.Ticks % TimeSpan.TicksPerDay == 0 ? (span.Days == 1 ? "a day" : string.Create(CultureInfo.InvariantCulture, $"{span.Days:N0} days")) : span.ToString();

    private static int Months(DateTime a, DateTime b) => ((b.Year - a.Year) * 12) + b.Month - a.Month is var months && months > 0 && IsMonths(a, months, b) ? months : 0;

    // The last days of months are as far apart as the months are, though 30 April is no month after 31 March by AddMonths' reckoning from February.
    private static bool IsMonths(DateTime from, int months, DateTime to) => from.AddMonths(months) == to || (IsLast(from) && IsLast(to) && from.AddDays(1).AddMonths(months) == to.AddDays(1));

    private static bool IsLast(DateTime day) => day.AddDays(1).Day == 1;
}
