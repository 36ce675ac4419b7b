using Repro.Reports.Runs;

namespace Repro.Reports.Verification;

/// <summary>Compares texts exactly, line by line, and says in words where they differ.</summary>
internal static class TextComparison
{
    private const int Shown = 3, Excerpt = 90;

    // Beyond, the lines between what is common at both ends are told as one change: a table of the longest common parts would not fit into the memory.
    private const long LargestTable = 4_000_000;

    /// <summary>The first differences, and how many more there are; empty where the texts are the same.</summary>
    /// <param name="stored">With the number that a line has in its file, from 1.</param>
    /// <param name="made">What was made again.</param>
    public static IReadOnlyList<string> Differences(IReadOnlyList<(int Number, string Text)> stored, IReadOnlyList<string> made)
    {
        var (first, left, right) = (0, stored.Count, made.Count);
        while (first < left && first < right && stored[first].Text == made[first]) first++;
        while (left > first && right > first && stored[left - 1].Text == made[right - 1]) (left, right) = (left - 1, right - 1);
        if (first == left && first == right) return [];
        if (first == left && left == stored.Count) return [$"ends after line {Numbers.Whole(left)}; made again it has {Numbers.Count(right - first, "line")} more, the first {Quote(made[first])}"];
        if (first == right && right == made.Count) return [$"has {Numbers.Count(left - first, "line")} more than what was made again, from line {Numbers.Whole(stored[first].Number)} on: {Quote(stored[first].Text)}"];
        var changes = Changes(stored, made, first, left, right).ToList();
        return changes.Count <= Shown ? changes : [.. changes.Take(Shown), $"and {Numbers.Whole(changes.Count - Shown)} more lines differ"];
    }

    /// <summary>Lines with their numbers.</summary>
    public static List<(int Number, string Text)> Numbered(IEnumerable<string> lines) => [.. lines.Select((line, i) => (i + 1, line))];

    private static IEnumerable<string> Changes(IReadOnlyList<(int Number, string Text)> stored, IReadOnlyList<string> made, int first, int left, int right)
    {
        var (before, after) = (first, first);
        foreach (var (i, j) in Common(stored, made, first, left, right).Append((left, right)))
        {
            for (; before < i && after < j; before++, after++) yield return $"line {Numbers.Whole(stored[before].Number)} is {Both(stored[before].Text, made[after])}";
            for (; before < i; before++) yield return $"line {Numbers.Whole(stored[before].Number)} is not there when it is made again: {Quote(stored[before].Text)}";
            for (; after < j; after++) yield return $"a line is missing {(before < stored.Count ? $"before line {Numbers.Whole(stored[before].Number)}" : "at the end")}: {Quote(made[after])}";
            (before, after) = (i + 1, j + 1);
        }
    }

    // Pairs of equal lines, in order: as many as there can be.
    private static List<(int Stored, int Made)> Common(IReadOnlyList<(int Number, string Text)> stored, IReadOnlyList<string> made, int first, int left, int right)
    {
        var (rows, columns) = (left - first, right - first);
        if ((long)rows * columns > LargestTable) return [];
        var longest = new int[rows + 1, columns + 1];
        for (var i = rows - 1; i >= 0; i--)
        {
            for (var j = columns - 1; j >= 0; j--)
                longest[i, j] = stored[first + i].Text == made[first + j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
        }
        var pairs = new List<(int, int)>();
        for (int i = 0, j = 0; i < rows && j < columns;)
        {
            if (stored[first + i].Text == made[first + j]) pairs.Add((first + i++, first + j++));
            else if (longest[i + 1, j] >= longest[i, j + 1]) i++;
            else j++;
        }
        return pairs;
    }

    private static string Both(string stored, string made)
    {
        var at = 0;
        while (at < stored.Length && at < made.Length && stored[at] == made[at]) at++;
        // A little of what is equal tells where in a long line one is.
        var from = Math.Max(0, at - (Excerpt / 3));
        return $"{Quote(stored, from)}, and made again {Quote(made, from)}";
    }

    private static string Quote(string line, int from = 0)
    {
        var start = from > 0 && line.Length > Excerpt ? from : 0;
        var part = line[Math.Min(start, line.Length)..];
        return $"\"{(start > 0 ? "…" : "")}{(part.Length > Excerpt ? part[..Excerpt] + "…" : part).Replace("\r", "\\r", StringComparison.Ordinal)}\"";
    }
}
