using System.Text.Json;
using Repro.Studies.Randomness;
using Repro.Training.Metrics;

namespace Repro.Training.Tests.Metrics;

/// <summary>Beside NumPy with all pairs written out (<c>tests/peers/forecast_scores_reference.py</c>), by hand, and where a distribution's own score is known.</summary>
public sealed class ForecastScoresTests
{
    public static TheoryData<string> Cases => [.. Reference().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_are_what_NumPy_finds(string name)
    {
        var known = Reference().Single(one => one.GetProperty("name").GetString() == name);
        int Whole(string what) => known.GetProperty(what).GetInt32();
        double Number(string what) => known.GetProperty(what).GetDouble();
        IEnumerable<double> Numbers(string what) => known.GetProperty(what).EnumerateArray().Select(one => one.GetDouble());
        var (windows, horizon, channels, samples) = (Whole("windows"), Whole("horizon"), Whole("channels"), Whole("samples"));
        var scores = new ForecastScores(horizon, channels);
        for (var w = 0; w < windows; w++)
        {
            var x = new List<float>();
            for (var i = 0; i < samples; i++)
                for (var h = 0; h < horizon; h++)
                    for (var c = 0; c < channels; c++) x.Add((float)(((1 + (c / 2.0)) * Math.Sin((0.37 * i) + (0.9 * h) + (1.3 * c) + (2.1 * w) + (0.05 * i * w))) + (0.1 * h)));
            var y = new List<float>();
            for (var h = 0; h < horizon; h++)
                for (var c = 0; c < channels; c++) y.Add((float)(((1 + (c / 2.0)) * Math.Sin((1.7 * h) + (0.6 * c) + (0.8 * w))) + (0.1 * h)));
            scores.Add([.. x], [.. y], samples);
        }
        Assert.Equal(Number("crps"), scores.Crps, 1e-6);
        Assert.Equal(Number("fair_crps"), scores.FairCrps, 1e-6);
        Assert.Equal(Numbers("crps_by_horizon"), scores.CrpsByHorizon, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(Numbers("bins"), scores.BinShares, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(Number("qice"), scores.Qice, 1e-9);
        Assert.Equal(Number("coverage"), scores.Coverage, 1e-9);
        Assert.Equal(Number("sharpness"), scores.Sharpness, 1e-6);
        Assert.Equal(Number("energy"), scores.EnergyScore, 1e-6);
        Assert.Equal(Number("squared_error"), scores.SquaredError, 1e-6);
        Assert.Equal(windows, scores.Windows);
    }

    [Fact]
    public void Four_members_and_an_observation_between_two_of_them_score_five_eighths()
    {
        var scores = new ForecastScores(1, 1);
        scores.Add([1, 2, 3, 4], [3.5f], 4);
        // (2.5 + 1.5 + 0.5 + 0.5) / 4 = 1.25, and the pairs are 10 apart in all: 20 / (2 * 16) and 20 / (2 * 12).
        Assert.Equal(0.625, scores.Crps, 12);
        Assert.Equal(1.25 - (20.0 / 24), scores.FairCrps, 12);
    }

    [Fact]
    public void Of_a_perfect_forecaster_the_fair_score_is_the_exact_one_and_the_finite_numbers_are_those_of_a_hundred_samples()
    {
        // A standard normal's own score is 1 / sqrt(pi) (Gneiting et al. 2005); with m samples the exact form is (1 + 1 / m) times that.
        var (scores, numbers, samples) = (new ForecastScores(50, 40), new Philox(1, RandomPurpose.Checks, 0), 100);
        for (var window = 0; window < 20; window++)
        {
            float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)numbers.NextNormal())];
            scores.Add(Draw(samples * 2000), Draw(2000), samples);
        }
        var exact = 1 / Math.Sqrt(Math.PI);
        Assert.Equal(exact, scores.FairCrps, 0.01 * exact);
        Assert.Equal(1.01 * exact, scores.Crps, 0.01 * exact);
        Assert.InRange(scores.Crps - scores.FairCrps, 0.009 * exact, 0.011 * exact);
        // An observation lies below the 5th percentile's place of 100 samples, 5.95 of 101, as often as above the 95th.
        Assert.Equal(88.2, scores.Coverage, 0.5);
        Assert.Equal(0.32, scores.Qice, 0.15);
    }

    [Fact]
    public void A_window_s_own_score_is_told_when_it_is_taken()
    {
        var scores = new ForecastScores(1, 2);
        // Means 2 and 12, variances 2 and 8; CRPS (3 + 1) / 2 - 2 * 2 / 8 and (2 + 2) / 2 - 2 * 4 / 8.
        Assert.Equal(new WindowScore(1.25, 2, 5), scores.Add([1, 10, 3, 14], [4, 12], 2));
        Assert.Equal(new WindowScore(1.75, 4.5, 1), scores.Add([0, 0, 2, 0], [1, 3], 2));
        Assert.Equal((13 / 4.0, 1.5), (scores.SquaredError, scores.Crps));
    }

    [Fact]
    public void Observations_beyond_all_samples_count_to_the_tenth_at_that_end()
    {
        var scores = new ForecastScores(1, 2);
        scores.Add([0, 0, 1, 1, 2, 2], [-5, 9], 3);
        Assert.Equal([0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0.5], scores.BinShares);
        // Twice 0.4 and eight times 0.1, over ten.
        Assert.Equal(16, scores.Qice, 9);
        Assert.Equal(0, scores.Coverage);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_sample_that_is_not_finite_leaves_no_score_that_is_a_number(float number)
    {
        var scores = new ForecastScores(2, 1);
        Assert.Equal(double.NaN, scores.Add([0, 0, 1, number], [0, 0], 2).Crps);
        Assert.Equal(0.25, scores.Add([0, 0, 1, 1], [0, 0], 2).Crps);
        Assert.All([.. scores.CrpsByHorizon, scores.Crps, scores.FairCrps, scores.Qice, scores.Coverage, scores.Sharpness, scores.EnergyScore, scores.SquaredError], score => Assert.Equal(double.NaN, score));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_observation_that_is_not_finite_is_refused_with_its_place(float number)
    {
        var refused = Assert.Throws<ArgumentException>(() => new ForecastScores(2, 1).Add([0, 0, 1, 1], [0, number], 2));
        Assert.Contains("place 1 of channel 0", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ForecastScores(2, 1).Add([0, 0, 1], [0, 0], 2));
    }

    private static JsonElement.ArrayEnumerator Reference() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Metrics", "forecast-scores-reference.json"))).RootElement.GetProperty("cases").EnumerateArray();
}
