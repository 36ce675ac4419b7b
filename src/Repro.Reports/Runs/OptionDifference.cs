using System.Globalization;
using Repro.Results;
using Repro.Studies.Options;

namespace Repro.Reports.Runs;

/// <summary>An option whose value is not the one asked for, by a claim or by the profile of the defaults.</summary>
/// <param name="Paper">The value asked for.</param>
/// <param name="Source">Where the default was published; empty where nobody says it.</param>
public sealed record OptionDifference(string Name, string Ours, string Paper, string Source)
{
    /// <summary>Options whose values are not the defaults.</summary>
    public static IReadOnlyList<OptionDifference> From(RunRecord run, IReadOnlyList<OptionInfo> schema)
    {
        var infos = schema.ToDictionary(info => info.Name);
        return run.Options
            .Where(option => infos.ContainsKey(option.Key))
            .Select(option => new OptionDifference(
                option.Key, option.Value, OptionText.Write(infos[option.Key].Default), infos[option.Key].Source))
            .Where(difference => !Same(difference.Ours, difference.Paper))
            .ToList();
    }

    /// <summary>Whether a value is among those that a claim asks for: a trend over depths 20 and 32 asks for <c>20, 32</c>.</summary>
    public static bool IsOneOf(string ours, string asked) => asked.Split(',', StringSplitOptions.TrimEntries).Any(one => Same(ours, one)) || Same(ours, asked);

    /// <summary>0.1 and 1e-1 are one value; words are compared as they are.</summary>
    public static bool Same(string a, string b) =>
        a == b || (double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && x == y);
}
