namespace Repro.Studies.Statistics;

/// <summary>Holm 1979, "A simple sequentially rejective multiple test procedure": keeps the chance of any false rejection in a family at alpha, whatever its tests share.</summary>
public static class Holm
{
    /// <summary>
    /// Adjusted p-values in the given order: the running maximum over ascending p of (k - rank) p, at most 1. The procedure rejects at alpha exactly where one is at most alpha.
    /// </summary>
    /// <param name="p">One a test of the family, each in [0, 1].</param>
    public static IReadOnlyList<double> Adjusted(IReadOnlyList<double> p)
    {
        if (p.FirstOrDefault(value => !(value >= 0 && value <= 1), 0) is var wrong && wrong != 0) throw new ArgumentOutOfRangeException(nameof(p), wrong, "A p-value lies between 0 and 1.");
        var adjusted = new double[p.Count];
        var (largest, left) = (0.0, p.Count);
        foreach (var i in Enumerable.Range(0, p.Count).OrderBy(i => p[i])) adjusted[i] = largest = Math.Min(1, Math.Max(largest, p[i] * left--));
        return adjusted;
    }
}
