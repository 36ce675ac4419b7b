using Repro.Studies.Randomness;

namespace Repro.Studies.Samplers;

/// <summary>The two densities of <see cref="TpeSampler"/>, over each hyperparameter or over all together.</summary>
internal interface ITpeModel
{
    /// <param name="good">By row of the history.</param>
    /// <param name="trials">How many trials are modelled: the ranked ones, or these and the pending ones, which are bad.</param>
    void Fit(TrialHistory history, bool[] good, int trials);

    /// <summary>Writes the best of some draws: a coordinate each hyperparameter, NaN where it is inactive.</summary>
    void Suggest(ref Philox random, int candidates, Span<double> units);
}
