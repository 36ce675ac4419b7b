namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The uncertainty-aware noise schedule of NsDiff (Ye et al. 2025, section 4.2): in how far the noise of a step has the variance g that is expected, and in how far the true local variance s0.
/// Index t stands for step t + 1; everything is computed in double precision.
/// </summary>
/// <remarks>
/// One step: Y_t ~ N(sqrt(a_t) Y_{t-1} + (1 - sqrt(a_t)) f, b_t^2 g + a_t b_t s0), a_t = 1 - b_t. From Y_0: Y_t ~ N(sqrt(abar_t) Y_0 + (1 - sqrt(abar_t)) f, <see cref="Expected"/> g + <see cref="Local"/> s0).
/// </remarks>
internal sealed class NsDiffSchedule
{
    public NsDiffSchedule(int steps, double firstBeta, double lastBeta)
    {
        (Alpha, AlphaBar, Expected, Local) = (new double[steps], new double[steps], new double[steps], new double[steps]);
        var (bar, expected, local) = (1.0, 0.0, 0.0);
        for (var t = 0; t < steps; t++)
        {
            var beta = firstBeta + ((lastBeta - firstBeta) * t / Math.Max(1, steps - 1));
            var alpha = Alpha[t] = 1 - beta;
            AlphaBar[t] = bar *= alpha;
            // What was there shrinks by a_t, and the step adds its own; with bbar_t = 1 - abar_t these are bbar_t - btil_t and btil_t of the paper.
            Expected[t] = expected = (alpha * expected) + (beta * beta);
            Local[t] = local = (alpha * local) + (alpha * beta);
        }
    }

    public int Steps => Alpha.Length;

    /// <summary>a_t.</summary>
    public double[] Alpha { get; }

    /// <summary>abar_t, the product of a_1 .. a_t.</summary>
    public double[] AlphaBar { get; }

    /// <summary>Weight of g in the variance given Y_0.</summary>
    public double[] Expected { get; }

    /// <summary>Weight of s0 in the variance given Y_0.</summary>
    public double[] Local { get; }

    /// <summary>abar_{t-1}, and the weights of g and s0 at step t - 1.</summary>
    /// <remarks>Before the first step there is no noise. As in the released code that step's variance is formed as if s0 were there with weight 1: from it s0 is told in the last step of sampling.</remarks>
    public (double AlphaBar, double Expected, double Local) Before(int t) => t == 0 ? (1, 0, 1) : (AlphaBar[t - 1], Expected[t - 1], Local[t - 1]);

    /// <summary>Weights of Y_0, Y_t and f in the mean of Y_{t-1} given all three, over D = a S2 + S1, where S1 is a step's variance and S2 that of Y_{t-1} given Y_0: each is u S1 + v S2.</summary>
    /// <param name="asReleased">Error: the weight of f has sqrt(a) (a - 1) instead of sqrt(a) (sqrt(a) - 1), so that the three do not sum to 1 and a chain that begins at f does not stay there.</param>
    public ((double U, double V) Start, (double U, double V) Now, (double U, double V) Mean) Weights(int t, bool asReleased)
    {
        var (root, before) = (Math.Sqrt(Alpha[t]), Math.Sqrt(Before(t).AlphaBar));
        return ((before, 0), (0, root), (1 - before, root * ((asReleased ? Alpha[t] : root) - 1)));
    }
}
