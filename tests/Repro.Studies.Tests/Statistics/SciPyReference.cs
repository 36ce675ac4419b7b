using System.Text.Json;

namespace Repro.Studies.Tests.Statistics;

/// <summary>What SciPy computes of recorded numbers; written by tests/peers/statistics_reference.py.</summary>
internal static class SciPyReference
{
    private static readonly JsonDocument Document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Statistics", "scipy-reference.json")));

    /// <summary>The rows of a section; never none.</summary>
    public static IReadOnlyList<JsonElement> Rows(string section)
    {
        var rows = Document.RootElement.GetProperty(section).EnumerateArray().ToList();
        Assert.NotEmpty(rows);
        return rows;
    }

    public static double Number(this JsonElement row, string name) => row.GetProperty(name).GetDouble();

    public static double[] Numbers(this JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    /// <summary>Asserts equality to a relative error, for numbers of any unit.</summary>
    public static void Close(double expected, double actual, double relative = 1e-9, double absolute = 0) =>
        Assert.True(Math.Abs(expected - actual) <= absolute + (relative * Math.Abs(expected)), $"Expected {expected:R}, but it is {actual:R}.");
}
