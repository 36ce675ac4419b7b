using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// Independent draws, uniform on the scale of each hyperparameter (Bergstra, Bengio 2012, "Random search for hyper-parameter optimization"): the one whose trials
/// are i.i.d., as <see cref="RandomSearchBudget"/> and expected-best curves need. With constraints, uniform on what they allow.
/// </summary>
public sealed class RandomSampler(SearchSpace space, ulong seed) : ISampler
{
    public long? Count => null;

    public bool Learns => false;

    public Configuration Suggest(int number, TrialHistory history)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var random = new Philox(seed, RandomPurpose.Suggestion, number);
        return Draw(space, number, ref random, Rejection.Limit);
    }

    /// <summary>The first of <paramref name="draws"/> draws that fulfils the constraints.</summary>
    internal static Configuration Draw(SearchSpace space, int number, ref Philox random, int draws)
    {
        var count = space.Parameters.Count;
        Span<double> units = count <= 64 ? stackalloc double[count] : new double[count];
        for (var draw = 0; draw < draws; draw++)
        {
            for (var i = 0; i < count; i++) units[i] = random.NextDouble();
            var configuration = space.At(units);
            if (space.Allows(configuration)) return configuration;
        }
        throw Rejection.GaveUp(space, number);
    }
}
