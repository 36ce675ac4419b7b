using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kegl 2011, "Algorithms for hyper-parameter optimization", section 4): the ranked trials are divided
/// into good and bad ones, each part has a density model, and of draws from the good one's the draw is suggested whose ratio of good to bad density is largest.
/// </summary>
/// <remarks>
/// Departures from Optuna 3: all kernels have equal weight (no forgetting of old trials, which on Branin and Hartmann6 gained nothing), a discrete value's density is
/// that at the middle of its share, and in the multivariate model conditional hyperparameters are part of the one density: what a kernel does not set
/// counts as uniform. Densities are normalized, as in Optuna from 3.5 on (its issue 5109).
/// With constraints, suggestions that violate one are drawn again; after <see cref="ModelDraws"/> such draws random ones are taken.
/// </remarks>
public sealed class TpeSampler(SearchSpace space, ulong seed, TpeSettings settings) : ISampler
{
    /// <summary>Suggestions of the model that may violate a constraint before it is left out for one suggestion: 100.</summary>
    public const int ModelDraws = 100;

    private readonly ITpeModel _model = settings.Multivariate ? new JointTpeModel(space) : new SeparateTpeModel(space);
    private bool[] _good = [];

    public long? Count => null;

    public bool Learns => true;

    public Configuration Suggest(int number, TrialHistory history)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (history.Space != space) throw new ArgumentException("The history is of another search space.", nameof(history));
        var random = new Philox(seed, RandomPurpose.Suggestion, number);
        if (history.Finished < Math.Max(1, settings.Startup)) return RandomSampler.Draw(space, number, ref random, Rejection.Limit);
        Fit(history);
        Span<double> units = new double[space.Parameters.Count];
        for (var draw = 0; draw < ModelDraws; draw++)
        {
            _model.Suggest(ref random, settings.Candidates, units);
            var configuration = space.At(units);
            if (space.Allows(configuration)) return configuration;
        }
        return RandomSampler.Draw(space, number, ref random, Rejection.Limit - ModelDraws);
    }

    private void Fit(TrialHistory history)
    {
        var rows = history.Finished + history.Pending;
        var good = history.Ranked[..TpeSettings.Good(history.Finished)];
        if (_good.Length < history.Rows) _good = new bool[2 * history.Rows];
        foreach (var row in good) _good[row] = true;
        _model.Fit(history, _good, settings.ConstantLiar ? rows : history.Finished);
        foreach (var row in good) _good[row] = false;
    }
}
