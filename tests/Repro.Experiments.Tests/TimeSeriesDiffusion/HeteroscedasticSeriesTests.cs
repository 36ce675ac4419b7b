using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Metrics;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

public sealed class HeteroscedasticSeriesTests
{
    [Theory]
    [InlineData("heteroscedastic", 1, 10)]
    [InlineData("heteroscedastic-quadratic", 1, 100)]
    public void Values_are_normal_around_a_mean_that_rises_from_1_to_10_with_a_deviation_that_rises_too(string data, double first, double last)
    {
        var series = ForecastData.Generated(data)!;
        Assert.Equal((1, first), series.Truth(0));
        Assert.Equal((10, last), series.Truth(HeteroscedasticSeries.Rows - 1));
        var residuals = Enumerable.Range(0, HeteroscedasticSeries.Rows).Select(row => (series.Table[row, 0] - series.Truth(row).Mean) / series.Truth(row).Deviation).ToArray();
        // Mean, variance, what neighbours share and how often a standard deviation is passed, each within four standard errors.
        var error = 1 / Math.Sqrt(HeteroscedasticSeries.Rows);
        Assert.Equal(0, residuals.Average(), 4 * error);
        Assert.Equal(1, residuals.Average(r => r * r), 4 * Math.Sqrt(2) * error);
        Assert.Equal(0, residuals.Skip(1).Zip(residuals, (a, b) => a * b).Average(), 4 * error);
        Assert.Equal(0.3173, residuals.Count(r => Math.Abs(r) > 1) * error * error, 4 * 0.4655 * error);
    }

    [Fact]
    public void The_two_series_are_drawn_apart()
    {
        double Residual(HeteroscedasticSeries series, int row) => (series.Table[row, 0] - series.Truth(row).Mean) / series.Truth(row).Deviation;
        Assert.Equal(0, Enumerable.Range(0, HeteroscedasticSeries.Rows).Average(row => Residual(HeteroscedasticSeries.Linear, row) * Residual(HeteroscedasticSeries.Quadratic, row)), 0.05);
    }

    /// <summary>Of a perfect forecaster nothing better than this can be measured with a hundred samples: a CRPS 1 % above the exact one, a QICE that is not 0 and a coverage that is not 90 %.</summary>
    [Theory]
    [InlineData("heteroscedastic")]
    [InlineData("heteroscedastic-quadratic")]
    public void Whoever_samples_from_the_truth_meets_the_floors(string data)
    {
        const int Samples = 100, Horizon = 96, Rounds = 60;
        using var windows = ForecastData.Open(new ForecastOptions { Data = data, History = 12, Horizon = Horizon, Windows = WindowSet.NonOverlapping }, new RunContext { Threads = 1 });
        var (series, scores, numbers) = (ForecastData.Generated(data)!, new ForecastScores(Horizon, 1), new Philox(7, RandomPurpose.Checks, 0));
        var (samples, observed) = (new float[Samples * Horizon], new float[Horizon]);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var first in windows.Windows(Splits.Test, WindowSet.NonOverlapping))
            {
                double Draw(int row) => (series.Truth(row).Mean + (series.Truth(row).Deviation * numbers.NextNormal()) - windows.Means[0]) / windows.Deviations[0];
                for (var i = 0; i < samples.Length; i++) samples[i] = (float)Draw(first + (i % Horizon));
                for (var i = 0; i < Horizon; i++) observed[i] = (float)Draw(first + i);
                scores.Add(samples, observed, Samples);
            }
        }
        var best = windows.BestCrps("test", Samples)!.Value;
        Assert.Equal(best, scores.Crps, 0.01 * best);
        Assert.Equal(best / 1.01, scores.FairCrps, 0.01 * best);
        Assert.InRange(scores.Crps / scores.FairCrps, 1.0095, 1.0105);
        Assert.Equal(0.32, scores.Qice, 0.15);
        Assert.Equal(88.2, scores.Coverage, 0.5);
    }

    [Fact]
    public void A_normal_distributions_own_score_is_the_integral_that_defines_it()
    {
        // The integral of F (1 - F) over all values (Gneiting and Raftery 2007, Eq. 20): what the score is expected to be of whoever knows F.
        var integral = 0.0;
        for (var z = -8.0; z < 8; z += 1e-3)
        {
            var below = MathNet.Numerics.Distributions.Normal.CDF(0, 1, z);
            integral += below * (1 - below) * 1e-3;
        }
        Assert.Equal(3 * integral, HeteroscedasticSeries.BestCrps(3, int.MaxValue), 1e-6);
        Assert.Equal(1.25 * HeteroscedasticSeries.BestCrps(1, int.MaxValue), HeteroscedasticSeries.BestCrps(1, 4), 1e-6);
    }
}
