namespace Repro.Experiments.Ddpm;

/// <summary>What the variational bound of Ho et al. 2020, Eq. (5), is on a <see cref="GaussianMixture"/> for a network that predicts the noise as well as can be.</summary>
internal static class MixtureBound
{
    private const double Dimensions = 2;

    /// <summary>
    /// The least bound on -log p(x) that a schedule and a fixed variance allow, in nats a point. It lies above the entropy by what the reverse process is not: normal, step by
    /// step, with just this variance.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The variance is learned: then it depends on what was learned.</exception>
    public static double Least(GaussianMixture data, NoiseSchedule schedule, VarianceKind variance)
    {
        var errors = LeastErrors(data, schedule);
        var last = schedule.AlphaBar(schedule.Timesteps - 1);
        // L_T: KL(N(sqrt(alpha-bar) x_0, 1 - alpha-bar) || N(0, 1)), in the mean over x_0.
        var bound = 0.5 * ((last * data.MeanSquare) + (Dimensions * (-last - Math.Log(1 - last))));
        for (var t = 0; t < schedule.Timesteps; t++) bound += Term(schedule, variance, t, errors[t]);
        return bound;
    }

    /// <summary>The same in bits for each number of a point, as <see cref="GaussianDiffusion"/> counts them.</summary>
    public static double LeastBits(GaussianMixture data, NoiseSchedule schedule, VarianceKind variance) => Least(data, schedule, variance) / (Dimensions * Math.Log(2));

    /// <summary>The least L_simple (Eq. 14), the mean over the steps: that of the exact noise.</summary>
    public static double LeastSimpleLoss(GaussianMixture data, NoiseSchedule schedule) => LeastErrors(data, schedule).Average();

    /// <summary>What the metrics of a run on this mixture can be at best, as far as its options leave it to the exact noise.</summary>
    public static IEnumerable<(string Metric, double Value)> Best(GaussianMixture data, DdpmOptions options)
    {
        if (options.Variance != VarianceKind.Learned) yield return ("bits_per_dim", LeastBits(data, options.Schedule(), options.Variance));
        if (options is { Loss: LossKind.Simple, Mean: MeanKind.Noise }) yield return ("loss", LeastSimpleLoss(data, options.Schedule()));
    }

    /// <summary>
    /// L_{t-1} or L_0 of a network whose noise has the given mean squared error, in nats a point. Of two normals whose variances are q and p, the KL divergence is, a number,
    /// (ln(p/q) + q/p - 1) / 2 and the squared distance of the means over 2 p.
    /// </summary>
    /// <param name="error">E|epsilon - epsilon_theta|^2 a number.</param>
    private static double Term(NoiseSchedule schedule, VarianceKind variance, int t, double error)
    {
        var sigmaSquared = Math.Exp(schedule.LogVariance(variance, t));
        var left = schedule.AlphaBar(t);
        // mu~ and x_0 are both linear in the noise, at a given x_t: Eqs. (4), (7).
        var squares = Math.Pow(schedule.PosteriorOfStart(t), 2) * (1 - left) / left * error;
        if (t == 0) return Dimensions / 2 * (Math.Log(2 * Math.PI * sigmaSquared) + (squares / sigmaSquared));
        var ratio = schedule.PosteriorVariance(t) / sigmaSquared;
        return Dimensions / 2 * (ratio - 1 - Math.Log(ratio) + (squares / sigmaSquared));
    }

    private static double[] LeastErrors(GaussianMixture data, NoiseSchedule schedule)
    {
        var errors = new double[schedule.Timesteps];
        Parallel.For(0, errors.Length, t => errors[t] = data.LeastNoiseError(schedule.AlphaBar(t)));
        return errors;
    }
}
