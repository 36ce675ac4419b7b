using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>The schedule beside the paper's own recursions (section 4.2, appendix A), a simulated chain, and Bayes' rule.</summary>
public sealed class NsDiffScheduleTests
{
    public static TheoryData<int, double> Settings => new() { { 20, 0.01 }, { 20, 0.02 }, { 100, 0.02 }, { 1, 0.01 } };

    [Theory]
    [MemberData(nameof(Settings))]
    public void The_weights_of_both_variances_are_what_the_papers_recursions_give(int steps, double lastBeta)
    {
        var schedule = new NsDiffSchedule(steps, 1e-4, lastBeta);
        var (bar, tilde, hat) = (1.0, 0.0, 0.0);
        for (var t = 0; t < steps; t++)
        {
            var alpha = 1 - (1e-4 + ((lastBeta - 1e-4) * t / Math.Max(1, steps - 1)));
            bar *= alpha;
            tilde = alpha * (1 + tilde);
            hat = alpha * (alpha + hat);
            Assert.Equal(alpha, schedule.Alpha[t], 1e-15);
            Assert.Equal(bar, schedule.AlphaBar[t], 1e-14);
            Assert.Equal(tilde - hat, schedule.Local[t], 1e-13);
            Assert.Equal(1 - bar - (tilde - hat), schedule.Expected[t], 1e-13);
        }
    }

    [Fact]
    public void The_last_beta_is_met_and_the_mean_that_is_left_is_known()
    {
        // Twenty steps hardly diffuse: of the first the card says that 90 % is left.
        Assert.Equal(0.904, new NsDiffSchedule(20, 1e-4, 0.01).AlphaBar[^1], 5e-4);
        Assert.Equal(0.817, new NsDiffSchedule(20, 1e-4, 0.02).AlphaBar[^1], 5e-4);
        Assert.Equal(0.98, new NsDiffSchedule(20, 1e-4, 0.02).Alpha[^1], 1e-12);
    }

    [Fact]
    public void Simulated_chains_have_the_mean_and_the_variance_of_the_formula()
    {
        const double Start = 2, F = -1, G = 3, S0 = 0.25;
        const int Chains = 200_000;
        var schedule = new NsDiffSchedule(20, 1e-4, 0.2);
        var numbers = new Philox(5, RandomPurpose.Checks, 0);
        var y = new double[Chains];
        Array.Fill(y, Start);
        for (var t = 0; t < 20; t++)
        {
            var (a, root) = (schedule.Alpha[t], Math.Sqrt(schedule.Alpha[t]));
            var deviation = Math.Sqrt(((1 - a) * (1 - a) * G) + (a * (1 - a) * S0));
            for (var i = 0; i < Chains; i++) y[i] = (root * y[i]) + ((1 - root) * F) + (deviation * numbers.NextNormal());
            if (t is not (0 or 9 or 19)) continue;
            var rootBar = Math.Sqrt(schedule.AlphaBar[t]);
            var variance = (schedule.Expected[t] * G) + (schedule.Local[t] * S0);
            var mean = y.Average();
            // Within four standard errors.
            Assert.Equal((rootBar * Start) + ((1 - rootBar) * F), mean, 4 * Math.Sqrt(variance / Chains));
            Assert.Equal(variance, y.Average(value => (value - mean) * (value - mean)), 4 * variance * Math.Sqrt(2.0 / Chains));
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(10)]
    public void The_mean_of_a_step_back_is_Bayes_rule_for_three_normal_distributions(double s0)
    {
        const double G = 1, Start = 0.3, Now = -0.8, F = 1.7;
        var schedule = new NsDiffSchedule(20, 1e-4, 0.02);
        for (var t = 1; t < 20; t++)
        {
            var (a, before) = (schedule.Alpha[t], schedule.Before(t));
            var s1 = ((1 - a) * (1 - a) * G) + (a * (1 - a) * s0);
            var s2 = (before.Expected * G) + (before.Local * s0);
            // Y_{t-1} ~ N(prior, s2) and Y_t ~ N(sqrt(a) Y_{t-1} + (1 - sqrt(a)) f, s1): precisions add up.
            var prior = (Math.Sqrt(before.AlphaBar) * Start) + ((1 - Math.Sqrt(before.AlphaBar)) * F);
            var precision = (1 / s2) + (a / s1);
            var expected = ((prior / s2) + (Math.Sqrt(a) * (Now - ((1 - Math.Sqrt(a)) * F)) / s1)) / precision;
            var (start, now, mean) = Weights(schedule, t, s1, s2, asReleased: false);
            Assert.Equal(expected, (start * Start) + (now * Now) + (mean * F), 1e-10);
            Assert.Equal(1, start + now + mean, 1e-12);
            Assert.Equal(s1 * s2 / ((a * s2) + s1), 1 / precision, 1e-12);
        }
    }

    [Theory]
    [InlineData(0.01, 0.957)]
    [InlineData(0.02, 0.913)]
    public void Without_noise_a_chain_that_begins_at_f_ends_there_and_with_the_released_weights_it_does_not(double lastBeta, double released)
    {
        var schedule = new NsDiffSchedule(20, 1e-4, lastBeta);
        foreach (var s0 in new[] { 0.1, 1, 10 })
        {
            Assert.Equal(1, End(schedule, s0, asReleased: false), 1e-12);
            Assert.Equal(released, End(schedule, s0, asReleased: true), 1e-3);
        }
    }

    /// <summary>Where the chain ends when f = 1, g = 1 and no noise is predicted or drawn.</summary>
    private static double End(NsDiffSchedule schedule, double s0, bool asReleased)
    {
        double Start(double y, int t) => (y - (1 - Math.Sqrt(schedule.AlphaBar[t]))) / Math.Sqrt(schedule.AlphaBar[t]);
        var y = 1.0;
        for (var t = schedule.Steps - 1; t > 0; t--)
        {
            var (a, before) = (schedule.Alpha[t], schedule.Before(t));
            var (start, now, mean) = Weights(schedule, t, ((1 - a) * (1 - a)) + (a * (1 - a) * s0), before.Expected + (before.Local * s0), asReleased);
            y = (start * Start(y, t)) + (now * y) + mean;
        }
        return Start(y, 0);
    }

    private static (double Start, double Now, double Mean) Weights(NsDiffSchedule schedule, int t, double s1, double s2, bool asReleased)
    {
        var (start, now, mean) = schedule.Weights(t, asReleased);
        double Of((double U, double V) weight) => ((weight.U * s1) + (weight.V * s2)) / ((schedule.Alpha[t] * s2) + s1);
        return (Of(start), Of(now), Of(mean));
    }
}
