using Repro.Figures;
using Repro.Reports.Runs;

namespace Repro.Reports.Figures;

/// <summary>How much each token attends to each other one: a row is a query, and its weights over the keys add up to 1.</summary>
public static class AttentionMap
{
    private const double PerToken = 13, Around = 120;

    // Rounding of single-precision softmax.
    private const double Tolerance = 1e-3;

    /// <param name="name">Of the figure's file.</param>
    /// <param name="where">Layer and head, for the title: <c>layer 2, head 4</c>.</param>
    /// <param name="queries">One token a row.</param>
    /// <param name="keys">One token a column; for self-attention the same.</param>
    /// <param name="weights">[query][key], 0 to 1; NaN where a mask forbids to look.</param>
    /// <exception cref="ArgumentException">Sizes differ, or a row does not add up to 1: then these are no weights after the softmax.</exception>
    public static Figure Of(string name, string where, IReadOnlyList<string> queries, IReadOnlyList<string> keys, IReadOnlyList<IReadOnlyList<double>> weights)
    {
        if (weights.Count != queries.Count || weights.Any(row => row.Count != keys.Count)) throw new ArgumentException($"There are {queries.Count} queries and {keys.Count} keys, but weights of {weights.Count} rows.", nameof(weights));
        for (var i = 0; i < weights.Count; i++)
        {
            var sum = weights[i].Where(double.IsFinite).Sum();
            if (Math.Abs(sum - 1) > Tolerance) throw new ArgumentException($"The weights of query {i} ('{queries[i]}') add up to {Numbers.Write(sum)}, not to 1; a map shows them after the softmax.", nameof(weights));
        }
        var size = Math.Clamp((PerToken * Math.Max(queries.Count, keys.Count)) + Around, ColumnWidths.One, ColumnWidths.Two);
        var (row, column, most) = Largest(weights);
        var masked = weights.Any(values => values.Any(double.IsNaN)) ? " Blank cells are masked." : "";
        return new Figure(name, $"Attention, {where}", new Axis("key") { Categories = keys }, new Axis("query") { Categories = queries }, [new HeatMap(weights)])
        {
            Width = size,
            Height = size,
            Colours = new ColourScale("attention weight", 0, Math.Max(most, Tolerance)),
            Caption = $"Each row is one query's weights over the {keys.Count} keys and adds up to 1; a uniform row would be {Numbers.Write(1.0 / keys.Count)} throughout. The largest is {Numbers.Write(most)}, of '{queries[row]}' on '{keys[column]}'.{masked}",
        };
    }

    private static (int Row, int Column, double Weight) Largest(IReadOnlyList<IReadOnlyList<double>> weights)
    {
        var found = (0, 0, 0.0);
        for (var row = 0; row < weights.Count; row++)
        {
            for (var column = 0; column < weights[row].Count; column++)
            {
                if (weights[row][column] > found.Item3) found = (row, column, weights[row][column]);
            }
        }
        return found;
    }
}
