namespace Repro.Studies.Options;

/// <summary>Orders valid words by how close they are to a mistyped one.</summary>
public static class NearestWords
{
    /// <summary><paramref name="valid"/>, nearest first (Damerau-Levenshtein distance; a word that begins with the given text counts as near).</summary>
    public static IReadOnlyList<string> Order(string given, IEnumerable<string> valid) =>
        valid.OrderBy(word => Distance(given, word)).ThenBy(word => word, StringComparer.Ordinal).ToList();

    /// <summary>The nearest valid word, or null where none is near enough to be what was meant.</summary>
    public static string? Nearest(string given, IEnumerable<string> valid)
    {
        var ordered = Order(given, valid);
        var best = ordered.Count > 0 ? ordered[0] : null;
        return best is not null && Distance(given, best) <= Math.Max(2, given.Length / 2.0) ? best : null;
    }

    private static double Distance(string a, string b)
    {
        a = a.ToLowerInvariant().Replace('-', '_');
        b = b.ToLowerInvariant().Replace('-', '_');
        if (a.Length > 1 && b.StartsWith(a, StringComparison.Ordinal)) return 0.5;
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
