using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// Points of one scrambled <see cref="SobolSequence"/>: suggestion n is point n, so that all trials together cover the space evenly, best after 2^m of them.
/// With constraints suggestion n is the n-th point that fulfils them.
/// </summary>
/// <remarks>A categorical has the value floor(u C); an inactive hyperparameter's coordinate is left unused.</remarks>
public sealed class SobolSampler : ISampler
{
    private readonly SearchSpace _space;
    private readonly SobolSequence _sequence;
    private readonly double[] _units;
    private readonly List<long> _allowed = [];

    /// <exception cref="BadInputException">More hyperparameters than there are directions for.</exception>
    public SobolSampler(SearchSpace space, ulong seed)
    {
        if (space.Parameters.Count > SobolSequence.LargestDimension)
        {
            throw new BadInputException($"Sobol points have at most {SobolSequence.LargestDimension} dimensions; this search space has {space.Parameters.Count}. "
                + "Use the sampler random, or fix some hyperparameters.");
        }
        _space = space;
        _sequence = new SobolSequence(Math.Max(1, space.Parameters.Count), seed);
        _units = new double[_sequence.Dimensions];
    }

    public long? Count => null;

    public bool Learns => false;

    public Configuration Suggest(int number, TrialHistory history)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (_space.Constraints.Count == 0) return At(number);
        while (_allowed.Count <= number) _allowed.Add(NextAllowed(_allowed.Count == 0 ? 0 : _allowed[^1] + 1));
        return At(_allowed[number]);
    }

    private long NextAllowed(long from)
    {
        for (var index = from; index < from + Rejection.Limit; index++)
        {
            if (_space.Allows(At(index))) return index;
        }
        throw Rejection.GaveUp(_space, _allowed.Count);
    }

    private Configuration At(long index)
    {
        _sequence.Point(index, _units);
        return _space.At(_units.AsSpan(0, _space.Parameters.Count));
    }
}
