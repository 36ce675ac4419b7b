using Repro.Studies.Randomness;

namespace Repro.Studies.Samplers;

/// <summary>
/// The categorical counterpart of <see cref="NormalMixture"/>: for each observation a kernel that has its value with a surplus and every value with a little
/// (1 / number of kernels, before normalizing), and a uniform one (the prior), all of equal weight.
/// </summary>
internal sealed class ChoiceFrequencies(int values)
{
    private readonly int[] _counts = new int[values];
    private int _kernels;

    public void Fit(ReadOnlySpan<double> observations)
    {
        Array.Clear(_counts);
        foreach (var unit in observations) _counts[(int)(unit * values)]++;
        _kernels = observations.Length + 1;
    }

    /// <summary>The probability of a value, told by its coordinate.</summary>
    public double Probability(double unit)
    {
        var everywhere = 1.0 / _kernels;
        var seen = (_counts[(int)(unit * values)] + ((_kernels - 1) * everywhere)) / (1 + (values * everywhere));
        return (seen + (1.0 / values)) / _kernels;
    }

    /// <summary>The coordinate of a drawn value.</summary>
    public double Draw(ref Philox random)
    {
        var rest = random.NextDouble();
        for (var value = 0; value < values; value++)
        {
            var unit = (value + 0.5) / values;
            rest -= Probability(unit);
            if (rest < 0) return unit;
        }
        return (values - 0.5) / values;
    }
}
