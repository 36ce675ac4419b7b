namespace Repro.Reports.Figures;

/// <summary>Fewer of many, without a choice by what they show.</summary>
internal static class Thinning
{
    /// <summary>At most <paramref name="most"/> items, evenly over their order; all where there are no more. The first is among them, and so is the last.</summary>
    public static IReadOnlyList<T> Evenly<T>(IReadOnlyList<T> items, int most) =>
        items.Count <= most ? items : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / (most - 1))])];
}
