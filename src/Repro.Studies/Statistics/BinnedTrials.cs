using System.Globalization;

namespace Repro.Studies.Statistics;

/// <summary>A hyperparameter as <see cref="Importance"/> sees it.</summary>
/// <param name="Categories">How many categories there are, whose indices are the values; null where values are coordinates in [0, 1], evenly drawn.</param>
public sealed record ImportanceAxis(string Name, int? Categories = null);

/// <summary>Trials by cells of their hyperparameters: 64 equal shares of [0, 1], or one cell a category; so that a set of cells is the bits of a number.</summary>
internal sealed class BinnedTrials
{
    /// <summary>Cells of a coordinate, and the most categories.</summary>
    public const int MostCells = 64;

    public BinnedTrials(IReadOnlyList<ImportanceAxis> axes, IReadOnlyList<IReadOnlyList<double>> rows, IReadOnlyList<double> objective)
    {
        Sample.RequireFinite(objective);
        if (rows.Count != objective.Count) throw new ArgumentException($"Each trial has its hyperparameters and one objective; there are {rows.Count} and {objective.Count}.", nameof(objective));
        if (axes.FirstOrDefault(axis => axis.Categories is < 1 or > MostCells) is { } wide)
            throw new ArgumentException($"A categorical hyperparameter has 1 to {MostCells} categories here; {wide.Name} has {wide.Categories}.", nameof(axes));
        Count = rows.Count;
        Cells = [.. axes.Select(axis => axis.Categories ?? MostCells)];
        Categorical = [.. axes.Select(axis => axis.Categories is not null)];
        Cell = [.. axes.Select((axis, j) => rows.Select((row, i) => CellOf(axis, row, i, j, axes.Count)).ToArray())];
        // Standardized: what is compared are shares of the variance.
        var mean = objective.Average();
        Deviation = Math.Sqrt(objective.Sum(y => (y - mean) * (y - mean)) / Math.Max(1, Count));
        Objective = [.. objective.Select(y => Deviation > 0 ? (y - mean) / Deviation : 0)];
    }

    public int Count { get; }

    public int[] Cells { get; }

    public bool[] Categorical { get; }

    /// <summary>By hyperparameter, then trial.</summary>
    public byte[][] Cell { get; }

    /// <summary>Of mean 0 and deviation 1.</summary>
    public double[] Objective { get; }

    /// <summary>The objective's own deviation; 0 where all trials have one value.</summary>
    public double Deviation { get; }

    private static byte CellOf(ImportanceAxis axis, IReadOnlyList<double> row, int trial, int j, int axes)
    {
        if (row.Count != axes) throw new ArgumentException($"Every trial has a value of each of the {axes} hyperparameters; trial {trial} has {row.Count}. Conditional ones, which some trials lack, have no importance here.");
        var value = row[j];
        var fits = axis.Categories is { } count ? value >= 0 && value < count && value == Math.Floor(value) : value is >= 0 and <= 1;
        if (!fits)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{axis.Name} is {(axis.Categories is { } of ? $"the index of one of {of} categories" : "a coordinate in [0, 1]")}; in trial {trial} it is {value}. Conditional ones, which some trials lack, have no importance here."));
        }
        return (byte)(axis.Categories is null ? Math.Min((int)(value * MostCells), MostCells - 1) : (int)value);
    }
}
