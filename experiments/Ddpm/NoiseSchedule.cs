namespace Repro.Experiments.Ddpm;

/// <summary>
/// The variances of the forward process and what follows from them, in float64. Timesteps count from 0, as in the reference code: <c>[t]</c> belongs to the paper's step t + 1, and
/// what leads from x_0 to noise in T steps has the numbers 0 .. T - 1.
/// </summary>
public sealed class NoiseSchedule
{
    private readonly double[] _betas, _alphaBars, _before;

    /// <param name="betas">beta_t for each step, each above 0 and below 1; at least 2 of them.</param>
    /// <exception cref="ArgumentException">Too few, or one is out of its range.</exception>
    public NoiseSchedule(IReadOnlyList<double> betas)
    {
        if (betas.Count < 2 || betas.Any(beta => !(beta > 0 && beta < 1)))
            throw new ArgumentException(
                $"A schedule has at least 2 betas, each above 0 and below 1; there are {betas.Count}, from {betas.DefaultIfEmpty().Min()} to {betas.DefaultIfEmpty().Max()}.",
                nameof(betas));
        _betas = [.. betas];
        (_alphaBars, _before) = (new double[_betas.Length], new double[_betas.Length]);
        var product = 1.0;
        for (var t = 0; t < _betas.Length; t++)
        {
            _before[t] = product;
            _alphaBars[t] = product *= 1 - _betas[t];
        }
    }

    /// <summary>Steps that rise evenly (section 4: "constants increasing linearly from beta_1 = 10^-4 to beta_T = 0.02", T = 1000).</summary>
    public static NoiseSchedule Linear(int timesteps, double first = 1e-4, double last = 0.02) =>
        new(Enumerable.Range(0, timesteps).Select(t => first + ((last - first) * t / Math.Max(1, timesteps - 1))).ToArray());

    /// <summary>The squared cosine of Nichol and Dhariwal 2021, "Improved denoising diffusion probabilistic models", Eq. (17); no step's beta is above 0.999.</summary>
    public static NoiseSchedule Cosine(int timesteps)
    {
        double Bar(int t) => Math.Pow(Math.Cos((((double)t / timesteps) + 0.008) / 1.008 * Math.PI / 2), 2);
        return new([.. Enumerable.Range(0, timesteps).Select(t => Math.Min(0.999, 1 - (Bar(t + 1) / Bar(t))))]);
    }

    /// <summary>T.</summary>
    public int Timesteps => _betas.Length;

    /// <summary>Variance that step t adds, beta_t.</summary>
    public double Beta(int t) => _betas[t];

    /// <summary>What is left of x_0's square after step t, alpha-bar_t; 1 for t = -1, before the first step.</summary>
    public double AlphaBar(int t) => t < 0 ? 1 : _alphaBars[t];

    /// <summary>beta~_t, Eq. (7); 0 at the first step, where x_0 is known.</summary>
    public double PosteriorVariance(int t) => _betas[t] * (1 - _before[t]) / (1 - _alphaBars[t]);

    /// <summary>What multiplies x_0 in mu~_t, Eq. (7).</summary>
    public double PosteriorOfStart(int t) => Math.Sqrt(_before[t]) * _betas[t] / (1 - _alphaBars[t]);

    /// <summary>What multiplies x_t in mu~_t, Eq. (7).</summary>
    public double PosteriorOfNoisy(int t) => Math.Sqrt(1 - _betas[t]) * (1 - _before[t]) / (1 - _alphaBars[t]);

    /// <summary>
    /// log sigma_t squared of a fixed variance. At the first step, both are the second step's beta~: beta~ itself is 0 there, and the reference code takes that for beta too,
    /// because it gives the decoder a better likelihood.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The variance is learned.</exception>
    public double LogVariance(VarianceKind variance, int t) => Math.Log(variance switch
    {
        VarianceKind.FixedSmall or VarianceKind.FixedLarge when t == 0 => PosteriorVariance(1),
        VarianceKind.FixedSmall => PosteriorVariance(t),
        VarianceKind.FixedLarge => _betas[t],
        _ => throw new ArgumentOutOfRangeException(nameof(variance), variance, "A learned variance is the network's; the schedule has none."),
    });
}
