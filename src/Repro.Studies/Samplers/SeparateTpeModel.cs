using System.Runtime.CompilerServices;
using Repro.Studies.Randomness;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Samplers;

/// <summary>
/// Univariate TPE: each hyperparameter, those that conditions read first, is drawn and chosen by its own two densities, over the trials in which it is active.
/// </summary>
internal sealed class SeparateTpeModel(SearchSpace space) : ITpeModel
{
    private readonly Densities[] _densities = [.. space.Parameters.Select(p => new Densities(p))];

    public void Fit(TrialHistory history, bool[] good, int trials)
    {
        for (var i = 0; i < _densities.Length; i++) _densities[i].Fit(history, i, good, withPending: trials > history.Finished);
    }

    public void Suggest(ref Philox random, int candidates, Span<double> units)
    {
        foreach (var i in space.Order) units[i] = space.IsActive(i, units) ? _densities[i].Suggest(ref random, candidates) : double.NaN;
    }

    private sealed class Densities(Hyperparameter parameter)
    {
        private readonly NormalMixture? _good = parameter is Categorical ? null : new();
        private readonly NormalMixture? _bad = parameter is Categorical ? null : new();
        private readonly ChoiceFrequencies? _goodChoices = parameter is Categorical c ? new(c.Values.Count) : null;
        private readonly ChoiceFrequencies? _badChoices = parameter is Categorical c ? new(c.Values.Count) : null;
        private readonly double[] _goodUnits = new double[TpeSettings.MostGood];
        private double[] _badUnits = [];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Fit(TrialHistory history, int index, bool[] good, bool withPending)
        {
            var rows = history.OrderedBy(index);
            var units = history.Units(index);
            if (_badUnits.Length < rows.Length) _badUnits = new double[2 * rows.Length];
            var (goodCount, badCount) = (0, 0);
            foreach (var row in rows)
            {
                if (good[row]) _goodUnits[goodCount++] = units[row];
                else if (withPending || !history.IsPending(row)) _badUnits[badCount++] = units[row];
            }
            var goodUnits = _goodUnits.AsSpan(0, goodCount);
            var badUnits = _badUnits.AsSpan(0, badCount);
            if (_good is not null)
            {
                var smallest = parameter.Count is { } count ? 0.5 / count : 0;
                _good.Fit(goodUnits, smallest);
                _bad!.Fit(badUnits, smallest);
                return;
            }
            _goodChoices!.Fit(goodUnits);
            _badChoices!.Fit(badUnits);
        }

        public double Suggest(ref Philox random, int candidates)
        {
            var (best, bestRatio) = (double.NaN, -1.0);
            for (var i = 0; i < candidates; i++)
            {
                var unit = _good is not null ? parameter.Snap(_good.Draw(ref random)) : _goodChoices!.Draw(ref random);
                var ratio = _good is not null ? _good.Density(unit) / _bad!.Density(unit) : _goodChoices!.Probability(unit) / _badChoices!.Probability(unit);
                if (ratio > bestRatio) (best, bestRatio) = (unit, ratio);
            }
            return best;
        }
    }
}
