using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// Every combination of values once, the last hyperparameter changing fastest, without those that violate a constraint. An inactive hyperparameter is not
/// varied.
/// </summary>
/// <remarks>
/// Categoricals, and ranges with a step, take all their values; a range without one takes <c>pointsPerRange</c> values, evenly on its scale from its low end
/// to its high end (or all integers, where there are no more).
/// </remarks>
public sealed class GridSampler : ISampler
{
    /// <summary>Combinations that a grid may have before constraints: 1,000,000.</summary>
    public const long Largest = 1_000_000;

    private readonly SearchSpace _space;
    private readonly double[][] _axes;
    private readonly List<int> _combinations = [];

    /// <param name="leftOut">A combination that is tried anyway; null leaves none out.</param>
    /// <exception cref="BadInputException">Over <see cref="Largest"/> combinations, or none that the constraints allow.</exception>
    public GridSampler(SearchSpace space, int pointsPerRange = 5, Configuration? leftOut = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerRange, 2);
        _space = space;
        var sizes = space.Parameters.Select(p => Math.Min(Size(p, pointsPerRange), Largest + 1)).ToList();
        var product = sizes.Aggregate(1.0, (all, size) => all * size);
        if (product > Largest)
        {
            throw new BadInputException($"The grid has {product:N0} combinations ({string.Join(" x ", sizes)}); at most {Largest:N0} are walked through. "
                + "Give coarser steps, or use the sampler sobol.");
        }
        _axes = [.. space.Parameters.Select((p, i) => Axis(p, (int)sizes[i]))];
        var units = new double[_axes.Length];
        for (var combination = 0; combination < (int)_axes.Aggregate(1L, (all, axis) => all * axis.Length); combination++)
        {
            if (Stands(combination, units) && space.Allows(space.At(units))) _combinations.Add(combination);
        }
        if (_combinations.Count == 0)
            throw new BadInputException($"No combination of the grid fulfils the constraints {string.Join("; ", space.Constraints.Select(c => $"\"{c.Text}\""))}. Loosen them, or give finer steps.");
        if (leftOut is not null)
        {
            _combinations.RemoveAll(combination =>
            {
                Stands(combination, units);
                return space.At(units).Equals(leftOut);
            });
        }
    }

    public long? Count => _combinations.Count;

    public bool Learns => false;

    public Configuration Suggest(int number, TrialHistory history)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, _combinations.Count);
        var units = new double[_axes.Length];
        Stands(_combinations[number], units);
        return _space.At(units);
    }

    /// <summary>Writes the combination's coordinates; false where it repeats another, differing from it in inactive hyperparameters only.</summary>
    private bool Stands(int combination, double[] units)
    {
        Span<int> places = _axes.Length <= 64 ? stackalloc int[_axes.Length] : new int[_axes.Length];
        for (var i = _axes.Length - 1; i >= 0; i--)
        {
            places[i] = combination % _axes[i].Length;
            units[i] = _axes[i][places[i]];
            combination /= _axes[i].Length;
        }
        _space.Deactivate(units);
        for (var i = 0; i < _axes.Length; i++)
        {
            if (double.IsNaN(units[i]) && places[i] > 0) return false;
        }
        return true;
    }

    private static long Size(Hyperparameter parameter, int pointsPerRange) => parameter switch
    {
        FloatRange { Step: null } range => range.Low == range.High ? 1 : pointsPerRange,
        IntRange { Step: 1 } range => Math.Min(range.Count!.Value, pointsPerRange),
        _ => parameter.Count!.Value,
    };

    private static double[] Axis(Hyperparameter parameter, int size)
    {
        if (parameter.Count == size && parameter is not IntRange { Logarithmic: true }) return [.. Enumerable.Range(0, size).Select(i => (i + 0.5) / size)];
        if (parameter is IntRange all && all.Count == size) return [.. Enumerable.Range(0, size).Select(i => all.UnitOf((all.Low + i).ToString()))];
        if (parameter is IntRange { Logarithmic: true } range)
            return [.. Enumerable.Range(0, size).Select(i => range.UnitOf(Math.Round(range.Low * Math.Pow((double)range.High / range.Low, i / (size - 1.0))).ToString("F0"))).Distinct()];
        return [.. Enumerable.Range(0, size).Select(i => parameter.Snap(size == 1 ? 0 : i / (size - 1.0))).Distinct()];
    }
}
