using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>Multivariate TPE (Falkner, Klein, Hutter 2018, "BOHB", section 3.1): all hyperparameters have one pair of densities.</summary>
internal sealed class JointTpeModel(SearchSpace space) : ITpeModel
{
    private readonly KernelMixture _good = new(space);
    private readonly KernelMixture _bad = new(space);
    private readonly double[] _candidate = new double[space.Parameters.Count];
    private int[] _rows = new int[256];

    public void Fit(TrialHistory history, bool[] good, int trials)
    {
        if (_rows.Length < trials) _rows = new int[2 * trials];
        var goodCount = TpeSettings.Good(history.Finished);
        _good.Fit(history, history.Ranked[..goodCount]);
        var bad = history.Ranked[goodCount..];
        bad.CopyTo(_rows);
        var pending = trials > history.Finished ? history.PendingRows : [];
        pending.CopyTo(_rows.AsSpan(bad.Length));
        _bad.Fit(history, _rows.AsSpan(0, bad.Length + pending.Length));
    }

    public void Suggest(ref Philox random, int candidates, Span<double> units)
    {
        var bestRatio = -1.0;
        for (var i = 0; i < candidates; i++)
        {
            _good.Draw(ref random, _candidate);
            var ratio = _good.Density(_candidate) / _bad.Density(_candidate);
            if (!(ratio > bestRatio)) continue;
            bestRatio = ratio;
            _candidate.CopyTo(units);
        }
    }
}
